"""Links, probabilities and tracks on clouds of points with known truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcitrace.analysis.following import (
    Body,
    link_probabilities,
    linked,
    main_uids,
    tracks_of,
)
from calcitrace.analysis.following.bodies import points_of
from calcitrace.analysis.following.landmarks import residual_shifts_mm
from calcitrace.analysis.following.places import luck_of, reaching
from calcitrace.model.following import FollowingSettings, Link, LinkSource, Node
from calcitrace.model.grid import Grid
from calcitrace.model.volume import LabelVolume

SETTINGS = FollowingSettings()


def block(
    centre: tuple[float, float, float],
    edges: tuple[float, float, float] = (4.0, 4.0, 4.0),
    mass_mg: float | None = None,
) -> Body:
    """A box of points 1 mm apart; its mass is its volume unless said."""
    axes = [
        c - e / 2 + 0.5 + np.arange(round(e))
        for c, e in zip(centre, edges, strict=True)
    ]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    mass = float(np.prod(edges)) if mass_mg is None else mass_mg
    return Body(np.asarray(points, np.float64), 1.0, mass, 0.02 * mass)


def pairs(before: list[Body], after: list[Body]) -> set[tuple[int, int]]:
    return {(e.before, e.after) for e in linked(before, after, SETTINGS)}


SPREAD = [(0.0, 0.0, 0.0), (40.0, 0.0, 0.0), (0.0, 50.0, 0.0), (30.0, 60.0, 20.0)]


def test_what_stays_is_linked_to_itself_only() -> None:
    bodies = [block(c) for c in SPREAD]

    assert pairs(bodies, bodies) == {(k, k) for k in range(4)}


@settings(max_examples=20, deadline=None)
@given(
    st.tuples(*[st.floats(-6.0, 6.0)] * 3),
    st.floats(0.7, 1.5),
)
def test_a_common_shift_and_a_change_of_mass_break_no_link(
    shift: tuple[float, float, float], factor: float
) -> None:
    before = [block(c) for c in SPREAD]
    after = [
        Body(b.points_mm + np.array(shift), 1.0, factor * b.mass_mg, b.mass_std_mg)
        for b in before
    ]

    assert pairs(before, after) == {(k, k) for k in range(4)}


def test_landmarks_say_how_far_their_neighbours_are_off() -> None:
    before = [block((x, 0.0, 0.0)) for x in (0.0, 30.0, 60.0)]
    after = [b.moved(np.array([0.0, 3.0, 0.0])) for b in before]

    shifts = residual_shifts_mm(before, after, SETTINGS)

    assert shifts[1] == pytest.approx([0.0, 3.0 * 2.213 / 2.713, 0.0], abs=0.02)


def test_a_split_and_a_merge_are_found_by_overlap() -> None:
    whole = [block((0.0, 0.0, 0.0), (4.0, 4.0, 12.0))]
    parts = [
        block((0.0, 0.0, -4.0), (4.0, 4.0, 4.0)),
        block((0.0, 0.0, 4.0), (4.0, 4.0, 4.0)),
    ]

    assert pairs(whole, parts) == {(0, 0), (0, 1)}
    assert pairs(parts, whole) == {(0, 0), (1, 0)}


def test_a_piece_beside_joins_where_its_mass_is_missing() -> None:
    whole = [block((0.0, 0.0, 0.0), mass_mg=100.0)]
    rest = block((0.0, 0.0, 0.0), mass_mg=60.0)
    beside = (0.0, 0.0, 7.5)

    piece = linked(whole, [rest, block(beside, mass_mg=40.0)], SETTINGS)
    stranger = linked(
        whole,
        [block((0.0, 0.0, 0.0), mass_mg=100.0), block(beside, mass_mg=40.0)],
        SETTINGS,
    )

    assert [e.source for e in piece] == [LinkSource.OVERLAP, LinkSource.PIECE]
    assert [(e.before, e.after) for e in stranger] == [(0, 0)]


def test_neighbours_that_graze_each_other_are_not_linked() -> None:
    before = [block((0.0, 0.0, 0.0)), block((0.0, 0.0, 5.0))]
    after = [b.moved(np.array([0.0, 0.0, 1.5])) for b in before]

    assert pairs(before, after) == {(0, 0), (1, 1)}


def test_what_lies_far_apart_is_not_linked() -> None:
    assert pairs([block((0.0, 0.0, 0.0))], [block((0.0, 0.0, 30.0))]) == set()
    assert pairs([], [block((0.0, 0.0, 0.0))]) == set()
    assert pairs([block((0.0, 0.0, 0.0))], []) == set()


def test_a_link_that_hangs_on_the_alignment_is_less_probable() -> None:
    before = [block((0.0, 0.0, 0.0))]
    after = [block((0.0, 0.0, 2.0)), block((0.0, 0.0, -3.0))]
    edges = linked(before, after, SETTINGS)
    rng = np.random.default_rng(5)

    def perturbed(_seed: int) -> tuple[list[Body], list[Body]]:
        return [before[0].moved(rng.normal(0.0, 3.0, 3))], after

    unsure, _, rivals = link_probabilities(edges, perturbed, SETTINGS)
    sure, _, none = link_probabilities(edges, lambda _: (before, after), SETTINGS)

    assert sure == (1.0,) * len(edges)
    assert none == frozenset()
    assert min(unsure) < 0.8 or rivals


def test_tracks_keep_the_mass_and_the_first_name() -> None:
    nodes = {
        Node(1, 1): block((0.0, 0.0, 0.0), mass_mg=90.0),
        Node(2, 1): block((0.0, 0.0, -3.0), mass_mg=50.0),
        Node(2, 2): block((0.0, 0.0, 3.0), mass_mg=40.0),
        Node(3, 1): block((0.0, 0.0, 0.0), mass_mg=90.0),
    }
    links = [
        Link(Node(1, 1), Node(2, 1), LinkSource.OVERLAP, 1.0),
        Link(Node(1, 1), Node(2, 2), LinkSource.OVERLAP, 0.7),
        Link(Node(2, 1), Node(3, 1), LinkSource.OVERLAP, 1.0),
        Link(Node(2, 2), Node(3, 1), LinkSource.OVERLAP, 1.0),
    ]
    uids = {node: f"{node.visit}.{node.deposit_id}" for node in nodes}

    tracks = tracks_of(nodes, links, uids, frozenset(), SETTINGS)
    names = main_uids(tracks, nodes, uids)

    assert len(tracks) == 1
    assert tracks[0].tracking_uid == "1.1"
    assert tracks[0].is_identity_uncertain
    masses = [sum(nodes[n].mass_mg for n in tracks[0].at(v)) for v in (1, 2, 3)]
    assert masses == [90.0, 90.0, 90.0]
    assert [names[n] for n in sorted(nodes)] == ["1.1", "1.1", "2.2", "1.1"]


def test_points_are_those_of_the_voxels() -> None:
    grid = Grid((3, 4, 5), (2.0, 1.0, 0.5), (10.0, 20.0, 30.0))
    labels = np.zeros(grid.shape, np.uint16)
    labels[1, 2, 3:5] = 2

    points = points_of(LabelVolume(labels, grid))

    assert list(points) == [2]
    assert points[2].tolist() == [[11.5, 22.0, 32.0], [12.0, 22.0, 32.0]]


def test_a_place_is_widened_in_mm() -> None:
    grid = Grid((5, 5, 5), (2.0, 1.0, 1.0))
    mask = np.zeros(grid.shape, bool)
    mask[2, 2, 2] = True

    wide = reaching(mask, grid, 1.2)

    assert wide.sum() == 5
    assert reaching(mask, grid, 0.0) is mask


def test_chance_lifts_the_brightest_of_many_voxels() -> None:
    rng = np.random.default_rng(6)
    drawn = rng.normal(size=(4000, 80)).max(axis=1)

    luck = luck_of(160, 2.0)

    assert luck.expected == pytest.approx(drawn.mean(), abs=0.03)
    assert (drawn > luck.limit).mean() < 0.004
