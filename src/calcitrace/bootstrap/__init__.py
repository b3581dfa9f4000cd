"""The only place where use cases meet the adapters that serve them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.adapters.dicom_seg import DicomSeg, why_no_seg
from calcitrace.adapters.dicom_writer import DicomSeries
from calcitrace.adapters.label_images import LabelImages
from calcitrace.adapters.protocol_file import read_protocol
from calcitrace.adapters.result_folder import DEMO, check_replaceable, replaced_folder
from calcitrace.adapters.scan_json import ScanJson, json_text, scan_document
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.adapters.scanner_file import write_scanner
from calcitrace.adapters.tabular import CsvTables
from calcitrace.adapters.truth_table import write_truth
from calcitrace.bootstrap.inserting import (
    InsertRequest,
    insert,
    insert_into,
    limit_into,
)
from calcitrace.bootstrap.simulating import Simulation, simulate_into
from calcitrace.bootstrap.validating import (
    Validation,
    ValidationRequest,
    validate_into,
)
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.model.protocol import Protocol
from calcitrace.model.result import ScanResult
from calcitrace.model.scan import Scan
from calcitrace.services.calibrating import PhantomMeasurement, measure_phantom
from calcitrace.services.demo import (
    DemoComparison,
    compare_with_truth,
    simulate_series,
)
from calcitrace.services.imaging import measure_scan
from calcitrace.services.ports import Progress, ResultWriter, no_progress

__all__ = [
    "CalibrateRequest",
    "Demo",
    "InsertRequest",
    "MeasureRequest",
    "PhantomMeasurement",
    "Simulation",
    "Validation",
    "ValidationRequest",
    "WrittenResult",
    "calibrate_into",
    "demo_into",
    "insert",
    "insert_into",
    "json_text",
    "limit_into",
    "measure",
    "measure_into",
    "read_scan",
    "scan_document",
    "simulate_into",
    "validate_into",
    "write_result",
]


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """What a user asked `measure` for; `None` is "the default"."""

    source: Path
    out: Path
    series_uid: str | None = None
    protocol_file: Path | None = None
    calibration_file: Path | None = None
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class CalibrateRequest:
    """What a user asked `calibrate` for; no diameters is "measure them"."""

    source: Path
    out: Path
    densities_mg_cm3: tuple[float, ...]
    diameters_mm: tuple[float, ...] = ()
    series_uid: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Demo:
    """A simulated scan, measured."""

    comparison: DemoComparison
    result: ScanResult
    written: WrittenResult


def read_scan(
    source: Path | str,
    *,
    series_uid: str | None = None,
    progress: Progress = no_progress,
) -> Scan:
    """Read one CT series.

    Parameters
    ----------
    source
        Folder of DICOM files at any depth, a zip of one, a DICOM file or a NIfTI image.
    series_uid
        Series Instance UID to read; without it the best CT series is chosen, and
        `Scan.series` lists the others with the reason.
    progress
        Hears "read" from 0 to 1.

    Returns
    -------
    Scan
        Voxels in HU on a grid in patient space (DICOM LPS, mm).

    Raises
    ------
    UnreadableSourceError
        If the source cannot be read; the message is one line for the user.
    NoMeasurableSeriesError
        If nothing in it can be measured.
    """
    return FileScanReader().read(Path(source), series_uid=series_uid, progress=progress)


def measure(
    scan: Scan,
    protocol: Protocol | None = None,
    *,
    calibration: Path | str | None = None,
    progress: Progress = no_progress,
) -> ScanResult:
    """Find and measure every deposit of one scan.

    Parameters
    ----------
    scan
        As `read_scan` returns it.
    protocol
        Settings; without them the defaults.
    calibration
        Calibration file (grade A or B); without one the patient's tissues (C) or the
        table by kVp and body size (D).
    progress
        Hears "anatomy", "detect" and "measure", each from 0 to 1.

    Returns
    -------
    ScanResult
        Deposits with their errors, totals, label images, flags; the same on every run.

    Raises
    ------
    CalibrationError
        If the calibration file cannot be used.
    """
    reference = None if calibration is None else read_calibration(Path(calibration))
    return measure_scan(scan, protocol or Protocol(), reference, progress)


def write_result(
    result: ScanResult,
    folder: Path | str,
    *,
    lang: str = "en",
    progress: Progress = no_progress,
) -> WrittenResult:
    """Write every output of a result into a folder that appears whole or not at all.

    Parameters
    ----------
    result
        As `measure` returns it.
    folder
        To be created; an earlier result in it is replaced.
    lang
        Language of the report, "en" or "fr".
    progress
        Hears "write" from 0 to 1.

    Raises
    ------
    OutputError
        If the folder holds other files or cannot be written.
    """
    target = Path(folder).absolute()
    writers = _writers()
    names: list[str] = []
    with replaced_folder(target) as work:
        for done, writer in enumerate(writers):
            progress("write", done / len(writers))
            names += [path.name for path in writer.write(result, work, lang=lang)]
    progress("write", 1.0)
    reason = why_no_seg(result)
    return WrittenResult(
        folder=target,
        files=tuple(target / name for name in names),
        notes=() if reason is None else (reason,),
    )


def measure_into(
    request: MeasureRequest, progress: Progress = no_progress
) -> tuple[ScanResult, WrittenResult]:
    """Read, measure and write, as `calcitrace measure` does.

    Raises
    ------
    CalcitraceError
        If anything that was given cannot be used; nothing is written then.
    """
    # All that can be refused is refused before minutes of work, not after.
    check_replaceable(request.out)
    file, calibration = request.protocol_file, request.calibration_file
    protocol = Protocol() if file is None else read_protocol(file)
    reference = None if calibration is None else read_calibration(calibration)
    scan = read_scan(request.source, series_uid=request.series_uid, progress=progress)
    result = measure_scan(scan, protocol, reference, progress)
    written = write_result(result, request.out, lang=request.lang, progress=progress)
    return result, written


def calibrate_into(
    request: CalibrateRequest, progress: Progress = no_progress
) -> PhantomMeasurement:
    """Read a phantom scan, measure it, and write a calibration file of grade B.

    Raises
    ------
    CalcitraceError
        If the scan or what was said of the rods cannot be used; nothing is written.
    """
    scan = read_scan(request.source, series_uid=request.series_uid, progress=progress)
    measured = measure_phantom(scan, request.densities_mg_cm3, request.diameters_mm)
    write_scanner(measured.reference, request.out)
    return measured


def demo_into(out: Path, *, lang: str = "en", progress: Progress = no_progress) -> Demo:
    """Simulate a limb, measure it from its DICOM files, and compare with the truth.

    Parameters
    ----------
    out
        Folder to be created, with `scan` (DICOM), `result` and `truth.csv`; an earlier
        demo in it is replaced.
    lang
        Language of the report, "en" or "fr".
    progress
        Hears "simulate", then what `measure` reports.

    Raises
    ------
    OutputError
        If the folder holds other files or cannot be written.
    """
    target = out.absolute()
    with replaced_folder(target, DEMO) as work:
        (work / "scan").mkdir()
        simulated = simulate_series(work / "scan", DicomSeries(), progress=progress)
        scan = read_scan(work / "scan", progress=progress)
        result = measure(scan, progress=progress)
        comparison = compare_with_truth(result.deposits, simulated.truth)
        write_truth(comparison, work)
        written = write_result(result, work / "result", lang=lang, progress=progress)
    folder = target / "result"  # the work folder has taken this name
    files = tuple(folder / path.name for path in written.files)
    return Demo(comparison, result, WrittenResult(folder, files, written.notes))


def _writers() -> Sequence[ResultWriter]:
    """Every output, quick ones first."""
    from calcitrace.adapters.documents import HtmlReport  # noqa: PLC0415 -- slow

    return CsvTables(), ScanJson(), LabelImages(), DicomSeg(), HtmlReport()
