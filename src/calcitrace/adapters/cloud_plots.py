"""Where clouds of differences against mass are drawn, with medians and limits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calcitrace.adapters.scales import (
    Frame,
    Scale,
    linear_ticks,
    log_scale,
    log_ticks,
    nice_step,
)
from calcitrace.services.validation.content import Cloud


@dataclass(frozen=True, slots=True)
class CloudPlot:
    """Differences against mass.

    Attributes
    ----------
    dots, beyond
        Paths of points on the axis, and of triangles for those past its ends.
    medians, limits
        Paths of steps.
    zero
        Place of no difference.
    n_beyond
        Points past the ends.
    """

    name: str
    frame: Frame
    dots: str
    beyond: str
    medians: str
    limits: str
    zero: float
    n_shown: int
    n_all: int
    n_beyond: int


def cloud_plot(
    cloud: Cloud | None, *, width: float, height: float, reach: float | None = None
) -> CloudPlot | None:
    """Lay out differences against mass.

    Parameters
    ----------
    reach
        Differences in per cent at the ends of the axis; None for those that show the
        limits and 98 % of the points.
    """
    if cloud is None:
        return None
    left, right, top, bottom = 46.0, width - 10, 10.0, height - 38
    x = log_scale([m for m, _ in cloud.points], left, right)
    high = reach or _reach(cloud)
    y = Scale(-high, high, bottom, top)
    inside = [(m, d) for m, d in cloud.points if y.holds(d)]
    outside = [(m, d) for m, d in cloud.points if not y.holds(d)]
    is_small = width < 400  # noqa: PLR2004 -- of small multiples
    every = (1.0,) if is_small else (1.0, 2.0, 5.0)
    return CloudPlot(
        name=cloud.name,
        frame=Frame(
            width, height, left, right, top, bottom,
            tuple(log_ticks(x, every=every)),
            tuple(linear_ticks(y, 4 if is_small else 6)),
        ),
        dots="".join(f"M{x.at(m)} {y.at(d)}h0" for m, d in inside),
        beyond="".join(_triangle(x.at(m), y, d > 0) for m, d in outside),
        medians=_steps([(s.from_mg, s.to_mg, s.median) for s in cloud.steps], x, y),
        limits=_steps(
            [
                (s.from_mg, s.to_mg, bound)
                for s in cloud.steps
                for bound in (s.low, s.high)
                if bound is not None
            ],
            x,
            y,
        ),
        zero=y.at(0.0),
        n_shown=len(cloud.points),
        n_all=cloud.n_all,
        n_beyond=len(outside),
    )  # fmt: skip


def _reach(cloud: Cloud) -> float:
    sizes = [abs(d) for _, d in cloud.points]
    bounds = [abs(b) for s in cloud.steps for b in (s.low, s.high) if b is not None]
    most = max([float(np.percentile(sizes, 98)), *bounds, 1.0])
    return nice_step(1.1 * most)


def _triangle(at: float, y: Scale, is_above: bool) -> str:  # noqa: FBT001 -- one of two directions
    tip, base = (y.end, y.end + 6) if is_above else (y.start, y.start - 6)
    return f"M{at} {tip}L{at - 3:.1f} {base}H{at + 3:.1f}Z"


def _steps(steps: Sequence[tuple[float, float, float]], x: Scale, y: Scale) -> str:
    return "".join(
        f"M{x.clipped(low)} {y.at(value)}H{x.clipped(high)}"
        for low, high, value in steps
        if y.holds(value)
    )
