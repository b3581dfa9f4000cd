"""Distances from forms, against the forms' own inside and outside."""

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.errors import InputError
from calcitrace.simulation.forms import Ellipsoid, Form, Lobulated
from calcitrace.simulation.forms.distance import members, nearest_on_surface
from calcitrace.simulation.forms.surface import surface_points
from tests.fakes.forms import FORMS, contains


def around(form: Form, n: int = 3000) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.asarray(form.centroid_mm) + rng.normal(0, 6, (n, 3))


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_the_sign_says_inside(form: Form) -> None:
    points = around(form)

    distance, _ = nearest_on_surface(form, points)

    clear = np.abs(distance) > 1e-6
    assert np.array_equal(distance[clear] < 0, contains(form, points)[clear])


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_the_nearest_point_lies_on_the_surface_at_the_distance(form: Form) -> None:
    points = around(form)

    distance, near = nearest_on_surface(form, points)

    assert np.linalg.norm(near - points, axis=1) == pytest.approx(
        np.abs(distance), abs=1e-6
    )
    again, _ = nearest_on_surface(form, near)
    if not isinstance(form, Lobulated):  # inside, the wall of a member may be near
        assert np.abs(again).max() < 1e-6


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_no_sampled_surface_point_is_nearer(form: Form) -> None:
    points = around(form, 200)
    surface, _ = surface_points(form, 0.25)

    distance, _ = nearest_on_surface(form, points)

    sampled = np.linalg.norm(points[:, None] - surface[None], axis=2).min(axis=1)
    outside = distance > 0
    assert (sampled >= np.abs(distance) - 1e-6)[outside].all()
    # Half a step along a surface that bends away from the point.
    assert (sampled <= np.hypot(distance, 0.3) + 0.05)[outside].all()


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_sampled_points_lie_on_the_surface_and_normals_lead_out(form: Form) -> None:
    for part in members(form):
        points, normals = surface_points(part, 0.4)

        distance, _ = nearest_on_surface(part, points)
        outside, _ = nearest_on_surface(part, points + 1e-3 * normals)
        inside, _ = nearest_on_surface(part, points - 1e-3 * normals)

        assert np.abs(distance).max() < 1e-6
        assert np.linalg.norm(normals, axis=1) == pytest.approx(1.0)
        assert outside == pytest.approx(1e-3, abs=1e-5)
        assert (inside < 1e-6).all()


@given(
    st.tuples(*[st.floats(0.2, 60)] * 3),
    st.tuples(*[st.floats(-80, 80)] * 3),
)
def test_an_ellipsoid_is_nearest_where_its_normal_points_at_the_point(
    radii: tuple[float, float, float], place: tuple[float, float, float]
) -> None:
    form = Ellipsoid((0.0, 0.0, 0.0), radii)

    (distance,), (near,) = nearest_on_surface(form, np.array([place]))

    assert ((near / radii) ** 2).sum() == pytest.approx(1.0, abs=1e-6)
    if distance > 1e-3:
        normal = near / np.square(radii)
        away = (np.array(place) - near) / distance
        assert away @ normal / np.linalg.norm(normal) == pytest.approx(1.0, abs=1e-5)


def test_an_unknown_form_is_refused() -> None:
    strange = cast("Form", object())

    with pytest.raises(InputError, match="object"):
        nearest_on_surface(strange, np.zeros((1, 3)))
    with pytest.raises(InputError, match="object"):
        surface_points(strange, 1.0)
