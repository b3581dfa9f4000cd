"""HU to hydroxyapatite, from rods or from a table by tube voltage and body size.

The table holds the factor k (HU per mg/cm3 in water) computed from spectra. Deposits in
one scan lie in slices of different body size: the calibration that leaves here knows how
its slope moves with size (`Calibration.at_diameter`), with one relative systematic error
that all share.
"""

from calcitrace.analysis.calibration.by_rods import calibrate_by_rods
from calcitrace.analysis.calibration.by_table import calibrate_by_table
from calcitrace.analysis.calibration.rod_regions import rods_in_scan

__all__ = ["calibrate_by_rods", "calibrate_by_table", "rods_in_scan"]
