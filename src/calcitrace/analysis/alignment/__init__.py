"""Where each point of one visit lies at another visit of the same patient."""

from calcitrace.analysis.alignment.aligning import align
from calcitrace.analysis.alignment.covering import common_coverage

__all__ = ["align", "common_coverage"]
