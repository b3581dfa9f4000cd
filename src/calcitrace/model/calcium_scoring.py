"""Thresholds of calcium scoring by tube voltage, as published."""

import numpy as np

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
REFERENCE_THICKNESS_MM = 3.0  # of the scans that the score was defined on
MIN_AREA_MM2 = 1.0  # smaller bright areas of a slice are taken for noise


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
