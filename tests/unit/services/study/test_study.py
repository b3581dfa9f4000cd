"""Scans of known bodies read by every estimator."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.model.reading import Estimator, Mode, Reading
from calcitrace.services.study import FULL, QUICK, Setup, Suite, run_suite
from calcitrace.services.study.scanner import rods_of
from calcitrace.services.study.stock import Planned
from calcitrace.services.study.suites import BASE, FIRST_SEED, REPORT, TUNE
from calcitrace.services.study.truth import occupied, place_of
from calcitrace.simulation.forms import Tube, ball
from calcitrace.simulation.phantom import Calcification
from calcitrace.simulation.tomography.scanning import lattice

COARSE = replace(BASE, pixel_mm=0.8, slice_thickness_mm=2.0, slice_step_mm=2.0)
TINY = Setup("tiny", "child_limb", COARSE, "low", 1, 1, 3, 36.0)


@pytest.fixture(scope="module")
def readings() -> tuple[Reading, ...]:
    return run_suite(Suite("tiny", (TINY,), (TINY,)))


def test_every_estimator_reads_every_deposit_and_every_blank(
    readings: tuple[Reading, ...],
) -> None:
    given = [r for r in readings if r.mode is Mode.POSITION_GIVEN]
    sites = {r.site for r in given}

    assert {r.estimator for r in given} == set(Estimator)
    assert sum(not s.is_blank for s in sites) >= 2
    assert any(s.is_blank for s in sites)
    assert len(given) == len(sites) * len(Estimator)


def test_ours_is_near_the_truth(readings: tuple[Reading, ...]) -> None:
    ours = [
        r
        for r in readings
        if r.estimator is Estimator.CALCITRACE
        and r.mode is Mode.POSITION_GIVEN
        and r.site.mass_mg > 5
    ]

    for reading in ours:
        assert reading.mass_mg == pytest.approx(reading.site.mass_mg, rel=0.25)


def test_what_is_found_is_told_apart_from_what_is_missed_and_false(
    readings: tuple[Reading, ...],
) -> None:
    found = [r for r in readings if r.mode is Mode.DETECTED]

    assert {r.estimator for r in found} == {Estimator.CALCITRACE}
    assert all(r.is_found or r.mass_mg is None for r in found)


def test_tuning_and_reporting_never_share_a_body() -> None:
    for suite in (QUICK, FULL):
        tuned, reported = (
            {
                Planned(setup, purpose, scene, 1).seed
                for setup in setups
                for scene in range(
                    setup.first_scene, setup.first_scene + setup.n_scenes
                )
            }
            for setups, purpose in ((suite.tune, TUNE), (suite.report, REPORT))
        )
        assert not tuned & reported
        assert max(tuned) < FIRST_SEED[REPORT]


def test_rods_of_a_scanner_rise_in_a_line() -> None:
    rods = rods_of(COARSE, "limb", 1).rods

    density = np.array([rod.density_mg_cm3 for rod in rods])
    hu = np.array([getattr(rod, "hu_mean", np.nan) for rod in rods])
    slope, start = np.polyfit(density, hu, 1)
    assert abs(start) < 10
    assert slope == pytest.approx(1.55, abs=0.1)
    assert np.abs(hu - start - slope * density).max() < 0.02 * hu.max()


def test_a_bent_sheet_fills_the_box_that_it_needs_and_no_more() -> None:
    """The tube that it is cut from is as wide as a limb; the sheet is not."""
    grid = lattice(COARSE, (-60.0, -60.0, -30.0), (30, 150, 150))
    form = Tube(
        (0.0, 0.0, -4.0),
        (0.0, 0.0, 4.0),
        (40.0, 40.0),
        hollow=39 / 40,
        half_angle_rad=0.1,
    )
    sheet = Calcification("a", form, 300.0, "sheet", "fat")

    place = place_of(sheet, grid, 3.0)

    assert max(place.inside.shape) <= 2 * (6.0 + 3.0) / COARSE.pixel_mm + 3
    n_expected = sheet.volume_mm3 / grid.voxel_volume_mm3
    assert place.inside.sum() == pytest.approx(n_expected, rel=0.3)


def test_voxels_of_a_deposit_are_those_inside_or_the_nearest() -> None:
    grid = lattice(COARSE, (-8.0, -8.0, -8.0), (9, 21, 21))
    large = Calcification("a", ball((0.3, 0.2, 0.1), 4.0), 300.0, "nodule", "fat")
    small = Calcification("b", ball((0.3, 0.3, 0.9), 0.05), 300.0, "punctate", "fat")

    place = place_of(large, grid, 3.0)
    n_expected = large.volume_mm3 / grid.voxel_volume_mm3
    assert place.inside.sum() == pytest.approx(n_expected, rel=0.15)
    assert (place.inside == occupied(large.form, grid, place.box)).all()
    assert place_of(small, grid, 3.0).inside.sum() == 1
