"""Changes of tracks and of sums between pairs of visits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from calcitrace.analysis.change import (
    agreement,
    compared,
    decisions,
    density_calls,
    density_test,
    fixed_call,
    smallest_detectable_change_mg,
    weighed_sum,
)
from calcitrace.model.change import (
    Agreement,
    Call,
    DensityTest,
    Measuring,
    Obstacle,
    Sized,
    Weighed,
)
from calcitrace.model.comparison import (
    Change,
    ComparisonSettings,
    LeftOut,
    PairAgreement,
    SumChange,
    TrackChange,
)
from calcitrace.model.following import Presence, Track
from calcitrace.services.comparing.mapping import PlacedVisits
from calcitrace.services.comparing.standing import Standing, Standings

Pair = tuple[int, int]
_OBSTACLES = {
    Presence.OUT_OF_COVERAGE: Obstacle.OUT_OF_COVERAGE,
    Presence.REMOVED: Obstacle.REMOVED_BY_SURGERY,
}


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What changes are computed from."""

    placed: PlacedVisits
    standings: Standings
    settings: ComparisonSettings

    def measuring(self, pair: Pair) -> tuple[Measuring, Measuring]:
        """How both visits were measured."""
        return (
            self.placed[pair[0]].visit.measuring,
            self.placed[pair[1]].visit.measuring,
        )

    def agreement(self, pair: Pair) -> Agreement:
        """What both visits share."""
        return agreement(
            *self.measuring(pair), is_same_scanner=self.settings.is_same_scanner
        )

    def change(self, pair: Pair, before: Weighed, after: Weighed) -> Change:
        """Compare two masses; nothing is called yet."""
        test = compared(before, after, self.measuring(pair), self.agreement(pair))
        return Change(
            *pair,
            before,
            after,
            Call.NO_DETECTABLE_CHANGE,
            test,
            fixed=fixed_call(_plain_ratio(before, after)),
        )


def visit_pairs(numbers: Sequence[int]) -> list[Pair]:
    """Each visit against the first and against the one before, each pair once."""
    pairs = [(numbers[0], n) for n in numbers[1:]]
    pairs += [pair for pair in pairwise(numbers) if pair not in pairs]
    return sorted(pairs, key=lambda pair: (pair[1], pair[0]))


def agreements(known: Known, pairs: Iterable[Pair]) -> tuple[PairAgreement, ...]:
    """What each pair of visits shares."""
    return tuple(PairAgreement(*pair, known.agreement(pair)) for pair in pairs)


def track_changes(
    tracks: Sequence[Track], pair: Pair, known: Known
) -> tuple[TrackChange, ...]:
    """Change of every track between two visits; all are tested together."""
    raw = [_raw(track, pair, known) for track in tracks]
    called = called_together(raw, known.settings.false_call_rate)
    sized = [_density(track, pair, known) for track in tracks]
    tests = [test for test in sized if test is not None]
    calls = iter(density_calls(tests, known.settings.false_call_rate))
    result: list[TrackChange] = []
    for track, change, test in zip(tracks, called, sized, strict=True):
        named = _named(change, _pair_of(track, pair, known))
        if test is None:
            result.append(TrackChange(track.track_id, named))
        else:
            result.append(TrackChange(track.track_id, named, test, next(calls)))
    return tuple(result)


def called_together(changes: Sequence[Change], rate: float) -> list[Change]:
    """Decide on a family of changes at a rate of false calls."""
    tested = [c for c in changes if c.test is not None]
    tests = [c.test for c in tested if c.test is not None]
    decided = dict(zip(map(id, tested), decisions(tests, rate), strict=True))
    result: list[Change] = []
    for change in changes:
        if change.test is None:
            result.append(change)
            continue
        decision = decided[id(change)]
        result.append(
            replace(
                change,
                call=decision.call,
                p_adjusted=decision.p_adjusted,
                detectable_mg=smallest_detectable_change_mg(
                    change.test, len(tests), rate
                ),
                detectable_alone_mg=smallest_detectable_change_mg(change.test, 1, rate),
            )
        )
    return result


