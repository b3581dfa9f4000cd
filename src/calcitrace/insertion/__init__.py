"""Synthetic deposits in real scans, with exact truth.

Takes the blur, calibration and anatomy that the analysis found as values and shares no
code with it: what judges detection must not be what detects.
"""

from calcitrace.insertion.inserting import Known, insert_deposits
from calcitrace.insertion.matching import Overlap, explained, overlaps

__all__ = ["Known", "Overlap", "explained", "insert_deposits", "overlaps"]
