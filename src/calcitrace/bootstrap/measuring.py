"""`calcitrace measure` and its Python twin: read, measure, write."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.adapters.dicom_seg import DicomSeg, why_no_seg
from calcitrace.adapters.label_images import LabelImages
from calcitrace.adapters.protocol_file import read_protocol
from calcitrace.adapters.result_folder import check_replaceable, replaced_folder
from calcitrace.adapters.scan_json import ScanJson
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.adapters.segmenters import BUILTIN, segmenter_of
from calcitrace.adapters.tabular import CsvTables
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.model.protocol import Protocol
from calcitrace.model.result import ScanResult
from calcitrace.model.scan import Scan
from calcitrace.model.work import both, in_threads
from calcitrace.services.imaging import measure_scan
from calcitrace.services.ports import Progress, ResultWriter, Segmenter, no_progress


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """What a user asked `measure` for; `None` is "the default"."""

    source: Path
    out: Path
    series_uid: str | None = None
    protocol_file: Path | None = None
    calibration_file: Path | None = None
    segmenter: str = BUILTIN
    segmenter_labels: str | None = None
    lang: str = "en"


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
    segmenter: Segmenter | None = None,
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
    segmenter
        Names bones, vessels and organs, as `calcitrace.segmenter` returns it; without
        one only the built-in search for the skeleton runs.
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
    SegmentationError
        If the segmenter fails, or what it found does not belong to the scan.
    """
    reference = None if calibration is None else read_calibration(Path(calibration))
    settings = protocol or Protocol()
    return measure_scan(scan, settings, reference, progress, segmenter)


def segmenter(given: str, labels: Path | str | None = None) -> Segmenter | None:
    """Segmenter by name or file, as `--segmenter` and `--segmenter-labels` take them.

    Parameters
    ----------
    given
        "builtin", the name of a plug-in with options after a colon, a NIfTI label map
        or a DICOM SEG.
    labels
        For a NIfTI label map: a table known by name, or a TOML or CSV file.

    Returns
    -------
    Segmenter or None
        None is the built-in search alone.

    Raises
    ------
    SegmentationError
        If it cannot be used.
    """
    return segmenter_of(given, None if labels is None else str(labels))


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

        def write(writer: ResultWriter) -> tuple[Path, ...]:
            return writer.write(result, work, lang=lang)

        progress("write", 0.0)
        for done, paths in enumerate(in_threads(write, writers), start=1):
            names += [path.name for path in paths]
            progress("write", done / len(writers))
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
    helper = segmenter_of(request.segmenter, request.segmenter_labels)
    scan = read_scan(request.source, series_uid=request.series_uid, progress=progress)
    # What the writers need takes a second to load: time that the analysis leaves.
    result, _ = both(
        lambda: measure_scan(scan, protocol, reference, progress, helper), _writers
    )
    written = write_result(result, request.out, lang=request.lang, progress=progress)
    return result, written


def _writers() -> Sequence[ResultWriter]:
    """Every output, quick ones first, loaded and ready."""
    from calcitrace.adapters.documents import HtmlReport  # noqa: PLC0415 -- slow

    DicomSeg.load()
    return CsvTables(), ScanJson(), LabelImages(), DicomSeg(), HtmlReport()
