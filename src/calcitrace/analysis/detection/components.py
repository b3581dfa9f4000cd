"""Bright components: bones first, then what they do not explain."""

from dataclasses import dataclass

import cc3d
import numpy as np
from numpy.typing import NDArray

from calcitrace.model.image_quality import Places
from calcitrace.model.volume import HuVolume, Mask, Tissue
from calcitrace.model.work import for_each_span

Labels = NDArray[np.uint16] | NDArray[np.int32]
Box = tuple[slice, slice, slice]

MUSCLE_HU = 50.0
# Blur carries the rim of a bone this far beyond its surface.
RIM_MM = 1.3
BONE, OTHER = 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Labelled components of one scan.

    Attributes
    ----------
    labels
        Bones 1 .. n_bones with their blurred rim, then everything else.
    boxes
        By label, the box that holds it; entry 0 is of no use.
    """

    labels: Labels
    n_bones: int
    boxes: list[Box]

    @property
    def n(self) -> int:
        """Number of components."""
        return len(self.boxes) - 1


def bright_mask(
    volume: HuVolume, body: Mask, noise: Places, floor_hu: float, sigmas: float
) -> Mask:
    """Voxels above the threshold of their place."""
    out = np.zeros(volume.hu.shape, bool)

    def mark(span: range) -> None:
        for k in span:
            plane, bright = volume.hu[k], out[k]
            np.greater(plane, floor_hu, out=bright)
            bright &= body[k]
            row, column = np.nonzero(bright)  # few are: noise is looked up for them
            index = np.stack([np.full_like(row, k), row, column], axis=1)
            limit = MUSCLE_HU + sigmas * noise.at(index)
            bright[row, column] = plane[row, column] > limit

    for_each_span(mark, len(out))
    return out


def label_components(
    bright: Mask,
    tissue: NDArray[np.uint8],
    spacing_mm: tuple[float, float, float],
    believed: Mask | None = None,
) -> Components:
    """Label bones with their rim, then the rest.

    Parameters
    ----------
    bright
        Above threshold.
    tissue
        Same shape.
    believed
        Probably deposits: no rim of a bone, though it may lie beside one.
    """
    bone = tissue == Tissue.SKELETON
    _add_rim(bone, bright if believed is None else bright & ~believed, spacing_mm)
    kinds = bone.view(np.uint8)

    def mark_others(span: range) -> None:
        for k in span:
            np.copyto(kinds[k], np.uint8(OTHER), where=bright[k] & (kinds[k] == 0))

    for_each_span(mark_others, len(kinds))
    labels = _connected(kinds)
    boxes = bounding_boxes(labels)
    kind_of = np.zeros(len(boxes), np.uint8)
    for label in range(1, len(boxes)):
        box = boxes[label]
        first = labels[box][0] == label
        kind_of[label] = kinds[box][0][first][0]
    order = np.argsort(kind_of, kind="stable")  # nothing, bones, then the rest
    number = np.empty(len(boxes), labels.dtype)
    number[order] = np.arange(len(boxes))
    relabel(labels, number)
    n_bones = int((kind_of == BONE).sum())
    return Components(labels, n_bones, [boxes[i] for i in order])


def _connected(kinds: NDArray[np.uint8]) -> Labels:
    """Label connected voxels of one kind, in the smallest type that holds the labels."""
    found = cc3d.connected_components(kinds, connectivity=18)
    if found.dtype == np.uint16:
        return found.view(np.uint16)
    return found.astype(np.uint32, copy=False).view(np.int32)


def relabel(labels: NDArray[np.integer], number: NDArray[np.integer]) -> None:
    """Replace every label by `number[label]`, in place; fast where few are labelled."""

    def change(span: range) -> None:
        for k in span:
            flat = labels[k].reshape(-1)
            where = np.flatnonzero(flat)
            flat[where] = number[flat[where]]

    for_each_span(change, len(labels))


def bounding_boxes(labels: Labels) -> list[Box]:
    """Box of each label; entry 0 is of no use. Fast where few voxels are labelled."""
    n = int(labels.max()) + 1
    size = max(labels.shape)
    low = np.full((3, n), size, np.int64)
    high = np.full((3, n), -1, np.int64)
    n_columns = labels.shape[2]
    for k, plane in enumerate(labels):
        where = np.flatnonzero(plane)
        if not where.size:
            continue
        label = plane.ravel()[where]
        row, column = np.divmod(where, n_columns)
        here = np.unique(label)
        low[0, here] = np.minimum(low[0, here], k)
        high[0, here] = k
        for axis, value in ((1, row), (2, column)):
            np.minimum.at(low[axis], label, value)
            np.maximum.at(high[axis], label, value)
    starts, stops = low.T.tolist(), (high + 1).T.tolist()
    return [
        (slice(a[0], b[0]), slice(a[1], b[1]), slice(a[2], b[2]))
        for a, b in zip(starts, stops, strict=True)
    ]


def _add_rim(out: Mask, bright: Mask, spacing_mm: tuple[float, float, float]) -> None:
    """Add to bones, in place, the bright voxels within the rim around them."""
    n_steps = max(1, round(RIM_MM / min(spacing_mm[1:])))

    def grow(span: range) -> None:
        for k in span:
            for _ in range(n_steps if out[k].any() else 0):
                out[k] |= _grown(out[k]) & bright[k]

    for_each_span(grow, len(out))
    for _ in range(max(1, round(RIM_MM / spacing_mm[0]))):
        before = out.copy()

        def join(span: range, before: Mask = before) -> None:
            for k in span:
                for beside in (k - 1, k + 1):
                    if 0 <= beside < len(before):
                        out[k] |= before[beside] & bright[k]

        for_each_span(join, len(out))


def _grown(plane: Mask) -> Mask:
    """One step in the four directions of a slice."""
    out = plane.copy()
    out[1:] |= plane[:-1]
    out[:-1] |= plane[1:]
    out[:, 1:] |= plane[:, :-1]
    out[:, :-1] |= plane[:, 1:]
    return out
