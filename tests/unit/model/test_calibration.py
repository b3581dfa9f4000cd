"""Formulas that turn a CT number above its background into hydroxyapatite."""

import math

import pytest

from calcitrace.errors import CalibrationError
from calcitrace.model.calibration import Calibration, Grade, SizePoint

SIZES = (
    SizePoint(100.0, 1.2, 2.0),
    SizePoint(200.0, 1.0, 1.0),
    SizePoint(400.0, 0.8, 0.5),
)


def made(**changes: object) -> Calibration:
    values: dict[str, object] = {
        "slope_mg_cm3_per_hu": 0.8,
        "std_systematic": 0.06,
        "std_random": 0.008,
        "grade": Grade.D,
        "kvp": 120.0,
        "body_diameter_mm": 200.0,
        "hardening_cm2_per_mg": 4e-5,
        "source": "a test",
        "by_size": SIZES,
    }
    return Calibration(**(values | changes))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_hydroxyapatite_stands_out_by_the_tissue_it_displaces() -> None:
    # By hand: a voxel of fat (-100 HU) with 316 mg/cm3, a tenth of the crystal density,
    # keeps nine tenths of the fat. In water that much hydroxyapatite reads 316 k HU, of
    # which the displaced tenth of water (mu 1000 on the scale of HU + 1000) is a part.
    calibration = made()
    k = calibration.hu_per_mg_cm3
    mineral_alone = 316.0 * k + 100.0
    in_fat = 0.9 * (1000.0 - 100.0) + mineral_alone - 1000.0

    assert 316.0 * calibration.k_in_tissue(-100.0) == pytest.approx(in_fat + 100.0)


def test_water_changes_nothing() -> None:
    assert made().k_in_tissue(0.0) == pytest.approx(1 / 0.8)


def test_self_hardening_is_none_at_vanishing_density_and_grows_with_it() -> None:
    calibration = made()

    assert calibration.hardening_factor(0.0) == 1.0
    assert calibration.hardening_factor(-50.0) == 1.0
    assert calibration.hardening_factor(1000.0) == pytest.approx(1 / 1.04)


@pytest.mark.parametrize(
    ("diameter_mm", "k"),
    [(100.0, 1.2), (200.0, 1.0), (400.0, 0.8), (30.0, 1.2), (900.0, 0.8)],
)
def test_known_sizes_are_met_and_the_nearest_holds_beyond(
    diameter_mm: float, k: float
) -> None:
    there = made().at_diameter(diameter_mm)

    assert there.hu_per_mg_cm3 == pytest.approx(k / 0.8)


def test_between_sizes_the_logarithm_is_linear() -> None:
    there = made().at_diameter(300.0)

    assert there.hu_per_mg_cm3 == pytest.approx(math.sqrt(0.8) / 0.8)
    assert there.hardening_cm2_per_mg == pytest.approx(4e-5 * math.sqrt(0.5))


def test_relative_error_is_shared_by_all_slices() -> None:
    calibration = made()
    there = calibration.at_diameter(333.0)

    assert there.relative_std == pytest.approx(calibration.relative_std)


def test_going_to_another_size_and_back_changes_nothing() -> None:
    calibration = made()
    back = calibration.at_diameter(320.0).at_diameter(200.0)

    assert back.slope_mg_cm3_per_hu == pytest.approx(0.8)
    assert back.hardening_cm2_per_mg == pytest.approx(4e-5)


@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_slice_without_body_keeps_the_calibration(missing: float | None) -> None:
    calibration = made()

    assert calibration.at_diameter(missing) is calibration


def test_a_calibration_without_sizes_is_the_same_everywhere() -> None:
    calibration = made(by_size=())

    assert calibration.k_in_tissue(0.0, 50.0) == calibration.k_in_tissue(0.0, 500.0)


def test_sizes_out_of_order_are_refused() -> None:
    with pytest.raises(CalibrationError, match="rising diameter"):
        made(by_size=SIZES[::-1])


@pytest.mark.parametrize("slope", [0.0, -1.0, 20.0, math.nan])
def test_an_impossible_slope_is_refused(slope: float) -> None:
    with pytest.raises(CalibrationError, match=r"between 0\.1 and 10"):
        made(slope_mg_cm3_per_hu=slope)
