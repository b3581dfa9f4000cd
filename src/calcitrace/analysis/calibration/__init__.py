"""HU to hydroxyapatite: rods, a scanner measured before, the patient's tissues, a table.

The table holds the factor k (HU per mg/cm3 in water) computed from spectra. Deposits in
one scan lie in slices of different body size: the calibration that leaves here knows how
its slope moves with size (`Calibration.at_diameter`), with one relative systematic error
that all share.
"""

from calcitrace.analysis.calibration.by_rods import (
    RodFit,
    calibrate_by_rods,
    fit_rods,
)
from calcitrace.analysis.calibration.by_scanner import calibrate_by_scanner
from calcitrace.analysis.calibration.by_table import calibrate_by_table
from calcitrace.analysis.calibration.by_tissue import (
    Tissues,
    calibrate_by_tissue,
    find_tissues,
    helped_size,
)
from calcitrace.analysis.calibration.phantom import (
    FoundPhantom,
    FoundRod,
    find_phantom,
)
from calcitrace.analysis.calibration.rod_regions import rods_in_scan
from calcitrace.analysis.calibration.truncation import widened_by_truncation

__all__ = [
    "FoundPhantom",
    "FoundRod",
    "RodFit",
    "Tissues",
    "calibrate_by_rods",
    "calibrate_by_scanner",
    "calibrate_by_table",
    "calibrate_by_tissue",
    "find_phantom",
    "find_tissues",
    "fit_rods",
    "helped_size",
    "rods_in_scan",
    "widened_by_truncation",
]
