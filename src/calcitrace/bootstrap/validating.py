"""`calcitrace validate`: accuracy on simulated scans, or on a phantom that was scanned."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.adapters.insert_table import read_inserts
from calcitrace.adapters.result_folder import (
    VALIDATION,
    check_replaceable,
    replaced_folder,
)
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.adapters.validation_report import write_validation
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.errors import InputError
from calcitrace.model.protocol import Protocol
from calcitrace.model.reading import Reading
from calcitrace.services.imaging import measure_scan
from calcitrace.services.ports import Progress, no_progress
from calcitrace.services.validation import insert_readings, summarise, summary

BOOTSTRAP_SEED = 1


@dataclass(frozen=True, slots=True)
class ValidationRequest:
    """What a user asked `validate` for.

    Attributes
    ----------
    suite
        "quick" or "full"; not used with a scan.
    scan, truth, calibration
        A phantom that was scanned, its known inserts, and its calibration.
    """

    out: Path
    suite: str = "quick"
    scan: Path | None = None
    truth: Path | None = None
    calibration: Path | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """Accuracy, written.

    Attributes
    ----------
    summary
        Lines for people, failures first.
    """

    summary: tuple[str, ...]
    n_readings: int
    written: WrittenResult


def validate_into(
    request: ValidationRequest, progress: Progress = no_progress
) -> Validation:
    """Simulate or read, measure, and write tables and report.

    Raises
    ------
    InputError
        If only one of scan and truth is given, or either cannot be used.
    OutputError
        If the folder holds other files or cannot be written.
    """
    check_replaceable(request.out, VALIDATION)
    is_simulated = request.scan is None and request.truth is None
    readings = (
        _simulated(request.suite, progress)
        if is_simulated
        else _scanned(request, progress)
    )
    result = summarise(readings, np.random.default_rng(BOOTSTRAP_SEED))
    target = request.out.absolute()
    with replaced_folder(target, VALIDATION) as work:
        files = write_validation(result, readings, work, is_simulated=is_simulated)
    return Validation(
        summary=summary(result, readings, is_simulated=is_simulated),
        n_readings=len(readings),
        written=WrittenResult(target, tuple(target / f.name for f in files), ()),
    )


def _simulated(name: str, progress: Progress) -> Sequence[Reading]:
    """Readings of a suite; the simulator is loaded on use, for it is compiled."""
    from calcitrace.services.study import FULL, QUICK, run_suite  # noqa: PLC0415 -- loaded on use

    suites = {suite.name: suite for suite in (QUICK, FULL)}
    if name not in suites:
        msg = f"Expected suite {' or '.join(suites)}, got {name!r}. Choose one."
        raise InputError(msg)
    return run_suite(suites[name], progress)


def _scanned(request: ValidationRequest, progress: Progress) -> Sequence[Reading]:
    """Readings of the inserts of a phantom."""
    if request.scan is None or request.truth is None:
        msg = "Expected --scan and --truth together, got one of them. Give both."
        raise InputError(msg)
    inserts = read_inserts(request.truth)
    file = request.calibration
    rods = None if file is None else read_calibration(file)
    scan = FileScanReader().read(request.scan, progress=progress)
    return insert_readings(inserts, measure_scan(scan, Protocol(), rods, progress))
