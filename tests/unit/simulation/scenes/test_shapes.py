"""Every shape has exactly the volume that it is asked for."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.surroundings import Place
from calcitrace.simulation.forms import Group, Lobulated
from calcitrace.simulation.forms.clearance import bounding_ball
from calcitrace.simulation.scenes.shapes import (
    Round,
    Shape,
    Sheet,
    cluster,
    lobulated,
)
from tests.fakes.forms import contains

PLACE = Place((3.0, -40.0, 5.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), 40.0)


def random_shape(kind: str, seed: int) -> Shape:
    rng = np.random.default_rng(seed)
    a, b, c = (float(v) for v in rng.uniform(0.5, 2.0, 3))
    made: dict[str, Shape] = {
        "ball": Round(),
        "egg": Round((a, b, c)),
        "sheet": Sheet((1.0, 6 * b, 6 * c)),
        "cluster": cluster(int(rng.integers(1, 10)), rng),
        "lobulated": lobulated(int(rng.integers(1, 9)), rng),
    }
    return made[kind]


KINDS = ("ball", "egg", "sheet", "cluster", "lobulated")


@given(st.sampled_from(KINDS), st.integers(0, 99), st.floats(0.1, 2000.0))
def test_the_volume_is_the_one_that_was_asked_for(
    kind: str, seed: int, volume: float
) -> None:
    form = random_shape(kind, seed).form(PLACE, volume)

    assert form.volume_mm3 == pytest.approx(volume, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_random_points_agree_on_volume_and_centre(kind: str, seed: int) -> None:
    form = random_shape(kind, seed).form(PLACE, 100.0)
    centre, reach = bounding_ball(form)
    n = 200_000
    points = centre + np.random.default_rng(seed).uniform(-reach, reach, (n, 3))

    inside = contains(form, points)

    share = float(inside.mean())
    error = 4 * math.sqrt((1 - share) / share / n)
    assert share * (2 * reach) ** 3 == pytest.approx(100.0, rel=error)
    spread = points[inside].std(axis=0) / math.sqrt(inside.sum())
    off = np.abs(points[inside].mean(axis=0) - form.centroid_mm)
    assert (off < 4.5 * spread).all()


@given(st.integers(1, 40), st.integers(0, 50))
def test_members_of_a_cluster_do_not_touch(n: int, seed: int) -> None:
    form = cluster(n, np.random.default_rng(seed)).form(PLACE, 50.0)

    assert isinstance(form, Group)
    balls = [(m.centroid_mm, math.cbrt(3 * m.volume_mm3 / 4 / math.pi))
             for m in form.members]  # fmt: skip
    assert len(balls) == n
    for i, (centre, radius) in enumerate(balls):
        for other, size in balls[:i]:
            assert math.dist(centre, other) > 1.2 * (radius + size)


@given(st.integers(1, 12), st.integers(0, 50))
def test_lobes_bulge_out_of_the_core_and_do_not_meet(n: int, seed: int) -> None:
    form = lobulated(n, np.random.default_rng(seed)).form(PLACE, 50.0)

    assert isinstance(form, Lobulated)
    centre, radius = form.core
    assert 1 <= len(form.lobes) <= n
    for i, (place, size) in enumerate(form.lobes):
        assert math.dist(centre, place) < radius + size
        assert math.dist(centre, place) + size > radius
        for other, other_size in form.lobes[:i]:
            assert math.dist(place, other) > size + other_size


def test_a_sheet_follows_its_layer() -> None:
    form = Sheet((1.0, 10.0, 12.0)).form(PLACE, 120.0)

    # Its wall stays at the layer's distance from the layer's axis.
    points = np.array(PLACE.point_mm) + np.random.default_rng(1).uniform(
        -8, 8, (200_000, 3)
    )
    inside = points[contains(form, points)]
    axis = np.array([3.0, 0.0])
    radius = np.linalg.norm(inside[:, :2] - axis, axis=1)
    assert radius.min() == pytest.approx(39.5, abs=0.02)
    assert radius.max() == pytest.approx(40.5, abs=0.02)
    assert np.ptp(inside[:, 2]) == pytest.approx(12.0, abs=0.1)


def test_a_sheet_that_would_wrap_around_is_refused() -> None:
    with pytest.raises(SceneError, match="sheet of at most"):
        Sheet((1.0, 30.0, 10.0)).form(replace(PLACE, bend_mm=8.0), 300.0)


def test_half_of_the_depth_is_that_across_the_layers() -> None:
    assert Round((1.0, 2.0, 2.0)).half_depth_mm(4 / 3 * math.pi * 4) == pytest.approx(1)
    assert Sheet((1.0, 10.0, 10.0)).half_depth_mm(100.0) == pytest.approx(0.5)
    heap = cluster(6, np.random.default_rng(1))
    form = heap.form(PLACE, 50.0)
    assert heap.half_depth_mm(50.0) >= bounding_ball(form)[1] / 1.5
