"""How good an alignment is: as a whole, and at each place."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.alignment.blending import Blend
from calcitrace.analysis.alignment.bones import BoneMap
from calcitrace.analysis.alignment.limbs import Segment
from calcitrace.analysis.alignment.matrices import (
    Matrix,
    moved,
    scale_of,
)
from calcitrace.analysis.alignment.pictures import Picture
from calcitrace.model.alignment import Alignment, AlignmentQuality, Verdict
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.grid import Grid

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

MATCHED_MM = 2.0  # a surface point on bone lies this near to the surface there
# Of residual and share: what is ok, and what has failed.
MEDIAN_MM, SHARE, ALIKE = (0.8, 1.5), (0.8, 0.6), (0.93, 0.87)
SCALE_OFF = (0.02, 0.12)  # a child may grow
VERDICTS = (Verdict.OK, Verdict.POOR, Verdict.FAILED)
POOR, FAILED = 1, 2
ABOUT_BONE_MM, HALF = 4.0, 0.5
LEAST_SURFACE = 150  # points that both scans must show
UNKNOWN_MM = 50.0
# Error where all agrees, and parts of what disagrees.
BASE_MM, QUARREL, LOOSE, SOFT, DISTANCE = 0.5, 0.3, 1.0, 0.5, 0.01


def quality(
    maps: tuple[BoneMap, BoneMap],
    first: Matrix,
    segments: Sequence[Segment],
    correlation: float,
) -> AlignmentQuality:
    """Residual at bone surfaces, and what follows from it.

    Parameters
    ----------
    maps
        Skeletons of reference and moving visit.
    first, segments
        Motions of the whole and of each bone.
    correlation
        Of CT numbers at bone.
    """
    reference, target = maps
    away: list[Points] = []
    for segment in segments:
        distance, _, seen = target.at(moved(segment.motion, segment.bone.surface_mm))
        away.append(np.abs(distance[seen]))
    all_mm = np.concatenate([np.zeros(0), *away])
    if len(all_mm) < LEAST_SURFACE:
        return _failed("they show little bone in common", scale_of(first))
    median, p95 = (float(v) for v in np.percentile(all_mm, (50, 95)))
    matched = float((all_mm < MATCHED_MM).mean())
    scale = scale_of(first)
    words = (
        f"median {median:.1f} mm, {100 * matched:.0f} % of the bone surface matched, "
        f"CT numbers of bone correlate by {correlation:.2f}"
    )
    flags: list[Flag] = []
    grades = [
        _grade(median, MEDIAN_MM),
        _grade(-matched, (-SHARE[0], -SHARE[1])),
        _grade(-correlation, (-ALIKE[0], -ALIKE[1])),
        _grade(abs(scale - 1), SCALE_OFF),
    ]
    worst = max(grades[:3])
    if max(grades) == FAILED:
        detail = words if worst == FAILED else f"size {100 * scale:.1f} %"
        flags.append(Flag(FlagKind.ALIGNMENT_FAILED, detail))
    else:
        if worst == POOR:
            flags.append(Flag(FlagKind.ALIGNMENT_POOR, words))
        if grades[3] == POOR:
            flags.append(Flag(FlagKind.BODY_SIZE_DIFFERS, f"{100 * scale:.1f} %"))
    return AlignmentQuality(
        residual_median_mm=median,
        residual_p95_mm=p95,
        matched_share=matched,
        overlap_share=len(all_mm) / max(len(reference.surface_mm), 1),
        bone_correlation=correlation,
        scale=scale,
        n_bones=len(segments),
        verdict=VERDICTS[max(grades)],
        flags=tuple(flags),
    )


def bone_correlation(
    pictures: tuple[Picture, Picture], first: Matrix, blend: Blend, blur_mm: float
) -> float:
    """Correlation of CT numbers in and about bone, where both visits measured.

    Kernel and tube voltage change contrast, which a correlation does not see; another
    person's bone has another inside. Both are blurred by `blur_mm`, so that thick
    slices of one of them do not count against it.
    """
    reference, moving = pictures
    near = (blend.bone_mm < ABOUT_BONE_MM) | (reference.bone > HALF)
    near &= reference.seen > HALF
    nodes = reference.grid.to_world_mm(np.argwhere(near))
    places = moved(first, nodes) + blend.residual_mm[near]
    index = moving.grid.to_index(places).T
    sigma = blur_mm / reference.grid.spacing_mm[0]
    mine, other = (ndimage.gaussian_filter(p.hu, sigma) for p in (reference, moving))
    hu, seen = (
        ndimage.map_coordinates(array, index, order=1, mode="constant")
        for array in (other, moving.seen)
    )
    both = seen > HALF
    if np.count_nonzero(both) < LEAST_SURFACE:
        return float("nan")
    return float(np.corrcoef(mine[near][both], hu[both])[0, 1])


def _grade(value: float, limits: tuple[float, float]) -> int:
    """0 is ok; 1 and 2 are beyond the first and the second limit."""
    return sum(value > limit for limit in limits)


def _failed(detail: str, scale: float = 1.0) -> AlignmentQuality:
    flag = Flag(FlagKind.ALIGNMENT_FAILED, detail)
    return AlignmentQuality(
        np.nan, np.nan, 0.0, 0.0, np.nan, scale, 0, Verdict.FAILED, (flag,)
    )


def uncertainty_mm(blend: Blend, inner_mm: Floats) -> Floats:
    """Root mean square error at each node."""
    soft = (inner_mm**2).sum(axis=-1)
    square = (
        BASE_MM**2
        + (QUARREL * blend.quarrel_mm) ** 2
        + (LOOSE * blend.loose_mm) ** 2
        + SOFT**2 * soft
        + (DISTANCE * blend.bone_mm) ** 2
    )
    return np.asarray(np.sqrt(square), np.float32)


def without_bone(grid: Grid) -> Alignment:
    """Alignment that failed because a visit shows no bone; places stay where they are."""
    return Alignment(
        matrix=np.eye(4),
        residual_mm=np.zeros((*grid.shape, 3), np.float32),
        uncertainty_mm=np.full(grid.shape, UNKNOWN_MM, np.float32),
        grid=grid,
        quality=_failed("one of them shows no bone"),
    )
