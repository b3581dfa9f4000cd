"""How the beam reaches a deposit: through how much tissue and bone, from every side.

The response to hydroxyapatite falls with the hardness of the beam. The integrated image
of a small deposit is the mean over views of what each view adds, so its response is the
mean over directions of that behind the tissue and bone on its own ray: more in a
superficial place than in the middle, less beside a bone.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.quantification.site import Context, FloatArray
from calcitrace.model.calibration import Calibration

N_DIRECTIONS = 36
STEP_MM = 1.0
HU_PER_WATER = 1000.0
# Above this a voxel counts as tissue with mineral in it.
BONE_ABOVE_HU, TISSUE_HU = 180.0, 50.0
MM_PER_CM = 10.0
# Between no bowtie (1) and one that levels the body exactly (0).
BOWTIE_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Straight ways through one slice and one point, shape (direction,).

    Attributes
    ----------
    water_mm
        Length of water that attenuates as the tissue does, mineral left out.
    bone_hu_cm
        Excess of CT number over tissue, summed along bone.
    whole_mm
        Water-equivalent diameter of the body in the slice.
    """

    water_mm: FloatArray
    bone_hu_cm: FloatArray
    whole_mm: float

    @property
    def diameter_mm(self) -> float:
        """Mean water-equivalent length."""
        return float(self.water_mm.mean())

    def response(self, calibration: Calibration) -> tuple[float, float]:
        """HU per mg/cm3 in water, and the self-hardening, as means over directions.

        On a ray behind areal density b of mineral, one more milligram adds k / (1 + h
        b)^2: the slope of k a / (1 + h a) at b. Rays that miss the middle of the body
        pass through less of it and through more of the bowtie filter, which the image
        does not show: half of the difference to the whole diameter is taken.
        """
        levelled = self.whole_mm + BOWTIE_SHARE * (self.water_mm - self.whole_mm)
        k, hardening = calibration.responses(levelled)
        behind = 1 + hardening * self.bone_hu_cm / k
        return float((k / behind**2).mean()), float(hardening.mean())


def paths_through(
    context: Context, point_mm: tuple[float, float, float], label: int
) -> Paths | None:
    """Sum CT numbers along lines in the slice of a point.

    Parameters
    ----------
    context
        The scan.
    point_mm
        Centre of the deposit in patient space.
    label
        Of the deposit, which does not harden its own way in here.

    Returns
    -------
    Paths or None
        None where no tissue lies on the lines.
    """
    grid = context.volume.grid
    at = grid.to_index(np.asarray(point_mm))
    k = min(max(round(float(at[0])), 0), grid.shape[0] - 1)
    spacing = np.asarray(grid.spacing_mm[1:])
    reach = math.hypot(*(n * d for n, d in zip(grid.shape[1:], spacing, strict=True)))
    steps = np.arange(-reach, reach + STEP_MM, STEP_MM)
    angles = (np.arange(N_DIRECTIONS) + 0.5) * math.pi / N_DIRECTIONS
    along = np.stack([np.sin(angles), np.cos(angles)], axis=-1)
    index = np.rint(at[1:] + steps[None, :, None] * along[:, None, :] / spacing)
    inside = ((index >= 0) & (index < np.asarray(grid.shape[1:]))).all(axis=-1)
    row, column = index.astype(np.int64)[inside].T
    hu = _tissue_only(context, k, label)[row, column]
    is_body = context.anatomy.body[k][row, column]
    is_bone = is_body & (hu > BONE_ABOVE_HU)
    water = np.where(is_body, np.clip(1 + hu / HU_PER_WATER, 0.0, None), 0.0)
    water[is_bone] = 1 + TISSUE_HU / HU_PER_WATER
    bone = np.where(is_bone, hu - TISSUE_HU, 0.0)
    direction = np.nonzero(inside)[0]
    water_mm = np.bincount(direction, water, N_DIRECTIONS) * STEP_MM
    if not water_mm.any():
        return None
    bone_hu_cm = np.bincount(direction, bone, N_DIRECTIONS) * STEP_MM / MM_PER_CM
    whole = float(context.anatomy.body_diameter_mm[k])
    water_mm = np.maximum(water_mm, STEP_MM)
    if math.isnan(whole):
        whole = float(water_mm.mean())
    return Paths(water_mm, np.asarray(bone_hu_cm, np.float64), whole)


def _tissue_only(context: Context, k: int, label: int) -> NDArray[np.float64]:
    """One slice, with tissue in the place of the deposit and its blurred rim."""
    hu = np.asarray(context.volume.hu[k], np.float64).copy()
    own = context.labels.labels[k] == label
    hu[ndimage.binary_dilation(own, iterations=2)] = TISSUE_HU
    return hu
