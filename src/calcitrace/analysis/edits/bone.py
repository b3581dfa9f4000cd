"""Bone that a reader calls a deposit, taken out of the skeleton."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from calcitrace.analysis.edits.scene import Labels, box_of, widened
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.volume import LabelVolume, Tissue

SIX_NEIGHBOURS = ndimage.generate_binary_structure(3, 1)


def without_bone(anatomy: Anatomy, labels: Labels, taken: Sequence[int]) -> Anatomy:
    """Anatomy without parts of the skeleton; the bone behind them gets a surface there.

    Parameters
    ----------
    anatomy
        As the program found it; not changed.
    labels
        Candidate labels, shape of the scan.
    taken
        Labels that are bone no more.
    """
    if not taken:
        return anatomy
    grid = anatomy.tissue.grid
    tissue = np.array(anatomy.tissue.labels, np.uint8)
    skeleton_mm = anatomy.skeleton_mm
    for label in taken:
        box = box_of(labels, label)
        if box is None:
            continue
        wide = widened(box, labels.shape)
        mine, kind = labels[wide] == label, tissue[wide]
        kind[mine & (kind == Tissue.SKELETON)] = Tissue.OTHER_DENSE
        at = np.rint(grid.to_index(skeleton_mm)).astype(np.intp)
        at = np.clip(at, 0, np.array(grid.shape) - 1)
        skeleton_mm = skeleton_mm[labels[tuple(at.T)] != label]
        face = ndimage.binary_dilation(mine, SIX_NEIGHBOURS)
        face &= kind == Tissue.SKELETON
        offset = np.array([part.start for part in wide])
        cut_mm = grid.to_world_mm(np.argwhere(face) + offset)
        skeleton_mm = np.concatenate([skeleton_mm, cut_mm])
    return replace(
        anatomy,
        tissue=LabelVolume(tissue, grid),
        skeleton_mm=skeleton_mm,
    )
