"""`calcitrace measure` and its Python twin: read, measure, write."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.adapters.dicom_seg import DicomSeg, why_no_seg
from calcitrace.adapters.edits_json import FILE_NAME, EditsJson, read_edits
from calcitrace.adapters.label_images import LabelImages
from calcitrace.adapters.protocol_file import read_protocol
from calcitrace.adapters.result_folder import check_replaceable, replaced_folder
from calcitrace.adapters.scan_json import ScanJson
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.adapters.segmenters import BUILTIN, segmenter_of
from calcitrace.adapters.tabular import CsvTables
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.errors import OutputError, UnreadableSourceError
from calcitrace.model.edits import Edits
from calcitrace.model.protocol import Protocol
from calcitrace.model.result import ScanResult
from calcitrace.model.scan import Scan
from calcitrace.model.work import both, in_threads
from calcitrace.services.imaging import measure_scan
from calcitrace.services.ports import Progress, ResultWriter, Segmenter, no_progress


@dataclass(frozen=True, slots=True)
class MeasureRequest:
    """What a user asked `measure` for; `None` is "the default".

    Attributes
    ----------
    protocol
        Settings that are at hand already, in place of a file.
    input_hash
        What the scan must have: to measure again, not another one.
    """

    source: Path
    out: Path
    series_uid: str | None = None
    protocol_file: Path | None = None
    calibration_file: Path | None = None
    edits_file: Path | None = None
    segmenter: str = BUILTIN
    segmenter_labels: str | None = None
    lang: str = "en"
    protocol: Protocol | None = None
    input_hash: str | None = None


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
    edits: Path | str | None = None,
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
    edits
        A reader's corrections (`edits.json`), replayed between finding and measuring.
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
    EditsError
        If the corrections cannot be read, or lie outside of the scan they name.
    SegmentationError
        If the segmenter fails, or what it found does not belong to the scan.
    """
    reference = None if calibration is None else read_calibration(Path(calibration))
    changes = None if edits is None else read_edits(Path(edits))
    return measure_scan(
        scan,
        protocol or Protocol(),
        reference,
        progress,
        edits=changes,
        segmenter=segmenter,
    )


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
        If the folder holds other files, or corrections other than those of the result,
        or cannot be written.
    """
    target = Path(folder).absolute()
    correction = result.correction
    check_corrections_kept(target, None if correction is None else correction.edits)
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
    edits = None if request.edits_file is None else read_edits(request.edits_file)
    check_corrections_kept(request.out, edits)
    file, calibration = request.protocol_file, request.calibration_file
    given = request.protocol or Protocol()
    protocol = given if file is None else read_protocol(file)
    reference = None if calibration is None else read_calibration(calibration)
    helper = segmenter_of(request.segmenter, request.segmenter_labels)
    scan = read_scan(request.source, series_uid=request.series_uid, progress=progress)
    if request.input_hash not in {None, scan.input_hash}:
        msg = (
            "Expected the scan that the earlier result was measured on, got another "
            "one. Give its folder, and its --series if there are several."
        )
        raise UnreadableSourceError(msg)
    # What the writers need takes a second to load: time that the analysis leaves.
    result, _ = both(
        lambda: measure_scan(
            scan, protocol, reference, progress, edits=edits, segmenter=helper
        ),
        _writers,
    )
    written = write_result(result, request.out, lang=request.lang, progress=progress)
    return result, written


def _writers() -> Sequence[ResultWriter]:
    """Every output, quick ones first, loaded and ready."""
    from calcitrace.adapters.documents import HtmlReport  # noqa: PLC0415 -- slow
    from calcitrace.adapters.key_image_files import KeyImageFiles  # noqa: PLC0415 -- loaded on use

    DicomSeg.load()
    return (
        CsvTables(),
        ScanJson(),
        EditsJson(),
        LabelImages(),
        DicomSeg(),
        KeyImageFiles(),
        HtmlReport(),
    )


def check_corrections_kept(out: Path, edits: Edits | None) -> None:
    """Refuse to replace a folder that holds corrections other than those in use.

    Raises
    ------
    OutputError
        If a reader's work would be lost.
    EditsError
        If what lies there cannot be read.
    """
    kept = out / FILE_NAME
    if kept.is_file() and read_edits(kept) != edits:
        msg = (
            f"Expected a folder without other corrections, but {kept} holds a "
            f"reader's work. Give --edits {kept} to use it, or another --out."
        )
        raise OutputError(msg)
