"""Calibration of grade C: the table, adjusted by the patient's own fat and muscle."""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from calcitrace.analysis.calibration.tissue import SizeClass, setting_terms
from calcitrace.analysis.calibration.tissue_table import TISSUE_FIT
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.volume import HuVolume, Mask, Tissue

# Blur and skin stay out, and so do the walls between muscles.
ERODED_MM = 3.0
N_VOXELS_MIN = 500
SLICES_MAX = 60  # more slices of one body say nothing new
# Tissues further from usual than this are ill, or no HU.
USUAL_SIGMAS = 3.0
# What medians differ by between two scans of one person on one scanner.
REPEAT_HU = 1.0


@dataclass(frozen=True, slots=True)
class Tissues:
    """Median CT numbers of pure tissue."""

    fat_hu: float
    muscle_hu: float


def find_tissues(volume: HuVolume, anatomy: Anatomy) -> Tissues | None:
    """Medians of fat and muscle away from everything else, or None without both."""
    step = max(1, volume.grid.shape[0] // SLICES_MAX)
    fat = _median_hu(volume, anatomy, Tissue.FAT, step)
    muscle = _median_hu(volume, anatomy, Tissue.SOFT, step)
    return None if fat is None or muscle is None else Tissues(fat, muscle)


def _median_hu(
    volume: HuVolume, anatomy: Anatomy, tissue: Tissue, step: int
) -> float | None:
    spacing = volume.grid.spacing_mm[1:]
    values = [
        volume.hu[k][_core(anatomy.tissue.labels[k] == tissue, spacing)]
        for k in range(0, volume.grid.shape[0], step)
    ]
    pure = np.concatenate(values)
    return float(np.median(pure)) if len(pure) >= N_VOXELS_MIN else None


def _core(mask: Mask, spacing: tuple[float, ...]) -> Mask:
    """What lies deeper than the blur; the edge of the image is no border."""
    if not mask.any():
        return mask
    deep = ndimage.distance_transform_edt(mask, sampling=spacing)
    return np.asarray(deep > ERODED_MM, bool)


def calibrate_by_tissue(
    table: Calibration, tissues: Tissues
) -> tuple[Calibration, tuple[Flag, ...]] | None:
    """Adjust the table by how unusual the tissues read.

    Parameters
    ----------
    table
        Calibration of grade D at the voltage and body size of the scan.
    tissues
        Medians in the scan.

    Returns
    -------
    tuple or None
        Calibration and its flag. None where the table is not surely worse: for large
        bodies, without a known voltage, for tissues that are far from usual.
    """
    kvp, size = table.kvp, helped_size(table)
    if kvp is None or size is None or table.body_diameter_mm is None:
        return None
    terms = np.array(setting_terms(kvp, table.body_diameter_mm))
    fat = tissues.fat_hu - float(terms @ np.array(TISSUE_FIT.usual_fat_hu))
    muscle = tissues.muscle_hu - float(terms @ np.array(TISSUE_FIT.usual_muscle_hu))
    far = max(abs(fat) / TISSUE_FIT.std_fat_hu, abs(muscle) / TISSUE_FIT.std_muscle_hu)
    if far > USUAL_SIGMAS:
        return None
    gain = size.rms_table**2 - size.rms_tissue**2
    relative = math.sqrt(max(size.rms_tissue**2, table.relative_std**2 - gain))
    if relative >= table.relative_std:
        return None
    weights = TISSUE_FIT.fat_per_hu, TISSUE_FIT.muscle_per_hu
    slope = table.slope_mg_cm3_per_hu * math.exp(
        -(weights[0] * fat + weights[1] * muscle)
    )
    calibration = replace(
        table,
        slope_mg_cm3_per_hu=slope,
        std_systematic=relative * slope,
        std_random=REPEAT_HU * math.hypot(*weights) * slope,
        grade=Grade.C,
        source="a table of computed responses, adjusted by the patient's fat and muscle",
    )
    return calibration, (Flag(FlagKind.CALIBRATION_GRADE_C, f"{relative:.0%}"),)


def helped_size(table: Calibration) -> SizeClass | None:
    """Class of bodies whose tissues say more than the table, if this is one of them."""
    if table.kvp is None or table.body_diameter_mm is None:
        return None
    size = size_class(table.body_diameter_mm)
    return size if size is not None and size.is_better else None


def size_class(body_diameter_mm: float) -> SizeClass | None:
    """Class of a body size, None beyond the largest."""
    return next((c for c in TISSUE_FIT.sizes if body_diameter_mm < c.below_mm), None)
