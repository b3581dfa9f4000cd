"""How far two readers' measurements lie apart: bias and limits of agreement."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from calcitrace.analysis.agreement.number import Number
from calcitrace.model.estimate import Z95

N_MIN = 3
TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Differences:
    """Second reader less first, in the unit of the values.

    Attributes
    ----------
    bias
        Mean difference.
    limit_low, limit_high
        Limits within which 95 % of differences are expected.
    """

    bias: Number
    limit_low: Number
    limit_high: Number


def differences(
    first: NDArray[np.floating], second: NDArray[np.floating]
) -> Differences:
    """Bias and limits of agreement of Bland and Altman, with their intervals.

    Parameters
    ----------
    first, second
        One value of each reader for each target, same shape (n,).

    References
    ----------
    .. [1] Bland, Altman, Lancet 327, 1986.
       https://doi.org/10.1016/S0140-6736(86)90837-8
    .. [2] Bland, Altman, Statistical Methods in Medical Research 8, 1999: standard
       error of the limits. https://doi.org/10.1177/096228029900800204
    """
    apart = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    n = apart.size
    if n < N_MIN:
        none = Number(None, None, None, n, f"needs {N_MIN} or more")
        return Differences(none, none, none)
    bias, std = float(apart.mean()), float(apart.std(ddof=1))
    t = float(stats.t.ppf(1 - TAIL, n - 1))
    of_bias = t * std / math.sqrt(n)
    of_limit = t * std * math.sqrt(1 / n + Z95**2 / (2 * (n - 1)))

    def number(value: float, half: float) -> Number:
        return Number(value, value - half, value + half, n)

    return Differences(
        bias=number(bias, of_bias),
        limit_low=number(bias - Z95 * std, of_limit),
        limit_high=number(bias + Z95 * std, of_limit),
    )
