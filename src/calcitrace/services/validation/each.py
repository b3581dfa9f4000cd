"""Readings one by one, where there are few enough to be looked at."""

from collections.abc import Iterable, Sequence

from calcitrace.model.accuracy import Cell, Metric, ValidationResult
from calcitrace.model.reading import Estimator, Mode, Reading
from calcitrace.services.reporting.language import NO_BREAK
from calcitrace.services.validation.content import Entry, Row, Table
from calcitrace.services.validation.words import (
    DASH,
    WORDS,
    counted,
    interval,
    number,
    typeset,
    value_text,
)

N_MAX = 60
HEAD = (
    "Insert",
    "True|mg",
    "Measured|mg",
    "95 % interval|mg",
    "Error|%",
    "Truth in interval",
)


def found_readings(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """What Calcitrace found or missed by itself: failures first, then by name.

    Failures are missed inserts, deposits where none is, and intervals that do not hold
    the truth, in this order.
    """
    ours = [
        r
        for r in readings
        if r.estimator is Estimator.CALCITRACE and r.mode is Mode.DETECTED
    ]
    return tuple(sorted(ours, key=_rank))


def each_table(readings: Iterable[Reading]) -> Table | None:
    """One row per insert and per false deposit; None where they are too many."""
    ours = found_readings(readings)
    if not 0 < len(ours) <= N_MAX:
        return None
    return Table(
        "Failures first",
        HEAD,
        tuple(_row(r) for r in ours),
        "A bound alone is stated where a deposit is not quantifiable or cut; its error "
        "is not counted then if it was cut.",
    )


def found_sentence(result: ValidationResult, readings: Iterable[Reading]) -> str:
    """How many inserts were found, and how well they were measured."""
    ours = found_readings(readings)
    true = [r for r in ours if not r.site.is_blank]
    n_false = len(ours) - len(true)
    n_found = sum(r.is_found for r in true)
    said = f"{n_found} of {counted(len(true), 'insert')} found"
    if n_false:
        said += f", {n_false} found where none is"
    cell = result.at(Estimator.CALCITRACE, Mode.DETECTED, Cell())
    figure = None if cell is None else cell.figure(Metric.RMS)
    if figure is None:
        return f"{said}."
    bounds = interval(figure)
    shown = f" [{bounds}]" if bounds else ""
    return f"{said}; RMS error {value_text(figure, figure.value)}{NO_BREAK}%{shown}."


def each_lines(
    result: ValidationResult, readings: Iterable[Reading], use: str
) -> tuple[str, ...]:
    """Markdown: what was found, then one row per insert, the missed ones first."""
    given = tuple(readings)
    rows = [_row(r) for r in found_readings(given)]
    head = [title.replace("|", ", ") for title in HEAD]
    return tuple(
        line.replace(NO_BREAK, " ")
        for line in (
            f"{use}.",
            f"**{found_sentence(result, given)}**",
            "",
            _line(head),
            _line(["---"] * len(head)),
            *(_line([row.name, *(e.text for e in row.entries)]) for row in rows),
        )
    )


def _rank(r: Reading) -> tuple[int, str, str, str, int]:
    failures = (not r.is_found, r.site.is_blank, _is_held(r) == "no")
    kind = next((i for i, is_so in enumerate(failures) if is_so), len(failures))
    return kind, r.site.scene, r.site.deposit, r.condition.name, r.repeat


def _row(r: Reading) -> Row:
    return Row(
        typeset(r.site.deposit),
        "",
        (
            Entry(DASH if r.site.is_blank else _mass(r.site.mass_mg)),
            Entry(_measured(r)),
            Entry(_bounds(r)),
            Entry(_error(r)),
            Entry(_is_held(r)),
        ),
    )


def _measured(r: Reading) -> str:
    if not r.is_found:
        return "missed"
    if r.mass_mg is None or not r.is_quantifiable:
        return "not quantifiable" if r.ci95_low_mg is None else "cut by the scan"
    return _mass(r.mass_mg)


def _bounds(r: Reading) -> str:
    low, high = r.ci95_low_mg, r.ci95_high_mg
    if low is None:
        return DASH if high is None else f"< {_mass(high)}"
    return f"≥ {_mass(low)}" if high is None else f"{_mass(low)} to {_mass(high)}"


def _mass(mass_mg: float) -> str:
    return WORDS.significant(mass_mg, 3)


def _error(r: Reading) -> str:
    if r.mass_mg is None or r.site.is_blank:
        return DASH
    return number(100 * (r.mass_mg / r.site.mass_mg - 1), is_signed=True)


def _is_held(r: Reading) -> str:
    low, high = r.ci95_low_mg, r.ci95_high_mg
    if r.site.is_blank or (low is None and high is None):
        return DASH
    is_above = low is None or low <= r.site.mass_mg
    return "yes" if is_above and (high is None or r.site.mass_mg <= high) else "no"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
