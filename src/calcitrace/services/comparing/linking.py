"""Links between all visits, and the tracks that they make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calcitrace.analysis.following import (
    Body,
    Edge,
    bodies_of,
    link_probabilities,
    linked,
    tracks_of,
)
from calcitrace.analysis.following.bodies import points_of
from calcitrace.model.following import (
    FollowingSettings,
    Link,
    LinkSource,
    Node,
    ReaderLink,
    Track,
)
from calcitrace.services.comparing.mapping import Placed, PlacedVisits

Bodies = Mapping[Node, Body]


@dataclass(frozen=True, slots=True)
class Linked:
    """Tracks, and the deposits of all visits in the space of the first one."""

    tracks: tuple[Track, ...]
    bodies: Bodies
    uids: Mapping[Node, str]


def followed_tracks(
    placed: PlacedVisits, readers: Sequence[ReaderLink], settings: FollowingSettings
) -> Linked:
    """Link deposits from visit to visit, oldest first.

    What a visit does not show is not forgotten: it can be linked to a later one.
    """
    bodies = {
        Node(number, deposit): body
        for number, visit in placed.items()
        for deposit, body in _bodies(visit).items()
    }
    links: list[Link] = []
    uncertain: set[Node] = set()
    for number in sorted(placed)[1:]:
        before = _open_ends(bodies, links, number)
        after = sorted(node for node in bodies if node.visit == number)
        found, doubtful = _links(before, after, bodies, placed, settings)
        links += _as_read(found, readers, set(before), number)
        uncertain |= doubtful
    links += _added(links, readers, bodies)
    uids = {
        Node(number, d.deposit_id): d.tracking_uid
        for number, visit in placed.items()
        for d in visit.visit.deposits
    }
    tracks = tracks_of(bodies, links, uids, frozenset(uncertain), settings)
    return Linked(tracks, bodies, uids)


def _bodies(placed: Placed) -> dict[int, Body]:
    visit = placed.visit
    points = points_of(visit.labels)
    if not points:
        return {}
    numbers = sorted(points)
    joined = placed.aligned.to_reference(np.concatenate([points[n] for n in numbers]))
    ends = np.cumsum([len(points[n]) for n in numbers])[:-1]
    mapped = dict(zip(numbers, np.split(joined, ends), strict=True))
    masses = {d.deposit_id: (d.mass.value, d.mass.std) for d in visit.deposits}
    return bodies_of(mapped, masses, max(visit.labels.grid.spacing_mm))


def _open_ends(bodies: Bodies, links: Iterable[Link], number: int) -> list[Node]:
    """Deposits of earlier visits that nothing later is linked to."""
    continued = {link.before for link in links}
    return sorted(n for n in bodies if n.visit < number and n not in continued)


def _links(
    before: Sequence[Node],
    after: Sequence[Node],
    bodies: Bodies,
    placed: PlacedVisits,
    settings: FollowingSettings,
) -> tuple[list[Link], set[Node]]:
    """Links with their probabilities, and nodes that could be linked otherwise."""
    old, new = [bodies[n] for n in before], [bodies[n] for n in after]
    edges: tuple[Edge, ...] = linked(old, new, settings)

    def perturbed(seed: int) -> tuple[list[Body], list[Body]]:
        return (
            [_perturbed(n, bodies[n], placed, seed) for n in before],
            [_perturbed(n, bodies[n], placed, seed) for n in after],
        )

    probabilities, left, right = link_probabilities(edges, perturbed, settings)
    links = [
        Link(before[e.before], after[e.after], e.source, p)
        for e, p in zip(edges, probabilities, strict=True)
    ]
    return links, {before[i] for i in left} | {after[j] for j in right}


def _perturbed(node: Node, body: Body, placed: PlacedVisits, seed: int) -> Body:
    """Body as another alignment has it; one deposit moves as a whole."""
    aligned = placed[node.visit].aligned
    # Alignments of different visits err each in its own way.
    other = aligned.perturbed(seed + 1000 * node.visit)
    here = aligned.to_moving(body.centre_mm[None])
    shift = other.to_reference(here)[0] - aligned.to_reference(here)[0]
    return body.moved(shift)


def _as_read(
    links: Sequence[Link], readers: Sequence[ReaderLink], before: set[Node], number: int
) -> list[Link]:
    """Links without those that a reader took away or replaced."""
    no = {(r.before, r.after) for r in readers if not r.is_same}
    named = {
        node
        for r in readers
        if r.is_same and r.after.visit == number and r.before in before
        for node in (r.before, r.after)
    }
    return [
        link
        for link in links
        if (link.before, link.after) not in no and not {link.before, link.after} & named
    ]


def _added(
    links: Sequence[Link], readers: Sequence[ReaderLink], bodies: Bodies
) -> list[Link]:
    """Links that a reader made."""
    known = {(link.before, link.after) for link in links}
    return [
        Link(r.before, r.after, LinkSource.READER, 1.0)
        for r in readers
        if r.is_same
        and (r.before, r.after) not in known
        and r.before in bodies
        and r.after in bodies
    ]
