"""Flags of a scan that follow from how slices lie, in DICOM and NIfTI alike."""

from collections.abc import Iterator

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.volume import Coverage, HuVolume

THICK_MM = 3.0
FEW = 10
# Spacing over thickness; headers round both.
GAP_FACTOR = 1.1


def slice_flags(
    volume: HuVolume, coverage: Coverage, acquisition: Acquisition
) -> Iterator[Flag]:
    """Flags on missing, thick, few slices and on gaps between them."""
    n_missing = int((~coverage.slices).sum())
    if n_missing:
        n = coverage.slices.size
        yield Flag(FlagKind.MISSING_SLICES, f"{n_missing} / {n}")
    spacing_mm = volume.grid.spacing_mm[0]
    thickness_mm = acquisition.slice_thickness_mm
    if max(spacing_mm, thickness_mm or 0.0) > THICK_MM:
        yield Flag(
            FlagKind.THICK_SLICES, f"{max(spacing_mm, thickness_mm or 0.0):.3g} mm"
        )
    if thickness_mm is not None and spacing_mm > GAP_FACTOR * thickness_mm:
        yield Flag(FlagKind.SLICE_GAPS, f"{thickness_mm:.3g} mm / {spacing_mm:.3g} mm")
    n_measured = int(coverage.slices.sum())
    if n_measured < FEW:
        yield Flag(FlagKind.FEW_SLICES, f"{n_measured}")
