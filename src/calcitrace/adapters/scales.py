"""Axes of plots: where values lie in pixels, and where ticks stand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calcitrace.adapters.plots import Tick

TICKS_OF_DECADE = (1.0, 2.0, 5.0)
NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear or logarithmic axis.

    Attributes
    ----------
    low, high
        Values at its ends.
    start, end
        Their places in pixels; of an upright axis `start` is the larger one.
    """

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def at(self, value: float) -> float:
        """Place of a value in pixels, to a tenth."""
        low, high, v = self.low, self.high, value
        if self.is_log:
            low, high, v = math.log(low), math.log(high), math.log(v)
        share = (v - low) / (high - low)
        return round(self.start + share * (self.end - self.start), 1)

    def holds(self, value: float) -> bool:
        """Whether a value lies on the axis."""
        return self.low <= value <= self.high

    def clipped(self, value: float) -> float:
        """Place of the nearest value on the axis."""
        return self.at(min(max(value, self.low), self.high))


@dataclass(frozen=True, slots=True)
class Frame:
    """Outline of a plot and its axes, in pixels."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def log_scale(values: Sequence[float], start: float, end: float) -> Scale:
    """Logarithmic axis that holds positive values with a little room."""
    return Scale(min(values) / 1.3, max(values) * 1.3, start, end, is_log=True)


def log_ticks(scale: Scale, *, every: Sequence[float] = TICKS_OF_DECADE) -> list[Tick]:
    """Ticks at 1, 2 and 5 of each decade, or at those steps that are named."""
    decades = range(
        math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1
    )
    values = [step * 10.0**decade for decade in decades for step in every]
    return [Tick(scale.at(v), f"{v:.6g}") for v in values if scale.holds(v)]


def linear_ticks(scale: Scale, n: int = 5) -> list[Tick]:
    """About `n` round values; 0 without a sign."""
    step = nice_step((scale.high - scale.low) / n)
    first = math.ceil(scale.low / step - 1e-9)
    last = math.floor(scale.high / step + 1e-9)
    return [Tick(scale.at(k * step), _signed(k * step)) for k in range(first, last + 1)]


def nice_step(rough: float) -> float:
    """Smallest round number that is not below a rough one.

    Examples
    --------
    >>> nice_step(0.23), nice_step(7.0)
    (0.25, 10.0)
    """
    decade = 10.0 ** math.floor(math.log10(rough))
    return next(s * decade for s in NICE if s * decade >= rough * (1 - 1e-9))


def _signed(value: float) -> str:
    return "0" if value == 0 else f"{value:g}".replace("-", "−")
