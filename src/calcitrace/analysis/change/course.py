"""How fast a mass changes over three visits or more.

The logarithm of the mass is a line in time plus what each visit adds: its errors, which are
known, and what the deposit does beyond the line, whose variance is estimated (Paule and
Mandel [1]_). The line is fitted by generalised least squares.

.. [1] R. C. Paule, J. Mandel, Consensus values and weighting factors, J. Res. Natl. Bur.
   Stand. 87, 1982, 377-385. https://doi.org/10.6028/jres.087.022
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from calcitrace.model.change import Rate, RateChange

Array = NDArray[np.float64]
MIN_VISITS = 3
LARGEST_SPREAD = 10.0  # one sigma of a logarithm; no course strays so far


def annual_rate(
    years: Sequence[float], log_masses: Sequence[float], covariance: Array
) -> Rate | None:
    """Slope of a line through the logarithms; None for fewer than three visits.

    Parameters
    ----------
    years
        Of each visit, after any day.
    log_masses
        Natural logarithms.
    covariance
        Of the logarithms, shape (visit, visit).
    """
    t = np.asarray(years, np.float64)
    if len(t) < MIN_VISITS or np.ptp(t) <= 0:
        return None
    design = np.stack([np.ones_like(t), t - t[0]], axis=1)
    beta, cov, spread = _fit(design, np.asarray(log_masses), covariance)
    return Rate(float(beta[1]), math.sqrt(cov[1, 1]), spread, len(t))


def rate_change(
    years: Sequence[float],
    log_masses: Sequence[float],
    covariance: Array,
    at_year: float,
) -> RateChange | None:
    """Rates before and after a date, of a line with a bend there.

    Returns
    -------
    RateChange or None
        None unless two visits or more lie on either side (a visit on the date counts
        for both) and there are three in all.
    """
    t = np.asarray(years, np.float64)
    n_before, n_after = int((t <= at_year).sum()), int((t >= at_year).sum())
    bend = np.maximum(t - at_year, 0.0)
    design = np.stack([np.ones_like(t), t - t[0], bend], axis=1)
    is_enough = len(t) > MIN_VISITS and min(n_before, n_after) >= 2  # noqa: PLR2004 -- a slope needs two
    if not is_enough or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    beta, cov, spread = _fit(design, np.asarray(log_masses), covariance)
    after = np.array([0.0, 1.0, 1.0])
    return RateChange(
        before=Rate(float(beta[1]), math.sqrt(cov[1, 1]), spread, n_before),
        after=Rate(
            float(after @ beta), math.sqrt(float(after @ cov @ after)), spread, n_after
        ),
        difference=float(beta[2]),
        difference_std=math.sqrt(cov[2, 2]),
    )


def _fit(design: Array, y: Array, covariance: Array) -> tuple[Array, Array, float]:
    """Coefficients, their covariance, and the spread between visits."""
    freedom = design.shape[0] - design.shape[1]

    def excess(spread: float) -> float:
        _, _, chi2 = _residual(design, y, covariance, spread)
        return float(chi2 - freedom)

    spread = 0.0
    if freedom > 0 and excess(0.0) > 0:
        high = LARGEST_SPREAD
        spread = high if excess(high) > 0 else float(brentq(excess, 0.0, high))
    beta, cov, _ = _residual(design, y, covariance, spread)
    return beta, cov, spread


def _residual(
    design: Array, y: Array, covariance: Array, spread: float
) -> tuple[Array, Array, float]:
    """Generalised least squares and its weighted sum of squares."""
    total = covariance + spread**2 * np.eye(len(y))
    weight = np.linalg.pinv(total, hermitian=True)
    cov = np.asarray(np.linalg.inv(design.T @ weight @ design), np.float64)
    beta = cov @ design.T @ weight @ y
    rest = y - design @ beta
    return beta, cov, float(rest @ weight @ rest)
