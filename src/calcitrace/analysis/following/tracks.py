"""From links to tracks: connected parts of the graph, numbered and named."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from calcitrace.analysis.following.bodies import Body
from calcitrace.model.following import FollowingSettings, Link, Node, Track

T = TypeVar("T", bound=Hashable)


def tracks_of(
    bodies: Mapping[Node, Body],
    links: Sequence[Link],
    uids: Mapping[Node, str],
    uncertain: frozenset[Node],
    settings: FollowingSettings,
) -> tuple[Track, ...]:
    """Connected parts of the graph, by first visit and number.

    Parameters
    ----------
    bodies
        Every deposit of every visit, in one space.
    links
        Between deposits of different visits.
    uids
        Tracking UID of each deposit as measured.
    uncertain
        Deposits that other alignments link otherwise.
    settings
        When tracks share a group, and when a link is certain.
    """
    pairs = [(link.before, link.after) for link in links]
    parts = _connected(bodies, pairs)
    ordered = sorted((tuple(sorted(part)) for part in parts), key=lambda p: p[0])
    groups = _groups(ordered, bodies, settings.group_reach_mm)
    tracks: list[Track] = []
    for number, nodes in enumerate(ordered, start=1):
        members = set(nodes)
        own = tuple(
            sorted(
                (link for link in links if link.before in members),
                key=lambda link: (link.before, link.after),
            )
        )
        first = [node for node in nodes if node.visit == nodes[0].visit]
        eldest = max(first, key=lambda node: (bodies[node].mass_mg, -node.deposit_id))
        weakest = min((link.probability for link in own), default=1.0)
        tracks.append(
            Track(
                track_id=number,
                tracking_uid=uids[eldest],
                group_id=groups[number - 1],
                nodes=nodes,
                links=own,
                is_identity_uncertain=(
                    weakest < settings.certain_probability or bool(members & uncertain)
                ),
            )
        )
    return tuple(tracks)


def main_uids(
    tracks: Sequence[Track], bodies: Mapping[Node, Body], uids: Mapping[Node, str]
) -> dict[Node, str]:
    """Tracking UID of every deposit: what is the same keeps the one it had.

    The heaviest later part of a deposit takes its UID, from the heaviest earlier part
    if several have become one; the others keep those that they were measured with.
    """
    result = dict(uids)
    for track in tracks:
        for node in sorted(track.nodes):
            before = [link.before for link in track.links if link.after == node]
            if not before:
                continue
            parent = _heaviest(before, bodies)
            rivals = [
                link.after
                for link in track.links
                if link.before == parent and link.after.visit == node.visit
            ]
            if _heaviest(rivals, bodies) == node:
                result[node] = result[parent]
    return result


def _heaviest(nodes: Iterable[Node], bodies: Mapping[Node, Body]) -> Node:
    return max(nodes, key=lambda n: (bodies[n].mass_mg, n.visit, -n.deposit_id))


def _groups(
    tracks: Sequence[tuple[Node, ...]], bodies: Mapping[Node, Body], reach_mm: float
) -> list[int]:
    """Group of each track, from 1: tracks whose deposits of one visit nearly touch."""
    by_visit: dict[int, list[tuple[int, Body]]] = defaultdict(list)
    for number, nodes in enumerate(tracks):
        for node in nodes:
            by_visit[node.visit].append((number, bodies[node]))
    near: list[tuple[int, int]] = []
    for members in by_visit.values():
        for a, (one, body) in enumerate(members):
            for other, rival in members[a + 1 :]:
                if one != other and _is_near(body, rival, reach_mm):
                    near.append((one, other))
    parts = _connected(range(len(tracks)), near)
    groups = [0] * len(tracks)
    for number, part in enumerate(sorted(parts, key=min), start=1):
        for track in part:
            groups[track] = number
    return groups


def _is_near(one: Body, other: Body, reach_mm: float) -> bool:
    margin = reach_mm + max(one.voxel_mm, other.voxel_mm)
    apart = abs(one.centre_mm - other.centre_mm).max()
    half = max(abs(one.points_mm - one.centre_mm).max(), 0.0)
    half += abs(other.points_mm - other.centre_mm).max()
    return bool(apart <= half + margin) and one.gap_mm(other) <= reach_mm


def _connected(items: Iterable[T], pairs: Iterable[tuple[T, T]]) -> list[set[T]]:
    """Connected parts of a graph."""
    root: dict[T, T] = {item: item for item in items}

    def top(item: T) -> T:
        while root[item] != item:
            root[item] = root[root[item]]
            item = root[item]
        return item

    for one, other in pairs:
        root[top(other)] = top(one)
    parts: dict[T, set[T]] = defaultdict(set)
    for item in root:
        parts[top(item)].add(item)
    return list(parts.values())
