"""Masses over time: the total, then tracks, those that changed first."""

from collections.abc import Sequence
from datetime import date, datetime

from calcitrace.model.change import Call, Weighed
from calcitrace.model.comparison import Comparison, Followed
from calcitrace.model.deposit import Status
from calcitrace.model.estimate import Z95
from calcitrace.services.reporting.following.content import (
    Axis,
    Timeline,
    TimelinePoint,
)
from calcitrace.services.reporting.following.figures import mass_text
from calcitrace.services.reporting.following.tables import track_place
from calcitrace.services.reporting.following.words import CALL_WORDS
from calcitrace.services.reporting.language import Language

MAX_TIMELINES = 13  # the total and a page of tracks
DAYS_PER_YEAR = 365.25
Masses = Sequence[tuple[int, Weighed | None, float | None]]


def axis(comparison: Comparison) -> Axis:
    """Where visits and treatments lie in time."""
    first = comparison.visits[0].acquired
    last = _years(first, comparison.visits[-1].acquired)
    treatments = [(_years(first, t.began), t.name) for t in comparison.treatments]
    return Axis(
        years=last,
        visits=tuple(
            (_years(first, v.acquired), str(v.number)) for v in comparison.visits
        ),
        # One that began before the first visit is drawn at its edge.
        treatments=tuple((max(0.0, at), name) for at, name in treatments if at <= last),
    )


def timelines(comparison: Comparison, lang: Language) -> tuple[Timeline, ...]:
    """Total, then tracks: changed ones first, then by mass."""
    if not comparison.total_at:
        return ()
    pair = (comparison.compared[0], comparison.compared[-1])
    calls = {
        c.track_id: c.change.call
        for c in comparison.changes
        if (c.change.visit_from, c.change.visit_to) == pair
    }
    total = next(
        (
            s.change.call
            for s in comparison.totals
            if s.name == "total" and (s.change.visit_from, s.change.visit_to) == pair
        ),
        Call.NOT_COMPARABLE,
    )
    ordered = sorted(comparison.tracks, key=lambda t: _order(t, calls))
    return (
        _timeline(lang.gettext("Total"), total, comparison.total_at, comparison, lang),
        *(
            _timeline(
                _title(track, lang),
                calls[track.track.track_id],
                [(at.visit, at.weighed, at.std_mg) for at in track.at],
                comparison,
                lang,
            )
            for track in ordered
        ),
    )


def _order(track: Followed, calls: dict[int, Call]) -> tuple[bool, bool, float, int]:
    number = track.track.track_id
    is_still = calls[number] in {Call.NO_DETECTABLE_CHANGE, Call.NOT_COMPARABLE}
    largest = max(at.weighed.mass_mg if at.weighed else 0.0 for at in track.at)
    return track.status is Status.REVIEW, is_still, -largest, number


def _title(track: Followed, lang: Language) -> str:
    where = track_place(track, lang)
    name = lang.gettext("Track {n}").format(n=track.track.track_id)
    return f"{name} · {where}" if where else name


def _timeline(
    title: str, call: Call, masses: Masses, comparison: Comparison, lang: Language
) -> Timeline:
    first = comparison.visits[0].acquired
    dates = {v.number: v.acquired for v in comparison.visits}
    points = tuple(
        _point(visit, _years(first, dates[visit]), mass, std)
        for visit, mass, std in masses
        if mass is not None and std is not None
    )
    said = [
        f"{lang.gettext('visit {n}').format(n=visit)}: {mass_text(mass, std, lang)}"
        for visit, mass, std in masses
    ]
    word = lang.gettext(CALL_WORDS[call])
    return Timeline(title, word, points, f"{title}. {'; '.join(said)}. {word}.")


def _point(visit: int, years: float, mass: Weighed, std_mg: float) -> TimelinePoint:
    low, high = mass.mass_mg - Z95 * std_mg, mass.mass_mg + Z95 * std_mg
    if mass.is_below_limit:
        return TimelinePoint(visit, years, None, 0.0, max(high, mass.limit_mg))
    return TimelinePoint(visit, years, mass.mass_mg, max(0.0, low), high)


def _years(first: datetime, then: datetime | date) -> float:
    day = then.date() if isinstance(then, datetime) else then
    if isinstance(then, datetime):
        return (then - first).total_seconds() / 86400 / DAYS_PER_YEAR
    return (day - first.date()).days / DAYS_PER_YEAR
