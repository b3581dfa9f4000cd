"""What the plots show, in the units of the data."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from calcitrace.analysis.accuracy.levels import MASS_MG, Span
from calcitrace.model.accuracy import Axis, Cell, Metric, ValidationResult
from calcitrace.model.reading import Estimator, Mode, Reading
from calcitrace.services.validation.content import (
    Cloud,
    CoverageBar,
    ErrorLine,
    ErrorPoint,
    LimitStep,
    Plots,
)
from calcitrace.services.validation.tables import main_mode, of_mode
from calcitrace.services.validation.words import ESTIMATOR_WORDS, behind, typeset

# More points than this only blacken the paper.
N_POINTS_MAX = 1500
# Percentiles of fewer readings are the extremes; of fewer still not even a median.
N_FOR_LIMITS, N_FOR_MEDIAN = 20, 5
TAIL_PERCENT = 2.5

Points = Sequence[tuple[float, float]]


def plots(result: ValidationResult, readings: Iterable[Reading]) -> Plots:
    """Collect what is drawn; the order of readings changes nothing."""
    mode = main_mode(result)
    shown = sorted(
        (r for r in readings if r.mode is mode and not r.site.is_blank), key=_key
    )
    everybody = tuple(
        cloud
        for e in of_mode(result, mode)
        if (cloud := _cloud(ESTIMATOR_WORDS[e], _errors(shown, e))) is not None
    )
    name = ESTIMATOR_WORDS[Estimator.CALCITRACE]
    return Plots(
        errors=_error_lines(result, mode, shown),
        against_truth=_cloud(name, _errors(shown, Estimator.CALCITRACE)),
        repeats=_cloud(name, _differences(shown)),
        everybody=everybody if len(everybody) > 1 else (),
        coverage=_coverage(result, mode),
    )


def _key(r: Reading) -> tuple[str, str, str, str, int]:
    return (
        r.estimator.value, r.site.scene, r.site.deposit, r.condition.name, r.repeat
    )  # fmt: skip


def _errors(readings: Iterable[Reading], estimator: Estimator) -> Points:
    """True mass, and error of each reading in per cent of it."""
    return [
        (r.site.mass_mg, 100 * (r.mass_mg / r.site.mass_mg - 1))
        for r in readings
        if r.estimator is estimator and r.mass_mg is not None
    ]


def _differences(readings: Iterable[Reading]) -> Points:
    """Mean of two scans in a row, and their difference in per cent of it."""
    ours = [
        r
        for r in readings
        if r.estimator is Estimator.CALCITRACE and r.mass_mg is not None
    ]
    points: list[tuple[float, float]] = []
    for first, second in pairwise(ours):
        is_repeat = _key(first)[:4] == _key(second)[:4]
        masses = (first.mass_mg, second.mass_mg)
        if is_repeat and masses[0] is not None and masses[1] is not None:
            centre = (masses[0] + masses[1]) / 2
            if centre > 0:
                points.append((centre, 100 * (masses[1] - masses[0]) / centre))
    return points


def _cloud(name: str, points: Points) -> Cloud | None:
    if not points:
        return None
    step = math.ceil(len(points) / N_POINTS_MAX)
    bins = [
        (span, [d for m, d in points if span.low <= m < span.high]) for span in MASS_MG
    ]
    lowest, highest = min(m for m, _ in points), max(m for m, _ in points)
    return Cloud(
        name=name,
        points=tuple(points[::step]),
        steps=tuple(
            _step(span, values, (lowest, highest))
            for span, values in bins
            if len(values) >= N_FOR_MEDIAN
        ),
        n_all=len(points),
    )


def _step(span: Span, values: Sequence[float], ends: tuple[float, float]) -> LimitStep:
    low, high = None, None
    if len(values) >= N_FOR_LIMITS:
        low, high = (
            float(v) for v in np.percentile(values, [TAIL_PERCENT, 100 - TAIL_PERCENT])
        )
    return LimitStep(
        from_mg=max(span.low, ends[0]),
        to_mg=min(span.high, ends[1]),
        median=float(np.median(values)),
        low=low,
        high=high,
    )


def _error_lines(
    result: ValidationResult, mode: Mode, readings: Sequence[Reading]
) -> tuple[ErrorLine, ...]:
    places = _places(result, readings)
    lines: list[ErrorLine] = []
    for estimator in of_mode(result, mode):
        points: list[ErrorPoint] = []
        for mass, at_mg in places:
            cell = result.at(estimator, mode, Cell(((Axis.MASS, (mass,)),)))
            figure = None if cell is None else cell.figure(Metric.RMS)
            if figure is not None and figure.value > 0:
                points.append(
                    ErrorPoint(
                        at_mg, figure.value, figure.low, figure.high, figure.is_sparse
                    )
                )
        is_ours = estimator is Estimator.CALCITRACE
        if points:
            lines.append(ErrorLine(ESTIMATOR_WORDS[estimator], is_ours, tuple(points)))
    return tuple(lines)


def _places(
    result: ValidationResult, readings: Sequence[Reading]
) -> list[tuple[str, float]]:
    """Bins of mass, and the geometric mean of the true masses in each."""
    masses = {(r.site.scene, r.site.deposit): r.site.mass_mg for r in readings}
    places: list[tuple[str, float]] = []
    for span in (s for s in MASS_MG if s.name in result.levels_of(Axis.MASS)):
        logs = [math.log(m) for m in masses.values() if span.low <= m < span.high]
        if logs:
            places.append((span.name, math.exp(math.fsum(logs) / len(logs))))
    return places


def _coverage(result: ValidationResult, mode: Mode) -> tuple[CoverageBar, ...]:
    """Coverage of all readings, then of every level of every axis."""
    cells = [("", "all readings", Cell())]
    cells += [
        (axis.value, name, Cell(((axis, (name,)),)))
        for axis, names in result.levels
        for name in names
        if len(names) > 1  # a single level is all readings again
    ]
    bars: list[CoverageBar] = []
    for group, name, cell in cells:
        found = result.at(Estimator.CALCITRACE, mode, cell)
        figure = None if found is None else found.figure(Metric.COVERAGE)
        if figure is not None:
            bars.append(
                CoverageBar(
                    group, typeset(name), figure.value, figure.low, figure.high,
                    behind(figure), figure.is_sparse,
                )
            )  # fmt: skip
    return tuple(bars)
