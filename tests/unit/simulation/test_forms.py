"""Bodies of exact volume."""

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

FORMS: dict[str, Form] = {
    "ball": ball((1.0, 2.0, 3.0), 2.0),
    "ellipsoid": Ellipsoid((0.0, 0.0, 0.0), (1.0, 2.0, 3.0)),
    "rod": Tube((0.0, 0.0, -2.0), (1.0, 2.0, 4.0), (1.0, 2.0)),
    "wall": Tube((0.0, 0.0, 0.0), (0.0, 0.0, 5.0), (3.0, 3.0), hollow=0.8),
    "sheet": Tube(
        (0.0, 0.0, 0.0), (0.0, 1.0, 5.0), (6.0, 6.0), hollow=0.8, half_angle_rad=0.4
    ),
    "capsule": Capsule((0.0, 0.0, 0.0), (1.0, 2.0, 3.0), 1.2),
    "lobes": Lobulated(
        ((0.0, 0.0, 0.0), 2.0), (((2.0, 0.0, 0.0), 1.0), ((0.0, -2.5, 0.0), 1.0))
    ),
    "cluster": Group((ball((0.0, 0.0, 0.0), 1.0), ball((3.0, 0.0, 0.0), 0.5))),
}


def inside(form: Form, points_mm: np.ndarray) -> np.ndarray:
    found = np.zeros(points_mm.shape[:-1], bool)
    for solid in form.solids:
        found |= solid.contains(points_mm)
    return found


@pytest.mark.parametrize("name", FORMS)
def test_volume_and_centre_are_those_of_counted_points(name: str) -> None:
    form = FORMS[name]
    points = np.random.default_rng(5).uniform(-8.0, 8.0, (2_000_000, 3))

    found = inside(form, points)

    counted_mm3 = 16.0**3 * found.mean()
    error_mm3 = 16.0**3 * math.sqrt(found.mean() / len(points))
    assert counted_mm3 == pytest.approx(form.volume_mm3, abs=4 * error_mm3)
    tolerance = 0.3 if name == "lobes" else 0.08  # lenses are weighed roughly
    assert points[found].mean(axis=0) == pytest.approx(form.centroid_mm, abs=tolerance)


@pytest.mark.parametrize("name", FORMS)
@given(
    angles=st.tuples(*[st.floats(-180, 180)] * 3),
    shift=st.tuples(*[st.floats(-50, 50)] * 3),
)
def test_moving_keeps_volume_and_moves_every_point(
    name: str,
    angles: tuple[float, float, float],
    shift: tuple[float, float, float],
) -> None:
    form, pose = FORMS[name], Pose.of_angles(angles, shift)
    points = np.random.default_rng(6).uniform(-5.0, 5.0, (500, 3))
    there = np.array([pose.point(tuple(p)) for p in points])

    moved = form.moved(pose)

    assert moved.volume_mm3 == pytest.approx(form.volume_mm3, rel=1e-9)
    assert moved.centroid_mm == pytest.approx(pose.point(form.centroid_mm), abs=1e-6)
    # Points on the very surface may fall to either side.
    assert (inside(moved, there) != inside(form, points)).mean() <= 0.004
