"""One deposit in a small box, for tests of the steps of measuring."""

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.site import FloatArray, Site, distance_mm
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Mask

GRID = Grid((24, 48, 48), (1.0, 0.5, 0.5))
SIGMA_HU = 8.0


def millimetres() -> FloatArray:
    """Where each voxel of the box lies, last axis (slice, row, column)."""
    index = np.moveaxis(np.indices(GRID.shape, dtype=float), 0, -1)
    return index * GRID.spacing_mm


def site_of(hu: FloatArray, core: Mask, bone: Mask, is_valid: Mask) -> Site:
    """A deposit alone in its box."""
    return Site(
        label=1,
        box=(slice(0, 24), slice(0, 48), slice(0, 48)),
        grid=GRID,
        hu=hu,
        smooth=hu,
        core=core,
        others=np.zeros(GRID.shape, bool),
        bone=bone,
        is_valid=is_valid,
        distance_mm=distance_mm(core, GRID),
        others_mm=np.full(GRID.shape, np.inf),
        bone_mm=distance_mm(bone, GRID),
        sigma_hu=SIGMA_HU,
    )


def blurred(sharp: FloatArray, sigma_mm: float = 0.6) -> FloatArray:
    """Blur and noise added."""
    rng = np.random.default_rng(4)
    sigma = [sigma_mm / d for d in GRID.spacing_mm]
    noise = rng.normal(0, SIGMA_HU, GRID.shape)
    return ndimage.gaussian_filter(sharp, sigma) + noise
