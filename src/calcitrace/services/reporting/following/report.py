"""Put a comparison into words."""

from collections import Counter

from calcitrace.model.change import Call
from calcitrace.model.comparison import Comparison, SumChange
from calcitrace.services.reporting.content import Fact
from calcitrace.services.reporting.following.content import ComparisonContent
from calcitrace.services.reporting.following.figures import (
    call_text,
    change_percent,
    interval_text,
    mass_text,
    probability_text,
)
from calcitrace.services.reporting.following.methods import LIMITS, following_methods
from calcitrace.services.reporting.following.tables import (
    course_rows,
    pair_tables,
    track_rows,
    visit_rows,
)
from calcitrace.services.reporting.following.timelines import (
    MAX_TIMELINES,
    axis,
    timelines,
)
from calcitrace.services.reporting.following.words import (
    CALL_WORDS,
    OBSTACLE_WORDS,
)
from calcitrace.services.reporting.language import Language, language, marked
from calcitrace.services.reporting.notices import scan_notices

ANSWERS: dict[Call, str] = {
    Call.GROWTH: marked("The total has grown"),
    Call.SHRINKAGE: marked("The total has shrunk"),
    Call.NO_DETECTABLE_CHANGE: marked("No detectable change of the total"),
    Call.NOT_COMPARABLE: marked("The visits cannot be compared"),
}


def comparison_content(comparison: Comparison, lang: str) -> ComparisonContent:
    """Everything that the report of a comparison says.

    Raises
    ------
    InputError
        If the language is not one of ours.
    """
    words = language(lang)
    t = words.gettext
    total = _span(comparison)
    call = Call.NOT_COMPARABLE if total is None else total.change.call
    shown = timelines(comparison, words)
    return ComparisonContent(
        lang=words,
        title=t("Course of calcium in soft tissue on CT"),
        subtitle=" · ".join(words.date(v.acquired) for v in comparison.visits),
        answer=t(ANSWERS[call]),
        answer_kind=call.value,
        sentences=_sentences(comparison, total, words),
        counts=_counts(comparison, words),
        notices=scan_notices(comparison.flags, words),
        axis=axis(comparison),
        timelines=shown[:MAX_TIMELINES],
        n_without_timeline=max(0, len(shown) - MAX_TIMELINES),
        pairs=pair_tables(comparison, words),
        tracks=track_rows(comparison, words),
        courses=course_rows(comparison, words),
        left_out=tuple(
            t("Track {track}: {why} (visit {visit}).").format(
                track=o.track_id, why=t(OBSTACLE_WORDS[o.obstacle]), visit=o.visit
            )
            for o in comparison.left_out
        ),
        visits=visit_rows(comparison, words),
        methods=following_methods(comparison, words),
        limits=tuple(t(text) for text in LIMITS),
        provenance=_provenance(comparison, words),
    )


def _span(comparison: Comparison) -> SumChange | None:
    """Total of the last visit against the first."""
    pair = (comparison.compared[0], comparison.compared[-1])
    for total in comparison.totals:
        change = total.change
        if total.name == "total" and (change.visit_from, change.visit_to) == pair:
            return total
    return None


def _sentences(
    comparison: Comparison, total: SumChange | None, lang: Language
) -> tuple[str, ...]:
    """What the answer rests on."""
    t = lang.gettext
    if total is None:
        return (t("No visit can be laid on the first one, so no change is stated."),)
    change = total.change
    test = change.test
    if test is None:
        return (call_text(change, lang).capitalize() + ".",)
    masses = [mass_text(m, None, lang) for m in (change.before, change.after)]
    found = [
        t("From {before} to {after} in what all visits cover.").format(
            before=masses[0], after=masses[1]
        )
    ]
    if test.ratio is not None:
        found.append(
            t("Change {ratio} (95 % interval {interval}).").format(
                ratio=change_percent(test.ratio, lang),
                interval=interval_text(test.ratio_ci95, lang),
            )
        )
    found.append(
        t("Probability of growth {growth}, of shrinkage {shrinkage}.").format(
            growth=probability_text(test.p_growth, lang),
            shrinkage=probability_text(test.p_shrinkage, lang),
        )
    )
    if change.detectable_mg is not None:
        found.append(
            t(
                "The smallest change that these scans can tell is {mass} mg, at a rate "
                "of false calls of {rate}."
            ).format(
                mass=lang.significant(change.detectable_mg, 2),
                rate=lang.percent(comparison.settings.false_call_rate),
            )
        )
    return (*found, _fixed_sentence(total, lang))


def _fixed_sentence(total: SumChange, lang: Language) -> str:
    """What the rule of +-25 % says, and why it differs if it does."""
    change, t = total.change, lang.gettext
    word = t(CALL_WORDS[change.fixed])
    if change.fixed is change.call:
        return t("The fixed rule of ±25 % says the same: {word}.").format(word=word)
    if change.call is Call.NO_DETECTABLE_CHANGE:
        return t(
            "The fixed rule of ±25 % says: {word}; but the change is within the error "
            "of measurement."
        ).format(word=word)
    return t(
        "The fixed rule of ±25 % says: {word}; the change is smaller than 25 %, but "
        "larger than the error of measurement."
    ).format(word=word)


def _counts(comparison: Comparison, lang: Language) -> tuple[Fact, ...]:
    """How many tracks have which call over the whole span."""
    pair = (comparison.compared[0], comparison.compared[-1])
    calls = Counter(
        c.change.call
        for c in comparison.changes
        if (c.change.visit_from, c.change.visit_to) == pair
    )
    return tuple(
        Fact(lang.gettext(CALL_WORDS[call]), str(calls[call])) for call in Call
    )


def _provenance(comparison: Comparison, lang: Language) -> tuple[Fact, ...]:
    t = lang.gettext
    first = comparison.visits[0].provenance
    return (
        Fact(t("Calcitrace version"), first.version),
        Fact(t("Protocol (SHA-256)"), first.protocol_hash),
        Fact(t("Segmenter"), first.segmenter),
        *(
            Fact(
                t("Input of visit {visit} (SHA-256)").format(visit=v.number),
                v.provenance.input_hash,
            )
            for v in comparison.visits
        ),
    )
