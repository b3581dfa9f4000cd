"""Surfaces to a fraction of a voxel, and what lies at each depth."""

import numpy as np
import pytest

from calcitrace.analysis.quantification.layer import Layer, read_profile
from calcitrace.analysis.quantification.site import FloatArray, Site
from calcitrace.analysis.quantification.surface import find_surface
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Mask
from tests.fakes.sites import GRID, SIGMA_HU, blurred, millimetres, site_of

N_CORRELATED = 4.0
NOISE = (SIGMA_HU, N_CORRELATED)


def rod_site(radius_mm: float, deposit: bool = False) -> tuple[Site, FloatArray]:
    """A bright rod along the slices, and the true distance from its surface."""
    at = millimetres()
    true = np.hypot(at[..., 1] - 4.0, at[..., 2] - 12.0) - radius_mm
    # Share of the voxel inside, to a fraction of a voxel.
    sharp = 50.0 + 1200.0 * np.clip(0.5 - true / 0.5, 0, 1)
    core = np.linalg.norm(at - (12.0, 4.0 + radius_mm + 3.0, 12.0), axis=-1) < 1.5
    if deposit:
        sharp = np.where(core, 600.0, sharp)
    return site_of(blurred(sharp), core, true < 0, np.ones(GRID.shape, bool)), true


def free_of(site: Site) -> Mask:
    return site.distance_mm > 2.2


@pytest.mark.parametrize("radius_mm", [4.0, 8.0])
@pytest.mark.parametrize("deposit", [False, True])
def test_surface_is_found_to_a_tenth_of_a_voxel(
    radius_mm: float, deposit: bool
) -> None:
    site, true = rod_site(radius_mm, deposit)

    surface = find_surface(site, 650.0, free_of(site) & (np.abs(true) < 1.6))

    assert surface is not None
    near = (np.abs(true) < 3) & (site.distance_mm < 3)
    assert np.abs(surface.depth_mm - true)[near].mean() < 0.06
    # Blur moves the level of a bent edge inward, by sigma squared over the diameter.
    assert abs((surface.depth_mm - true)[near & (np.abs(true) < 1)].mean()) < 0.07


def test_what_a_rod_adds_is_read_where_no_deposit_is() -> None:
    bare, true = rod_site(6.0)
    site, _ = rod_site(6.0, deposit=True)
    surface = find_surface(site, 650.0, free_of(site) & (np.abs(true) < 1.6))
    assert surface is not None

    profile = read_profile(site.hu - 50.0, surface, free_of(site), (-1.0, 4.0), NOISE)

    assert profile is not None
    layer = Layer.of(profile, surface.depth_mm, SIGMA_HU)
    region = (site.distance_mm < 1.5) & (true > 0.3)
    added = float((bare.hu - 50.0)[region].sum())
    assert float(layer.hu[region].sum()) == pytest.approx(
        added, abs=3 * layer.sum_std_hu(region) + 3 * SIGMA_HU * np.sqrt(region.sum())
    )
    assert layer.sum_std_hu(region) < 1500
    assert (layer.hu[true > 4.5] == 0).all()


def test_a_rough_surface_has_a_wider_error_than_a_smooth_one() -> None:
    errors: list[float] = []
    for roughness_hu in (0.0, 200.0):
        site, true = rod_site(6.0)
        patches = np.random.default_rng(3).normal(0, roughness_hu, (6, 6, 6))
        z, y, x = (
            np.arange(n) // s for n, s in zip(GRID.shape, (4, 8, 8), strict=True)
        )
        rough = site.hu + patches[np.ix_(z, y, x)] * np.exp(-np.abs(true))
        surface = find_surface(site, 650.0, free_of(site) & (np.abs(true) < 1.6))
        assert surface is not None
        use = free_of(site)
        profile = read_profile(rough - 50.0, surface, use, (-1.0, 4.0), NOISE)
        assert profile is not None
        errors.append(profile.patch_std_hu)

    assert errors[1] > 4 * errors[0]
    assert errors[1] > 20


def test_no_surface_is_made_up_where_none_shows() -> None:
    hu = np.full(GRID.shape, 50.0)
    core = np.zeros(GRID.shape, bool)
    core[12, 24, 24] = True
    nothing = np.zeros(GRID.shape, bool)
    site = site_of(hu, core, nothing, ~nothing)

    assert find_surface(site, 300.0, ~nothing) is None


def test_one_slice_is_enough() -> None:
    site, true = rod_site(6.0)
    flat = Grid((1, 48, 48), GRID.spacing_mm)
    part = (slice(12, 13), slice(None), slice(None))
    one = Site(
        label=1,
        box=part,
        grid=flat,
        hu=site.hu[part],
        smooth=site.smooth[part],
        core=site.core[part],
        others=site.others[part],
        bone=site.bone[part],
        is_valid=site.is_valid[part],
        distance_mm=site.distance_mm[part],
        others_mm=site.others_mm[part],
        bone_mm=site.bone_mm[part],
        sigma_hu=SIGMA_HU,
    )

    surface = find_surface(one, 650.0, np.abs(true[part]) < 1.6)

    assert surface is not None
    near = np.abs(true[part]) < 2
    assert np.abs(surface.depth_mm - true[part])[near].mean() < 0.1
