"""Where errors against mass and coverage are drawn; the template draws lines and text."""

from collections.abc import Sequence
from dataclasses import dataclass

from calcitrace.adapters.scales import (
    Frame,
    Scale,
    linear_ticks,
    log_scale,
    log_ticks,
)
from calcitrace.services.validation.content import CoverageBar, ErrorLine

# Calcitrace in the colour of the reports; rivals apart from each other on a screen, in
# print and for the colour-blind (Okabe & Ito's set, darkened to be read as text).
COLOURS = (
    "#0b6fa4", "#8a6d00", "#b34a00", "#a0467a", "#6b3fa0", "#00735c", "#52606d",
    "#8c2d19",
)  # fmt: skip
DASHES = ("", "6 3", "2 3", "8 3 2 3", "4 2", "1 3", "10 4", "5 2 1 2")
LABEL_STEP = 15.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A figure with its interval, drawn as a dot with whiskers."""

    x: float
    y: float
    whisker: str
    is_sparse: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One estimator: path, dots, and where its name stands."""

    name: str
    colour: str
    dash: str
    is_ours: bool
    path: str
    dots: tuple[Dot, ...]
    label_x: float
    label_y: float
    end_y: float


@dataclass(frozen=True, slots=True)
class ErrorPlot:
    """RMS error against mass, both logarithmic."""

    frame: Frame
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the plot of coverage: a heading if it has no dot."""

    y: float
    text: str
    behind: str
    dot: Dot | None
    tone: str


@dataclass(frozen=True, slots=True)
class CoveragePlot:
    """Coverage with intervals, row by row.

    Attributes
    ----------
    band
        Left and right end of what pooled coverage should be.
    least
        Place of the least coverage of a cell.
    """

    frame: Frame
    bars: tuple[Bar, ...]
    band: tuple[float, float]
    least: float


def error_plot(lines: Sequence[ErrorLine]) -> ErrorPlot | None:
    """Lay out errors against mass; None without any."""
    points = [p for line in lines for p in line.points]
    if not points:
        return None
    width, height, left, right, top, bottom = 920.0, 400.0, 56.0, 690.0, 14.0, 356.0
    x = log_scale([p.mass_mg for p in points], left, right)
    bounds = [b for p in points for b in (p.error, p.low, p.high) if b]
    y = log_scale(
        [max(b, min(p.error for p in points) / 3) for b in bounds], bottom, top
    )
    frame = Frame(
        width,
        height,
        left,
        right,
        top,
        bottom,
        tuple(log_ticks(x)),
        tuple(log_ticks(y)),
    )
    drawn = [_line(line, i, len(lines), (x, y)) for i, line in enumerate(lines)]
    return ErrorPlot(frame, _apart(drawn, top, bottom))


def _line(line: ErrorLine, index: int, n: int, axes: tuple[Scale, Scale]) -> Line:
    x, y = axes
    shift = 3.0 * (index - (n - 1) / 2)  # so that whiskers do not hide each other
    dots: list[Dot] = []
    for p in line.points:
        at = round(x.at(p.mass_mg) + shift, 1)
        whisker = (
            ""
            if p.low is None or p.high is None
            else f"M{at} {y.clipped(max(p.low, y.low))}V{y.clipped(p.high)}"
        )
        dots.append(Dot(at, y.at(p.error), whisker, p.is_sparse))
    return Line(
        name=line.name,
        colour=COLOURS[index % len(COLOURS)],
        dash=DASHES[index % len(DASHES)],
        is_ours=line.is_ours,
        path="M" + "L".join(f"{d.x} {d.y}" for d in dots),
        dots=tuple(dots),
        label_x=x.end + 26,
        label_y=dots[-1].y,
        end_y=dots[-1].y,
    )


def _apart(lines: Sequence[Line], top: float, bottom: float) -> tuple[Line, ...]:
    """Move names apart so that none covers another."""
    ranked = sorted(range(len(lines)), key=lambda i: (lines[i].end_y, i))
    places: dict[int, float] = {}
    last = top - LABEL_STEP
    for i in ranked:
        last = max(lines[i].end_y, last + LABEL_STEP)
        places[i] = last
    over = max(0.0, last - bottom)
    floor = bottom + LABEL_STEP
    for i in reversed(ranked):
        floor = min(places[i], floor - LABEL_STEP) if over else places[i]
        places[i] = floor
    return tuple(
        Line(
            line.name, line.colour, line.dash, line.is_ours, line.path, line.dots,
            line.label_x, round(places[i], 1), line.end_y,
        )
        for i, line in enumerate(lines)
    )  # fmt: skip


def coverage_plot(
    bars: Sequence[CoverageBar], *, band: tuple[float, float], least: float
) -> CoveragePlot | None:
    """Lay out coverage row by row; None without any."""
    if not bars:
        return None
    row, left, right, top = 19.0, 190.0, 640.0, 24.0
    lowest = min(least, *(b.value if b.low is None else b.low for b in bars))
    x = Scale(max(0.0, 10 * (lowest // 10)), 100.0, left, right)
    rows: list[Bar] = []
    y, group = top, ""
    for b in bars:
        if b.group != group:
            group = b.group
            y += row * 1.3
            rows.append(Bar(round(y, 1), group.capitalize(), "", None, "heading"))
        y += row
        whisker = (
            ""
            if b.low is None or b.high is None
            else f"M{x.clipped(b.low)} {y - 4:.1f}H{x.clipped(b.high)}"
        )
        dot = Dot(x.at(b.value), round(y - 4, 1), whisker, b.is_sparse)
        tone = "low" if b.value < least else "fine"
        rows.append(Bar(round(y, 1), b.name, b.behind, dot, tone))
    bottom = y + 10
    return CoveragePlot(
        frame=Frame(
            880.0, bottom + 40, left, right, top - 8, bottom,
            tuple(linear_ticks(x)), (),
        ),
        bars=tuple(rows),
        band=(x.at(band[0]), x.at(band[1])),
        least=x.at(least),
    )  # fmt: skip
