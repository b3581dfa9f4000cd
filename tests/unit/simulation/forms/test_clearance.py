"""Room between forms, against sampling both surfaces finely."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.simulation.forms import Ellipsoid, Form, Pose, Tube, ball
from calcitrace.simulation.forms.clearance import (
    bounding_ball,
    clearance,
    nearest_clearance,
)
from calcitrace.simulation.forms.distance import nearest_on_surface
from calcitrace.simulation.forms.surface import surface_points
from tests.fakes.forms import FORMS

PAIRS = list(itertools.combinations(range(len(FORMS)), 2))
PLACES = st.tuples(*[st.floats(-1, 1)] * 3)


def sampled_gap_mm(form: Form, other: Form) -> float:
    points, _ = surface_points(form, 0.12)
    return float(nearest_on_surface(other, points)[0].min())


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_gap_is_that_of_fine_samples_from_either_side(
    first: int, second: int
) -> None:
    form = FORMS[first].moved(Pose(shift_mm=(16.0, 9.0, 4.0)))
    other = FORMS[second]

    found = clearance(form, other).gap_mm

    assert found == pytest.approx(sampled_gap_mm(form, other), abs=0.01)
    assert found == pytest.approx(clearance(other, form).gap_mm, abs=0.02)


@given(PLACES, st.floats(0.3, 4), st.floats(0.0, 5.0))
def test_moving_away_from_bone_adds_to_the_gap_what_was_moved(
    way: tuple[float, float, float], radius: float, more: float
) -> None:
    bone = Tube((0.0, 0.0, -50.0), (2.0, 0.0, 50.0), (12.0, 9.0))
    deposit = Ellipsoid((18.0 + way[0], 5.0 * way[1], way[2]), (radius, 1.5, 2.0))

    near = clearance(deposit, bone)
    far = clearance(
        deposit.moved(
            Pose(shift_mm=tuple(more * v for v in near.away))  # type: ignore[arg-type]  # values by name
        ),
        bone,
    )

    assert far.gap_mm == pytest.approx(near.gap_mm + more, abs=2e-3)


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_what_overlaps_or_lies_inside_has_no_gap(form: Form) -> None:
    points, normals = surface_points(form, 1.0)
    x, y, z = points[0] - 0.3 * normals[0]
    inside = ball((float(x), float(y), float(z)), 0.2)

    assert clearance(inside, form).gap_mm < 0
    assert clearance(form, inside).gap_mm < 0


def test_the_nearest_of_several_counts() -> None:
    others = [ball((10.0, 0, 0), 1.0), ball((0, 5.0, 0), 1.0), ball((0, 0, -30.0), 9.0)]

    found = nearest_clearance(ball((0.0, 0.0, 0.0), 1.0), others)

    assert found is not None
    assert found.gap_mm == pytest.approx(3.0)
    assert found.away == pytest.approx((0.0, -1.0, 0.0))
    assert nearest_clearance(others[0], []) is None


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_the_ball_about_a_form_holds_it_closely(form: Form) -> None:
    centre, radius = bounding_ball(form)

    points, _ = surface_points(form, 0.3)
    farthest = np.linalg.norm(points - centre, axis=1).max()
    assert farthest <= radius + 1e-9
    assert radius <= 1.6 * farthest
