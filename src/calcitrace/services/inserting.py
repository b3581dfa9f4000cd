"""Insert synthetic deposits into a scan: measure what that needs, then insert."""

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.psf import measure_psf
from calcitrace.errors import InsertionError
from calcitrace.insertion import Known, insert_deposits
from calcitrace.model.insertion import Insertion, InsertionSettings
from calcitrace.model.protocol import Protocol
from calcitrace.model.rods import Reference
from calcitrace.model.scan import Scan
from calcitrace.services.calibrated import calibrated
from calcitrace.services.ports import Progress, no_progress


def known_of(
    scan: Scan, protocol: Protocol, reference: Reference | None = None
) -> Known:
    """Anatomy, blur and calibration of a scan, as measuring it finds them.

    Raises
    ------
    InsertionError
        If there is no body in the images.
    """
    anatomy = find_anatomy(scan.volume, scan.coverage, protocol.anatomy)
    if not anatomy.body.any():
        msg = "Expected a body to insert deposits into, found none in the images."
        raise InsertionError(msg)
    psf, _ = measure_psf(scan.volume, anatomy, scan.acquisition)
    calibration, _ = calibrated(scan, anatomy, reference)
    return Known(anatomy, psf, calibration)


def insert_into_scan(
    scan: Scan,
    settings: InsertionSettings,
    protocol: Protocol,
    reference: Reference | None = None,
    progress: Progress = no_progress,
) -> Insertion:
    """Insert deposits of known mass into one scan.

    Parameters
    ----------
    scan
        As a reader returns it.
    settings
        What to insert.
    protocol
        Settings of the anatomy.
    reference
        Rods or scanner that the calibration rests on; else tissues or table.
    progress
        Hears "anatomy" and "place", each from 0 to 1.

    Raises
    ------
    InsertionError
        If there is no body, or no room in it.
    CalibrationError
        If the reference does not hold for the scan.
    """
    progress("anatomy", 0.0)
    known = known_of(scan, protocol, reference)
    progress("anatomy", 1.0)
    progress("place", 0.0)
    insertion = insert_deposits(scan, known, settings)
    progress("place", 1.0)
    return insertion
