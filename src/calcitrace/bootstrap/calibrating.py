"""`calcitrace calibrate`: a phantom that was scanned becomes a calibration file."""

from dataclasses import dataclass
from pathlib import Path

from calcitrace.adapters.scanner_file import write_scanner
from calcitrace.bootstrap.measuring import read_scan
from calcitrace.services.calibrating import PhantomMeasurement, measure_phantom
from calcitrace.services.ports import Progress, no_progress

__all__ = ["CalibrateRequest", "PhantomMeasurement", "calibrate_into"]


@dataclass(frozen=True, slots=True)
class CalibrateRequest:
    """What a user asked `calibrate` for; no diameters is "measure them"."""

    source: Path
    out: Path
    densities_mg_cm3: tuple[float, ...]
    diameters_mm: tuple[float, ...] = ()
    series_uid: str | None = None


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
