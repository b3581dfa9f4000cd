"""Compare visits: align, follow, weigh, call; top to bottom."""

from calcitrace.services.comparing.carrying import with_carried_edits
from calcitrace.services.comparing.comparing import compare_visits
from calcitrace.services.comparing.mapping import (
    Aligned,
    Aligner,
    Laid,
    Unmoved,
    remembered,
)
from calcitrace.services.comparing.request import ComparisonRequest
from calcitrace.services.comparing.visits import ordered_visits, visit_of

__all__ = [
    "Aligned",
    "Aligner",
    "ComparisonRequest",
    "Laid",
    "Unmoved",
    "compare_visits",
    "ordered_visits",
    "remembered",
    "visit_of",
    "with_carried_edits",
]
