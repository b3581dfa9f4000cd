"""From tests to calls at a stated rate of false ones.

Many deposits are looked at, so some change "significantly" by chance. Tests of one pair of
visits are taken together by the step-up rule of Benjamini and Hochberg [1]_: where nothing
changed, the chance of any call is at most the stated rate; where much changed, at most that
share of the calls is false. Errors that deposits share make them depend on each other
positively, which the rule allows [2]_.

.. [1] Y. Benjamini, Y. Hochberg, Controlling the false discovery rate, J. R. Stat. Soc. B
   57, 1995, 289-300.
.. [2] Y. Benjamini, D. Yekutieli, The control of the false discovery rate in multiple
   testing under dependency, Ann. Stat. 29, 2001, 1165-1188.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from calcitrace.model.change import Call, MassTest

# Progression and improvement by the rule in use (Valenzuela 2022,
# doi 10.1016/j.semarthrit.2022.151980).
FIXED_FRACTION = 0.25
# Where errors grow nearly as fast as the mass, no growth is large enough to be sure of;
# what is then stated is five times what the error without a change would give.
LEAST_SLOPE = 0.2


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said of one test.

    Attributes
    ----------
    p_value
        Two-sided.
    p_adjusted
        The lowest rate at which it would be called among its family.
    """

    call: Call
    p_value: float
    p_adjusted: float


def decisions(
    tests: Sequence[MassTest], false_call_rate: float
) -> tuple[Decision, ...]:
    """Growth, shrinkage or no detectable change, for a family of tests.

    Examples
    --------
    >>> decisions([], 0.05)
    ()
    """
    p_values = [2 * NormalDist().cdf(-abs(test.z)) for test in tests]
    adjusted = adjusted_p_values(p_values)
    return tuple(
        Decision(_call(test, q <= false_call_rate), p, q)
        for test, p, q in zip(tests, p_values, adjusted, strict=True)
    )


def adjusted_p_values(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini-Hochberg adjusted p values, in the order given.

    Examples
    --------
    >>> [round(p, 4) for p in adjusted_p_values([0.01, 0.04, 0.03, 0.5])]
    [0.04, 0.0533, 0.0533, 0.5]
    """
    n = len(p_values)
    order = sorted(range(n), key=lambda i: p_values[i], reverse=True)
    adjusted = [1.0] * n
    least = 1.0
    for rank, i in zip(range(n, 0, -1), order, strict=True):
        least = min(least, p_values[i] * n / rank)
        adjusted[i] = least
    return tuple(adjusted)


def smallest_detectable_change_mg(
    test: MassTest, n_tests: int, false_call_rate: float
) -> float:
    """Change of a mass that would be called, alone among so many tests.

    A true change of 1.5 times this is called with a probability of at least 80 %, of
    growth too, whose error grows with it.
    """
    level = false_call_rate / max(n_tests, 1)
    z = NormalDist().inv_cdf(1 - level / 2)
    return z * test.std_no_change_mg / max(1 - z * test.std_per_change, LEAST_SLOPE)


def fixed_call(ratio: float | None) -> Call:
    """The rule of +-25 %, which knows nothing of the error."""
    if ratio is None or not math.isfinite(ratio):
        return Call.NOT_COMPARABLE
    if ratio > 1 + FIXED_FRACTION:
        return Call.GROWTH
    if ratio < 1 - FIXED_FRACTION:
        return Call.SHRINKAGE
    return Call.NO_DETECTABLE_CHANGE


def _call(test: MassTest, is_called: bool) -> Call:  # noqa: FBT001 -- the decision
    if not is_called:
        return Call.NO_DETECTABLE_CHANGE
    return Call.GROWTH if test.z > 0 else Call.SHRINKAGE
