"""What adds to the error of a calibration, by grade: relative, one sigma of the slope.

The terms of grade D stand in the response table, which scripts/make_calibration_table.py
sums by tube voltage and body size; those of grade C are what is left on scanners that its
training has not seen. docs/calibration.md lists all terms, benchmarks/calibration.py holds
the sums to simulated scans.
"""

import math

# Grades A and B. Rods lie elsewhere than deposits, see a beam of other hardness, and shade
# each other: benchmarks/calibration.py finds 3 % RMS for perfect rods beside the body.
ROD_PLACE_STD = 0.03

# Grade B, apart from the rods.
# Scans of one scanner model differ by 1.4 % (Sci Rep 2022, s41598-022-24546-2).
SAME_MODEL_STD = 0.014
# Uncorrected scatter of 2 % in a body of 300 mm, which a smaller phantom does not show.
SCATTER_STD, SCATTER_FULL_MM = 0.02, 300.0
# The fall of k from 50 to 300 mm differs by 15 to 20 % (one sigma) between the scanners of
# scripts/make_calibration_table.py, from 140 to 80 kVp.
SIZE_TRANSFER_STD = 0.17

# A body cut by the field of view may be as large as this.
LARGEST_BODY_MM = 450.0


def same_model_std(phantom_mm: float, body_mm: float, log_k_ratio: float) -> float:
    """Error of grade B beyond that of reading the rods.

    Parameters
    ----------
    phantom_mm, body_mm
        Water-equivalent diameters.
    log_k_ratio
        Logarithm of k in the body over that in the phantom, by the table.

    Returns
    -------
    float
        Relative, one sigma.

    Examples
    --------
    >>> round(same_model_std(200.0, 200.0, 0.0), 3)
    0.033
    """
    steps = [min(1.0, size / SCATTER_FULL_MM) for size in (phantom_mm, body_mm)]
    return math.hypot(
        SAME_MODEL_STD,
        ROD_PLACE_STD,
        SCATTER_STD * (steps[1] - steps[0]),
        SIZE_TRANSFER_STD * log_k_ratio,
    )


def truncation_std(fraction: float, log_k_range: float) -> float:
    """Error from a body that the field of view cuts.

    Parameters
    ----------
    fraction
        Part of the outline that lies on the edge of the field of view.
    log_k_range
        Logarithm of k at the seen size over that in the largest body.

    Returns
    -------
    float
        Relative, one sigma: any size up to the largest is as likely for the part cut.

    Examples
    --------
    >>> truncation_std(0.0, 0.2)
    0.0
    >>> round(truncation_std(0.3, 0.2), 3)
    0.035
    """
    return fraction * max(0.0, log_k_range) / math.sqrt(3)
