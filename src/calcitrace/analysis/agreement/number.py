"""A statistic with its interval, or the reason why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """One statistic.

    Attributes
    ----------
    value, low, high
        Estimate and bounds of its 95 % interval; `None` where the data do not say.
    n
        What it rests on: deposits or scans.
    why_not
        Why there is no value; empty where there is one.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    why_not: str = ""
