"""Calibration of grade B: the same scanner model and tube voltage, measured before."""

import math

from calcitrace.analysis.calibration.budget import same_model_std
from calcitrace.analysis.calibration.by_rods import unexpected
from calcitrace.analysis.calibration.by_table import calibrate_by_table
from calcitrace.analysis.calibration.rod_regions import refuse_other_kvp
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.rods import ScannerReference


def calibrate_by_scanner(
    reference: ScannerReference, acquisition: Acquisition, body_diameter_mm: float
) -> tuple[Calibration | None, tuple[Flag, ...]]:
    """Bring the slope in the phantom to a body of another size, by the table.

    Parameters
    ----------
    reference
        The phantom scan.
    acquisition
        Of the patient's scan.
    body_diameter_mm
        Typical water-equivalent diameter in the scan; NaN is taken as the phantom's.

    Returns
    -------
    tuple
        Calibration and flags. No calibration, and a flag that says why, where the
        header names another scanner or does not say which scanner or voltage it was.

    Raises
    ------
    CalibrationError
        If the header says another tube voltage: a slope of another voltage is wrong by
        a quarter.
    """
    refuse_other_kvp(reference.kvp, acquisition.kvp)
    seen = (acquisition.manufacturer, acquisition.model_name)
    if acquisition.kvp is None or not reference.is_of(*seen):
        return None, (Flag(FlagKind.CALIBRATION_FILE_UNUSED, _difference(acquisition)),)
    phantom_mm = reference.body_diameter_mm
    size_mm = body_diameter_mm if math.isfinite(body_diameter_mm) else phantom_mm
    in_phantom, _ = calibrate_by_table(reference.kvp, phantom_mm)
    table, flags = calibrate_by_table(reference.kvp, size_mm)
    moved = math.log(table.hu_per_mg_cm3 / in_phantom.hu_per_mg_cm3)
    slope = reference.slope_mg_cm3_per_hu * math.exp(-moved)
    relative = math.hypot(
        reference.std_random / reference.slope_mg_cm3_per_hu,
        reference.std_systematic / reference.slope_mg_cm3_per_hu,
        same_model_std(phantom_mm, size_mm, moved),
    )
    calibration = Calibration(
        slope_mg_cm3_per_hu=slope,
        std_systematic=relative * slope,
        std_random=0.0,
        grade=Grade.B,
        kvp=reference.kvp,
        body_diameter_mm=table.body_diameter_mm,
        hardening_cm2_per_mg=table.hardening_cm2_per_mg,
        source="a phantom measured on the same scanner model and tube voltage",
        by_size=table.by_size,
    )
    kept = tuple(f for f in flags if f.kind is not FlagKind.CALIBRATION_GRADE_D)
    return calibration, (*kept, *unexpected(calibration, table))


def _difference(acquisition: Acquisition) -> str:
    """What the header says instead."""
    names = (acquisition.manufacturer, acquisition.model_name)
    if acquisition.kvp is None:
        return "kVp unknown"
    return " ".join(name for name in names if name) or "scanner unknown"
