"""From a scan to how probably each bright voxel belongs to a deposit."""

import cc3d
import numpy as np
from scipy import ndimage

from calcitrace.analysis.detection.learned.blocks import (
    Array,
    Blocks,
    blocks_of,
    spread,
)
from calcitrace.analysis.detection.learned.far import far_features
from calcitrace.analysis.detection.learned.near import near_features
from calcitrace.analysis.detection.learned.trees import probabilities
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.belief import Belief
from calcitrace.model.trees import Trees
from calcitrace.model.volume import HuVolume, Tissue, bounding_box

SMOOTH_MM = 0.8
# Blocks believed this much leave the skeleton, where enough lie together and one of them
# is believed more.
BELIEVED, SURE, LEAST_MM3 = 0.25, 0.5, 8.0


def block_features(blocks: Blocks) -> tuple[tuple[str, ...], Array]:
    """Names of the features, and their values, shape (bright block, feature)."""
    named = [*near_features(blocks), *far_features(blocks)]
    return tuple(n for n, _ in named), np.stack([v for _, v in named], axis=1)


def blocks_in(volume: HuVolume, anatomy: Anatomy, kvp: float | None) -> Blocks:
    """Blocks of the box that holds the body."""
    tissue = np.asarray(anatomy.tissue.labels, np.uint8)
    return blocks_of(volume, anatomy.body, tissue, bounding_box(anatomy.body), kvp)


def believe(
    volume: HuVolume, anatomy: Anatomy, kvp: float | None, trees: Trees
) -> Belief:
    """Ask the voxel stage.

    Parameters
    ----------
    volume, anatomy
        The scan and what the classical search found in it.
    trees
        Trained on `block_features`.
    """
    blocks = blocks_in(volume, anatomy, kvp)
    _, x = block_features(blocks)
    field = smoothed(blocks, probabilities(trees, x).astype(np.float32))
    shape = volume.grid.shape
    bone = np.equal(anatomy.tissue.labels, Tissue.SKELETON)
    believed = spread(believed_blocks(blocks, field), blocks, shape) > 0
    return Belief(spread(field, blocks, shape), believed, believed & bone)


def smoothed(blocks: Blocks, probability: Array) -> Array:
    """Mean over bright neighbours, shape of the lattice; 0 where it is not bright."""
    field = np.zeros(blocks.shape, np.float32)
    bright = np.zeros(blocks.shape, np.float32)
    field.reshape(-1)[blocks.at] = probability
    bright.reshape(-1)[blocks.at] = 1
    sigma = SMOOTH_MM / blocks.spacing_mm
    total = ndimage.gaussian_filter(bright, sigma)
    mean = ndimage.gaussian_filter(field, sigma) / np.maximum(total, 1e-3)
    return np.where(bright > 0, mean, 0).astype(np.float32)


def believed_blocks(blocks: Blocks, field: Array) -> Array:
    """1 where believed blocks hang together around one that is surely a deposit."""
    labels = cc3d.connected_components(field > BELIEVED, connectivity=18)
    size = np.bincount(labels.ravel()) * float(np.prod(blocks.spacing_mm))
    is_one = size >= LEAST_MM3
    is_sure = np.zeros(len(size), bool)
    is_sure[labels[field > SURE]] = True
    is_one &= is_sure
    is_one[0] = False
    return is_one[labels].astype(np.float32)
