"""A body that the field of view cuts: its size, and so the response, is uncertain."""

import math
from dataclasses import replace

import numpy as np
from scipy import ndimage

from calcitrace.analysis.calibration.budget import LARGEST_BODY_MM, truncation_std
from calcitrace.model.calibration import Calibration
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.volume import Coverage, Mask


def cut_fraction(body: Mask, coverage: Coverage) -> float:
    """Part of the body's outline that lies on the edge of the field of view.

    Parameters
    ----------
    body
        Shape (slice, row, column).
    coverage
        What the scanner measured.

    Returns
    -------
    float
        From 0 to 1, the median over slices with a body.
    """
    seen = coverage.plane
    inner = ndimage.binary_erosion(seen)  # beyond the image nothing is seen either
    parts: list[float] = []
    for plane in body:
        inside = plane & seen
        if not inside.any():
            continue
        outline = inside & ~ndimage.binary_erosion(inside)
        parts.append(float((outline & ~inner).sum() / outline.sum()))
    return float(np.median(parts)) if parts else 0.0


def widened_by_truncation(
    calibration: Calibration, body: Mask, coverage: Coverage
) -> tuple[Calibration, tuple[Flag, ...]]:
    """Add the error of an unknown size, and say so.

    Returns
    -------
    tuple
        The calibration with a wider systematic error, and a flag; both unchanged and
        empty where nothing is cut or the calibration does not know about sizes.
    """
    size_mm = calibration.body_diameter_mm
    fraction = cut_fraction(body, coverage)
    if fraction == 0 or size_mm is None or not calibration.by_size:
        return calibration, ()
    largest = calibration.at_diameter(max(size_mm, LARGEST_BODY_MM))
    span = math.log(calibration.hu_per_mg_cm3 / largest.hu_per_mg_cm3)
    slope = calibration.slope_mg_cm3_per_hu
    wider = math.hypot(
        calibration.std_systematic, truncation_std(fraction, span) * slope
    )
    flag = Flag(FlagKind.CALIBRATION_BODY_CUT, f"{fraction:.0%}")
    return replace(calibration, std_systematic=wider), (flag,)
