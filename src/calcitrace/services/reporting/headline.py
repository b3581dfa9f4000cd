"""How much, how sure, how many, where: what the first screen of a report answers."""

import math
from collections.abc import Sequence

from calcitrace.model.deposit import Burden, Deposit, Status
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.result import ScanResult
from calcitrace.services.reporting.content import Fact, Gauge, Headline, RegionRow
from calcitrace.services.reporting.corrections import automatic_sentence
from calcitrace.services.reporting.figures import (
    DASH,
    decimals_of,
    interval_text,
    limit_mg,
    measured,
    value_alone,
    with_unit,
)
from calcitrace.services.reporting.language import NO_BREAK, Language, marked
from calcitrace.services.reporting.words import REGION_WORDS, SIDE_WORDS

N_TICKS = 4
TICK_STEPS = (1.0, 2.0, 5.0, 10.0)
GAUGE_ROOM = 1.08  # beyond the last mark


def headline(result: ScanResult, lang: Language) -> Headline:
    """Total over accepted deposits, with what it means."""
    counts = _counts(result, lang)
    title = lang.gettext("Hydroxyapatite in accepted deposits")
    if not result.is_measured:
        return Headline(
            title,
            lang.gettext("Not measured"),
            "",
            (lang.gettext("No body was found in the images, so nothing is known."),),
            None,
            counts,
        )
    total = result.total
    if total.n_deposits == 0:
        return Headline(
            title,
            lang.gettext("None accepted")
            if result.total_with_review.n_deposits
            else lang.gettext("None found"),
            "",
            (
                _none_found(result, lang),
                *_review_sentence(result, lang),
                *automatic_sentence(result, lang),
            ),
            None,
            counts,
        )
    if not _is_total_known(result):
        return Headline(
            title,
            _unknown_total(result, lang),
            "",
            (*_review_sentence(result, lang), *automatic_sentence(result, lang)),
            None,
            counts,
        )
    mark = f"≥{NO_BREAK}" if total.is_lower_bound else ""
    return Headline(
        title,
        mark + value_alone(total.mass, lang),
        _plus_minus(total.mass, lang),
        (
            *_total_sentences(result, lang),
            *_review_sentence(result, lang),
            *automatic_sentence(result, lang),
            lang.gettext(NOTE),
        ),
        _gauge(result, lang),
        counts,
    )


def _is_total_known(result: ScanResult) -> bool:
    """Whether any accepted deposit is quantifiable and the sum is above nothing."""
    return result.total.mass.value > 0 and any(
        d.is_quantifiable for d in _of(result, Status.ACCEPTED)
    )


def _of(result: ScanResult, status: Status) -> list[Deposit]:
    return [d for d in result.deposits if d.status is status]


def _unknown_total(result: ScanResult, lang: Language) -> str:
    """Every accepted deposit is below its detection limit, or noise outweighs them."""
    _, high_mg = result.total.mass_ci95_mg
    if high_mg is None:
        return lang.gettext("Not quantifiable (part of it was not seen)")
    limits = [d.detection_limit_mg for d in _of(result, Status.ACCEPTED)]
    return lang.gettext("Not quantifiable (< {limit})").format(
        limit=limit_mg(max(high_mg, *limits), lang)
    )


def _plus_minus(mass: Estimate, lang: Language) -> str:
    if mass.std == 0:
        return ""
    std = lang.number(mass.std, decimals_of(mass.std))
    return with_unit(f"±{NO_BREAK}{std}", mass.unit, lang)


def _none_found(result: ScanResult, lang: Language) -> str:
    """Say what "none" can mean: no candidate, or none that was accepted."""
    if result.total_with_review.n_deposits:
        return lang.gettext("No deposit was accepted without a reader's decision.")
    return lang.gettext(
        "No deposit was found. Deposits below the detection limit cannot be seen, so "
        "this is not a mass of zero."
    )


def _total_sentences(result: ScanResult, lang: Language) -> tuple[str, ...]:
    """What the interval of the total is."""
    low, high = result.total.mass_ci95_mg
    interval = interval_text(low, high, result.total.mass.std, lang)
    if result.total.is_lower_bound:
        text = lang.gettext(
            "95 % interval: {interval}. A deposit is cut by the end of the scan or of "
            "the field of view, so the true total is larger."
        )
    else:
        text = lang.gettext("95 % interval from measurement: {interval}.")
    return (text.format(interval=interval),)


