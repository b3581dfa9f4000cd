"""Tables of a validation for machines: `readings.csv` and `accuracy.csv`.

A cell without a value is empty, never 0.
"""

from collections.abc import Iterable
from pathlib import Path

from calcitrace.adapters.numbers import bool_text, number_text
from calcitrace.adapters.tabular import write_table
from calcitrace.model.accuracy import CellAccuracy, Metric, ValidationResult
from calcitrace.model.reading import Reading

READING_COLUMNS = (
    "scene",
    "deposit",
    "kind",
    "tissue",
    "is_blank",
    "true_mass_mg",
    "true_volume_mm3",
    "gap_mm",
    "depth_mm",
    "condition",
    "body",
    "kvp",
    "kernel",
    "slice_thickness_mm",
    "noise_hu",
    "dose",
    "repeat",
    "estimator",
    "mode",
    "is_found",
    "is_quantifiable",
    "mass_mg",
    "mass_std_mg",
    "mass_ci95_low_mg",
    "mass_ci95_high_mg",
    "volume_mm3",
    "volume_ci95_low_mm3",
    "volume_ci95_high_mm3",
)
CELL_COLUMNS = ("estimator", "mode", "cell", "n_deposits", "n_readings")


def accuracy_columns() -> tuple[str, ...]:
    """Columns of `accuracy.csv`: five for each metric, after those of the cell."""
    return (
        *CELL_COLUMNS,
        *(name for metric in Metric for name in _metric_columns(metric)),
    )


def write_readings(readings: Iterable[Reading], folder: Path) -> Path:
    """Write one row per reading, sorted; their order changes nothing."""
    path = folder / "readings.csv"
    rows = sorted((_reading_row(r) for r in readings), key=_order)
    write_table(path, READING_COLUMNS, rows)
    return path


def write_accuracy(result: ValidationResult, folder: Path) -> Path:
    """Write one row per estimator, mode and cell, with every figure and its interval."""
    path = folder / "accuracy.csv"
    write_table(path, accuracy_columns(), (_cell_row(c) for c in result.cells))
    return path


def _order(row: dict[str, str]) -> list[str]:
    names = ("scene", "deposit", "condition", "repeat", "mode", "estimator")
    return [row[name].zfill(6) if name == "repeat" else row[name] for name in names]


def _reading_row(r: Reading) -> dict[str, str]:
    site, condition = r.site, r.condition
    return {
        "scene": site.scene,
        "deposit": site.deposit,
        "kind": site.kind,
        "tissue": site.tissue,
        "is_blank": bool_text(site.is_blank),
        "true_mass_mg": number_text(site.mass_mg),
        "true_volume_mm3": number_text(site.volume_mm3),
        "gap_mm": number_text(site.gap_mm),
        "depth_mm": number_text(site.depth_mm),
        "condition": condition.name,
        "body": condition.body,
        "kvp": number_text(condition.kvp),
        "kernel": condition.kernel or "",
        "slice_thickness_mm": number_text(condition.slice_thickness_mm),
        "noise_hu": number_text(condition.noise_hu),
        "dose": condition.dose,
        "repeat": str(r.repeat),
        "estimator": r.estimator.value,
        "mode": r.mode.value,
        "is_found": bool_text(r.is_found),
        "is_quantifiable": bool_text(r.is_quantifiable),
        "mass_mg": number_text(r.mass_mg),
        "mass_std_mg": number_text(r.std_mg),
        "mass_ci95_low_mg": number_text(r.ci95_low_mg),
        "mass_ci95_high_mg": number_text(r.ci95_high_mg),
        "volume_mm3": number_text(r.volume_mm3),
        "volume_ci95_low_mm3": number_text(r.volume_ci95_low_mm3),
        "volume_ci95_high_mm3": number_text(r.volume_ci95_high_mm3),
    }


def _metric_columns(metric: Metric) -> tuple[str, ...]:
    name = metric.value
    return (
        name,
        f"{name}_ci95_low",
        f"{name}_ci95_high",
        f"{name}_n_{metric.sampled.singular.replace(' ', '_')}s",
        f"{name}_n_readings",
    )


def _cell_row(accuracy: CellAccuracy) -> dict[str, str]:
    row = {
        "estimator": accuracy.estimator.value,
        "mode": accuracy.mode.value,
        "cell": accuracy.cell.name,
        "n_deposits": str(accuracy.n_deposits),
        "n_readings": str(accuracy.n_readings),
    }
    for figure in accuracy.figures:
        numbers = (
            number_text(figure.value),
            number_text(figure.low),
            number_text(figure.high),
            str(figure.n_units),
            str(figure.n_readings),
        )
        row |= dict(zip(_metric_columns(figure.metric), numbers, strict=True))
    return row
