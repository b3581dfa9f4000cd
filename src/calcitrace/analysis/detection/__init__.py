"""Detection: bright components and what they are."""

from calcitrace.analysis.detection.finding import Detection, Sight, find_candidates

__all__ = ["Detection", "Sight", "find_candidates"]
