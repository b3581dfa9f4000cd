"""Which errors two visits share, and so which cancel in a ratio.

A calibration is shared where it comes from one source: the same file (grades A and B), or
the same scanner model and tube voltage by the same table (C and D). Errors of the
measuring model are partly shared where scanner, tube voltage, kernel and slice thickness
are the same.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.calibration import Grade
from calcitrace.model.change import (
    Agreement,
    Measuring,
    Obstacle,
    Weighed,
    Widening,
)

KVP_STEP = 0.5
THICKNESS_STEP_MM = 0.05
# Blur and borders repeat from visit to visit, but the patient lies otherwise. On simulated
# rescans (benchmarks/following) they repeat more closely still.
MODEL_CORRELATION = 0.8


def agreement(
    before: Measuring, after: Measuring, *, is_same_scanner: bool = False
) -> Agreement:
    """What two visits share.

    Parameters
    ----------
    before, after
        How they were measured.
    is_same_scanner
        The user says that scanner and tube voltage are the same where headers are
        silent; what they say still counts.

    Returns
    -------
    Agreement
        With an obstacle where grade D meets another or an unknown tube voltage: the
        table says nothing of how two voltages compare on this scanner.
    """
    kvp = _is_same(before.kvp, after.kvp, KVP_STEP, unknown=is_same_scanner)
    scanner = (
        is_same_scanner
        if None in {before.scanner, after.scanner}
        else before.scanner == after.scanner
    )
    is_unknown = None in {before.scanner, after.scanner} and not is_same_scanner
    same_grade = before.grade is after.grade
    same_file = before.calibration_file == after.calibration_file
    widenings = [
        word
        for word, applies in (
            (Widening.UNKNOWN_SCANNER, is_unknown),
            (Widening.OTHER_SCANNER, not scanner and not is_unknown),
            (Widening.OTHER_KVP, not kvp),
            (Widening.OTHER_GRADE, not (same_grade and same_file)),
            (Widening.OTHER_KERNEL, before.kernel != after.kernel),
            (Widening.OTHER_SLICE_THICKNESS, not _same_thickness(before, after)),
        )
        if applies
    ]
    # Blur, hardening and the spill of bone are those of one scanner and its settings.
    is_one_protocol = not set(widenings) - {Widening.OTHER_GRADE}
    return Agreement(
        shares_calibration=kvp and scanner and same_grade and same_file,
        model_correlation=MODEL_CORRELATION if is_one_protocol else 0.0,
        widenings=tuple(widenings),
        obstacle=None if kvp else _obstacle(before, after),
    )


def log_covariance(
    weighed: Sequence[Weighed],
    measuring: Sequence[Measuring],
    *,
    is_same_scanner: bool = False,
) -> NDArray[np.float64]:
    """Covariance of the logarithms of one mass at several visits.

    Returns
    -------
    ndarray
        Shape (visit, visit). Masses must be above their detection limits.
    """
    n = len(weighed)
    cov = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            one, other = weighed[i], weighed[j]
            model = one.std_model_mg * other.std_model_mg
            model /= one.mass_mg * other.mass_mg
            scale = measuring[i].calibration_systematic
            scale *= measuring[j].calibration_systematic
            if i == j:
                noise = one.std_noise_mg / one.mass_mg
                cov[i, i] = noise**2 + measuring[i].calibration_random ** 2
                cov[i, i] += model + scale
                continue
            shared = agreement(
                measuring[i], measuring[j], is_same_scanner=is_same_scanner
            )
            cov[i, j] = shared.model_correlation * model
            if shared.shares_calibration:
                cov[i, j] += scale + shared_reading(measuring[i], measuring[j])
    return cov


def shared_reading(before: Measuring, after: Measuring) -> float:
    """Relative variance from rods that both visits take from one file.

    Rods in each scan are read anew; a file's reading is the same for all that use it.
    """
    if before.calibration_file is None:
        return 0.0
    if before.calibration_file != after.calibration_file:
        return 0.0
    return before.calibration_random * after.calibration_random


def _obstacle(before: Measuring, after: Measuring) -> Obstacle | None:
    if Grade.D not in {before.grade, after.grade}:
        return None
    if before.kvp is None or after.kvp is None:
        return Obstacle.UNKNOWN_KVP
    return Obstacle.GRADE_D_ACROSS_KVP


def _is_same(
    one: float | None, other: float | None, step: float, *, unknown: bool
) -> bool:
    if one is None or other is None:
        return unknown
    return abs(one - other) <= step


def _same_thickness(before: Measuring, after: Measuring) -> bool:
    return _is_same(
        before.slice_thickness_mm,
        after.slice_thickness_mm,
        THICKNESS_STEP_MM,
        unknown=before.slice_thickness_mm == after.slice_thickness_mm,
    )
