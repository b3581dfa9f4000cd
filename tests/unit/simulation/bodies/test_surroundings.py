"""What is said of a place, against painting and sampling the body."""

import numpy as np
import pytest

from calcitrace.simulation.bodies.body import Body
from calcitrace.simulation.bodies.surroundings import Surroundings
from calcitrace.simulation.forms import Ellipsoid, Tube, ball
from calcitrace.simulation.forms.distance import nearest_on_surface
from calcitrace.simulation.forms.surface import surface_points
from calcitrace.simulation.phantom import Part
from tests.fakes.bodies import KINDS, surroundings

RING = Tube((0.0, 0.0, -60.0), (0.0, 0.0, 60.0), (50.0, 40.0))


def drawn(kind: str, n: int) -> np.ndarray:
    """Return points of a body that are drawn at random."""
    around = surroundings(kind)
    low, high = (np.array(corner) for corner in around.box_mm)
    low[2], high[2] = max(low[2], -40.0), min(high[2], 40.0)
    points = np.random.default_rng(8).uniform(low, high, (n * 4, 3))
    return np.asarray(points[around.tissue(points) != "air"][:n])


@pytest.mark.parametrize("kind", KINDS)
def test_gap_to_bone_is_that_of_finely_sampled_bone(kind: str) -> None:
    around = surroundings(kind)
    points = drawn(kind, 60)
    bones = [b.form for b in around.body.bones]
    gap = around.gap_mm(points)
    assert gap is not None
    for point, found in zip(points, gap, strict=True):
        near = [b for b in bones if abs(nearest_on_surface(b, point[None])[0][0]) < 15]
        if not 0 < found < 10 or not near:
            continue
        surface = np.concatenate([surface_points(b, 0.6)[0] for b in near])
        away = np.linalg.norm(surface - point, axis=1).min()
        # Half a step along the surface of a bone that bends with 2.5 mm at least.
        assert found == pytest.approx(away, abs=0.06 + 0.3**2 / (2 * found))
        assert found <= away + 1e-6


@pytest.mark.parametrize("kind", KINDS)
def test_depth_is_the_least_way_out_of_the_skin(kind: str) -> None:
    around = surroundings(kind)
    points = drawn(kind, 40)
    rng = np.random.default_rng(9)
    ways = rng.normal(size=(4000, 3))
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    for point, depth in zip(points, around.depth_mm(points), strict=True):
        nearer = around.soft_tissue(point + 0.97 * (depth - 0.05) * ways)
        farther = around.soft_tissue(point + (depth * 1.03 + 0.4) * ways)
        assert (nearer != "air").all()
        assert (farther == "air").any()


def test_a_site_says_tissue_gap_and_depth() -> None:
    around = surroundings("limb")
    outside, fat = around.site((0.0, 60.0, 0.0)), around.site((0.0, 47.0, 0.0))

    assert outside.tissue == "air"
    assert outside.depth_mm == pytest.approx(-8.0)
    assert fat.tissue == "fat"
    assert fat.depth_mm == pytest.approx(5.0)
    assert fat.gap_mm is not None
    tibia = around.body.bones[0].form.centroid_mm
    in_bone = around.site(tibia)
    assert in_bone.tissue == "yellow_marrow"
    assert in_bone.gap_mm is not None
    assert in_bone.gap_mm < -5


def test_without_bones_there_is_no_gap() -> None:
    around = Surroundings(Body("jelly", "LEG", (RING,), (Part(RING, "fat"),), (), ()))

    assert around.site((0.0, 0.0, 0.0)).gap_mm is None
    assert around.bone_clearance(ball((0.0, 0.0, 0.0), 1.0)) is None


def test_layers_bend_as_the_skin_above_them() -> None:
    around = Surroundings(Body("jelly", "LEG", (RING,), (Part(RING, "fat"),), (), ()))

    # The ellipse's bend at the ends of its axes is b^2 / a and a^2 / b.
    side = around.place((45.0, 0.0, 3.0))
    back = around.place((0.0, 35.0, 3.0))

    assert side.out == pytest.approx((1.0, 0.0, 0.0), abs=1e-6)
    assert side.along == pytest.approx((0.0, 0.0, 1.0), abs=1e-6)
    assert side.around == pytest.approx((0.0, 1.0, 0.0), abs=1e-6)
    assert side.bend_mm == pytest.approx(40**2 / 50 - 5.0, rel=1e-3)
    assert back.bend_mm == pytest.approx(50**2 / 40 - 5.0, rel=1e-3)


def test_on_a_ball_layers_run_along_the_body_and_on_a_plane_they_do_not_bend() -> None:
    skin = ball((0.0, 0.0, 0.0), 30.0)
    around = Surroundings(Body("ball", "HEAD", (skin,), (Part(skin, "fat"),), (), ()))
    place = around.place((25.0, 0.0, 0.0))

    assert place.along == pytest.approx((0.0, 0.0, 1.0), abs=1e-3)
    assert place.bend_mm == pytest.approx(25.0, rel=1e-3)
    flat = Ellipsoid((0.0, 0.0, 0.0), (900.0, 900.0, 40.0))
    plate = Surroundings(Body("flat", "HEAD", (flat,), (Part(flat, "fat"),), (), ()))
    assert plate.place((0.0, 1.0, 35.0)).bend_mm == 400.0


def test_a_form_is_within_a_tissue_only_with_all_of_it() -> None:
    around = surroundings("limb")  # fat lies 1.7 to 10.7 mm deep

    assert around.is_within(ball((0.0, 46.0, 0.0), 4.0), "fat")
    assert not around.is_within(ball((0.0, 46.0, 0.0), 5.0), "fat")
    depth, out = around.form_depth(ball((0.0, 46.0, 0.0), 4.0))
    assert depth == pytest.approx(2.0)
    assert out == pytest.approx((0.0, 1.0, 0.0), abs=1e-6)