def _review_sentence(result: ScanResult, lang: Language) -> tuple[str, ...]:
    """Return the interval [accepted, accepted + review] in words."""
    review = _of(result, Status.REVIEW)
    if not review:
        if not result.deposits:
            return ()
        return (lang.gettext("No deposit waits for a reader's decision."),)
    both = result.total_with_review
    if not any(d.is_quantifiable for d in review):
        return (
            lang.ngettext(
                "{n} deposit in review is not quantifiable: there is no mass to add.",
                "{n} deposits in review are not quantifiable: there is no mass to add.",
                len(review),
            ).format(n=len(review)),
        )
    accepted = (
        value_alone(result.total.mass, lang)
        if result.total.n_deposits and _is_total_known(result)
        else lang.gettext("nothing")
    )
    bound = f"≥{NO_BREAK}" if both.is_lower_bound else ""
    return (
        lang.ngettext(
            "{n} deposit waits for a reader. Between none and all of it counted, the "
            "total goes from {accepted} to {both}.",
            "{n} deposits wait for a reader. Between none and all of them counted, the "
            "total goes from {accepted} to {both}.",
            len(review),
        ).format(
            n=len(review), accepted=accepted, both=bound + measured(both.mass, lang)
        ),
    )


def _counts(result: ScanResult, lang: Language) -> tuple[Fact, ...]:
    """Tiles beside the total."""
    accepted, review = _of(result, Status.ACCEPTED), _of(result, Status.REVIEW)
    dropped = sum(c.status is Status.DROPPED for c in result.candidates)
    facts = [
        Fact(lang.gettext("accepted"), str(len(accepted))),
        Fact(lang.gettext("in review"), str(len(review))),
        Fact(lang.gettext("excluded"), lang.number(dropped)),
        Fact(
            lang.gettext("calibration"),
            f"{result.calibration.grade.value}{NO_BREAK}·{NO_BREAK}±{NO_BREAK}"
            f"{lang.percent(result.calibration.relative_std)}",
        ),
    ]
    if accepted:
        facts.append(Fact(lang.gettext("volume"), _volume(result.total, lang)))
    limits = [d.detection_limit_mg for d in result.deposits]
    if limits:
        facts.append(
            Fact(
                lang.gettext("detection limit, typical"),
                limit_mg(_median(limits), lang),
            )
        )
    return tuple(facts)


def _volume(burden: Burden, lang: Language) -> str:
    if burden.volume_mm3 is None:
        return DASH
    return with_unit(lang.significant(burden.volume_mm3, 2), Unit.MM3, lang)


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _gauge(result: ScanResult, lang: Language) -> Gauge:
    total = result.total
    low, high = total.mass.ci95
    marks = [total.mass.value, high]
    has_review = result.total_with_review.n_deposits > total.n_deposits
    both = result.total_with_review.mass.value if has_review else None
    if both is not None:
        marks.append(both)
    length = GAUGE_ROOM * max(marks)
    step = _tick_step(length)
    n_ticks = int(length / step)
    decimals = max(0, -math.floor(math.log10(step)))
    ticks = tuple(
        (i * step / length, lang.number(i * step, decimals)) for i in range(n_ticks + 1)
    )
    return Gauge(
        low=max(0.0, low) / length,
        value=total.mass.value / length,
        high=None if total.is_lower_bound else high / length,
        with_review=None if both is None else max(0.0, both) / length,
        ticks=ticks,
    )


def _tick_step(length: float) -> float:
    """Round step that gives about `N_TICKS` ticks."""
    decade = 10.0 ** math.floor(math.log10(length / N_TICKS))
    return next(s * decade for s in TICK_STEPS if s * decade >= length / N_TICKS)


NOTE = marked(
    "± is one standard uncertainty. Masses are of hydroxyapatite; one milligram of it "
    "holds 0.399 mg of calcium."
)


def region_rows(result: ScanResult, lang: Language) -> tuple[RegionRow, ...]:
    """Deposits by region and side, the heaviest first."""
    groups: dict[tuple[str, str], list[Deposit]] = {}
    for deposit in result.deposits:
        key = (deposit.region, deposit.laterality)
        groups.setdefault(key, []).append(deposit)
    ranked = sorted(
        groups.items(), key=lambda item: (-sum(d.mass.value for d in item[1]), item[0])
    )
    return tuple(_region_row(key, members, lang) for key, members in ranked)


def _region_row(
    key: tuple[str, str], members: Sequence[Deposit], lang: Language
) -> RegionRow:
    accepted = [d for d in members if d.status is Status.ACCEPTED]
    review = [d for d in members if d.status is Status.REVIEW]
    return RegionRow(
        name=place(*key, lang),
        n_accepted=str(len(accepted)),
        mass=_sum(accepted, lang),
        n_review=str(len(review)),
        mass_review=_sum(review, lang),
    )


def _sum(deposits: Sequence[Deposit], lang: Language) -> str:
    """Mass of a group; a dash without deposits, words where none is quantifiable."""
    if not deposits:
        return DASH
    if not any(d.is_quantifiable for d in deposits):
        return lang.gettext("not quantifiable")
    text = measured(Estimate.total([d.mass for d in deposits], Unit.MG), lang)
    is_bound = any(d.is_lower_bound for d in deposits)
    return f"≥{NO_BREAK}{text}" if is_bound else text


def place(region: str, side: str, lang: Language) -> str:
    """Region and side in words; a side that is not known is left out."""
    name = lang.gettext(REGION_WORDS.get(region, region))
    if side in {"", "unknown"}:
        return name
    return f"{name}, {lang.gettext(SIDE_WORDS.get(side, side))}"
