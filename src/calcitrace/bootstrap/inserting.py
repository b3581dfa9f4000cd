"""`calcitrace insert`: synthetic deposits in a real scan."""

from dataclasses import dataclass, field
from pathlib import Path

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.adapters.derived_series import write_derived_series
from calcitrace.adapters.detection_limit_table import write_detection_limit
from calcitrace.adapters.insertion_truth import write_insertion_truth
from calcitrace.adapters.result_folder import (
    DETECTION_LIMIT,
    INSERTION,
    check_replaceable,
    replaced_folder,
)
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.model.insertion import Insertion, InsertionSettings
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from calcitrace.services.detection_limit import DetectionLimit, detection_limit
from calcitrace.services.inserting import insert_into_scan
from calcitrace.services.ports import Progress, no_progress


@dataclass(frozen=True, slots=True)
class InsertRequest:
    """What a user asked `insert` for."""

    source: Path
    out: Path
    settings: InsertionSettings = field(default_factory=InsertionSettings)
    series_uid: str | None = None
    calibration_file: Path | None = None


def insert(
    scan: Scan,
    settings: InsertionSettings | None = None,
    *,
    calibration: Path | str | None = None,
    progress: Progress = no_progress,
) -> Insertion:
    """Insert synthetic deposits of known mass into a scan.

    Hydroxyapatite is drawn on cells of at most 0.5 mm, blurred with the scan's own
    point-spread function, averaged to voxels, turned into HU by the scan's own
    calibration and added, so that the real noise stays. Placement keeps away from gas,
    the inside of skull and spine, the inner trunk, what is dense already, and the ends
    of the scan.

    Parameters
    ----------
    scan
        As `read_scan` returns it.
    settings
        What to insert; without them 20 deposits of all kinds.
    calibration
        Calibration file, as `measure` takes it.
    progress
        Hears "anatomy" and "place", each from 0 to 1.

    Returns
    -------
    Insertion
        The new scan, and the exact truth: mass in mg of every deposit and in every
        voxel, shape (slice, row, column). The same for the same scan and settings.

    Raises
    ------
    InsertionError
        If there is no body in the images, or no room in it.
    CalibrationError
        If the calibration file cannot be used.
    """
    reference = None if calibration is None else read_calibration(Path(calibration))
    chosen = settings or InsertionSettings()
    return insert_into_scan(scan, chosen, Protocol(), reference, progress)


def insert_into(
    request: InsertRequest, progress: Progress = no_progress
) -> tuple[Insertion, WrittenResult]:
    """Read, insert and write, as `calcitrace insert` does.

    Raises
    ------
    CalcitraceError
        If anything that was given cannot be used; nothing is written then.
    """
    check_replaceable(request.out, INSERTION)
    scan = FileScanReader().read(
        request.source, series_uid=request.series_uid, progress=progress
    )
    insertion = insert(
        scan,
        request.settings,
        calibration=request.calibration_file,
        progress=progress,
    )
    target = request.out.absolute()
    with replaced_folder(target, INSERTION) as work:
        (work / "scan").mkdir()
        n, seed = len(insertion.deposits), request.settings.seed
        write_derived_series(
            insertion.scan,
            work / "scan",
            derivation=f"{n} synthetic deposits of known mass added, seed {seed}",
        )
        names = ("scan", *write_insertion_truth(insertion, work))
    files = tuple(target / name for name in names)
    return insertion, WrittenResult(target, files, ())


def limit_into(
    request: InsertRequest, n_repeats: int, progress: Progress = no_progress
) -> tuple[DetectionLimit, WrittenResult]:
    """Read, insert and measure again and again, as `--detection-limit` does.

    Raises
    ------
    CalcitraceError
        If anything that was given cannot be used; nothing is written then.
    """
    check_replaceable(request.out, DETECTION_LIMIT)
    file = request.calibration_file
    reference = None if file is None else read_calibration(file)
    scan = FileScanReader().read(
        request.source, series_uid=request.series_uid, progress=progress
    )
    limit = detection_limit(scan, request.settings, n_repeats, reference, progress)
    target = request.out.absolute()
    with replaced_folder(target, DETECTION_LIMIT) as work:
        names = write_detection_limit(limit, work)
    files = tuple(target / name for name in names)
    return limit, WrittenResult(target, files, ())
