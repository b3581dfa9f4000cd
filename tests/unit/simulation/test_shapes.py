import math

import numpy as np
import pytest

from calcitrace.simulation.shapes import Deposit, Ellipsoid, Shape, Sheet, ball

SHAPES: list[Shape] = [
    Ellipsoid((3.0, -2.0, 7.0), (2.0, 3.0, 4.0)),
    ball((0.0, 0.0, 0.0), 5.0),
    Sheet((1.0, -30.0), 30.0, 32.0, 0.4, (5.0, 20.0)),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_counting_points_agrees_with_the_closed_forms(shape: Shape) -> None:
    low, high = (np.array(corner) for corner in shape.bounds_mm)
    rng = np.random.default_rng(1)
    points = rng.uniform(low, high, (400_000, 3)).T
    inside = shape.contains(*points)

    counted_mm3 = inside.mean() * math.prod(high - low)
    assert counted_mm3 == pytest.approx(shape.volume_mm3, rel=0.01)
    assert points[:, inside].mean(axis=1) == pytest.approx(shape.centroid_mm, abs=0.05)


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_lies_outside_the_bounds(shape: Shape) -> None:
    low, high = (np.array(corner) for corner in shape.bounds_mm)
    rng = np.random.default_rng(2)
    points = rng.uniform(low - 10, high + 10, (100_000, 3)).T
    inside = points[:, shape.contains(*points)]

    assert (inside.min(axis=1) >= low - 1e-9).all()
    assert (inside.max(axis=1) <= high + 1e-9).all()


def test_a_cluster_weighs_what_its_members_weigh() -> None:
    members = (ball((0.0, 0.0, 0.0), 1.0), ball((10.0, 0.0, 0.0), 2.0))
    cluster = Deposit("cluster", members, density_mg_cm3=300.0, host_hu=50.0)

    assert cluster.volume_mm3 == pytest.approx(4 / 3 * math.pi * (1 + 8))
    assert cluster.mass_mg == pytest.approx(0.3 * cluster.volume_mm3)
    assert cluster.centroid_mm == pytest.approx((10 * 8 / 9, 0.0, 0.0))
    assert cluster.reach_mm >= 10 * 8 / 9 + 1.0
