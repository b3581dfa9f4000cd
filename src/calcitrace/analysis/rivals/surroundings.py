"""One deposit with its surroundings as every rival gets it, and what a rival says."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.errors import GridMismatchError, InputError
from calcitrace.model.volume import Mask

FloatArray = NDArray[np.float64]

MM3_PER_CM3 = 1000.0
# How far beyond the true surface a region reaches, so that it holds the blur; at least
# one slice, whose profile blurs as well.
ROI_MARGIN_MM = 2.0
# The ring of background begins so far beyond the region, is so wide, and keeps so far
# from bone, whose blur would lift it.
RING_GAP_MM, RING_WIDTH_MM, RING_FROM_BONE_MM = 0.5, 3.0, 2.5
# Air is no tissue, and its blur reaches under the skin.
AIR_BELOW_HU, RING_FROM_AIR_MM = -250.0, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Arrays of one box, shape (slice, row, column).

    Attributes
    ----------
    hu
        CT numbers, float64.
    spacing_mm
        Distance between centres along (slice, row, column).
    core
        Voxels whose centre lies in the true deposit, or the nearest one.
    roi
        The core and a margin around it, true bone and air left out.
    background
        Plain tissue around the region.
    kvp
        Tube voltage; `None` where unknown.
    slope_mg_cm3_per_hu
        Hydroxyapatite density per HU, from the calibration.
    """

    hu: FloatArray
    spacing_mm: tuple[float, float, float]
    core: Mask
    roi: Mask
    background: Mask
    kvp: float | None
    slope_mg_cm3_per_hu: float

    def __post_init__(self) -> None:
        for mask in (self.core, self.roi, self.background):
            if mask.shape != self.hu.shape:
                raise GridMismatchError(self.hu.shape, mask.shape)
            if not mask.any():
                msg = (
                    "Expected voxels in core, region and background of a deposit, got "
                    "an empty mask. Cut out a wider box."
                )
                raise InputError(msg)

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel."""
        return math.prod(self.spacing_mm)

    @property
    def background_hu(self) -> float:
        """Mean of the ring."""
        return float(self.hu[self.background].mean())

    @property
    def background_std_hu(self) -> float:
        """Standard deviation of the ring: noise and texture."""
        return float(self.hu[self.background].std())

    def mass_mg(self, total_hu: float) -> float:
        """Hydroxyapatite mass of a sum of CT numbers over voxels."""
        density_mm3 = total_hu * self.slope_mg_cm3_per_hu * self.voxel_volume_mm3
        return density_mm3 / MM3_PER_CM3


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one rival says of one deposit.

    Attributes
    ----------
    mass_mg, volume_mm3
        `None` where the method gives none. A method that counts bright voxels and sees
        none says 0: that is its answer, not a missing one.
    score
        Agatston score; `None` for other methods.
    n_voxels
        Voxels that were counted.
    """

    mass_mg: float | None
    volume_mm3: float | None
    score: float | None
    n_voxels: int


def surroundings(
    hu: FloatArray,
    spacing_mm: tuple[float, float, float],
    deposit_mm: FloatArray,
    bone_mm: FloatArray,
    *,
    kvp: float | None,
    slope_mg_cm3_per_hu: float,
) -> Surroundings:
    """Region and ring of one deposit from the truth.

    Parameters
    ----------
    hu
        CT numbers of a box that reaches at least 6 mm beyond the deposit (more for
        thick slices), shape (slice, row, column).
    spacing_mm
        Distance between centres along (slice, row, column).
    deposit_mm, bone_mm
        Distance of every voxel centre to the true deposit and to true bone, 0 or less
        inside, same shape; infinite without bone. Of a blank site: to its centre.
    kvp, slope_mg_cm3_per_hu
        Tube voltage and calibration.

    Raises
    ------
    InputError
        If nothing is left of region or ring.

    Notes
    -----
    Where bone and air leave no ring at its usual distance from them, it comes nearer.
    """
    is_bone = bone_mm <= 0
    is_air = (hu < AIR_BELOW_HU) & (deposit_mm > 0)
    margin_mm = max(ROI_MARGIN_MM, spacing_mm[0])
    outside = np.where(is_bone, np.inf, deposit_mm)
    core = (outside <= 0) | (outside == outside.min())
    start_mm = margin_mm + RING_GAP_MM
    ring = (outside > start_mm) & (outside <= start_mm + RING_WIDTH_MM)
    ring &= ~is_air
    far = ring & (bone_mm > RING_FROM_BONE_MM) & ~_near(is_air, spacing_mm)
    return Surroundings(
        hu=np.asarray(hu, np.float64),
        spacing_mm=spacing_mm,
        core=core,
        roi=((outside <= margin_mm) & ~is_air) | core,
        background=far if far.any() else ring,
        kvp=kvp,
        slope_mg_cm3_per_hu=slope_mg_cm3_per_hu,
    )


def _near(air: Mask, spacing_mm: tuple[float, float, float]) -> Mask:
    """Voxels that the blur of air reaches."""
    if not air.any():
        return air
    distance = ndimage.distance_transform_edt(~air, sampling=spacing_mm)
    return np.asarray(np.asarray(distance) <= RING_FROM_AIR_MM, np.bool_)
