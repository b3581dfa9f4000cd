"""Rival estimators against closed forms: boxes of known CT number in plain tissue."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.rivals import (
    RIVALS,
    SCORES,
    Measurement,
    Surroundings,
    fitted_factor,
    rescaled,
    surroundings,
)
from calcitrace.errors import GridMismatchError, InputError
from calcitrace.model.reading import Estimator

SPACING_MM = (1.0, 0.5, 0.5)
VOXEL_MM3 = 0.25
SLOPE = 0.8
SHAPE = (21, 41, 41)
# A box of 5 slices x 6 rows x 8 columns.
BOX = (slice(8, 13), slice(18, 24), slice(17, 25))
N_BOX = 5 * 6 * 8
NO_BONE = np.full(SHAPE, np.inf)


def box_distance_mm(box: tuple[slice, slice, slice] = BOX) -> NDArray[np.float64]:
    inside = np.zeros(SHAPE, bool)
    inside[box] = True
    return np.asarray(ndimage.distance_transform_edt(~inside, sampling=SPACING_MM))


def scan(hu_box: float, hu_tissue: float, blur_mm: float = 0.0) -> NDArray[np.float64]:
    hu = np.full(SHAPE, hu_tissue)
    hu[BOX] = hu_box
    if blur_mm:
        hu = ndimage.gaussian_filter(hu, [blur_mm / d for d in SPACING_MM])
    return hu


def site_of(
    hu: NDArray[np.float64],
    bone_mm: NDArray[np.float64] = NO_BONE,
    kvp: float | None = 120.0,
) -> Surroundings:
    return surroundings(
        hu,
        SPACING_MM,
        box_distance_mm(),
        bone_mm,
        kvp=kvp,
        slope_mg_cm3_per_hu=SLOPE,
    )


def mass_of(total_hu: float) -> float:
    return total_hu * SLOPE * VOXEL_MM3 / 1000


def measured(name: Estimator, site: Surroundings) -> Measurement:
    return {**RIVALS, **SCORES}[name](site)


@pytest.mark.parametrize("tissue_hu", [-100.0, 50.0])
def test_without_blur_excess_methods_weigh_a_box_exactly(tissue_hu: float) -> None:
    site = site_of(scan(400.0, tissue_hu))

    true_mg = mass_of(N_BOX * (400.0 - tissue_hu))
    for name in ("half_maximum", "integrated_hu", "volume_fraction"):
        assert measured(Estimator(name), site).mass_mg == pytest.approx(true_mg)


def test_without_blur_thresholds_find_the_volume_of_a_box() -> None:
    site = site_of(scan(400.0, 50.0))

    for name in ("fixed_threshold", "calibrated_mass", "half_maximum"):
        found = measured(Estimator(name), site)
        assert found.volume_mm3 == pytest.approx(N_BOX * VOXEL_MM3)
        assert found.n_voxels == N_BOX


def test_classical_masses_count_the_tissue_as_calcium() -> None:
    site = site_of(scan(400.0, 50.0))

    for name in (Estimator.FIXED_THRESHOLD, Estimator.CALIBRATED_MASS):
        assert measured(name, site).mass_mg == pytest.approx(mass_of(N_BOX * 400.0))


def test_blur_moves_mass_out_of_thresholds_but_not_out_of_the_integral() -> None:
    sharp, blurred = (site_of(scan(400.0, 0.0, blur)) for blur in (0.0, 0.6))

    def kept(name: Estimator) -> float:
        before, after = measured(name, sharp).mass_mg, measured(name, blurred).mass_mg
        assert before is not None
        assert after is not None
        return after / before

    assert kept(Estimator.INTEGRATED_HU) == pytest.approx(1.0, abs=0.01)
    assert kept(Estimator.VOLUME_FRACTION) == pytest.approx(1.0, abs=0.02)
    assert kept(Estimator.CALIBRATED_MASS) < 0.97


def test_agatston_is_area_times_weight_per_slice() -> None:
    site = site_of(scan(350.0, 0.0))

    area_mm2 = 6 * 8 * 0.25
    plain, per_3_mm = (SCORES[e](site) for e in SCORES)
    assert plain.score == pytest.approx(5 * area_mm2 * 3)
    assert per_3_mm.score == pytest.approx(5 * area_mm2 * 3 / 3)
    assert plain.mass_mg is None


def test_agatston_leaves_out_areas_below_a_square_millimetre() -> None:
    hu = np.zeros(SHAPE)
    hu[10, 20, 19:22] = 500.0  # 0.75 mm2
    hu[11, 20, 19:23] = 500.0  # 1 mm2

    score = measured(Estimator.AGATSTON, site_of(hu)).score

    assert score == pytest.approx(1.0 * 4)


def test_thresholds_follow_the_tube_voltage() -> None:
    hu = scan(150.0, 0.0)

    at_120, at_80 = (
        measured(Estimator.FIXED_THRESHOLD, site_of(hu, kvp=kvp)) for kvp in (120, 80)
    )
    assert at_120.n_voxels == N_BOX
    assert (at_80.n_voxels, at_80.mass_mg, at_80.volume_mm3) == (0, 0.0, 0.0)


@pytest.mark.parametrize("kvp", [None, 40.0])
def test_nothing_is_said_where_the_voltage_has_no_threshold(kvp: float | None) -> None:
    site = site_of(scan(400.0, 0.0), kvp=kvp)

    for name in (Estimator.FIXED_THRESHOLD, *SCORES):
        found = measured(name, site)
        assert (found.mass_mg, found.volume_mm3, found.score) == (None, None, None)
    assert measured(Estimator.CALIBRATED_MASS, site).mass_mg is not None


def test_on_empty_tissue_counting_methods_say_zero() -> None:
    site = site_of(np.full(SHAPE, 50.0))

    for name in RIVALS:
        assert measured(name, site).mass_mg == pytest.approx(0.0)


def test_half_maximum_starts_in_the_deposit_not_in_brighter_neighbours() -> None:
    hu = scan(400.0, 0.0)
    hu[10, 20, 27] = 3000.0  # within the region, apart from the box

    found = measured(Estimator.HALF_MAXIMUM, site_of(hu))

    assert found.volume_mm3 == pytest.approx(N_BOX * VOXEL_MM3)


def test_half_maximum_takes_all_parts_of_a_cluster() -> None:
    parts = np.zeros(SHAPE, bool)
    parts[10, 20, 16:18] = parts[10, 20, 24:26] = True
    deposit_mm = np.asarray(ndimage.distance_transform_edt(~parts, sampling=SPACING_MM))
    site = surroundings(
        np.where(parts, 400.0, 0.0), SPACING_MM, deposit_mm, NO_BONE, kvp=120,
        slope_mg_cm3_per_hu=SLOPE,
    )  # fmt: skip

    assert measured(Estimator.HALF_MAXIMUM, site).n_voxels == 4


def test_bone_beside_counts_for_no_more_than_calcium_in_volume_fraction() -> None:
    hu = scan(400.0, 0.0)
    hu[8:13, 18:24, 25:28] = 1200.0  # a bright rim that touches the deposit

    site = site_of(hu)

    n_rim = 5 * 6 * 3
    assert measured(Estimator.VOLUME_FRACTION, site).mass_mg == pytest.approx(
        mass_of(400.0 * (N_BOX + n_rim))
    )
    assert measured(Estimator.INTEGRATED_HU, site).mass_mg == pytest.approx(
        mass_of(400.0 * N_BOX + 1200.0 * n_rim)
    )


def test_where_blur_hides_the_density_one_is_assumed_and_no_volume_is_said() -> None:
    centre = (slice(10, 11), slice(20, 21), slice(20, 21))
    hu = np.zeros(SHAPE)
    hu[centre] = 200.0
    deposit_mm = box_distance_mm(centre)

    site = surroundings(
        hu, SPACING_MM, deposit_mm, NO_BONE, kvp=120, slope_mg_cm3_per_hu=SLOPE
    )

    found = measured(Estimator.VOLUME_FRACTION, site)
    assert found.volume_mm3 is None
    assert found.mass_mg == pytest.approx(mass_of(200.0))


def test_true_bone_is_left_out_of_the_region_and_kept_from_the_ring() -> None:
    bone = np.zeros(SHAPE, bool)
    bone[:, :, 26:] = True
    bone_mm = np.asarray(ndimage.distance_transform_edt(~bone, sampling=SPACING_MM))

    site = site_of(scan(400.0, 0.0), bone_mm)

    assert not (site.roi & bone).any()
    assert bone_mm[site.background].min() > 2.5
    assert site.roi[BOX].all()


def test_air_beside_the_skin_is_no_background() -> None:
    hu = scan(400.0, -100.0)
    hu[:, :, 29:] = -1000.0  # 2 mm beside the box

    site = site_of(hu)

    true_mg = mass_of(N_BOX * 500.0)
    assert measured(Estimator.INTEGRATED_HU, site).mass_mg == pytest.approx(true_mg)
    assert site.hu[site.background].min() == site.hu[site.roi].min() == -100.0
    assert not site.background[:, :, 26:].any()


def test_a_deposit_between_voxels_has_its_nearest_voxel_as_core() -> None:
    grid = np.indices(SHAPE).transpose(1, 2, 3, 0) * np.asarray(SPACING_MM)
    deposit_mm = np.linalg.norm(grid - (10.4, 10.1, 10.2), axis=-1)

    site = surroundings(
        np.zeros(SHAPE), SPACING_MM, deposit_mm, NO_BONE, kvp=120, slope_mg_cm3_per_hu=1
    )

    assert np.argwhere(site.core).tolist() == [[10, 20, 20]]


def test_a_box_too_small_for_a_ring_is_refused() -> None:
    with pytest.raises(InputError, match="wider box"):
        surroundings(
            np.zeros((3, 3, 3)), SPACING_MM, np.zeros((3, 3, 3)),
            np.full((3, 3, 3), np.inf), kvp=120, slope_mg_cm3_per_hu=1,
        )  # fmt: skip
    good = site_of(scan(400.0, 0.0))
    with pytest.raises(GridMismatchError):
        replace(good, roi=good.roi[:2])


def test_one_factor_makes_the_median_error_of_scored_deposits_zero() -> None:
    scores, masses = [0.0, 10.0, 30.0, 50.0, 70.0], [1.0, 4.0, 10.0, 30.0, 14.0]

    factor = fitted_factor(scores, masses)

    said = [
        rescaled(Measurement(None, None, s, 1), factor).mass_mg or 0.0 for s in scores
    ]
    errors = [m / t - 1 for m, t in zip(said, masses, strict=True)]
    assert np.median(errors[1:]) == pytest.approx(0.0)
    assert said[0] == 0.0


def test_a_factor_needs_scores_and_true_masses() -> None:
    for scores, masses in (([0.0], [1.0]), ([1.0], []), ([1.0], [0.0])):
        with pytest.raises(InputError):
            fitted_factor(scores, masses)
    nothing = Measurement(None, None, None, 0)
    assert rescaled(nothing, 2.0) is nothing


@given(st.integers(0, 2**32 - 1), st.floats(1.0, 30.0))
def test_noise_of_zero_mean_moves_the_integral_by_its_own_sum(
    seed: int, sigma_hu: float
) -> None:
    noise = np.random.default_rng(seed).normal(0, sigma_hu, SHAPE)
    clean, noisy = site_of(scan(400.0, 50.0)), site_of(scan(400.0, 50.0) + noise)

    before, after = (
        measured(Estimator.INTEGRATED_HU, s).mass_mg for s in (clean, noisy)
    )

    n = clean.roi.sum()
    expected = mass_of(
        float(noise[clean.roi].sum() - n * noise[clean.background].mean())
    )
    assert before is not None
    assert after is not None
    assert after - before == pytest.approx(expected, abs=1e-9)
