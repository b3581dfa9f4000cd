"""Tables of figures: estimators side by side, and Calcitrace axis by axis."""

from collections.abc import Sequence
from dataclasses import replace

from calcitrace.model.accuracy import (
    Axis,
    Cell,
    CellAccuracy,
    Figure,
    Metric,
    Target,
    ValidationResult,
)
from calcitrace.model.reading import Estimator, Mode
from calcitrace.services.validation.content import Entry, Row, Table
from calcitrace.services.validation.words import (
    ESTIMATOR_WORDS,
    SPARSE_NOTE,
    behind,
    entry,
    interval,
    number,
    typeset,
)

AXIS_COLUMNS = (
    (Metric.BIAS, "Bias|%"),
    (Metric.RMS, "RMS error|%"),
    (Metric.LEAD, "Less best rival|points of RMS"),
    (Metric.COVERAGE, "Coverage|% of intervals"),
    (Metric.CV, "Test-retest|CV %"),
    (Metric.SDC, "Detectable change|%"),
)
SPREAD_COLUMNS = (
    (Metric.CV, "Same protocol|CV %"),
    (Metric.CV_KVP, "Other kV|CV %"),
    (Metric.CV_THICKNESS, "Other thickness|CV %"),
    (Metric.CV_KERNEL, "Other kernel|CV %"),
    (Metric.SDC, "Detectable change|same protocol, %"),
)
VOLUME_COLUMNS = (
    (Metric.VOLUME_BIAS, "Bias|%"),
    (Metric.VOLUME_RMS, "RMS error|%"),
    (Metric.VOLUME_COVERAGE, "Coverage|% of intervals"),
)
BELOW_COLUMNS = (
    (Metric.DETECTION_LIMIT, "Detection limit|mg"),
    (Metric.NOTHING, "Reads nothing|% of readings of true deposits"),
)
FOUND_COLUMNS = (
    (Metric.SENSITIVITY, "Found|%"),
    (Metric.FALSE_PER_SCAN, "False|per scan"),
)
Columns = Sequence[tuple[Metric, str]]


def main_mode(result: ValidationResult) -> Mode:
    """Position given, or what there is instead."""
    modes = [m for e, m in result.estimators if e is Estimator.CALCITRACE]
    return modes[0] if modes else result.estimators[0][1]


def of_mode(result: ValidationResult, mode: Mode) -> tuple[Estimator, ...]:
    """Estimators that were read in a mode."""
    return tuple(e for e, m in result.estimators if m is mode)


def side_by_side(result: ValidationResult, targets: Sequence[Target]) -> Table:
    """RMS errors of every estimator in the cells of the targets; the best is marked."""
    mode = main_mode(result)
    estimators = of_mode(result, mode)
    rows = [
        _comparison(result, target, target.cell, estimators)
        for target in targets
        if target.cell is not None and target.metric is not Metric.COVERAGE
    ]
    return Table(
        caption="RMS error in % of the true mass, its 95 % interval, median bias",
        head=("Scan, true mass", *(ESTIMATOR_WORDS[e] for e in estimators)),
        rows=tuple(rows),
        note=(
            "The lowest error of a row is bold. Each rival is told where the deposit "
            f"lies and which voxels are bone. {SPARSE_NOTE}"
        ),
    )


def _comparison(
    result: ValidationResult,
    target: Target,
    cell: Cell,
    estimators: Sequence[Estimator],
) -> Row:
    mode = main_mode(result)
    found = [result.at(e, mode, cell) for e in estimators]
    figures = [None if c is None else c.figure(target.metric) for c in found]
    known = [f for f in figures if f is not None]
    best = min((f.value for f in known), default=None)
    entries = [
        _with_bias(
            figure, accuracy, is_best=figure is not None and figure.value == best
        )
        for figure, accuracy in zip(figures, found, strict=True)
    ]
    return Row(
        typeset(target.name),
        behind(known[0]) if known else "no reading",
        tuple(entries),
    )


def _with_bias(
    figure: Figure | None, accuracy: CellAccuracy | None, *, is_best: bool
) -> Entry:
    made = entry(figure, is_best=is_best)
    if figure is None or accuracy is None or figure.metric is not Metric.RMS:
        return made
    bias = accuracy.figure(Metric.BIAS)
    said = "" if bias is None else f"bias {number(bias.value, is_signed=True)}"
    small = "; ".join(part for part in (interval(figure), said) if part)
    return Entry(made.text, small, is_best=is_best, is_sparse=made.is_sparse)


def varied(result: ValidationResult) -> tuple[tuple[Axis, tuple[str, ...]], ...]:
    """Axes with more than one level; a single one is all readings again."""
    return tuple((axis, names) for axis, names in result.levels if len(names) > 1)


def axes_table(result: ValidationResult) -> Table:
    """Figures of Calcitrace over all readings, and at every level of every axis."""
    mode = main_mode(result)
    everything = result.at(Estimator.CALCITRACE, mode, Cell())
    rows = list(_table_of("", "", [everything], AXIS_COLUMNS).rows)
    for axis, names in varied(result):
        cells = [Cell(((axis, (name,)),)) for name in names]
        found = [result.at(Estimator.CALCITRACE, mode, cell) for cell in cells]
        made = _table_of("", "", found, AXIS_COLUMNS).rows
        rows += [replace(row, group=axis.capitalize()) for row in made]
    head = ("Level", *(title for _, title in AXIS_COLUMNS))
    return Table("All readings of a level", head, tuple(rows))


