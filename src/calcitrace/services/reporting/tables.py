"""Rows of the tables: deposits, histogram of mass, and what was excluded."""

import math
from collections.abc import Iterator, Sequence

from calcitrace.model.deposit import Candidate, Deposit, Reason, Status
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.flags import FlagKind
from calcitrace.model.result import ScanResult
from calcitrace.services.reporting.content import (
    BarBin,
    DepositRow,
    ExclusionGroup,
    MassHistogram,
)
from calcitrace.services.reporting.figures import (
    DASH,
    interval_text,
    length_mm,
    mass_text,
    measured,
    position,
    unit_sign,
    with_unit,
)
from calcitrace.services.reporting.headline import place
from calcitrace.services.reporting.language import NO_BREAK, Language
from calcitrace.services.reporting.notices import flag_text
from calcitrace.services.reporting.words import REASON_WORDS, SHAPE_WORDS, SHORT_FLAGS

N_EXAMPLES = 3
BINS_PER_DECADE = 3
# Edges of thirds of a decade, rounded as people count: 1, 2, 5, 10.
DECADE_EDGES = (1.0, 2.0, 5.0)
# What the reason of a deposit in review says already.
SAID_BY_REASON = {
    Reason.TOUCHES_BONE: FlagKind.TOUCHES_BONE,
    Reason.POSSIBLE_BONE: FlagKind.BONE_LIKE,
    Reason.VESSEL_WALL: FlagKind.VESSEL_LIKE,
    Reason.PHLEBOLITH: FlagKind.PHLEBOLITH_LIKE,
    Reason.CONTRAST: FlagKind.CONTRAST_LIKE,
    Reason.METAL: FlagKind.METAL_LIKE,
    Reason.DEEP_IN_TRUNK: FlagKind.INSIDE_BODY,
    Reason.DEEP_INSIDE_BODY: FlagKind.INSIDE_BODY,
}
# What the mass of the deposit says already, with the bound that holds.
SAID_BY_MASS = frozenset({FlagKind.BELOW_DETECTION_LIMIT})


def deposit_rows(
    result: ScanResult, status: Status, lang: Language
) -> tuple[DepositRow, ...]:
    """Rows of one status, in the order of the result."""
    return tuple(_row(d, lang) for d in result.deposits if d.status is status)


def _row(deposit: Deposit, lang: Language) -> DepositRow:
    low, high = deposit.mass_ci95_mg
    return DepositRow(
        number=deposit.deposit_id,
        is_in_review=deposit.status is Status.REVIEW,
        is_lower_bound=deposit.is_lower_bound,
        is_quantifiable=deposit.is_quantifiable,
        place=_known_place(deposit, lang),
        position=position(deposit.centroid_mm, lang),
        mass=mass_text(deposit, lang),
        interval=interval_text(low, high, deposit.mass.std, lang),
        volume=_optional(deposit.volume, lang),
        density=_optional(deposit.density_mean, lang),
        hu_max=lang.number(deposit.hu_max),
        diameter=length_mm(deposit.diameter_max_mm, lang),
        agatston=(
            DASH if deposit.agatston is None else lang.significant(deposit.agatston, 2)
        ),
        depth=length_mm(deposit.depth_mm, lang),
        bone_distance=length_mm(deposit.bone_distance_mm, lang),
        shape=lang.gettext(SHAPE_WORDS[deposit.shape_class]),
        reason=lang.gettext(REASON_WORDS[deposit.reason]),
        probability=lang.number(deposit.probability, 2),
        remarks=tuple(
            flag_text(f, lang) for f in deposit.flags if f.kind not in SAID_BY_MASS
        ),
        remarks_short=", ".join(_short_flags(deposit, lang)),
        sort_mass=f"{deposit.mass.value:.6g}",
    )


def _known_place(deposit: Deposit, lang: Language) -> str:
    """Region and side; empty where the header says neither."""
    if {deposit.region, deposit.laterality} <= {"", "unknown"}:
        return ""
    return place(deposit.region, deposit.laterality, lang)


