"""Tables of a comparison: changes by pair of visits, tracks, courses, visits."""

import math
from collections.abc import Sequence

from calcitrace.model.comparison import (
    Change,
    Comparison,
    Course,
    Followed,
    SumChange,
    TrackChange,
)
from calcitrace.model.deposit import Status
from calcitrace.model.estimate import Z95
from calcitrace.model.visit import Visit
from calcitrace.services.reporting.figures import DASH, length_mm
from calcitrace.services.reporting.following.content import (
    ChangeRow,
    CourseRow,
    PairTable,
    TrackRow,
    VisitRow,
)
from calcitrace.services.reporting.following.figures import (
    call_text,
    change_percent,
    interval_text,
    mass_text,
    probability_text,
    rate_text,
    ratio_text,
)
from calcitrace.services.reporting.following.words import (
    CALL_WORDS,
    DENSITY_WORDS,
    NOTE_WORDS,
    OBSTACLE_WORDS,
    STATE_WORDS,
    VERDICT_WORDS,
    WIDENING_WORDS,
)
from calcitrace.services.reporting.headline import place
from calcitrace.services.reporting.language import NO_BREAK, Language

Pair = tuple[int, int]


def pair_tables(comparison: Comparison, lang: Language) -> tuple[PairTable, ...]:
    """One table for each pair of visits, the whole span first."""
    first, last = comparison.compared[0], comparison.compared[-1]
    pairs = sorted(
        {(a.visit_from, a.visit_to) for a in comparison.agreements},
        key=lambda pair: (pair != (first, last), -pair[1], pair[0]),
    )
    return tuple(_pair(comparison, pair, lang) for pair in pairs)


def _pair(comparison: Comparison, pair: Pair, lang: Language) -> PairTable:
    tracks = {t.track.track_id: t for t in comparison.tracks}
    rows = [
        _track_row(tracks[c.track_id], c, lang)
        for c in comparison.changes
        if (c.change.visit_from, c.change.visit_to) == pair
    ]
    totals = _of_pair(comparison.totals, pair)
    total = next((t for t in totals if t.name == "total"), None)
    regions = _of_pair(comparison.regions, pair)
    return PairTable(
        title=lang.gettext("Visit {a} to visit {b}").format(a=pair[0], b=pair[1]),
        total=None
        if total is None
        else change_row(lang.gettext("Total"), "", total.change, lang),
        rows=tuple(rows),
        regions=tuple(_region_row(r, lang) for r in regions if len(regions) > 1),
        note=_note(comparison, pair, lang),
    )


def _of_pair(sums: Sequence[SumChange], pair: Pair) -> list[SumChange]:
    return [s for s in sums if (s.change.visit_from, s.change.visit_to) == pair]


def _track_row(track: Followed, row: TrackChange, lang: Language) -> ChangeRow:
    visits = (row.change.visit_from, row.change.visit_to)
    remarks = list(dict.fromkeys(w for v in visits for w in notes(track, v, lang)))
    if row.density_call in DENSITY_WORDS and row.density is not None:
        word = lang.gettext(DENSITY_WORDS[row.density_call])
        remarks.append(f"{word} ({change_percent(row.density.ratio, lang)})")
    if track.status is Status.REVIEW:
        remarks.append(lang.gettext("in review"))
    return change_row(
        str(track.track.track_id),
        track_place(track, lang),
        row.change,
        lang,
        remarks=", ".join(remarks),
    )


def _region_row(region: SumChange, lang: Language) -> ChangeRow:
    name, _, side = region.name.rpartition(" ")
    return change_row(
        place(name or side, side if name else "", lang), "", region.change, lang
    )


def change_row(
    name: str, where: str, change: Change, lang: Language, *, remarks: str = ""
) -> ChangeRow:
    """Row of one change."""
    test = change.test
    detectable = change.detectable_mg
    return ChangeRow(
        name=name,
        place=where,
        before=mass_text(change.before, None, lang),
        after=mass_text(change.after, None, lang),
        ratio=ratio_text(change, lang),
        # Of what comes from nothing or goes to nothing the bound of a ratio says little.
        interval=interval_text(
            test.ratio_ci95 if test and test.ratio is not None else None, lang
        ),
        probability=DASH if test is None else probability_text(test.p_growth, lang),
        detectable=DASH
        if detectable is None
        else f"±{NO_BREAK}{lang.significant(detectable, 2)}{NO_BREAK}mg",
        call=call_text(change, lang),
        kind=change.call.value,
        fixed=lang.gettext(CALL_WORDS[change.fixed]),
        remarks=remarks,
    )


