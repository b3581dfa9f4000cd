"""Deposits come to lie where they were asked to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcitrace.errors import SceneError
from calcitrace.simulation.forms import Pose, ball
from calcitrace.simulation.forms.distance import nearest_on_surface
from calcitrace.simulation.scenes.placing import Extent, Placed, Room, Rule
from calcitrace.simulation.scenes.searching import (
    Places,
    Search,
    found_place,
    named_bone,
)
from calcitrace.simulation.scenes.shapes import Round, Shape, Sheet, lobulated
from tests.fakes.bodies import KINDS, surroundings

EXTENT = Extent((-24.0, 24.0), Pose.of_angles((3.0, -2.0, 5.0)))


def place(
    kind: str, rule: Rule, shape: Shape, volume: float, seed: int = 1
) -> Placed | None:
    around = surroundings(kind)
    rng = np.random.default_rng(seed)
    places = Places.drawn(around, rule, EXTENT, rng)
    search = Search(EXTENT)
    return found_place(Room(around), rule, (shape, volume), search, (places, rng))


@settings(max_examples=15)
@given(
    st.sampled_from(["limb", "child_limb"]),
    st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0]),
    st.floats(1.0, 60.0),
    st.integers(0, 99),
)
def test_a_wanted_gap_to_bone_is_met(
    kind: str, gap: float, volume: float, seed: int
) -> None:
    found = place(kind, Rule("muscle", gap), Round((1.0, 1.3, 1.7)), volume, seed)

    assert found is not None
    assert found.gap_mm == pytest.approx(gap, abs=2e-3)
    assert surroundings(kind).is_within(found.form, "muscle")
    assert EXTENT.holds(found.form)


@pytest.mark.parametrize("kind", KINDS)
def test_a_wanted_depth_is_met_in_fat(kind: str) -> None:
    found = place(kind, Rule("fat", depth_mm=2.4), Round(), 4.0)

    assert found is not None
    assert found.depth_mm == pytest.approx(2.4, abs=2e-3)
    assert found.tissue == "fat"


def test_gap_and_depth_can_be_asked_for_together() -> None:
    found = place("limb", Rule("muscle", 0.5, 24.0), Round(), 15.0)

    assert found is not None
    assert found.gap_mm == pytest.approx(0.5, abs=2e-3)
    assert found.depth_mm == pytest.approx(24.0, abs=2e-3)


def test_height_and_angle_are_kept() -> None:
    found = place("limb", Rule("muscle", z_mm=7.0, angle_deg=90.0), Round(), 30.0)

    assert found is not None
    x, y, z = found.place.point_mm
    assert (x, z) == pytest.approx((0.0, 7.0), abs=1e-9)
    assert y > 0


def test_a_named_bone_is_the_neighbour() -> None:
    rule = Rule("muscle", 1.0, z_mm=0.0, angle_deg=180.0, bone="fibula")
    found = place("limb", rule, Round(), 10.0)

    assert found is not None
    fibula = named_bone(surroundings("limb"), "fibula")
    middle = np.array([found.place.point_mm])
    radius = (10.0 / (4 / 3 * np.pi)) ** (1 / 3)
    assert nearest_on_surface(fibula, middle)[0][0] - radius == pytest.approx(
        1, abs=0.01
    )
    assert middle[0, 0] < fibula.centroid_mm[0]
    with pytest.raises(SceneError, match="Known: tibia, fibula"):
        place("limb", Rule("muscle", bone="femur"), Round(), 10.0)


@pytest.mark.parametrize(
    ("along", "tissue"), [("fascia", "fat"), ("fascia", "muscle"), ("skin", "fat")]
)
def test_a_sheet_lies_on_its_layer(along: str, tissue: str) -> None:
    found = place("limb", Rule(tissue, along=along), Sheet(), 150.0)

    assert found is not None
    assert found.tissue == tissue
    fascia = 10.7  # depth of the muscle
    thickness = 2 * Sheet().half_depth_mm(150.0)
    expected = {
        ("fascia", "fat"): fascia - 0.3 - thickness,
        ("fascia", "muscle"): fascia + 0.3,
        ("skin", "fat"): 1.7 + 0.3,
    }
    assert found.depth_mm == pytest.approx(expected[along, tissue], abs=0.1)


def test_what_cannot_be_is_not_found() -> None:
    assert place("limb", Rule("fat", 0.0), Round(), 10.0) is None  # no bone in fat
    assert (
        place("limb", Rule("fat"), lobulated(4, np.random.default_rng(1)), 9e4) is None
    )


def test_deposits_keep_apart() -> None:
    room = Room(surroundings("limb"), separation_mm=2.0)
    room = room.with_form("first", ball((0.0, 46.0, 0.0), 2.0))

    assert room.neighbour(ball((0.0, 46.0, 5.5), 2.0)) == "first"
    assert room.neighbour(ball((0.0, 46.0, 6.5), 2.0)) is None


def test_overlap_is_named() -> None:
    around = surroundings("limb")
    tibia = around.body.bones[0].form.centroid_mm
    taken = ball((0.0, 46.0, 0.0), 2.0)
    room = Room(around).with_form("first", taken)
    for point, words in (
        (tibia, "overlaps bone"),
        ((0.0, 52.0, 0.0), "not within the body"),
        ((0.0, 46.0, 2.0), 'overlaps deposit "first"'),
    ):
        form = Round().form(around.place(point), 10.0)
        with pytest.raises(SceneError, match=words):
            room.measured(form, around.place(point))


def test_the_extent_is_that_in_the_scanner() -> None:
    extent = Extent((-10.0, 10.0), Pose(shift_mm=(0.0, 0.0, 8.0)))

    assert extent.holds(ball((0.0, 0.0, 0.0), 1.9))
    assert not extent.holds(ball((0.0, 0.0, 0.0), 2.1))