def _short_flags(deposit: Deposit, lang: Language) -> Iterator[str]:
    """Flags in few words; what another column says is left out."""
    said = {*SAID_BY_MASS, FlagKind.CUT_BY_SCAN_END}
    if deposit.status is Status.REVIEW and deposit.reason in SAID_BY_REASON:
        said.add(SAID_BY_REASON[deposit.reason])
    for flag in deposit.flags:
        if flag.kind not in said:
            short = SHORT_FLAGS.get(flag.kind)
            yield flag_text(flag, lang) if short is None else lang.gettext(short)


def _optional(estimate: Estimate | None, lang: Language) -> str:
    """Value and error without the unit, which the head of the column has."""
    return DASH if estimate is None else measured(estimate, lang, has_unit=False)


def mass_histogram(result: ScanResult, lang: Language) -> MassHistogram:
    """Masses of quantifiable deposits in three bins per decade."""
    shown = [d for d in result.deposits if d.is_quantifiable and d.mass.value > 0]
    n_left_out = len(result.deposits) - len(shown)
    note = (
        lang.ngettext(
            "{n} deposit that is not quantifiable is not shown.",
            "{n} deposits that are not quantifiable are not shown.",
            n_left_out,
        ).format(n=n_left_out)
        if n_left_out
        else ""
    )
    places = [_bin_of(d.mass.value) for d in shown]
    if not places:
        return MassHistogram((), note)
    bins = tuple(
        BarBin(
            low=lang.significant(_edge(i), 1),
            high=lang.significant(_edge(i + 1), 1),
            accepted=_members(shown, places, i, Status.ACCEPTED),
            review=_members(shown, places, i, Status.REVIEW),
        )
        for i in range(min(places), max(places) + 1)
    )
    return MassHistogram(bins, note)


def _members(
    shown: Sequence[Deposit], places: Sequence[int], index: int, status: Status
) -> tuple[int, ...]:
    """Numbers of the deposits of one bin and status."""
    return tuple(
        d.deposit_id
        for d, place_ in zip(shown, places, strict=True)
        if place_ == index and d.status is status
    )


def _edge(index: int) -> float:
    """Lower edge of a bin in mg; bin 0 starts at 1 mg."""
    decade, step = divmod(index, BINS_PER_DECADE)
    return DECADE_EDGES[step] * 10.0**decade


def _bin_of(mass_mg: float) -> int:
    index = BINS_PER_DECADE * math.floor(math.log10(mass_mg)) - 1
    while _edge(index + 1) <= mass_mg:
        index += 1
    return index


def exclusion_groups(
    candidates: Sequence[Candidate], lang: Language
) -> tuple[ExclusionGroup, ...]:
    """Dropped candidates by reason, the reason with the largest volume first."""
    groups: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.status is Status.DROPPED:
            groups.setdefault(candidate.reason, []).append(candidate)
    ranked = sorted(
        groups.values(),
        key=lambda group: (-sum(c.volume_mm3 for c in group), group[0].reason),
    )
    return tuple(_exclusion(group, lang) for group in ranked)


def _exclusion(group: Sequence[Candidate], lang: Language) -> ExclusionGroup:
    largest = sorted(group, key=lambda c: (-c.volume_mm3, c.label))[:N_EXAMPLES]
    volumes = [c.volume_mm3 for c in group]
    peaks = [c.hu_max for c in group]
    return ExclusionGroup(
        reason=lang.gettext(REASON_WORDS[group[0].reason]),
        count=lang.number(len(group)),
        volume=_range([lang.significant(v, 2) for v in (min(volumes), max(volumes))]),
        hu_max=_range([lang.number(v) for v in (min(peaks), max(peaks))]),
        examples=tuple(
            f"{position(c.centroid_mm, lang)} "
            f"({with_unit(lang.significant(c.volume_mm3, 2), Unit.MM3, lang)}, "
            f"{lang.number(c.hu_max)}{NO_BREAK}{unit_sign(Unit.HU, lang)})"
            for c in largest
        ),
    )


def _range(ends: Sequence[str]) -> str:
    return (
        ends[0] if ends[0] == ends[-1] else f"{ends[0]}{NO_BREAK}–{NO_BREAK}{ends[-1]}"
    )
