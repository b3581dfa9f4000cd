"""Whether and how heavy each track is at each visit, before anything is called."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from calcitrace.analysis.change import weighed_sum
from calcitrace.analysis.change.weighing import Measured, weighed
from calcitrace.analysis.following import Body
from calcitrace.model.change import Weighed
from calcitrace.model.deposit import Deposit
from calcitrace.model.following import FollowingSettings, Node, Presence, Track
from calcitrace.services.comparing.looking import Place, looked_at
from calcitrace.services.comparing.mapping import Placed, PlacedVisits

# Percentile of blanks that a detection limit stands at.
BLANK_Z = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True)
class Standing:
    """One track at one visit.

    Attributes
    ----------
    weighed
        `None` where nothing can be said of its mass.
    """

    presence: Presence
    weighed: Weighed | None
    covered: float

    @property
    def is_seen(self) -> bool:
        """Whether something is there that can be told from nothing."""
        if self.presence is Presence.DETECTED:
            return True
        return (
            self.presence is Presence.LOOKED_AT
            and self.weighed is not None
            and not self.weighed.is_below_limit
        )


Standings = Mapping[tuple[int, int], Standing]  # by track and visit


def standings(
    tracks: Sequence[Track],
    bodies: Mapping[Node, Body],
    placed: PlacedVisits,
    removed: Mapping[int, int],
    settings: FollowingSettings,
) -> Standings:
    """Every track at every visit.

    Parameters
    ----------
    removed
        Last visit before surgery by track.
    """
    found: dict[tuple[int, int], Standing] = {}
    for number, visit in sorted(placed.items()):
        deposits = {d.deposit_id: d for d in visit.visit.deposits}
        absent: list[tuple[Track, float]] = []
        for track in tracks:
            nodes = track.at(number)
            covered = visit.covered(_points(track, number, bodies))
            if nodes:
                mass = _sum([deposits[n.deposit_id] for n in nodes], visit)
                found[track.track_id, number] = Standing(
                    Presence.DETECTED, mass, covered
                )
            elif number > removed.get(track.track_id, number):
                found[track.track_id, number] = Standing(
                    Presence.REMOVED, None, covered
                )
            elif covered < settings.covered_min:
                found[track.track_id, number] = Standing(
                    Presence.OUT_OF_COVERAGE, None, covered
                )
            else:
                absent.append((track, covered))
        found.update(_absent(absent, number, bodies, placed))
    return found


def nearest_nodes(track: Track, visit: int) -> tuple[Node, ...]:
    """Deposits of the nearest visit that shows the track, an earlier one if equal."""
    visits = {node.visit for node in track.nodes}
    return track.at(min(visits, key=lambda v: (abs(v - visit), v)))


def _absent(
    absent: Sequence[tuple[Track, float]],
    number: int,
    bodies: Mapping[Node, Body],
    placed: PlacedVisits,
) -> Iterator[tuple[tuple[int, int], Standing]]:
    """Look where tracks should be that a visit does not show."""
    visit = placed[number]
    places = [Place(t.track_id, nearest_nodes(t, number)) for t, _ in absent]
    measured = looked_at(visit, places, placed, bodies)
    for track, covered in absent:
        mass = measured.get(track.track_id)
        presence = Presence.NOT_LOOKED_AT if mass is None else Presence.LOOKED_AT
        if mass is None and visit.visit.result is None:
            mass = _assumed(track, number, placed)
        yield (track.track_id, number), Standing(presence, mass, covered)


def _assumed(track: Track, number: int, placed: PlacedVisits) -> Weighed:
    """Nothing, as well as a stored result can say it: the images are not at hand."""
    limits = [
        d.detection_limit_mg
        for node in nearest_nodes(track, number)
        for d in placed[node.visit].visit.deposits
        if d.deposit_id == node.deposit_id
    ]
    limit = math.hypot(*limits)
    return Weighed(0.0, limit / BLANK_Z, 0.0, limit)


def _points(track: Track, number: int, bodies: Mapping[Node, Body]) -> np.ndarray:
    nodes = track.at(number) or nearest_nodes(track, number)
    return np.concatenate([bodies[node].points_mm for node in nodes])


def _sum(deposits: Sequence[Deposit], visit: Placed) -> Weighed:
    return weighed_sum(
        [
            weighed(
                Measured(
                    d.mass, d.mass_std_noise_mg, d.detection_limit_mg, d.is_lower_bound
                ),
                visit.visit.measuring,
            )
            for d in deposits
        ]
    )
