"""Agreement of yes and no beyond what chance gives."""

import math
from collections.abc import Sequence

import numpy as np

from calcitrace.analysis.agreement.number import Number
from calcitrace.model.estimate import Z95

N_MIN = 2


def cohen_kappa(pairs: Sequence[tuple[bool, bool]]) -> Number:
    """Cohen's kappa of two readers who said yes or no to the same things.

    The interval uses the large-sample standard error [2]_; with few deposits it is
    rough, and it is cut at -1 and 1.

    Parameters
    ----------
    pairs
        What the first and what the second reader said of each.

    References
    ----------
    .. [1] Cohen, Educational and Psychological Measurement 20, 1960.
       https://doi.org/10.1177/001316446002000104
    .. [2] Fleiss, Cohen, Everitt, Psychological Bulletin 72, 1969.
       https://doi.org/10.1037/h0028106

    Examples
    --------
    >>> pairs = [(True, True)] * 20 + [(True, False)] * 5
    >>> pairs += [(False, True)] * 10 + [(False, False)] * 15
    >>> round(cohen_kappa(pairs).value, 3)
    0.4
    """
    n = len(pairs)
    if n < N_MIN:
        return Number(None, None, None, n, "fewer than 2 decided by both")
    table = np.zeros((2, 2))
    for first, second in pairs:
        table[int(first), int(second)] += 1 / n
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed, by_chance = float(np.trace(table)), float(rows @ columns)
    if by_chance >= 1:
        return Number(None, None, None, n, "both readers gave one answer throughout")
    kappa = (observed - by_chance) / (1 - by_chance)
    std = math.sqrt(max(0.0, _variance(table, kappa, by_chance)) / n)
    low, high = max(-1.0, kappa - Z95 * std), min(1.0, kappa + Z95 * std)
    return Number(kappa, low, high, n)


def _variance(table: np.ndarray, kappa: float, by_chance: float) -> float:
    """Variance of one observation's part in kappa: equation 13 of Fleiss et al."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    equal = sum(
        table[i, i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in range(2)
    )
    unequal = sum(
        table[i, j] * (columns[i] + rows[j]) ** 2
        for i in range(2)
        for j in range(2)
        if i != j
    )
    total = equal + (1 - kappa) ** 2 * unequal
    total -= (kappa - by_chance * (1 - kappa)) ** 2
    return float(total / (1 - by_chance) ** 2)
