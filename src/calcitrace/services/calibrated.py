"""Choose how a scan is calibrated: the best grade that it allows."""

import math
from dataclasses import dataclass

import numpy as np

from calcitrace.analysis.calibration import (
    calibrate_by_rods,
    calibrate_by_scanner,
    calibrate_by_table,
    calibrate_by_tissue,
    find_tissues,
    helped_size,
    rods_in_scan,
    widened_by_truncation,
)
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.flags import Flag
from calcitrace.model.rods import Reference, RodReference
from calcitrace.model.scan import Scan

Calibrated = tuple[Calibration, tuple[Flag, ...]]


def calibrated(scan: Scan, anatomy: Anatomy, reference: Reference | None) -> Calibrated:
    """Calibrate by rods or scanner where they are given, else by tissues or table.

    Parameters
    ----------
    scan, anatomy
        What is to be measured.
    reference
        Content of a calibration file, or None.

    Returns
    -------
    tuple
        Calibration, and its flags: also where a file was given but does not hold.

    Raises
    ------
    CalibrationError
        If the file is for another tube voltage, or its rods cannot be used.
    """
    acquisition, size_mm = scan.acquisition, typical_diameter_mm(anatomy)
    if isinstance(reference, RodReference):
        rods = rods_in_scan(reference, scan.volume, acquisition.kvp)
        kvp = reference.kvp if acquisition.kvp is None else acquisition.kvp
        return calibrate_by_rods(rods, kvp=kvp, body_diameter_mm=size_mm)
    flags: tuple[Flag, ...] = ()
    if reference is not None:
        found, flags = calibrate_by_scanner(reference, acquisition, size_mm)
        if found is not None:
            return _widened(_Case(found, flags), scan, anatomy)
    table, table_flags = calibrate_by_table(acquisition.kvp, size_mm)
    # Looking takes a second, so only where it can change anything.
    is_helped = helped_size(table) is not None
    tissues = find_tissues(scan.volume, anatomy) if is_helped else None
    by_tissue = None if tissues is None else calibrate_by_tissue(table, tissues)
    if by_tissue is None:
        return _widened(_Case(table, (*flags, *table_flags)), scan, anatomy)
    return _widened(_Case(by_tissue[0], (*flags, *by_tissue[1])), scan, anatomy)


def used_file(calibration: Calibration, reference: Reference | None) -> str | None:
    """Hash of the calibration file, where the masses rest on it."""
    is_used = calibration.grade in {Grade.A, Grade.B}
    return reference.hash if reference is not None and is_used else None


def typical_diameter_mm(anatomy: Anatomy) -> float:
    """Typical water-equivalent diameter of the body; NaN without a body."""
    known = anatomy.body_diameter_mm[np.isfinite(anatomy.body_diameter_mm)]
    return float(np.median(known)) if known.size else math.nan


@dataclass(frozen=True, slots=True)
class _Case:
    calibration: Calibration
    flags: tuple[Flag, ...]


def _widened(case: _Case, scan: Scan, anatomy: Anatomy) -> Calibrated:
    """Widen by what a body cut by the field of view hides of its size."""
    if not anatomy.is_truncated:
        return case.calibration, case.flags
    wider, flags = widened_by_truncation(case.calibration, anatomy.body, scan.coverage)
    return wider, (*case.flags, *flags)
