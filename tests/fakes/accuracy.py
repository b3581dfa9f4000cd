"""Figures of made-up readings."""

from collections.abc import Sequence

import numpy as np

from calcitrace.analysis.accuracy import summarise
from calcitrace.model.accuracy import Cell, CellAccuracy, Metric, ValidationResult
from calcitrace.model.reading import Estimator, Mode, Reading

ALL = Cell()


def result_of(readings: Sequence[Reading], n_bootstrap: int = 200) -> ValidationResult:
    """Summary with a fixed seed."""
    return summarise(readings, np.random.default_rng(7), n_bootstrap=n_bootstrap)


def ours(
    readings: Sequence[Reading], cell: Cell = ALL, mode: Mode = Mode.POSITION_GIVEN
) -> CellAccuracy:
    """Calcitrace in one cell."""
    found = result_of(readings).at(Estimator.CALCITRACE, mode, cell)
    assert found is not None
    return found


def value(found: CellAccuracy, metric: Metric) -> float:
    """Value of a figure that must be there."""
    figure = found.figure(metric)
    assert figure is not None
    return figure.value
