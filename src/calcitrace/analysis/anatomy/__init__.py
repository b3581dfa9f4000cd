"""Body outline, tissues and skeleton of one scan."""

from calcitrace.analysis.anatomy.finding import SegmentedSkeleton, find_anatomy

__all__ = ["SegmentedSkeleton", "find_anatomy"]
