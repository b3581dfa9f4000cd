"""Calibration by rods in the scan."""

import numpy as np
import pytest

from calcitrace.analysis.calibration import (
    calibrate_by_rods,
    calibrate_by_table,
    rods_in_scan,
)
from calcitrace.analysis.calibration.budget import ROD_PLACE_STD
from calcitrace.errors import CalibrationError
from calcitrace.model.calibration import Grade
from calcitrace.model.flags import FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.rods import PlacedRod, Rod, RodReference
from calcitrace.model.volume import HuVolume

K = 1.4


def rod(
    density: float,
    hu: float | None = None,
    *,
    density_std_mg_cm3: float = 1.0,
    hu_std: float = 1.0,
) -> Rod:
    mean = K * density + 5.0 if hu is None else hu
    return Rod(f"HA {density:g}", density, density_std_mg_cm3, mean, hu_std)


def calibrated(*rods: Rod) -> float:
    calibration, _ = calibrate_by_rods(rods, kvp=120.0, body_diameter_mm=200.0)
    return calibration.hu_per_mg_cm3


def test_rods_on_a_line_give_its_slope_whatever_the_offset() -> None:
    assert calibrated(rod(0), rod(200), rod(800)) == pytest.approx(K)


def test_two_densities_suffice() -> None:
    assert calibrated(rod(0), rod(200)) == pytest.approx(K)


def test_the_fit_agrees_with_a_plain_weighted_regression() -> None:
    hu = [3.0, 287.0, 1130.0]
    densities = [0.0, 200.0, 800.0]
    rods = [
        rod(d, h, density_std_mg_cm3=0.0, hu_std=2.0)
        for d, h in zip(densities, hu, strict=True)
    ]
    error = [np.hypot(np.hypot(2.0, 2.0), 0.015 * h) for h in hu]
    plain = np.polyfit(densities, hu, 1, w=1 / np.array(error))

    assert calibrated(*rods) == pytest.approx(plain[0])


def test_errors_of_reading_are_random_and_those_of_certificates_systematic() -> None:
    certain = [rod(0, density_std_mg_cm3=0.0), rod(400, density_std_mg_cm3=0.0)]
    unsure = [rod(0, density_std_mg_cm3=0.0), rod(400, density_std_mg_cm3=8.0)]
    first, _ = calibrate_by_rods(certain, kvp=120.0, body_diameter_mm=200.0)
    second, _ = calibrate_by_rods(unsure, kvp=120.0, body_diameter_mm=200.0)

    assert first.std_systematic * K == pytest.approx(ROD_PLACE_STD)
    assert second.std_systematic * K == pytest.approx(
        np.hypot(8 / 400, ROD_PLACE_STD), rel=0.01
    )
    assert second.std_random == pytest.approx(first.std_random, rel=0.01)
    assert first.grade is Grade.A


def test_errors_hold_when_rods_are_read_again_and_again() -> None:
    rng = np.random.default_rng(3)

    def read_again() -> list[Rod]:
        return [
            rod(d, K * d + rng.normal(0, 6.0), hu_std=6.0, density_std_mg_cm3=0.0)
            for d in (0.0, 100.0, 200.0)
        ]

    found = np.array([calibrated(*read_again()) for _ in range(400)])
    last, _ = calibrate_by_rods(read_again(), kvp=120.0, body_diameter_mm=200.0)

    assert found.mean() == pytest.approx(K, rel=0.005)
    assert found.std() / K == pytest.approx(
        last.std_random * last.hu_per_mg_cm3, rel=0.25
    )


def test_self_hardening_of_a_thick_dense_rod_is_taken_out() -> None:
    table, _ = calibrate_by_table(120.0, 200.0)
    areal = 800 * 8 / (3 * np.pi) * 1.6
    read = K * 800 * table.hardening_factor(areal)
    thick = Rod("HA 800", 800.0, 1.0, read, 1.0, diameter_mm=16.0)

    assert calibrated(rod(0, 0.0), thick) == pytest.approx(K)


@pytest.mark.parametrize("rods", [[], [rod(200)], [rod(200), rod(200, 290.0)]])
def test_one_density_is_too_few(rods: list[Rod]) -> None:
    with pytest.raises(CalibrationError, match="two densities"):
        calibrated(*rods)


