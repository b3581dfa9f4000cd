"""Body outline, tissues and skeleton of one scan."""

from calcitrace.analysis.anatomy.finding import (
    CLASSICAL,
    SegmentedSkeleton,
    find_anatomy,
)

__all__ = ["CLASSICAL", "SegmentedSkeleton", "find_anatomy"]
