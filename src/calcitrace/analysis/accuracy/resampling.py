"""Bootstrap over deposits: all readings of a deposit are drawn together.

Readings of one deposit share what is hard about it, so they are no independent evidence;
drawing readings one by one would give intervals that are too narrow.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEVEL = 0.95
N_UNITS_MIN = 5  # for an interval
# Values x draws that are held at once where they must be sorted.
CHUNK = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One value per reading, pair, group or scan, and the unit that it belongs to.

    Attributes
    ----------
    unit, value
        Shape (value,).
    n_readings
        Readings behind them.
    """

    unit: IntArray
    value: FloatArray
    n_readings: int


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """How often each unit was drawn.

    Attributes
    ----------
    units
        Sorted codes, shape (unit,).
    counts
        Shape (1 + draw, unit); the first row is the sample itself: every unit once.
    """

    units: IntArray
    counts: FloatArray


# Values, the index of the unit of each, and counts, shape (draw, unit) -> shape (draw,).
Aggregate = Callable[[FloatArray, IntArray, FloatArray], FloatArray]


def draws_of(units: IntArray, n: int, rng: np.random.Generator) -> Draws:
    """Draw units with replacement, `n` times as many as there are.

    Parameters
    ----------
    units
        Sorted codes without repetition, shape (unit,).
    """
    size = units.size
    counts = np.ones((n + 1, size))
    if size:
        drawn = rng.integers(0, size, (n, size)) + size * np.arange(n)[:, None]
        counts[1:] = np.bincount(drawn.ravel(), minlength=n * size).reshape(n, size)
    return Draws(units, counts)


def sample_of(values: Values, draws: Draws, aggregate: Aggregate) -> FloatArray:
    """Aggregate of the sample and of every draw, shape (1 + draw,).

    NaN for a draw that has none of the units with values.
    """
    index = np.searchsorted(draws.units, values.unit)
    return aggregate(values.value, index, draws.counts)


def interval(sample: FloatArray, n_units: int) -> tuple[float, float] | None:
    """Percentile interval of the draws; the first entry is the sample itself.

    With few units the percentiles lie further out, as much as a t interval is wider than
    a normal one with the divisor n [1]_. `None` with fewer than 5 units, whose draws say
    little about others.

    References
    ----------
    .. [1] Hesterberg T. What teachers should know about the bootstrap. Am Stat 69:371,
       2015. https://doi.org/10.1080/00031305.2015.1089789
    """
    drawn = sample[1:][np.isfinite(sample[1:])]
    if drawn.size == 0 or n_units < N_UNITS_MIN:
        return None
    tail = 100 * tail_share(n_units)
    low, high = (float(v) for v in np.percentile(drawn, [tail, 100 - tail]))
    # The sample itself is one of the possible draws.
    return min(low, float(sample[0])), max(high, float(sample[0]))


@cache
def tail_share(n_units: int) -> float:
    """Share of the draws that is left out on each side.

    Examples
    --------
    >>> round(tail_share(10), 4), round(tail_share(1000), 4)
    (0.0086, 0.0248)
    """
    t = float(stats.t.ppf((1 + LEVEL) / 2, n_units - 1))
    return float(stats.norm.cdf(-t * math.sqrt(n_units / (n_units - 1))))


def share_bound(n_units: int) -> float:
    """Exact 95 % bound of a share that all of n units have (two-sided).

    A bootstrap of shares that are all alike has no width. With deposits for the sample
    size this is the Clopper-Pearson bound: that of 10 of 10 is 69 %.

    Examples
    --------
    >>> round(share_bound(10), 2)
    0.69
    """
    return float(((1 - LEVEL) / 2) ** (1 / n_units))


def mean(value: FloatArray, index: IntArray, counts: FloatArray) -> FloatArray:
    """Mean of values, each unit as often as it was drawn."""
    n_units = counts.shape[1]
    total = counts @ np.bincount(index, weights=value, minlength=n_units)
    n = counts @ np.bincount(index, minlength=n_units).astype(np.float64)
    result = np.full(n.shape, np.nan)
    result[n > 0] = total[n > 0] / n[n > 0]
    return result


def root_mean_square(
    value: FloatArray, index: IntArray, counts: FloatArray
) -> FloatArray:
    """Root of the mean square."""
    return np.asarray(np.sqrt(mean(value**2, index, counts)), np.float64)


def median(value: FloatArray, index: IntArray, counts: FloatArray) -> FloatArray:
    """Median; of an even number of values the mean of the two in the middle."""
    return _quantile(value, index, counts, 0.5)


def upper_95(value: FloatArray, index: IntArray, counts: FloatArray) -> FloatArray:
    """Value below which 95 % of the values lie."""
    return _quantile(value, index, counts, 0.95)


def _quantile(
    value: FloatArray, index: IntArray, counts: FloatArray, share: float
) -> FloatArray:
    """Weighted quantile of the inverted distribution, averaged where it is flat."""
    order = np.argsort(value, kind="stable")
    ranked, units = value[order], index[order]
    result = np.full(counts.shape[0], np.nan)
    step = max(1, CHUNK // max(1, value.size))
    for start in range(0, counts.shape[0], step):
        below = np.cumsum(counts[start : start + step][:, units], axis=1)
        wanted = share * below[:, -1:]
        # Counts are whole, so the comparison fails by rounding only at ties.
        first = np.argmax(below >= wanted - 1e-9, axis=1)
        after = np.argmax(below > wanted + 1e-9, axis=1)
        found = (ranked[first] + ranked[after]) / 2
        result[start : start + step] = np.where(below[:, -1] > 0, found, np.nan)
    return result
