"""Agreement of measurements: share of the spread that is between what is measured."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from calcitrace.analysis.agreement.number import Number

N_MIN = 2
TAIL = 0.025


def intraclass(values: NDArray[np.floating]) -> Number:
    """Intraclass correlation ICC(2,1): two-way random, absolute agreement, one reader.

    Parameters
    ----------
    values
        Shape (target, reader), without gaps.

    Returns
    -------
    Number
        With the interval of Shrout and Fleiss. Without any spread at all there is no
        value.

    References
    ----------
    .. [1] Shrout, Fleiss, Psychological Bulletin 86, 1979.
       https://doi.org/10.1037/0033-2909.86.2.420
    .. [2] McGraw, Wong, Psychological Methods 1, 1996.
       https://doi.org/10.1037/1082-989X.1.1.30

    Examples
    --------
    >>> table = [
    ...     [9, 2, 5, 8],
    ...     [6, 1, 3, 2],
    ...     [8, 4, 6, 8],
    ...     [7, 1, 2, 6],
    ...     [10, 5, 6, 9],
    ...     [6, 2, 4, 7],
    ... ]
    >>> round(intraclass(np.array(table, float)).value, 2)
    0.29
    """
    n, k = values.shape
    if n < N_MIN:
        return Number(None, None, None, n, "needs 2 or more")
    targets, readers, rest = _mean_squares(np.asarray(values, np.float64))
    denominator = targets + (k - 1) * rest + k * (readers - rest) / n
    if denominator <= 0:
        return Number(None, None, None, n, "no spread between them")
    icc = (targets - rest) / denominator
    if rest <= 0:  # readers differ by a constant at most: the F ratio has no bound
        return Number(float(icc), None, None, n)
    ratio = readers / rest
    share = n * (1 + (k - 1) * icc) - k * icc
    freedom = (k - 1) * (n - 1) * (k * icc * ratio + share) ** 2
    freedom /= (n - 1) * k**2 * icc**2 * ratio**2 + share**2
    upper_f = float(stats.f.ppf(1 - TAIL, n - 1, freedom))
    lower_f = float(stats.f.ppf(1 - TAIL, freedom, n - 1))
    spread = k * readers + (k * n - k - n) * rest
    low = n * (targets - upper_f * rest) / (upper_f * spread + n * targets)
    high = n * (lower_f * targets - rest) / (spread + n * lower_f * targets)
    return Number(float(icc), max(-1.0, low), min(1.0, high), n)


def _mean_squares(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Between targets, between readers, and what is left."""
    n, k = values.shape
    mean = values.mean()
    by_target, by_reader = values.mean(axis=1), values.mean(axis=0)
    rest = values - by_target[:, None] - by_reader[None, :] + mean
    return (
        float(k * ((by_target - mean) ** 2).sum() / (n - 1)),
        float(n * ((by_reader - mean) ** 2).sum() / (k - 1)),
        float((rest**2).sum() / ((n - 1) * (k - 1))),
    )
