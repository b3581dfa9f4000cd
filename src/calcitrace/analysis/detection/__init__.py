"""Bright components of a scan, each kept or dropped with a reason."""

from calcitrace.analysis.detection.finding import Detection, find_candidates

__all__ = ["Detection", "find_candidates"]
