"""The truth adds up, however the scan lies."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcitrace.model.grid import Grid
from calcitrace.simulation.forms import Capsule, Form, Group, ball
from calcitrace.simulation.phantom import Calcification
from calcitrace.simulation.scenes.building import BuiltVisit, built_visits
from calcitrace.simulation.scenes.truth import mass_image, thinnest_mm, truth_of
from calcitrace.simulation.tomography.machine import Machine
from tests.fakes.forms import FORMS
from tests.fakes.scenes import scene

GRID = Grid((40, 60, 60), (1.0, 0.8, 0.8), (-23.6, -23.6, -19.5))


@pytest.fixture(scope="module")
def visit() -> BuiltVisit:
    return built_visits(scene())[0]


def test_the_image_sums_to_the_masses_in_the_table(visit: BuiltVisit) -> None:
    rows, image = truth_of(visit)

    in_scan = sum(row.mass_in_scan_mg for row in rows)
    assert image.mg.sum(dtype=np.float64) == pytest.approx(in_scan, rel=1e-6)
    assert image.grid == visit.grid
    for row, deposit in zip(rows, visit.phantom.deposits, strict=True):
        assert row.mass_mg == row.mass_in_scan_mg == pytest.approx(deposit.mass_mg)
        assert not row.is_cut
        assert row.mass_mg == pytest.approx(
            row.volume_mm3 * row.density_mean_mg_cm3 / 1000
        )


@pytest.mark.parametrize("tilt", [0.0, 20.0])
def test_a_tilted_scan_holds_the_same_mass(visit: BuiltVisit, tilt: float) -> None:
    machine = Machine(pixel_mm=1.0, slice_thickness_mm=1.5, slice_step_mm=1.5)
    scan = replace(scene().scan, z_mm=(-60.0, 60.0))
    grid = scan.grid(replace(machine, tilt_deg=tilt))

    rows, image = truth_of(replace(visit, grid=grid))

    total = sum(d.mass_mg for d in visit.phantom.deposits)
    assert image.mg.sum(dtype=np.float64) == pytest.approx(total, rel=1e-6)
    assert not any(row.is_cut for row in rows)


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_the_image_has_its_centre_where_the_deposit_has(form: Form) -> None:
    deposit = Calcification("x", form, 400.0, "nodule", "fat")

    image, (inside,) = mass_image([deposit], GRID)

    assert inside == deposit.mass_mg
    index = np.argwhere(image.mg > 0)
    weights = image.mg[tuple(index.T)].astype(float)
    centre = np.average(GRID.to_world_mm(index), axis=0, weights=weights)
    assert centre == pytest.approx(np.array(form.centroid_mm), abs=0.03)


@settings(max_examples=30)
@given(st.floats(-24, 24), st.floats(0.2, 6.0))
def test_a_ball_at_the_end_is_cut_as_a_plane_cuts_it(z: float, radius: float) -> None:
    deposit = Calcification("x", ball((0.0, 0.0, z), radius), 500.0, "nodule", "fat")

    image, (inside,) = mass_image([deposit], GRID)

    beyond = max(0.0, min(2 * radius, abs(z) + radius - 20.0))
    cap = beyond**2 * (3 * radius - beyond) / (4 * radius**3)
    assert inside / deposit.mass_mg == pytest.approx(1 - cap, abs=0.01)
    assert image.mg.sum(dtype=np.float64) == pytest.approx(inside, rel=1e-5, abs=1e-9)


def test_a_deposit_beyond_the_scan_has_no_mass_in_it(visit: BuiltVisit) -> None:
    far = Grid((5, 40, 40), (2.0, 2.0, 2.0), (-40.0, -40.0, 500.0))

    rows, image = truth_of(replace(visit, grid=far))

    assert not image.mg.any()
    assert all(row.is_cut and row.mass_in_scan_mg == 0 for row in rows)


def test_a_fine_deposit_is_sampled_finely_and_a_large_one_still_sums_up() -> None:
    tiny = Calcification("t", ball((0.1, 0.2, 0.3), 0.1), 400.0, "punctate", "fat")
    huge = Calcification("h", ball((0.0, 0.0, 0.0), 19.0), 100.0, "nodule", "fat")

    image, inside = mass_image([tiny, huge], GRID)

    assert inside == (tiny.mass_mg, huge.mass_mg)
    density = image.mg / GRID.voxel_volume_mm3 * 1000
    assert density[20, 45, 30] == pytest.approx(100.0, rel=1e-3)


def test_the_thinnest_side_of_a_form() -> None:
    assert thinnest_mm(FORMS[0]) == 5.0
    assert thinnest_mm(FORMS[4]) == pytest.approx(0.15 * 12)
    assert thinnest_mm(Capsule((0, 0, 0), (0, 0, 4), 1.0)) == 2.0
    assert thinnest_mm(Group((ball((0, 0, 0), 1.0), ball((5, 0, 0), 0.5)))) == 1.0
