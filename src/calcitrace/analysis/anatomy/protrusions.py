"""Solid pieces that hang on a bone: deposits that touch it, perhaps."""

import cc3d
import edt
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.anatomy.morphology import dilated, widened
from calcitrace.model.lattice import Lattice
from calcitrace.model.volume import Mask
from calcitrace.model.work import threads_for

# What an opening with these radii takes off a bone is looked at: the small one finds
# small pieces on finger bones, the large one larger pieces on long bones.
OPENING_RADII_MM = (3.0, 4.5)
PIECE_MIN_MM3, PIECE_RADIUS_MIN_MM = 30.0, 1.5
# A piece with marrow is bone. Blur keeps evidence of it this far from it.
MARROW_NEAR_MM = 1.1
# Part of its surface that does not meet the bone: ridges and thick cortex have less.
FREE_FRACTION_MIN = 0.8
# A rim of thin cortex is no denser than this.
PIECE_MEAN_HU = 230.0

Array = NDArray[np.float32]


def find_protrusions(
    bone: Mask, marrow: Mask, hu: NDArray[np.int16], lattice: Lattice
) -> Mask:
    """Pieces of filled bones that are solid, compact, free and without marrow.

    They are taken from the skeleton, for only a reader can tell a deposit that touches
    a bone from a process of it.

    Parameters
    ----------
    bone
        Bones with their marrow filled, on the lattice, their surface not smoothed.
    marrow
        Marrow found by its CT number, same shape.
    hu
        CT numbers, same shape.
    lattice
        Spacing.
    """
    out = np.zeros(bone.shape, bool)
    if not bone.any():
        return out
    depth_mm = _depth_mm(bone, lattice)
    near_marrow = dilated(marrow, lattice.ball(MARROW_NEAR_MM))
    for radius_mm in OPENING_RADII_MM:
        core = depth_mm > radius_mm
        if core.any():
            rest = bone & ~(bone & (_depth_mm(~core, lattice) <= radius_mm))
            _add_pieces(rest, bone, (near_marrow, hu, lattice), out)
    return out


def _add_pieces(
    rest: Mask,
    bone: Mask,
    scene: tuple[Mask, NDArray[np.int16], Lattice],
    out: Mask,
) -> None:
    """Add, in place, those connected parts of `rest` that may be deposits."""
    near_marrow, hu, lattice = scene
    block_mm3 = float(np.prod(lattice.spacing_mm))
    cross = ndimage.generate_binary_structure(3, 1)
    labels = cc3d.connected_components(rest, connectivity=6)
    statistics = cc3d.statistics(labels)
    counts = statistics["voxel_counts"]
    n_marrow = np.bincount(labels[near_marrow], minlength=len(counts))
    for label in range(1, len(counts)):
        if n_marrow[label] or counts[label] * block_mm3 < PIECE_MIN_MM3:
            continue
        box = widened(statistics["bounding_boxes"][label], (2, 2, 2), bone.shape)
        piece = labels[box] == label
        if hu[box][piece].mean() < PIECE_MEAN_HU:
            continue
        if _depth_mm(piece, lattice, outside="constant").max() < PIECE_RADIUS_MIN_MM:
            continue
        rim = dilated(piece, cross) & ~piece
        if (rim & ~bone[box]).sum() >= FREE_FRACTION_MIN * rim.sum():
            out[box] |= piece


def _depth_mm(mask: Mask, lattice: Lattice, outside: str = "edge") -> Array:
    """Depth of every voxel below the surface of a mask.

    Cut faces are no surface with `outside="edge"`, and are with "constant".
    """
    padded = np.pad(mask, 1, mode="edge") if outside == "edge" else np.pad(mask, 1)
    depth = edt.edt(
        padded.view(np.uint8),
        anisotropy=lattice.spacing_mm,
        parallel=threads_for(mask.size),
    )
    return np.asarray(depth[1:-1, 1:-1, 1:-1])