def _note(comparison: Comparison, pair: Pair, lang: Language) -> str:
    """What widens the errors of a pair."""
    for one in comparison.agreements:
        if (one.visit_from, one.visit_to) != pair:
            continue
        words = [lang.gettext(WIDENING_WORDS[w]) for w in one.agreement.widenings]
        if one.agreement.obstacle is not None:
            why = lang.gettext(OBSTACLE_WORDS[one.agreement.obstacle])
            return lang.gettext("Masses are not compared: {why}.").format(why=why)
        if words:
            return lang.gettext("Errors are wider, for: {words}.").format(
                words=lang.listed(words)
            )
        return lang.gettext(
            "Same scanner, tube voltage and reconstruction: the error of the "
            "calibration cancels."
        )
    return ""


def notes(track: Followed, visit: int, lang: Language) -> tuple[str, ...]:
    """What is to be said of a track at a visit."""
    at = track.visit(visit)
    return tuple(lang.gettext(NOTE_WORDS[note]) for note in at.notes)


def track_place(track: Followed, lang: Language) -> str:
    """Region and side; empty where neither is known."""
    if {track.region, track.laterality} <= {"", "unknown"}:
        return ""
    return place(track.region, track.laterality, lang)


def track_rows(comparison: Comparison, lang: Language) -> tuple[TrackRow, ...]:
    """Every track at every visit."""
    return tuple(
        TrackRow(
            number=track.track.track_id,
            place=track_place(track, lang),
            states=tuple(
                f"{lang.gettext(STATE_WORDS[at.state])}, "
                f"{mass_text(at.weighed, at.std_mg, lang)}"
                for at in track.at
            ),
            remarks=", ".join(
                dict.fromkeys(
                    w for at in track.at for w in notes(track, at.visit, lang)
                )
            ),
        )
        for track in comparison.tracks
    )


def course_rows(comparison: Comparison, lang: Language) -> tuple[CourseRow, ...]:
    """Courses that have a rate, the total first."""
    return tuple(
        _course(course, lang)
        for course in comparison.courses
        if course.rate is not None
    )


def _course(course: Course, lang: Language) -> CourseRow:
    rate = course.rate
    value, interval = (DASH, DASH) if rate is None else rate_text(rate, lang)
    return CourseRow(
        name=lang.gettext("Total") if course.name == "total" else course.name,
        rate=value,
        interval=interval,
        spread=DASH if rate is None else lang.percent(math.expm1(rate.between_visits)),
        bends=tuple(
            lang.gettext(
                "{name}: {before} a year before, {after} a year after; ratio of the "
                "two {low} to {high}"
            ).format(
                name=bend.treatment.name,
                before=rate_text(bend.change.before, lang)[0],
                after=rate_text(bend.change.after, lang)[0],
                low=lang.significant(
                    math.exp(bend.change.difference - Z95 * bend.change.difference_std),
                    2,
                ),
                high=lang.significant(
                    math.exp(bend.change.difference + Z95 * bend.change.difference_std),
                    2,
                ),
            )
            for bend in course.bends
        ),
    )


def visit_rows(comparison: Comparison, lang: Language) -> tuple[VisitRow, ...]:
    """How every visit was made, measured and aligned."""
    alignments = {a.visit: a for a in comparison.alignments}
    rows: list[VisitRow] = []
    for visit in comparison.visits:
        found = alignments[visit.number]
        verdict = lang.gettext(VERDICT_WORDS[found.verdict])
        if found.residual_mm is not None and found.verdict != "reference":
            verdict += f" ({length_mm(found.residual_mm, lang)}{NO_BREAK}mm)"
        rows.append(
            VisitRow(
                number=str(visit.number),
                date=lang.date(visit.acquired),
                scanner=visit.measuring.scanner or lang.gettext("not stated"),
                settings=_settings(visit, lang),
                grade=visit.calibration.grade.value,
                deposits=str(len(visit.deposits)),
                alignment=verdict,
            )
        )
    return tuple(rows)


def _settings(visit: Visit, lang: Language) -> str:
    how = visit.acquisition
    parts = [
        None if how.kvp is None else f"{lang.plain(how.kvp)}{NO_BREAK}kVp",
        how.kernel,
        None
        if how.slice_thickness_mm is None
        else f"{lang.plain(how.slice_thickness_mm)}{NO_BREAK}mm",
    ]
    return ", ".join(p for p in parts if p) or lang.gettext("not stated")
