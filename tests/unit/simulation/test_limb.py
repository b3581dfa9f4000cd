import numpy as np
import pytest

from calcitrace.model.grid import Grid
from calcitrace.simulation.limb import (
    CENTRE_MM,
    FAT,
    GRID,
    MUSCLE,
    TIBIA,
    Leg,
    deposits,
    leg_scale,
    simulate_limb,
)
from calcitrace.simulation.scanner import HU_PER_MG_CM3, Scanner
from calcitrace.simulation.shapes import Deposit

# The same leg with few voxels: a test needs no fine image.
COARSE = Grid((32, 128, 128), (5.0, 1.25, 1.25), (-169.5, -79.5, -898.0))
SILENT = Scanner(noise_hu=0.0, slice_thickness_mm=5.0, sigma_slice_mm=1.0)


def test_the_same_seed_gives_the_same_scan() -> None:
    first, again = (simulate_limb(4, grid=COARSE) for _ in range(2))
    other = simulate_limb(5, grid=COARSE)

    assert np.array_equal(first.volume.hu, again.volume.hu)
    assert first.truth == again.truth
    assert not np.array_equal(first.volume.hu, other.volume.hu)


def test_what_deposits_add_to_the_image_is_their_mass() -> None:
    simulated = simulate_limb(1, grid=COARSE, scanner=SILENT)
    x, y, z = np.array(CENTRE_MM) + np.random.default_rng(1).uniform(-1, 1, 3)
    leg = Leg(SILENT, COARSE, (x, y, z))
    empty = np.array([leg.slice_hu(i) for i in range(COARSE.shape[0])])

    excess = simulated.volume.hu - empty
    seen_mg = excess.sum() / HU_PER_MG_CM3 * COARSE.voxel_volume_mm3 / 1000
    expected_mg = sum(true.mass_in_scan_mg for true in simulated.truth)
    # Displaced tissue makes 1 mg look like 1.022 mg in fat and 0.988 mg in muscle.
    assert seen_mg == pytest.approx(expected_mg, rel=0.02)


def test_exactly_one_deposit_is_cut_by_the_end_of_the_scan() -> None:
    truth = simulate_limb(1, grid=COARSE).truth

    assert [true.name for true in truth if true.is_cut] == ["cut by the scan's end"]


@pytest.mark.parametrize("deposit", deposits(CENTRE_MM), ids=lambda d: d.name)
def test_every_deposit_lies_in_one_tissue(deposit: Deposit) -> None:
    # `hu_excess` takes the CT number of one host tissue, so this has to hold.
    rng = np.random.default_rng(0)
    for part in deposit.parts:
        low, high = part.bounds_mm
        points = rng.uniform(low, high, (20_000, 3)).T
        x, y, z = points[:, part.contains(*points)] - np.array(CENTRE_MM)[:, None]
        scale = np.array([leg_scale(float(v)) for v in z])
        in_muscle = MUSCLE.level(x, y)[0] < scale
        in_fat = (FAT.level(x, y)[0] < scale) & ~in_muscle
        is_in_host = in_fat if deposit.host_hu < 0 else in_muscle
        assert is_in_host.all()
        assert (TIBIA.level(x, y)[0] > 1).all()


def test_tissues_have_their_ct_numbers_and_air_is_around() -> None:
    hu = simulate_limb(1, scanner=Scanner(noise_hu=0.0)).volume.hu[100]

    assert {-1000, -100, 55, 1350, -60} <= set(hu.ravel().tolist())
    assert hu[0, 0] == -1000


def test_progress_ends_at_one() -> None:
    heard: list[float] = []

    simulate_limb(1, grid=COARSE, progress=heard.append)

    assert heard[-1] == 1.0
    assert heard == sorted(heard)


def test_the_default_grid_is_that_of_a_fine_limb_protocol() -> None:
    assert GRID.n_voxels == 160 * 512 * 512
