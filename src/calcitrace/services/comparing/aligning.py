"""Lay one visit on another by bones and soft tissue."""

import math

from calcitrace.analysis.alignment import align, common_coverage
from calcitrace.model.alignment import Sighted
from calcitrace.model.comparison import AlignmentSummary
from calcitrace.model.visit import Visit
from calcitrace.services.comparing.mapping import Laid, Unmoved
from calcitrace.services.comparing.stored import typical_hu


def align_visits(first: Visit, other: Visit) -> Laid:
    """Lay a visit on the first one; the first one on itself."""
    if other.number == first.number:
        return Laid(Unmoved(), AlignmentSummary(other.number, "reference", None))
    # Real and typical CT numbers are not alike: where one visit has no images, both go
    # by what their tissues typically have.
    is_stored = first.result is None or other.result is None
    sights = [_sighted(visit, is_typical=is_stored) for visit in (first, other)]
    found = align(sights[0], sights[1])
    quality = found.quality
    summary = AlignmentSummary(
        visit=other.number,
        verdict=quality.verdict.value,
        residual_mm=_number(quality.residual_median_mm),
        residual_p95_mm=_number(quality.residual_p95_mm),
        matched_share=quality.matched_share,
        scale=quality.scale,
        flags=quality.flags,
    )
    return Laid(found, summary, common_coverage(found, sights[0], sights[1]))


def _sighted(visit: Visit, *, is_typical: bool) -> Sighted:
    volume = typical_hu(visit.anatomy.tissue) if is_typical else visit.volume
    return Sighted(volume, visit.anatomy, visit.labels, visit.coverage)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