def by_mass(result: ValidationResult, metric: Metric, caption: str) -> Table:
    """One figure of Calcitrace at every level of every axis, by mass."""
    mode = main_mode(result)
    masses = result.levels_of(Axis.MASS)

    def made(axis: Axis, name: str, mass: str) -> Entry:
        cell = Cell(((Axis.MASS, (mass,)), (axis, (name,))))
        found = result.at(Estimator.CALCITRACE, mode, cell)
        figure = None if found is None else found.figure(metric)
        if figure is None:
            return entry(None)
        plain = entry(figure)
        small = " · ".join(p for p in (plain.small, f"n {figure.n_units}") if p)
        return replace(plain, small=small)

    return Table(
        caption=caption,
        head=("Level", *(typeset(mass) for mass in masses)),
        rows=tuple(
            Row(
                typeset(name),
                "",
                tuple(made(axis, name, mass) for mass in masses),
                axis.capitalize(),
            )
            for axis, names in varied(result)
            if axis is not Axis.MASS
            for name in names
        ),
    )


def spread_table(result: ValidationResult) -> Table:
    """Repeatability of every estimator, by mass."""
    rows: list[Row] = []
    for mass in result.levels_of(Axis.MASS):
        made = _estimators(result, Cell(((Axis.MASS, (mass,)),)), SPREAD_COLUMNS, "")
        rows += [replace(row, group=typeset(mass)) for row in made.rows]
    head = ("Estimator, by true mass", *(title for _, title in SPREAD_COLUMNS))
    return Table("Coefficients of variation", head, tuple(rows))


def below_table(result: ValidationResult) -> Table:
    """What estimators say of very little and of nothing."""
    return _estimators(result, Cell(), BELOW_COLUMNS, "All scans")


def limits_table(result: ValidationResult, axis: Axis) -> Table:
    """Detection limit of Calcitrace at every level of an axis."""
    mode = main_mode(result)
    found = [
        result.at(Estimator.CALCITRACE, mode, Cell(((axis, (name,)),)))
        for name in result.levels_of(axis)
    ]
    return _table_of(
        f"Calcitrace, by {axis}", axis.capitalize(), found, BELOW_COLUMNS[:1]
    )


def volume_tables(result: ValidationResult) -> tuple[Table, ...]:
    """Volume by mass, for each estimator that gives one."""
    mode = main_mode(result)
    tables: list[Table] = []
    for estimator in of_mode(result, mode):
        found = [
            result.at(estimator, mode, Cell(((Axis.MASS, (mass,)),)))
            for mass in result.levels_of(Axis.MASS)
        ]
        if any(c is not None and c.figure(Metric.VOLUME_RMS) for c in found):
            columns = [
                column
                for column in VOLUME_COLUMNS
                if any(c is not None and c.figure(column[0]) for c in found)
            ]
            tables.append(
                _table_of(ESTIMATOR_WORDS[estimator], "True mass", found, columns)
            )
    return tuple(tables)


def found_tables(result: ValidationResult) -> tuple[Table, ...]:
    """Sensitivity and false deposits of Calcitrace where it searched by itself."""
    if (Estimator.CALCITRACE, Mode.DETECTED) not in result.estimators:
        return ()
    made: list[Table] = []
    for axis in (Axis.MASS, Axis.GAP, Axis.NOISE, Axis.BODY):
        found = [
            result.at(Estimator.CALCITRACE, Mode.DETECTED, Cell(((axis, (name,)),)))
            for name in result.levels_of(axis)
        ]
        columns = FOUND_COLUMNS if axis.is_of_scan else FOUND_COLUMNS[:1]
        made.append(_table_of(f"By {axis}", axis.capitalize(), found, columns))
    return tuple(made)


def _estimators(
    result: ValidationResult, cell: Cell, columns: Columns, caption: str
) -> Table:
    mode = main_mode(result)
    found = [(e, result.at(e, mode, cell)) for e in of_mode(result, mode)]
    rows = [
        Row(
            ESTIMATOR_WORDS[estimator],
            "",
            tuple(entry(accuracy.figure(metric)) for metric, _ in columns),
        )
        for estimator, accuracy in found
        if accuracy is not None
    ]
    head = ("Estimator", *(title for _, title in columns))
    return Table(typeset(caption), head, tuple(rows))


def _table_of(
    caption: str,
    first: str,
    found: Sequence[CellAccuracy | None],
    columns: Columns,
) -> Table:
    """One row per cell; cells without a reading are left out."""
    rows = [
        Row(
            _level(accuracy.cell),
            _behind(accuracy, columns),
            tuple(entry(accuracy.figure(metric)) for metric, _ in columns),
        )
        for accuracy in found
        if accuracy is not None
    ]
    return Table(caption, (first, *(title for _, title in columns)), tuple(rows))


def _level(cell: Cell) -> str:
    if not cell.levels:
        return "all readings"
    return typeset(", ".join(cell.levels[0][1]))


def _behind(accuracy: CellAccuracy, columns: Columns) -> str:
    """What stands behind a row: deposits, or what its first figure is drawn over."""
    figure = accuracy.figure(columns[0][0])
    return "no reading" if figure is None else behind(figure)
