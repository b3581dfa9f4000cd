"""From two visits to a map between them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.alignment.blending import blended
from calcitrace.analysis.alignment.bones import BoneMap, bone_map
from calcitrace.analysis.alignment.judging import (
    bone_correlation,
    quality,
    uncertainty_mm,
    without_bone,
)
from calcitrace.analysis.alignment.likeness import look
from calcitrace.analysis.alignment.limbs import Segment, segments
from calcitrace.analysis.alignment.matrices import Matrix, resized
from calcitrace.analysis.alignment.pictures import (
    Picture,
    body_grid,
    coarser,
    picture,
)
from calcitrace.analysis.alignment.sizes import common_scale
from calcitrace.analysis.alignment.sliding import middles_mm, slid
from calcitrace.analysis.alignment.starting import first_motion
from calcitrace.analysis.alignment.tissues import composed_mm, soft_mm
from calcitrace.model.alignment import Alignment, Sighted

Floats = NDArray[np.float32]

# Step of the lattice for soft tissue, and its most nodes; that of the moving visit has
# the same step.
FINE_MM, N_FINE, N_MOVING = 1.5, 2.0e6, 2.0e7
# Before CT numbers of bone are compared: of the longest voxel, and at least of a node.
BLUR, BLUR_NODES = 0.5, 1.2
N_START = 40  # nodes along the longest side, where motions of the whole are tried
COARSE_MM, MIDDLE_MM, SMOOTH_MM = 6.0, 3.0, (5.0, 2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Skeletal:
    """What bones alone say.

    Attributes
    ----------
    first
        Motion of the whole body, with its scale.
    segments
        Bones, each with its own.
    """

    first: Matrix
    segments: tuple[Segment, ...]


def align(
    reference: Sighted, moving: Sighted, *, finest_mm: float = FINE_MM
) -> Alignment:
    """Find where each point of one visit lies at another.

    First the skeleton as a whole, from any position; then bone by bone, each turning
    about its joint; then soft tissue by demons. Deposits exert no force, so that their
    growth is not taken for a displacement; their pattern is asked only how far a smooth
    shaft slid along itself.

    Parameters
    ----------
    reference, moving
        Two visits of one patient.
    finest_mm
        Step of the lattice on which soft tissue is aligned; large bodies get a larger.

    Returns
    -------
    Alignment
        From reference to moving. Its quality says whether it may be used: two patients,
        or scans of other parts of the body, give "failed".
    """
    grid = body_grid(reference, finest_mm, N_FINE)
    maps = bone_map(reference), bone_map(moving)
    if maps[0] is None or maps[1] is None:
        return without_bone(grid)
    other = body_grid(moving, grid.spacing_mm[0], N_MOVING)
    pictures = picture(reference, grid), picture(moving, other)
    bones = skeletal((maps[0], maps[1]), pictures)
    middles = middles_mm(reference.deposits), middles_mm(moving.deposits)
    bones = Skeletal(bones.first, slid(bones.segments, *middles))
    blend = blended(grid, bones.segments, bones.first)
    coarsest_mm = BLUR_NODES * grid.spacing_mm[0]
    blur_mm = max(BLUR * thickest_mm(reference, moving), coarsest_mm)
    alike = bone_correlation(pictures, bones.first, blend, blur_mm)
    inner = soft_mm(pictures[0], pictures[1], bones.first, blend.residual_mm)
    residual = composed_mm(grid, bones.first, blend.residual_mm, inner)
    return Alignment(
        matrix=bones.first,
        residual_mm=residual,
        uncertainty_mm=uncertainty_mm(blend, inner),
        grid=grid,
        quality=quality((maps[0], maps[1]), bones.first, bones.segments, alike),
    )


def skeletal(
    maps: tuple[BoneMap, BoneMap], pictures: tuple[Picture, Picture]
) -> Skeletal:
    """Align the bones of two visits."""
    longest = max(e for p in pictures for e in p.grid.extent_mm)
    steps = max(COARSE_MM, longest / N_START), COARSE_MM, MIDDLE_MM
    start, coarse, middle = (
        (coarser(pictures[0], step), coarser(pictures[1], step)) for step in steps
    )
    first = first_motion(maps[0], maps[1], start)
    looks = [
        (look(pair[0], smooth), look(pair[1], smooth))
        for pair, smooth in ((coarse, SMOOTH_MM[0]), (middle, SMOOTH_MM[1]))
    ]
    found = segments(maps[0], maps[1], first, looks)
    size = common_scale(maps[1], found)
    if size != 1.0:
        first = resized(first, maps[0].surface_mm.mean(axis=0), size)
        found = segments(maps[0], maps[1], first, looks)
    return Skeletal(first, found)


def thickest_mm(*visits: Sighted) -> float:
    """Longest side of a voxel of any visit."""
    return max(max(v.volume.grid.spacing_mm) for v in visits)
