"""Everything that a validation writes: report, tables, summary."""

from collections.abc import Sequence
from pathlib import Path

from calcitrace.adapters.cloud_plots import cloud_plot
from calcitrace.adapters.pages import page
from calcitrace.adapters.validation_plots import coverage_plot, error_plot
from calcitrace.adapters.validation_tables import write_accuracy, write_readings
from calcitrace.model.accuracy import Metric, ValidationResult
from calcitrace.model.reading import Reading
from calcitrace.services.validation import (
    ValidationContent,
    summary,
    validation_content,
)

TEMPLATE = "validation.html.j2"
REPORT, SUMMARY = "validation.html", "summary.md"
# All estimators on one axis: most errors of rivals, and ours still to be seen.
EVERYBODY_PERCENT = 120.0


def write_validation(
    result: ValidationResult,
    readings: Sequence[Reading],
    folder: Path,
    *,
    is_simulated: bool = True,
) -> tuple[Path, ...]:
    """Write `validation.html`, `accuracy.csv`, `readings.csv` and `summary.md`.

    Parameters
    ----------
    result
        As `summarise` returns it.
    readings
        What it was made from.
    folder
        Existing folder to write into.
    is_simulated
        False for inserts of a phantom that was scanned.

    Returns
    -------
    tuple of Path
        Files written; the same input gives the same bytes.
    """
    content = validation_content(result, readings, is_simulated=is_simulated)
    report = folder / REPORT
    report.write_text(validation_html(content, result), encoding="utf-8", newline="\n")
    short = folder / SUMMARY
    lines = summary(result, readings, is_simulated=is_simulated)
    short.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    return (
        report,
        write_accuracy(result, folder),
        write_readings(readings, folder),
        short,
    )


def validation_html(content: ValidationContent, result: ValidationResult) -> str:
    """Return the whole page; the same content gives the same bytes."""
    plots = content.plots
    everybody = [
        cloud_plot(cloud, width=262.0, height=220.0, reach=EVERYBODY_PERCENT)
        for cloud in plots.everybody
    ]
    return page(
        TEMPLATE,
        c=content,
        errors=error_plot(plots.errors),
        truth=cloud_plot(plots.against_truth, width=530.0, height=330.0),
        repeats=cloud_plot(plots.repeats, width=530.0, height=330.0),
        everybody=everybody,
        coverage=coverage_plot(
            plots.coverage, band=_bounds(result)[:2], least=_bounds(result)[2]
        ),
        bounds=_bounds(result),
    )


def _bounds(result: ValidationResult) -> tuple[float, float, float]:
    """What coverage should be: pooled at least and at most, and least in a cell."""
    targets = [
        j.target for j in result.judgements if j.target.metric is Metric.COVERAGE
    ]
    pooled = next((t for t in targets if t.cell is not None), None)
    everywhere = next((t for t in targets if t.cell is None), None)
    low = 95.0 if pooled is None or pooled.at_least is None else pooled.at_least
    high = 95.0 if pooled is None or pooled.at_most is None else pooled.at_most
    least = low if everywhere is None else everywhere.at_least or low
    return low, high, least
