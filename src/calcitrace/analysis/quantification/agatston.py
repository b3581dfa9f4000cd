"""Thickness-normalised Agatston-type score with thresholds for the tube voltage.

Scores of another thickness or voltage are not the cardiac score; the word "type" says so.
"""

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.site import Site
from calcitrace.model.volume import Mask

# kVp -> HU at which the weights 1, 2, 3, 4 begin (Grani 2018, doi 10.1093/ehjci/jey019).
THRESHOLDS_HU: tuple[tuple[float, tuple[float, float, float, float]], ...] = (
    (70.0, (207.0, 318.0, 477.0, 636.0)),
    (80.0, (177.0, 271.0, 408.0, 544.0)),
    (100.0, (145.0, 222.0, 334.0, 446.0)),
    (120.0, (130.0, 199.0, 299.0, 399.0)),
    (135.0, (119.0, 183.0, 274.0, 364.0)),
)
# Past the table's ends the thresholds move slowly; beyond this they are unknown.
REACH_KVP = 10.0
REFERENCE_THICKNESS_MM = 3.0
MIN_AREA_MM2 = 1.0
CONNECTIVITY_8 = np.ones((3, 3), bool)


def thresholds_hu(kvp: float | None) -> tuple[float, ...] | None:
    """Where the weights begin at a tube voltage; `None` where nobody knows."""
    if kvp is None:
        return None
    known = [row[0] for row in THRESHOLDS_HU]
    if not known[0] - REACH_KVP <= kvp <= known[-1] + REACH_KVP:
        return None
    return tuple(
        float(np.interp(kvp, known, [row[1][i] for row in THRESHOLDS_HU]))
        for i in range(4)
    )


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