def test_a_rod_off_the_line_is_refused_by_name() -> None:
    rods = [rod(0), rod(100), rod(200, 500.0), rod(400), rod(800)]

    with pytest.raises(CalibrationError, match="'HA 200' contradicts"):
        calibrated(*rods)


def test_a_line_far_from_water_is_refused() -> None:
    with pytest.raises(CalibrationError, match="0 HU at density 0"):
        calibrated(rod(100, 400.0), rod(200, 540.0))


def test_falling_ct_numbers_are_refused() -> None:
    with pytest.raises(CalibrationError, match="rise with density"):
        calibrated(rod(0, 300.0), rod(200, 0.0))


def test_another_salt_is_refused_politely() -> None:
    with pytest.raises(CalibrationError, match="no agreed conversion"):
        Rod("K2HPO4 100", 100.0, 1.0, 150.0, 1.0, material="k2hpo4")


def test_rods_that_contradict_the_table_are_flagged() -> None:
    _, agreeing = calibrate_by_rods(
        [rod(0), rod(200)], kvp=120.0, body_diameter_mm=200.0
    )
    doubled = [rod(0, 0.0), rod(200, 560.0)]
    _, flags = calibrate_by_rods(doubled, kvp=120.0, body_diameter_mm=200.0)

    assert agreeing == ()
    assert [flag.kind for flag in flags] == [FlagKind.RODS_DIFFER_FROM_TABLE]


GRID = Grid((12, 60, 60), (2.0, 0.7, 0.7), (-20.0, 5.0, 100.0))


def scanned(noise_hu: float = 0.0) -> HuVolume:
    """Water with a rod of 285 HU along the slices at x = 0, y = 26, radius 6 mm."""
    index = np.stack(np.meshgrid(*map(np.arange, GRID.shape), indexing="ij"), -1)
    x, y, _ = np.moveaxis(GRID.to_world_mm(index), -1, 0)
    hu = np.where(np.hypot(x, y - 26.0) <= 6.0, 285.0, 0.0)
    hu += np.random.default_rng(0).normal(0, noise_hu, hu.shape)
    return HuVolume(hu.astype(np.float32), GRID)


def placed(**changes: object) -> PlacedRod:
    values: dict[str, object] = {
        "name": "HA 200",
        "density_mg_cm3": 200.0,
        "density_std_mg_cm3": 1.0,
        "start_mm": (0.0, 26.0, 100.0),
        "end_mm": (0.0, 26.0, 122.0),
        "radius_mm": 6.0,
    }
    return PlacedRod(**(values | changes))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def test_a_rod_is_read_where_it_lies() -> None:
    reference = RodReference((placed(),), 120.0, "0" * 64)
    (found,) = rods_in_scan(reference, scanned(noise_hu=10.0), 120.0)

    assert found.hu_mean == pytest.approx(285.0, abs=2.0)
    assert 0 < found.hu_std < 2.0
    assert found.diameter_mm == 12.0


def test_a_rod_given_by_the_user_is_left_alone() -> None:
    given = rod(200)

    assert rods_in_scan(RodReference((given,), None, ""), scanned(), 80.0) == (given,)


@pytest.mark.parametrize(
    "changes",
    [
        {"start_mm": (500.0, 26.0, 100.0), "end_mm": (500.0, 26.0, 122.0)},
        {"radius_mm": 1.0},
        {"end_mm": (0.0, 26.0, 100.0)},
        {"start_mm": (0.0, 26.0, 400.0), "end_mm": (0.0, 26.0, 420.0)},
    ],
)
def test_a_rod_that_cannot_be_read_is_refused_by_name(
    changes: dict[str, object],
) -> None:
    reference = RodReference((placed(**changes),), None, "")

    with pytest.raises(CalibrationError, match="'HA 200'"):
        rods_in_scan(reference, scanned(), 120.0)


def test_a_file_for_another_voltage_is_refused() -> None:
    with pytest.raises(CalibrationError, match=r"120 kVp.*got 80 kVp"):
        rods_in_scan(RodReference((rod(200),), 120.0, ""), scanned(), 80.0)
