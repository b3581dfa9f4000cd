"""Bright components: bones first, then what they do not explain."""

from dataclasses import dataclass

import cc3d
import numpy as np
from numpy.typing import NDArray

from calcitrace.model.image_quality import Places
from calcitrace.model.volume import HuVolume, Mask, Tissue

Labels = NDArray[np.int32]
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
        int32: bones 1 .. n_bones with their blurred rim, then everything else.
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
    for k, plane in enumerate(volume.hu):
        limit = MUSCLE_HU + sigmas * noise.at_slice(k, plane.shape)
        np.greater(plane, np.maximum(limit, floor_hu), out=out[k])
    out &= body
    return out


def label_components(
    bright: Mask, tissue: NDArray[np.uint8], spacing_mm: tuple[float, float, float]
) -> Components:
    """Label bones with their rim, then the rest.

    Parameters
    ----------
    bright
        Above threshold.
    tissue
        Same shape.
    """
    kinds = _with_rim(tissue == Tissue.SKELETON, bright, spacing_mm).view(np.uint8)
    for plane, light in zip(kinds, bright, strict=True):  # a slice at a time: memory
        np.copyto(plane, np.uint8(OTHER), where=light & (plane == 0))
    labels = cc3d.connected_components(kinds, connectivity=18, out_dtype=np.uint32)
    boxes = bounding_boxes(labels.view(np.uint32))
    kind_of = np.zeros(len(boxes), np.uint8)
    for label in range(1, len(boxes)):
        box = boxes[label]
        first = labels[box][0] == label
        kind_of[label] = kinds[box][0][first][0]
    order = np.argsort(kind_of, kind="stable")  # nothing, bones, then the rest
    number = np.empty(len(boxes), np.uint32)
    number[order] = np.arange(len(boxes), dtype=np.uint32)
    relabel(labels, number)
    n_bones = int((kind_of == BONE).sum())
    return Components(labels.view(np.int32), n_bones, [boxes[i] for i in order])


def relabel(labels: NDArray[np.integer], number: NDArray[np.integer]) -> None:
    """Replace every label by `number[label]`, in place; fast where few are labelled."""
    for plane in labels:
        where = np.flatnonzero(plane)
        flat = plane.reshape(-1)
        flat[where] = number[flat[where]]


def bounding_boxes(labels: NDArray[np.uint32]) -> list[Box]:
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


def _with_rim(bone: Mask, bright: Mask, spacing_mm: tuple[float, float, float]) -> Mask:
    """Bone and the bright voxels within the rim around it, slice by slice."""
    n_steps = max(1, round(RIM_MM / min(spacing_mm[1:])))
    out = bone.copy()
    for k in range(bone.shape[0]):
        if not bone[k].any():
            continue
        for _ in range(n_steps):
            out[k] |= _grown(out[k]) & bright[k]
    for _ in range(max(1, round(RIM_MM / spacing_mm[0]))):
        below = out[0].copy()
        for k in range(len(out)):
            here = out[k].copy()
            if k > 0:
                out[k] |= below & bright[k]
            if k + 1 < len(out):
                out[k] |= out[k + 1] & bright[k]
            below = here
    return out


def _grown(plane: Mask) -> Mask:
    """One step in the four directions of a slice."""
    out = plane.copy()
    out[1:] |= plane[:-1]
    out[:-1] |= plane[1:]
    out[:, 1:] |= plane[:, :-1]
    out[:, :-1] |= plane[:, 1:]
    return out
