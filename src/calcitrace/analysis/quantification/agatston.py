"""Thickness-normalised Agatston-type score with thresholds for the tube voltage.

Scores of another thickness or voltage are not the cardiac score; the word "type" says so.
"""

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.site import Site
from calcitrace.model.calcium_scoring import (
    MIN_AREA_MM2,
    REFERENCE_THICKNESS_MM,
    thresholds_hu,
)
from calcitrace.model.volume import Mask

CONNECTIVITY_8 = np.ones((3, 3), bool)


def agatston(site: Site, region: Mask, kvp: float | None) -> float | None:
    """Agatston-type score of one region.

    Per slice, every 8-connected area of at least 1 mm2 above the first threshold counts
    with its area (mm2) times the weight of its brightest voxel, times the distance
    between slices over 3 mm [1]_. `None` where the tube voltage has no thresholds.

    References
    ----------
    .. [1] Agatston et al., J Am Coll Cardiol 15:827, 1990.
       https://doi.org/10.1016/0735-1097(90)90282-T
    """
    levels = thresholds_hu(kvp)
    if levels is None:
        return None
    step_mm, *plane = site.grid.spacing_mm
    pixel_mm2 = plane[0] * plane[1]
    score = 0.0
    for k in range(site.hu.shape[0]):
        bright = region[k] & (site.hu[k] >= levels[0])
        if not bright.any():
            continue
        areas, n = ndimage.label(bright, structure=CONNECTIVITY_8)
        sizes = np.bincount(areas.ravel(), minlength=n + 1)[1:] * pixel_mm2
        peaks = ndimage.maximum(site.hu[k], areas, index=np.arange(1, n + 1))
        weights = np.searchsorted(levels, np.atleast_1d(peaks), side="right")
        score += float((sizes * weights)[sizes >= MIN_AREA_MM2].sum())
    return score * step_mm / REFERENCE_THICKNESS_MM
