"""What is said of tracks, regions, groups and the total."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from calcitrace.analysis.change import weighed_sum
from calcitrace.analysis.change.weighing import std_mg
from calcitrace.analysis.following import main_uids
from calcitrace.model.change import Weighed
from calcitrace.model.comparison import (
    Comparison,
    Course,
    Followed,
    SumChange,
    TrackAt,
    TrackChange,
    Treatment,
)
from calcitrace.model.deposit import Deposit, Status
from calcitrace.model.following import Node, Track
from calcitrace.model.visit import Visit
from calcitrace.services.comparing.changes import (
    Known,
    Pair,
    agreements,
    by_place,
    called_together,
    left_out,
    sum_change,
    track_changes,
    visit_pairs,
)
from calcitrace.services.comparing.courses import course
from calcitrace.services.comparing.linking import Linked
from calcitrace.services.comparing.mapping import PlacedVisits
from calcitrace.services.comparing.request import ComparisonRequest
from calcitrace.services.comparing.states import track_states

TotalAt = tuple[int, Weighed, float]
MM3_PER_CM3 = 1000.0


def told(
    visits: Sequence[Visit],
    placed: PlacedVisits,
    known: Known,
    found: Linked,
    request: ComparisonRequest,
) -> Comparison:
    """Everything that follows from tracks and their masses."""
    numbers = sorted(known.placed)
    pairs = visit_pairs(numbers)
    changes = [c for p in pairs for c in track_changes(found.tracks, p, known)]
    tracks = _followed(found, known, changes)
    out = left_out(found.tracks, known)
    inside = {t.track.track_id for t in tracks} - {o.track_id for o in out}
    accepted = [
        t.track.track_id
        for t in tracks
        if t.track.track_id in inside and t.status is Status.ACCEPTED
    ]
    total_at = tuple(_total_at(accepted, number, known) for number in numbers)
    return Comparison(
        visits=tuple(visits),
        compared=tuple(numbers),
        alignments=tuple(p.summary for _, p in sorted(placed.items())),
        agreements=agreements(known, pairs),
        tracks=tracks,
        changes=tuple(changes),
        totals=_totals(accepted, sorted(inside), pairs, known),
        regions=_sums(_regions(tracks, accepted), pairs, known),
        groups=_sums(_groups(tracks, inside), pairs, known),
        total_at=total_at,
        courses=_courses(tracks, total_at, known, request.treatments),
        left_out=out,
        common_coverage_cm3=_common_cm3(known.placed),
        treatments=request.treatments,
        settings=request.settings,
        flags=request.flags,
    )


def _followed(
    found: Linked, known: Known, changes: Sequence[TrackChange]
) -> tuple[Followed, ...]:
    uids = main_uids(found.tracks, found.bodies, found.uids)
    calls = {
        (c.track_id, c.change.visit_from, c.change.visit_to): c.change.call
        for c in changes
    }
    deposits = {
        Node(number, d.deposit_id): d
        for number, placed in known.placed.items()
        for d in placed.visit.deposits
    }
    return tuple(
        _one(track, deposits, track_states(track, known, calls, uids))
        for track in found.tracks
    )


def _one(
    track: Track,
    deposits: Mapping[Node, Deposit],
    at: tuple[TrackAt, ...],
) -> Followed:
    members = [deposits[node] for node in track.nodes]
    eldest = max(
        (deposits[n] for n in track.at(track.first_visit)),
        key=lambda d: (d.mass.value, -d.deposit_id),
    )
    is_accepted = any(d.status is Status.ACCEPTED for d in members)
    best: dict[int, float] = {}
    for node in track.nodes:
        seen = best.get(node.visit, 0.0)
        best[node.visit] = max(seen, deposits[node].probability)
    return Followed(
        track=track,
        status=Status.ACCEPTED if is_accepted else Status.REVIEW,
        region=eldest.region,
        laterality=eldest.laterality,
        centroid_mm=eldest.centroid_mm,
        # Dates that see it each take away from the doubt.
        probability=1.0 - math.prod(1.0 - p for p in best.values()),
        at=at,
    )


def _totals(
    accepted: Sequence[int], inside: Sequence[int], pairs: Sequence[Pair], known: Known
) -> tuple[SumChange, ...]:
    """Totals for each pair; each is one test, called on its own."""
    rate = known.settings.false_call_rate
    return tuple(
        _called([sum_change(name, ids, pair, known)], rate)[0]
        for pair in pairs
        for name, ids in (("total", accepted), ("total_with_review", inside))
    )


def _sums(
    members: Mapping[str, Sequence[int]], pairs: Sequence[Pair], known: Known
) -> tuple[SumChange, ...]:
    """Sums by name for each pair; those of one pair are tested together."""
    rate = known.settings.false_call_rate
    found: list[SumChange] = []
    for pair in pairs:
        raw = [sum_change(name, ids, pair, known) for name, ids in members.items()]
        found += _called(raw, rate)
    return tuple(found)


def _called(sums: Sequence[SumChange], rate: float) -> list[SumChange]:
    called = called_together([s.change for s in sums], rate)
    return [
        SumChange(s.name, s.track_ids, change)
        for s, change in zip(sums, called, strict=True)
    ]


def _regions(
    tracks: Sequence[Followed], accepted: Sequence[int]
) -> dict[str, list[int]]:
    places = {
        t.track.track_id: (t.region, t.laterality)
        for t in tracks
        if t.track.track_id in set(accepted)
    }
    return by_place(places)


def _groups(tracks: Sequence[Followed], inside: set[int]) -> dict[str, list[int]]:
    """Groups of more than one track, none of which is left out."""
    members: dict[int, list[int]] = {}
    for t in tracks:
        members.setdefault(t.track.group_id, []).append(t.track.track_id)
    return {
        str(group): ids
        for group, ids in sorted(members.items())
        if len(ids) > 1 and inside.issuperset(ids)
    }


def _total_at(ids: Sequence[int], visit: int, known: Known) -> TotalAt:
    parts = [w for i in ids if (w := known.standings[i, visit].weighed)]
    total = weighed_sum(parts)
    return visit, total, std_mg(total, known.placed[visit].visit.measuring)


def _courses(
    tracks: Sequence[Followed],
    totals: Sequence[TotalAt],
    known: Known,
    treatments: Sequence[Treatment],
) -> tuple[Course, ...]:
    """Course of the total, then of each track."""
    found = [course("total", [(v, w) for v, w, _ in totals], known, treatments)]
    for t in tracks:
        masses = [(at.visit, at.weighed) for at in t.at]
        found.append(course(str(t.track.track_id), masses, known, treatments))
    return tuple(c for c in found if c is not None)


def _common_cm3(placed: PlacedVisits) -> float | None:
    """Volume of the body at the first visit that every visit saw."""
    first = placed[min(placed)].visit
    common = first.anatomy.body
    for number, one in placed.items():
        if number == first.number:
            continue
        if one.laid.common is None:
            return None
        common = common & one.laid.common
    voxels = int(np.count_nonzero(common))
    return voxels * first.volume.grid.voxel_volume_mm3 / MM3_PER_CM3
