"""Rods of a phantom are found wherever they lie, and nothing else is."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.calibration import find_phantom
from calcitrace.analysis.calibration.rod_regions import error_of_mean
from calcitrace.errors import CalibrationError
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from tests.fakes.rod_phantom import (
    GRID,
    PLATE_HU,
    PLATE_MM,
    RODS,
    DrawnRod,
    plate_hu,
    points_mm,
    seen,
)


def test_every_rod_is_found_where_it_lies_and_reads_what_it_holds() -> None:
    found = find_phantom(seen(plate_hu())).rods

    assert len(found) == len(RODS)
    assert [r.hu_mean for r in found] == sorted(r.hu_mean for r in found)
    for rod in RODS:
        near = min(
            found,
            key=lambda f: np.hypot(
                f.centre_mm[0] - rod.x_mm, f.centre_mm[1] - rod.y_mm
            ),
        )
        assert near.centre_mm[:2] == pytest.approx((rod.x_mm, rod.y_mm), abs=0.4)
        assert near.centre_mm[2] == pytest.approx(14.0, abs=1.1)
        assert near.diameter_mm == pytest.approx(rod.diameter_mm, rel=0.07)
        assert near.hu_mean == pytest.approx(rod.hu, abs=3.5 * near.hu_std)
        assert 0.05 < near.hu_std < 2.5


@pytest.mark.parametrize("diameter_mm", [6.0, 10.0, 20.0, 28.0])
def test_thin_and_thick_rods_are_found(diameter_mm: float) -> None:
    rods = [DrawnRod(-20.0, 0.0, 300.0, diameter_mm), DrawnRod(20.0, 3.0, 0.0)]

    found = find_phantom(seen(plate_hu(rods))).rods

    assert [r.hu_mean for r in found] == pytest.approx([0.0, 300.0], abs=8.0)
    assert found[1].diameter_mm == pytest.approx(diameter_mm, rel=0.12)


def test_a_rod_that_leans_is_followed() -> None:
    rods = [replace(RODS[0], lean=0.1), RODS[3]]

    found = find_phantom(seen(plate_hu(rods))).rods

    assert [r.hu_mean for r in found] == pytest.approx(
        [RODS[3].hu, RODS[0].hu], abs=2.0
    )


def test_squares_holes_and_short_pins_are_no_rods() -> None:
    hu = plate_hu([RODS[0]])
    x, y, z = points_mm()
    hu[(abs(x - 10) < 6) & (abs(y) < 6)] = 400.0  # square
    hu[(abs(x - 10) < 3) & (abs(y - 22) < 9)] = 400.0  # bar
    hu[np.hypot(x + 10, y) < 5] = -1000.0  # drilled hole
    hu[(np.hypot(x - 30, y) < 5) & (z < 10)] = 500.0  # pin
    found = find_phantom(seen(hu)).rods

    assert [r.hu_mean for r in found] == pytest.approx([RODS[0].hu], abs=2.0)


def test_a_rod_like_its_plate_is_not_found() -> None:
    same = DrawnRod(20.0, 0.0, PLATE_HU + 5.0)

    assert len(find_phantom(seen(plate_hu([RODS[0], same]))).rods) == 1


def test_the_size_is_water_equivalent() -> None:
    found = find_phantom(seen(plate_hu([])))
    expected = 2 * np.sqrt(PLATE_MM[0] * PLATE_MM[1] * (1 + PLATE_HU / 1000))

    assert found.rods == ()
    assert found.body_diameter_mm == pytest.approx(expected, rel=0.02)
    assert not found.is_truncated


def test_a_phantom_cut_by_the_field_of_view_is_noticed() -> None:
    whole = seen(plate_hu())
    box = (slice(None), slice(None), slice(40, 160))
    cut = HuVolume(whole.hu[box], GRID.crop(box))

    assert find_phantom(cut).is_truncated


def test_air_and_a_single_slice_are_no_phantom() -> None:
    air = HuVolume(np.full(GRID.shape, -1000, np.int16), GRID)
    with pytest.raises(CalibrationError, match="nothing but air"):
        find_phantom(air)

    thin = Grid((2, *GRID.shape[1:]), GRID.spacing_mm)
    with pytest.raises(CalibrationError, match="at least 3 slices"):
        find_phantom(HuVolume(seen(plate_hu()).hu[:2], thin))


@pytest.mark.parametrize("shared", [0.0, 0.6])
def test_the_error_of_a_mean_holds_for_correlated_slices(shared: float) -> None:
    rng = np.random.default_rng(2)
    means: list[float] = []
    errors: list[float] = []
    for _ in range(400):
        noise = rng.normal(size=61)
        values = noise[1:] + shared * noise[:-1]
        means.append(float(values.mean()))
        errors.append(error_of_mean(values))

    assert float(np.mean(errors)) == pytest.approx(float(np.std(means)), rel=0.15)