def sum_change(
    name: str, track_ids: Sequence[int], pair: Pair, known: Known
) -> SumChange:
    """Change of the sum over tracks; what is absent enters as it was measured."""
    refusal = known.agreement(pair).obstacle
    sums = [
        weighed_sum([w for i in track_ids if (w := known.standings[i, visit].weighed)])
        for visit in pair
    ]
    if refusal is not None or not track_ids:
        change = Change(
            *pair,
            sums[0] if track_ids else None,
            sums[1] if track_ids else None,
            Call.NOT_COMPARABLE,
            obstacle=refusal or Obstacle.NOTHING_MEASURED,
        )
    else:
        change = known.change(pair, *sums)
    return SumChange(name, tuple(track_ids), change)


def left_out(tracks: Sequence[Track], known: Known) -> tuple[LeftOut, ...]:
    """Tracks that cannot be in a sum over what all visits cover, and why."""
    found: list[LeftOut] = []
    for track in tracks:
        for visit in sorted(known.placed):
            why = obstacle(known.standings[track.track_id, visit])
            if why is not None:
                found.append(LeftOut(track.track_id, visit, why))
                break
    return tuple(found)


def obstacle(standing: Standing) -> Obstacle | None:
    """Why a mass cannot be compared; None where it can."""
    if standing.presence in _OBSTACLES:
        return _OBSTACLES[standing.presence]
    if standing.weighed is None:
        return Obstacle.NOT_LOOKED_AT
    return Obstacle.CUT_BY_SCAN_END if standing.weighed.is_lower_bound else None


def _raw(track: Track, pair: Pair, known: Known) -> Change:
    before, after = _pair_of(track, pair, known)
    why = known.agreement(pair).obstacle or obstacle(before) or obstacle(after)
    if why is not None or before.weighed is None or after.weighed is None:
        return Change(
            *pair, before.weighed, after.weighed, Call.NOT_COMPARABLE, obstacle=why
        )
    return known.change(pair, before.weighed, after.weighed)


def _pair_of(track: Track, pair: Pair, known: Known) -> tuple[Standing, Standing]:
    before, after = (known.standings[track.track_id, visit] for visit in pair)
    return before, after


def _named(change: Change, standings: tuple[Standing, Standing]) -> Change:
    """Growth from nothing is new, shrinkage to nothing is resolved."""
    before, after = standings
    if change.call is Call.GROWTH and not before.is_seen:
        return replace(change, call=Call.NEW)
    if change.call is Call.SHRINKAGE and not after.is_seen:
        return replace(change, call=Call.RESOLVED)
    return change


def _density(track: Track, pair: Pair, known: Known) -> DensityTest | None:
    """Compare the densities where one deposit with a volume stands at both visits."""
    shared = known.agreement(pair)
    sized = [_sized(track, visit, known) for visit in pair]
    before, after = sized
    if before is None or after is None or shared.obstacle is not None:
        return None
    return density_test(before, after, known.measuring(pair), shared)


def _sized(track: Track, visit: int, known: Known) -> Sized | None:
    nodes = track.at(visit)
    if len(nodes) != 1 or obstacle(known.standings[track.track_id, visit]) is not None:
        return None
    deposit = next(
        d
        for d in known.placed[visit].visit.deposits
        if d.deposit_id == nodes[0].deposit_id
    )
    if deposit.volume is None or deposit.density_mean is None:
        return None
    return Sized(deposit.volume, deposit.density_mean)


def _plain_ratio(before: Weighed, after: Weighed) -> float | None:
    """Ratio as the fixed rule takes it: of the numbers alone."""
    return after.mass_mg / before.mass_mg if before.mass_mg > 0 else None


def by_place(places: Mapping[int, tuple[str, str]]) -> dict[str, list[int]]:
    """Tracks by region and side, in the order of the regions' names."""
    found: dict[str, list[int]] = {}
    for track_id, place in sorted(places.items(), key=lambda item: (item[1], item[0])):
        found.setdefault(" ".join(part for part in place if part), []).append(track_id)
    return found
