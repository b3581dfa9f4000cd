"""Where the parts of a plot lie, in pixels; the template draws them as lines and text.

Plots are drawn as SVG by the page itself: sharp on paper, readable aloud, in the page's
language and font, and without a plotting library to load.
"""

import math
from dataclasses import dataclass

from calcitrace.services.reporting.content import MassHistogram

BAR_HEIGHT, BLOCK_HEIGHT = 150.0, 22.0
BELOW_AXIS = 40.0
LEFT, RIGHT = 44.0, 12.0
TOP = 14.0
BAR_MAX, BAR_MIN = 60.0, 34.0
# Up to this height every deposit is a block with its number; above, bars and an axis.
BLOCKS_MAX = 7
N_TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle: deposits of one kind in one bin, or one deposit."""

    x: float
    y: float
    width: float
    height: float
    is_in_review: bool
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class HistogramPlot:
    """Histogram of mass, masses to the right on a logarithmic axis."""

    width: float
    height: float
    left: float
    right: float
    axis_y: float
    bars: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def histogram_plot(histogram: MassHistogram) -> HistogramPlot | None:
    """Lay out a histogram; None without any bar."""
    n = len(histogram.bins)
    if n == 0:
        return None
    step = min(BAR_MAX, max(BAR_MIN, 560.0 / n))
    top = histogram.n_highest
    is_blocks = top <= BLOCKS_MAX
    unit = BLOCK_HEIGHT if is_blocks else BAR_HEIGHT / top
    axis_y = TOP + top * unit
    bars: list[Bar] = []
    for i, bin_ in enumerate(histogram.bins):
        x = LEFT + i * step
        base = 0
        for is_in_review, members in ((False, bin_.accepted), (True, bin_.review)):
            groups = [(m,) for m in members] if is_blocks else [members]
            for group in groups:
                if group:
                    base += len(group)
                    bars.append(
                        Bar(
                            x=round(x + 2, 1),
                            y=round(axis_y - base * unit + 1, 1),
                            width=round(step - 4, 1),
                            height=round(len(group) * unit - 2, 1),
                            is_in_review=is_in_review,
                            text=str(group[0]) if is_blocks else "",
                        )
                    )
    edges = [b.low for b in histogram.bins] + [histogram.bins[-1].high]
    return HistogramPlot(
        width=LEFT + n * step + RIGHT,
        height=axis_y + BELOW_AXIS,
        left=LEFT,
        right=LEFT + n * step,
        axis_y=axis_y,
        bars=tuple(bars),
        x_ticks=tuple(Tick(LEFT + i * step, text) for i, text in enumerate(edges)),
        y_ticks=() if is_blocks else _count_ticks(top, unit, axis_y),
    )


def _count_ticks(top: int, unit: float, axis_y: float) -> tuple[Tick, ...]:
    """Round counts up to the highest bar."""
    rough = top / N_TICKS
    decade = 10 ** math.floor(math.log10(rough))
    step = max(1, next(int(s * decade) for s in (1, 2, 5, 10) if s * decade >= rough))
    return tuple(
        Tick(round(axis_y - n * unit, 1), str(n)) for n in range(0, top + 1, step)
    )
