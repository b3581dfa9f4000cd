"""Soft tissue between bones, and bones that a deposit joins."""

import numpy as np
import pytest
from numpy.typing import NDArray

from calcitrace.analysis.quantification.bone_spill import fit_bone_spill
from calcitrace.analysis.quantification.bones import without_bridges
from calcitrace.analysis.quantification.site import FloatArray, Site
from calcitrace.model.image_quality import Psf
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Mask
from tests.fakes.sites import GRID, blurred, millimetres, site_of

SHAPE = (12, 30, 50)
MUSCLE_HU = 50.0
KNOWN_PSF = Psf(0.6, 0.6, 0.0, 0.0, "known", "known")


def _two_shafts() -> tuple[NDArray[np.float64], Mask, Mask]:
    """CT numbers of two hollow shafts, their true place, and a mask that joins them."""
    _, y, x = np.indices(SHAPE)
    hu = np.full(SHAPE, 50.0)
    bone = np.zeros(SHAPE, bool)
    for middle in (14, 35):
        r = np.hypot(y - 15, x - middle)
        hu[r <= 9] = 1200.0
        hu[r <= 5] = -50.0
        bone |= r <= 9
    bridge = (np.abs(y - 15) <= 3) & (x > 14) & (x < 35)
    return hu, bone, bone | bridge


def test_tissue_between_bones_is_given_back() -> None:
    hu, bone, joined = _two_shafts()
    assert (joined & ~bone).any()
    np.testing.assert_array_equal(without_bridges(joined, hu, 8.0), bone)


def test_marrow_stays_where_the_cortex_has_a_hole_in_one_slice() -> None:
    hu, _, joined = _two_shafts()
    hu[6, 14:17, :10] = 50.0
    found = without_bridges(joined, hu, 8.0)
    assert found[5, 15, 14]
    assert found[7, 15, 14]


def test_a_skeleton_without_soft_voxels_is_left_alone() -> None:
    mask = np.zeros(SHAPE, bool)
    mask[:, 5:9, 5:9] = True
    assert without_bridges(mask, np.full(SHAPE, 900.0), 8.0) is mask


def _two_rods(is_joined: bool) -> tuple[Site, FloatArray, FloatArray]:
    """A deposit that touches two bones, both without it, and distance from bone."""
    at = millimetres()
    true = np.min(
        [np.hypot(at[..., 1] - 12.0, at[..., 2] - x) - 4.0 for x in (6.0, 18.0)], axis=0
    )
    bare = MUSCLE_HU + 1200.0 * np.clip(0.5 - true / 0.5, 0, 1)
    from_middle_mm = np.linalg.norm(at - (12.0, 12.0, 12.0), axis=-1)
    ball = (from_middle_mm < 2.0) & (true > 0)
    hu = blurred(np.where(ball, 600.0, bare))
    bone = true < 0
    # As a threshold and a closing leave it: the deposit's blur joins the bones.
    rim = (from_middle_mm < 2.9) & ~ball if is_joined else np.zeros_like(bone)
    site = site_of(hu, ball, (bone | rim) & ~ball, np.ones(GRID.shape, bool))
    return site, blurred(bare), true


@pytest.mark.parametrize("is_joined", [False, True])
def test_bones_that_a_deposit_joins_are_read_one_by_one(is_joined: bool) -> None:
    site, bare, from_bone_mm = _two_rods(is_joined)
    tissue = np.full(GRID.shape, MUSCLE_HU)

    near = fit_bone_spill(site, tissue, KNOWN_PSF, 4.0, QuantificationSettings())

    clear = (site.distance_mm <= 2.0) & (from_bone_mm > 0.5)
    left = bare[clear] - MUSCLE_HU - near.spill.hu[clear]
    assert abs(float(left.mean())) < 10.0
    assert (near.mask & clear).sum() < 0.05 * clear.sum()
    assert (near.mask & (from_bone_mm < -0.5)).sum() > 0.99 * (
        from_bone_mm < -0.5
    ).sum()
