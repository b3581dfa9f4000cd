"""What a segmenter found, checked against the scan before anything rests on it."""

import math
from dataclasses import dataclass

from calcitrace.analysis.anatomy import SegmentedSkeleton
from calcitrace.analysis.structures import BoneFit, bone_fit, covered_fraction, on_grid
from calcitrace.errors import CalcitraceError, SegmentationError
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.scan import Scan
from calcitrace.model.structures import LabelMap, StructureKind
from calcitrace.services.ports import Segmenter

# Denser than air: body and table.
MATTER_HU = -300.0
WHOLE_FRACTION = 0.98
# Mean CT number of bone with its marrow; flesh and organs stay below.
BONE_MEAN_MIN_HU = 90.0
# A bone that the scan's end cuts can gain this much by being moved along itself.
MOVED_GAIN = 1.25


@dataclass(frozen=True, slots=True, eq=False)
class Segmented:
    """What a segmenter found, on the scan's grid.

    Attributes
    ----------
    skeleton
        Its bones; `None` where it named none.
    structures
        All that it named.
    flags
        What is wrong with it.
    """

    skeleton: SegmentedSkeleton | None
    structures: LabelMap
    flags: tuple[Flag, ...]


def segmented(scan: Scan, segmenter: Segmenter) -> Segmented:
    """Run a segmenter and check what it found.

    Raises
    ------
    SegmentationError
        If it fails, or if what it found lies elsewhere: in another frame of reference,
        beside the body, or with bones where the scan shows none.
    """
    found = _found(segmenter, scan)
    _check_frame(found, scan)
    grid = scan.volume.grid
    covered = covered_fraction(grid, scan.volume.hu > MATTER_HU, found.labels.grid)
    if covered == 0:
        msg = (
            "Expected a label map of this scan, got one that lies wholly beside it. "
            "Give the map that was made from the same series."
        )
        raise SegmentationError(msg)
    structures = on_grid(found, grid)
    fit = bone_fit(structures, scan.volume)
    if fit is None:
        return Segmented(None, structures, (Flag(FlagKind.SEGMENTATION_EMPTY),))
    _check_fit(fit)
    is_partial = covered < WHOLE_FRACTION
    detail = f"{math.floor(100 * covered)} %"
    skeleton = SegmentedSkeleton(
        mask=structures.mask(StructureKind.BONE),
        segmenter=described(segmenter),
        is_whole=found.has_whole_skeleton and not is_partial,
    )
    flags = (Flag(FlagKind.SEGMENTATION_PARTIAL, detail),) if is_partial else ()
    return Segmented(skeleton, structures, flags)


def _found(segmenter: Segmenter, scan: Scan) -> LabelMap:
    """Run it; whatever a plug-in raises ends in one line."""
    try:
        return segmenter.segment(scan.volume)
    except CalcitraceError:
        raise
    except Exception as error:
        msg = (
            f"Expected a label map of the segmenter '{segmenter.name}', got "
            f"{type(error).__name__}. Run again with --debug, and report it to its "
            "makers."
        )
        raise SegmentationError(msg) from error


def described(segmenter: Segmenter) -> str:
    """Name, version and licence in one line."""
    licence = f" ({segmenter.licence})" if segmenter.licence else ""
    return f"{segmenter.name} {segmenter.version}{licence}"


def _check_fit(fit: BoneFit) -> None:
    if fit.moved_hu > MOVED_GAIN * max(fit.mean_hu, BONE_MEAN_MIN_HU):
        got = f"{fit.mean_hu:.0f} HU, and {fit.moved_hu:.0f} HU {fit.moved_mm:.0f} mm away"
    elif fit.mean_hu < BONE_MEAN_MIN_HU:
        got = f"{fit.mean_hu:.0f} HU"
    else:
        return
    msg = (
        f"Expected bone where the label map says bone, got {got}. Give the map that was "
        "made from the same series."
    )
    raise SegmentationError(msg)


def _check_frame(found: LabelMap, scan: Scan) -> None:
    said, known = found.frame_of_reference_uid, scan.acquisition.frame_of_reference_uid
    if said is not None and known is not None and said != known:
        msg = (
            "Expected a segmentation in the scan's frame of reference, got one in "
            "another. Give the one that was made from the same series."
        )
        raise SegmentationError(msg)
