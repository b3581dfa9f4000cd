"""Volumes and centres of forms, against counting random points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.simulation.forms import (
    Capsule,
    Ellipsoid,
    Form,
    Group,
    Lobulated,
    Pose,
    Tube,
    ball,
)
from calcitrace.simulation.forms.compound import lens_centre_mm, lens_volume_mm3
from tests.fakes.forms import FORMS, contains

N_POINTS = 400_000


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_volume_and_centre_are_those_of_random_points(form: Form) -> None:
    rng = np.random.default_rng(1)
    solids = form.solids
    low = np.min([np.array(s.middle_mm) - s.reach_mm for s in solids], axis=0)
    high = np.max([np.array(s.middle_mm) + s.reach_mm for s in solids], axis=0)
    points = rng.uniform(low, high, (N_POINTS, 3))

    inside = contains(form, points)

    share = inside.mean()
    error = 4 * np.sqrt((1 - share) / share / N_POINTS)
    box_mm3 = math.prod((high - low).tolist())
    assert share * box_mm3 == pytest.approx(form.volume_mm3, rel=error)
    spread = points[inside].std(axis=0) / np.sqrt(inside.sum())
    off = np.abs(points[inside].mean(axis=0) - form.centroid_mm)
    assert (off <= 4 * spread).all()


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_moving_changes_no_volume_and_carries_the_centre_along(form: Form) -> None:
    pose = Pose.of_angles((20.0, -35.0, 110.0), (3.0, -4.0, 5.0))
    rng = np.random.default_rng(2)
    points = np.asarray(form.centroid_mm) + rng.normal(0, 4, (2000, 3))
    turned = points @ np.asarray(pose.rotation).T + np.asarray(pose.shift_mm)

    moved = form.moved(pose)

    assert moved.volume_mm3 == pytest.approx(form.volume_mm3, rel=1e-9)
    assert moved.centroid_mm == pytest.approx(pose.point(form.centroid_mm), abs=1e-9)
    assert np.array_equal(contains(moved, turned), contains(form, points))


@given(st.floats(0.5, 5), st.floats(0.5, 5), st.floats(0.01, 12))
def test_two_balls_share_the_same_lens_from_either_side(
    first: float, second: float, distance: float
) -> None:
    volume = lens_volume_mm3(first, second, distance)

    assert volume == pytest.approx(lens_volume_mm3(second, first, distance))
    if volume > 0:
        back = distance - lens_centre_mm(second, first, distance)
        assert lens_centre_mm(first, second, distance) == pytest.approx(back, abs=1e-6)


def test_a_cluster_weighs_as_much_as_its_members() -> None:
    parts = (
        ball((0, 0, 0), 1.0),
        Ellipsoid((5, 0, 0), (1, 2, 1)),
        Capsule((9, 0, 0), (9, 3, 0), 1.0),
        Tube((14, 0, 0), (14, 0, 4), (1, 2)),
        Lobulated(((20, 0, 0), 2.0), (((22, 0, 0), 1.0),)),
    )

    volumes = [part.volume_mm3 for part in parts]
    assert Group(parts).volume_mm3 == pytest.approx(sum(volumes))
