"""Blocks of a scan to learn from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.detection.learned.believing import block_features, blocks_in
from calcitrace.analysis.detection.learned.blocks import Blocks
from calcitrace.analysis.detection.learned.near import depth_mm
from calcitrace.model.volume import Mask
from calcitrace.services.learning.example import Example

# Per scan, at most so many blocks of each kind; a deposit weighs no more than so many.
N_BLOCKS, DEPOSIT_WEIGHT, TRUE_WEIGHT = 3000, 60.0, 2.0
BLURRED_MM = 2.2  # beside a deposit a block is neither


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Rows to learn from.

    Attributes
    ----------
    x
        Shape (row, feature).
    y
        1 for a deposit, else 0, shape (row,).
    weight
        Shape (row,).
    """

    names: tuple[str, ...]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    weight: NDArray[np.float32]


def joined(parts: list[Samples]) -> Samples:
    """Rows of all parts, in their order."""
    return Samples(
        parts[0].names,
        np.concatenate([p.x for p in parts]),
        np.concatenate([p.y for p in parts]),
        np.concatenate([p.weight for p in parts]),
    )


def samples_of(example: Example, seed: int) -> Samples:
    """Some bright blocks of one scan, deposits and others."""
    rng = np.random.default_rng(seed)
    scan = example.scan
    blocks = blocks_in(scan.volume, example.anatomy, scan.acquisition.kvp)
    names, x = block_features(blocks)
    label, is_clear = _truth(example, blocks)
    true = _some(np.flatnonzero(label > 0), rng)
    others = _some(np.flatnonzero((label == 0) & is_clear), rng)
    size = np.bincount(label, minlength=1)[label[true]]
    weight = TRUE_WEIGHT * np.minimum(1.0, DEPOSIT_WEIGHT / np.maximum(size, 1))
    chosen = np.concatenate([true, others])
    return Samples(
        names,
        x[chosen],
        (label[chosen] > 0).astype(np.float32),
        np.concatenate([weight, np.ones(len(others))]).astype(np.float32),
    )


def _truth(example: Example, blocks: Blocks) -> tuple[NDArray[np.int64], Mask]:
    """Deposit of each block, 0 for none, and whether one that is none surely is none."""
    step = tuple(slice(b // 2, None, b) for b in blocks.lattice.block)
    is_clear = np.ones(len(blocks.at), bool)
    if example.unsure is not None:
        is_clear &= np.equal(_at(example.unsure[blocks.box][step], blocks), 0)
    if example.insertion is None:
        return np.zeros(len(blocks.at), np.int64), is_clear
    labels = np.asarray(example.insertion.labels.labels)[blocks.box][step]
    away = depth_mm(labels == 0, blocks.spacing_mm)
    is_clear &= np.greater_equal(_at(np.asarray(away), blocks), BLURRED_MM)
    return _at(labels, blocks).astype(np.int64), is_clear


def _at(field: NDArray[Any], blocks: Blocks) -> NDArray[Any]:
    """Values at the bright blocks; those cut off at an end take the last one."""
    index = np.minimum(blocks.index, np.array(field.shape) - 1)
    return np.asarray(field[tuple(index.T)])


def _some(index: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    if len(index) <= N_BLOCKS:
        return index
    return rng.choice(index, N_BLOCKS, replace=False)
