import math

import numpy as np
import pytest
import xraydb
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from calcitrace.model.grid import Grid
from calcitrace.simulation import scanner as module
from calcitrace.simulation.scanner import HU_PER_MG_CM3, Scanner, mass_between_mg
from calcitrace.simulation.shapes import Deposit, Ellipsoid, Sheet, ball

GRID = Grid((40, 60, 64), (1.5, 0.6, 0.5), (-16.0, -18.0, -30.0))
SCANNER = Scanner(slice_thickness_mm=1.5)


def ev(kev: float) -> np.ndarray:
    return np.array([kev * 1000.0])


def test_attenuation_is_that_of_the_tables() -> None:
    kev = module.EFFECTIVE_KEV
    water = xraydb.material_mu("H2O", ev(kev), density=1.0)[0]
    salt = xraydb.material_mu("Ca10P6O26H2", ev(kev), density=1.0)[0]

    assert pytest.approx(water, rel=1e-4) == module.WATER_CM2_G
    assert pytest.approx(salt, rel=1e-4) == module.HYDROXYAPATITE_CM2_G


@given(
    st.tuples(*[st.floats(-3, 3)] * 3),
    st.tuples(*[st.floats(0.5, 5)] * 3),
    st.floats(-120, 60),
)
def test_blur_and_sampling_lose_no_mass(
    centre: tuple[float, float, float],
    radii: tuple[float, float, float],
    host_hu: float,
) -> None:
    deposit = Deposit("any", (Ellipsoid(centre, radii),), 400.0, host_hu)

    _, hu = SCANNER.hu_excess(deposit, GRID)

    response = HU_PER_MG_CM3 - host_hu / 3160.0
    seen_mg = hu.sum() / response * GRID.voxel_volume_mm3 / 1000
    assert seen_mg == pytest.approx(deposit.mass_mg, rel=1e-4)


def test_a_point_looks_like_the_point_spread() -> None:
    point = Deposit("point", (ball((0.1, -0.2, 0.3), 0.05),), 1000.0, 0.0)
    box, hu = SCANNER.hu_excess(point, GRID)
    centres = box.centres_mm(GRID)
    share = hu / hu.sum()

    # In the plane; across slices a slice is wider than its blur, so sums of samples say
    # little about the profile.
    for i, axis, width in ((0, 2, 0.5), (1, 1, 0.6)):
        line = share.sum(axis=tuple({0, 1, 2} - {axis}))
        mean = (line * centres[i]).sum()
        variance = (line * (centres[i] - mean) ** 2).sum()
        assert mean == pytest.approx((0.1, -0.2)[i], abs=0.01)
        assert variance == pytest.approx(0.55**2 + width**2 / 12, rel=0.02)


def test_agrees_with_blurring_a_fine_image() -> None:
    sheet = Sheet((0.0, -20.0), 20.0, 22.0, 0.3, (-6.15, 6.15))
    deposit = Deposit("sheet", (sheet,), 300.0, 0.0)
    box, hu = SCANNER.hu_excess(deposit, GRID)

    n = 5
    fine = Grid(
        (GRID.shape[0] * n, GRID.shape[1] * n, GRID.shape[2] * n),
        (1.5 / n, 0.6 / n, 0.5 / n),
    )
    x, y, z = (
        GRID.origin_mm[i]
        - GRID.spacing_mm[2 - i] / 2
        + (np.arange(fine.shape[2 - i], dtype=np.float64) + 0.5)
        * fine.spacing_mm[2 - i]
        for i in range(3)
    )
    inside = sheet.contains(x[None, None, :], y[None, :, None], z[:, None, None])
    sigmas = np.array([0.30, 0.55, 0.55]) / fine.spacing_mm
    blurred = ndimage.gaussian_filter(inside * 300.0 * HU_PER_MG_CM3, sigmas)
    shape = [side for size in GRID.shape for side in (size, n)]
    plain = blurred.reshape(shape).mean(axis=(1, 3, 5))[box.slices]

    assert np.abs(hu - plain).sum() < 0.02 * plain.sum()


def test_thick_slices_overlap_without_changing_the_sum() -> None:
    deposit = Deposit("ball", (ball((0.0, 0.0, 0.0), 3.0),), 300.0, 0.0)

    _, thin = SCANNER.hu_excess(deposit, GRID)
    _, thick = Scanner(slice_thickness_mm=4.5).hu_excess(deposit, GRID)

    assert thick.sum() == pytest.approx(thin.sum(), rel=1e-3)
    assert thick.max() < thin.max()


def test_noise_has_the_asked_width_and_no_offset() -> None:
    rng = np.random.default_rng(3)
    images = np.array([SCANNER.noise((64, 80), 0.4, rng) for _ in range(60)])

    assert images.std() == pytest.approx(SCANNER.noise_hu, rel=0.01)
    assert abs(images.mean()) < 1e-3
    beside = (images[:, :, 1:] * images[:, :, :-1]).mean() / images.var()
    assert beside > 0.2  # grains are wider than pixels


def test_a_ball_cut_in_the_middle_leaves_half() -> None:
    deposit = Deposit("ball", (ball((0.0, 0.0, 10.0), 4.0),), 350.0, 55.0)

    assert mass_between_mg(deposit, 10.0, 50.0) == pytest.approx(deposit.mass_mg / 2)
    assert mass_between_mg(deposit, 0.0, 50.0) == deposit.mass_mg
    assert mass_between_mg(deposit, 20.0, 50.0) == 0.0
    cap = math.pi * 2**2 * (3 * 4 - 2) / 3 * 0.35  # of height 2 mm
    assert mass_between_mg(deposit, 12.0, 50.0) == pytest.approx(cap, rel=0.01)
