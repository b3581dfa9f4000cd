"""Where the parts of a timeline lie, in pixels; the template draws them."""

import math
from dataclasses import dataclass

from calcitrace.services.reporting.following.content import Axis, Timeline
from calcitrace.services.reporting.language import Language

LEFT, RIGHT, TOP, BELOW = 52.0, 16.0, 18.0, 30.0
N_TICKS = 3
ROOM = 1.08


@dataclass(frozen=True, slots=True)
class PlottedPoint:
    """A mass with its interval; `y` is None where only the bound is known."""

    x: float
    y: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis, or a treatment, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class TimelinePlot:
    """One small plot: time to the right, mass upwards from zero."""

    title: str
    call: str
    summary: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    line: str
    points: tuple[PlottedPoint, ...]
    x_ticks: tuple[Mark, ...]
    y_ticks: tuple[Mark, ...]
    treatments: tuple[Mark, ...]


def timeline_plot(
    timeline: Timeline, axis: Axis, lang: Language, *, width: float, height: float
) -> TimelinePlot:
    """Lay out a timeline."""
    right, bottom = width - RIGHT, height - BELOW
    most = max((p.high for p in timeline.points), default=1.0) * ROOM or 1.0
    span = axis.years or 1.0

    def x(years: float) -> float:
        return round(LEFT + (right - LEFT) * years / span, 1)

    def y(mass: float) -> float:
        return round(bottom - (bottom - TOP) * min(mass, most) / most, 1)

    points = tuple(
        PlottedPoint(
            x(p.years),
            None if p.value is None else y(p.value),
            y(p.low),
            y(p.high),
        )
        for p in timeline.points
    )
    seen = [f"{p.x} {p.y}" for p in points if p.y is not None]
    return TimelinePlot(
        title=timeline.title,
        call=timeline.call,
        summary=timeline.summary,
        width=width,
        height=height,
        left=LEFT,
        right=right,
        top=TOP,
        bottom=bottom,
        line="M" + "L".join(seen) if seen else "",
        points=points,
        x_ticks=tuple(Mark(x(years), text) for years, text in axis.visits),
        y_ticks=tuple(Mark(y(v), lang.significant(v, 2)) for v in _ticks(most)),
        treatments=tuple(Mark(x(years), text) for years, text in axis.treatments),
    )


def _ticks(most: float) -> list[float]:
    """Round masses from zero up."""
    rough = most / N_TICKS
    decade = 10.0 ** math.floor(math.log10(rough))
    step = next(s * decade for s in (1, 2, 5, 10) if s * decade >= rough)
    return [k * step for k in range(int(most / step) + 1)]
