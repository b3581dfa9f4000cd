"""A scanner whose pictures obey the physics that they come from."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.errors import InputError
from calcitrace.model.grid import Grid
from calcitrace.simulation.forms import Pose, Tube, ball
from calcitrace.simulation.materials import MATERIALS, attenuations_per_mm
from calcitrace.simulation.phantom import Calcification, Part, Phantom
from calcitrace.simulation.tomography.beam import beam_of
from calcitrace.simulation.tomography.machine import Kernel, Machine
from calcitrace.simulation.tomography.scanning import (
    lattice,
    scan_phantom,
)
from calcitrace.simulation.tomography.shadows import Shadows
from calcitrace.simulation.tomography.turn import slice_profile

QUIET = Machine(
    dose_mas=1e7, electronic_photons=0.0, scatter_fraction=0.0, has_bowtie=False
)
BODY = Part(Tube((0.0, 0.0, -60.0), (0.0, 0.0, 60.0), (30.0, 30.0)), "water")


def water(*deposits: Calcification) -> Phantom:
    return Phantom((BODY,), deposits)


def nodule(density_mg_cm3: float, radius_mm: float = 2.0) -> Calcification:
    form = ball((3.0, -4.0, 0.2), radius_mm)
    return Calcification("a", form, density_mg_cm3, "nodule", "water")


def patch(machine: Machine, half_mm: float = 9.0) -> Grid:
    n = 2 * round(half_mm / machine.pixel_mm) + 1
    n_slices = 2 * round(half_mm / machine.slice_step_mm) + 1
    return lattice(
        machine,
        (3.0 - half_mm, -4.0 - half_mm, -half_mm),
        (n_slices, n, n),
    )


def excess_hu_mm3(density_mg_cm3: float, machine: Machine = QUIET) -> float:
    grid = patch(machine)
    images = [
        scan_phantom(phantom, machine, grid, 1).hu.astype(float)
        for phantom in (water(nodule(density_mg_cm3)), water())
    ]
    return float((images[0] - images[1]).sum() * grid.voxel_volume_mm3)


def test_water_is_zero_and_air_is_minus_a_thousand() -> None:
    grid = lattice(QUIET, (-40.0, -40.0, 0.0), (1, 201, 201))

    hu = scan_phantom(water(), QUIET, grid, 1).hu[0]

    y, x = np.mgrid[-40:40.1:0.4, -40:40.1:0.4]
    radius = np.hypot(x, y)
    assert np.abs(hu[radius < 25]).max() <= 2
    assert np.abs(hu[radius > 32] + 1000).max() <= 5
    assert hu[radius > 32].mean() == pytest.approx(-1000, abs=0.5)


def test_a_part_of_a_scan_is_the_same_part_of_the_whole() -> None:
    machine = replace(QUIET, dose_mas=20.0)
    whole = lattice(machine, (-12.0, -12.0, -20.0), (20, 61, 61))
    part = whole.crop((slice(5, 9), slice(10, 20), slice(30, 50)))

    large = scan_phantom(water(nodule(400)), machine, whole, 7).hu
    small = scan_phantom(water(nodule(400)), machine, part, 7).hu

    assert np.abs(large[5:9, 10:20, 30:50].astype(int) - small).max() <= 1


@pytest.mark.parametrize(
    ("second", "is_shared"),
    [
        ({"dose_mas": 5.0}, True),
        ({"kernel": Kernel.SOFT}, True),
        ({"slice_thickness_mm": 2.0}, True),
        ({"kvp": 80.0}, False),
        ({"has_bowtie": True}, False),
    ],
)
def test_scans_of_one_body_share_what_was_traced_and_nothing_else(
    second: dict[str, float], is_shared: bool
) -> None:
    machine = replace(QUIET, dose_mas=20.0)
    other = replace(machine, **second)  # type: ignore[arg-type]  # values by name
    grid = lattice(machine, (-5.0, -5.0, 0.0), (2, 21, 21))
    shadows = Shadows(water(nodule(400)))

    scan_phantom(shadows, machine, grid, 7)
    n_traced = len(shadows.kept or ())
    shared = scan_phantom(shadows, other, grid, 7).hu

    assert (shared == scan_phantom(water(nodule(400)), other, grid, 7).hu).all()
    n_more = len(shadows.kept or ()) - n_traced
    assert n_traced == 5
    assert n_more < 5 if is_shared else n_more == 5


def test_a_body_that_is_the_same_at_every_height_is_traced_once() -> None:
    machine = replace(QUIET, dose_mas=20.0)
    grid = lattice(machine, (-5.0, -5.0, -3.0), (6, 21, 21))
    shadows = Shadows(water(), is_uniform=True)

    hu = scan_phantom(shadows, machine, grid, 7).hu

    assert len(shadows.kept or ()) == 1
    assert np.abs(hu - scan_phantom(water(), machine, grid, 7).hu).max() <= 1
    assert (hu[0] != hu[3]).any()  # noise is that of each row


def test_integrated_excess_follows_from_the_spectrum() -> None:
    """The integral of an image over an object is that of any of its projections."""
    beam = beam_of(QUIET)
    signal = np.asarray(beam.signal_kev_per_mm2_mas)
    water_mm, calcium_mm = attenuations_per_mm(
        ("water", "hydroxyapatite"), beam.energies_kev
    )

    def reading(length_mm: float, share_mm: float) -> float:
        line = water_mm * (length_mm - share_mm) + calcium_mm * share_mm
        return float(-np.log((signal * np.exp(-line)).sum()))

    thin = 1e-3
    lengths = 2 * np.sqrt(30.0**2 - np.linspace(-5.0, 5.0, 11) ** 2)
    k = np.mean(
        [
            (reading(c, thin) - reading(c, 0)) / (reading(c + thin, 0) - reading(c, 0))
            for c in lengths
        ]
    )
    # per mm of crystal, 3.16 mg/mm3, in HU mm per mg/mm2
    expected = 1000 * k / 3.16 * nodule(200.0).mass_mg

    # Weaker deposits lose their faint rim when CT numbers are rounded.
    assert excess_hu_mm3(200.0) == pytest.approx(expected, rel=0.01)


def test_dense_deposits_read_a_little_less_per_milligram() -> None:
    per_mg = [excess_hu_mm3(d) / nodule(d).mass_mg for d in (200.0, 1200.0)]

    assert 0.93 < per_mg[1] / per_mg[0] < 0.995


def test_a_bowtie_evens_the_noise_out() -> None:
    def rim_over_centre(has_bowtie: bool) -> float:
        machine = replace(QUIET, dose_mas=20.0, has_bowtie=has_bowtie)
        wide = Phantom(
            (Part(Tube((0, 0, -60), (0, 0, 60), (70.0, 70.0)), "water"),), ()
        )
        noise = [
            scan_phantom(
                wide, machine, lattice(machine, (x, -5.0, 0.0), (1, 26, 26)), 3
            ).hu.std()
            for x in (50.0, -5.0)
        ]
        return float(noise[0] / noise[1])

    assert rim_over_centre(True) > 1.03 * rim_over_centre(False)


def test_lower_voltage_shows_calcium_brighter() -> None:
    at_80 = excess_hu_mm3(300.0, replace(QUIET, kvp=80.0))

    assert 1.25 < at_80 / excess_hu_mm3(300.0) < 1.5


def test_scatter_takes_its_share_of_contrast() -> None:
    scattered = excess_hu_mm3(300.0, replace(QUIET, scatter_fraction=0.05))

    # More than its share here: a small body lies in the scatter of air around it.
    assert 0.88 < scattered / excess_hu_mm3(300.0) < 0.955


@pytest.mark.parametrize("kernel", list(Kernel))
@pytest.mark.parametrize("thickness_mm", [0.6, 1.0, 3.0])
def test_kernel_and_slices_keep_the_signal(kernel: Kernel, thickness_mm: float) -> None:
    machine = replace(
        QUIET,
        kernel=kernel,
        slice_thickness_mm=thickness_mm,
        slice_step_mm=thickness_mm,
    )

    assert excess_hu_mm3(300.0, machine) == pytest.approx(
        excess_hu_mm3(300.0), rel=0.02
    )


def test_noise_falls_with_the_root_of_the_dose_and_repeats_with_the_seed() -> None:
    grid = lattice(QUIET, (-10.0, -10.0, 0.0), (2, 51, 51))

    def noise(dose_mas: float, seed: int = 3) -> np.ndarray:
        machine = replace(QUIET, dose_mas=dose_mas)
        return scan_phantom(water(), machine, grid, seed).hu.astype(float)

    assert noise(10.0).std() / noise(40.0).std() == pytest.approx(2.0, rel=0.1)
    assert (noise(10.0) == noise(10.0)).all()
    assert np.corrcoef(noise(10.0).ravel(), noise(10.0, 4).ravel())[0, 1] < 0.1


def test_the_sharp_kernel_overshoots_and_the_soft_one_does_not() -> None:
    grid = lattice(QUIET, (-36.0, 0.0, 0.0), (1, 1, 40))

    def highest(kernel: Kernel) -> int:
        return int(
            scan_phantom(water(), replace(QUIET, kernel=kernel), grid, 1).hu.max()
        )

    assert highest(Kernel.SOFT) < 25
    assert highest(Kernel.SHARP) > 60


def test_a_moved_body_moves_in_the_picture() -> None:
    pose = Pose.of_angles((0.0, 0.0, 90.0), (1.0, 0.0, 0.0))
    moved = water(nodule(600)).moved(pose)
    x, y, z = moved.deposits[0].centroid_mm
    machine = QUIET
    grid = lattice(machine, (x - 5.0, y - 5.0, z - 5.0), (11, 26, 26))

    hu = scan_phantom(moved, machine, grid, 1).hu.astype(float)

    index = np.argwhere(hu > 200)
    assert grid.to_world_mm(index.mean(axis=0)) == pytest.approx((x, y, z), abs=0.15)


def test_profile_is_as_wide_as_the_slice() -> None:
    weights = dict(slice_profile(3.0, 0.25))

    half = max(weights.values()) / 2
    assert sum(w >= half - 1e-9 for w in weights.values()) * 0.25 == pytest.approx(
        3.0, abs=0.26
    )
    assert sum(weights.values()) == pytest.approx(1.0)


def test_nothing_but_air_is_refused() -> None:
    away = Phantom((Part(ball((0.0, 0.0, 300.0), 5.0), "water"),), ())

    with pytest.raises(InputError, match="nothing but air"):
        scan_phantom(away, QUIET, patch(QUIET), 1)


def test_a_grid_of_another_step_is_refused() -> None:
    grid = patch(replace(QUIET, slice_step_mm=2.0))

    with pytest.raises(InputError, match="slices every 1 mm, got 2 mm"):
        scan_phantom(water(), QUIET, grid, 1)


def test_water_has_the_attenuation_that_scales_everything() -> None:
    assert MATERIALS["water"].density_g_cm3 == 1.0
