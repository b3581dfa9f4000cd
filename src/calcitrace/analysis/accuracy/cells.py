"""Which groups of readings get figures of their own."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from calcitrace.analysis.accuracy.metrics import DEFINITIONS, Sample, lead, sampled
from calcitrace.analysis.accuracy.resampling import Draws, draws_of
from calcitrace.analysis.accuracy.table import Columns, Table
from calcitrace.analysis.accuracy.targets import TARGETS
from calcitrace.model.accuracy import Axis, Cell, CellAccuracy, Metric, Sampled
from calcitrace.model.reading import Estimator, Mode

# Only whole scans have a total burden and false deposits.
OF_WHOLE_SCANS = frozenset({Metric.BURDEN, Metric.FALSE_PER_SCAN})


def cells_of(table: Table) -> tuple[Cell, ...]:
    """All readings; each level of each axis, alone and by mass; cells of targets."""
    cells = [Cell()]
    masses = table.levels[Axis.MASS][0]
    for axis in Axis:
        cells += [Cell(((axis, (name,)),)) for name in table.levels[axis][0]]
    for axis in (a for a in Axis if a is not Axis.MASS):
        cells += [
            Cell(((Axis.MASS, (mass,)), (axis, (name,))))
            for name in table.levels[axis][0]
            for mass in masses
        ]
    cells += [target.cell for target in TARGETS if target.cell is not None]
    return tuple(dict.fromkeys(cells))


def accuracy_of(
    table: Table, cell: Cell, n_bootstrap: int, rng: np.random.Generator
) -> Iterator[CellAccuracy]:
    """Figures of every estimator in one cell, all over the same draws.

    So that two estimators can be compared, each draw takes the same deposits for both.
    Nothing is said of an estimator that was not read there.
    """
    columns = table.columns.take(table.rows(cell))
    draws = _draws(table, columns, n_bootstrap, rng)
    rivals: list[Sample] = []
    # Calcitrace is declared first, and is set beside the rivals at the end.
    for code in reversed(range(len(table.ways))):
        estimator, mode = table.ways[code]
        own = columns.take(columns.way == code)
        if own.site.size == 0:
            continue
        samples = [
            sample
            for metric in _metrics(cell)
            if (sample := sampled(metric, own, mode, draws[metric.sampled])) is not None
        ]
        figures = [sample.figure for sample in samples]
        error = next((s for s in samples if s.metric is Metric.RMS), None)
        if error is not None and mode is Mode.POSITION_GIVEN:
            if estimator is not Estimator.CALCITRACE:
                rivals.append(error)
            elif rivals:
                figures.append(lead(error, rivals))
        yield CellAccuracy(
            estimator=estimator,
            mode=mode,
            cell=cell,
            n_deposits=int(np.unique(own.site[~own.is_blank]).size),
            n_readings=int((~own.is_blank).sum()),
            figures=tuple(figures),
        )


def _metrics(cell: Cell) -> Sequence[Metric]:
    is_whole = all(axis.is_of_scan for axis in cell.axes)
    return tuple(m for m in DEFINITIONS if is_whole or m not in OF_WHOLE_SCANS)


def _draws(
    table: Table, columns: Columns, n_bootstrap: int, rng: np.random.Generator
) -> Mapping[Sampled, Draws]:
    """Draws of each kind of unit of a cell."""
    is_given = np.array([mode is Mode.POSITION_GIVEN for _, mode in table.ways])
    blank = columns.is_blank & is_given[columns.way]
    units = {
        Sampled.DEPOSIT: columns.site[~columns.is_blank],
        Sampled.BLANK_SITE: columns.site[blank],
        Sampled.SCENE: columns.scene,
    }
    return {
        kind: draws_of(np.unique(codes), n_bootstrap, rng)
        for kind, codes in units.items()
    }
