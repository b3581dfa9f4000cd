"""Interiors enclosed by something dense, slice by slice along all three axes."""

from dataclasses import dataclass
from itertools import pairwise

import cc3d
import numpy as np
from numpy.typing import NDArray

from calcitrace.model.volume import Mask

# Where the array cuts a bone, its rim is closed across gaps of at most this.
EDGE_GAP_MM = 30.0
# An interior that only the array's edge closes may be muscle between two bones: muscle
# has these CT numbers, marrow mostly not.
MUSCLE_HU = (10.0, 90.0)
MUSCLE_MIN_MM2 = 30.0
MIN_RING = 3  # a rim has something inside

Edges = tuple[bool, bool, bool, bool]


@dataclass(frozen=True, slots=True, eq=False)
class _Plane:
    """One slice along one axis.

    Attributes
    ----------
    dense, hu
        Shape (first, second axis).
    spacing_mm
        Of its two axes.
    at_edge
        Whether its first row, last row, first column, last column are where the image
        ends.
    """

    dense: Mask
    hu: NDArray[np.int16]
    spacing_mm: tuple[float, float]
    at_edge: Edges


def enclosed(
    dense: Mask,
    hu: NDArray[np.int16],
    spacing_mm: tuple[float, float, float],
    at_edge: tuple[tuple[bool, bool], ...] = ((True, True),) * 3,
) -> Mask:
    """Voxels that some slice, along any axis, shows inside a closed dense rim.

    Parameters
    ----------
    dense
        Shape (slice, row, column).
    hu
        CT numbers, same shape.
    spacing_mm
        Along (slice, row, column).
    at_edge
        For each axis, whether the array begins and ends where the image does: there a
        rim may be cut open.

    Returns
    -------
    Mask
        Same shape, without `dense` itself.
    """
    out = np.zeros(dense.shape, bool)
    for axis in range(3):
        first, second = (a for a in range(3) if a != axis)
        source, values, target = (np.moveaxis(v, axis, 0) for v in (dense, hu, out))
        used = np.flatnonzero(dense.any(axis=(first, second)))
        for k in used:
            plane = _Plane(
                source[k],
                values[k],
                (spacing_mm[first], spacing_mm[second]),
                (*at_edge[first], *at_edge[second]),
            )
            _fill(plane, target[k])
    return out


def _fill(plane: _Plane, out: Mask) -> None:
    """Add the holes of one slice to `out`."""
    rows = np.flatnonzero(plane.dense.any(axis=1))
    columns = np.flatnonzero(plane.dense.any(axis=0))
    if rows.size < MIN_RING or columns.size < MIN_RING:
        return
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    dense = plane.dense[box]
    touches = (
        plane.at_edge[0] and box[0].start == 0,
        plane.at_edge[1] and box[0].stop == plane.dense.shape[0],
        plane.at_edge[2] and box[1].start == 0,
        plane.at_edge[3] and box[1].stop == plane.dense.shape[1],
    )
    labels = cc3d.connected_components(~_framed(dense, touches, plane), connectivity=4)
    keep = np.ones(int(labels.max()) + 1, bool)
    keep[0] = False
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        keep[edge] = False
    if not keep.any():
        return
    inner = labels[1:-1, 1:-1]
    if any(touches):
        _drop_muscle(keep, inner, plane, box, touches)
    out[box] |= keep[inner]


def _framed(dense: Mask, touches: Edges, plane: _Plane) -> Mask:
    """Add a frame one pixel wide, dense where the image's edge cuts a rim open."""
    framed = np.zeros((dense.shape[0] + 2, dense.shape[1] + 2), bool)
    framed[1:-1, 1:-1] = dense
    row_gap, column_gap = (int(EDGE_GAP_MM / s) for s in plane.spacing_mm)
    if touches[0]:
        framed[0, 1:-1] = _bridged(dense[0], column_gap)
    if touches[1]:
        framed[-1, 1:-1] = _bridged(dense[-1], column_gap)
    if touches[2]:
        framed[1:-1, 0] = _bridged(dense[:, 0], row_gap)
    if touches[3]:
        framed[1:-1, -1] = _bridged(dense[:, -1], row_gap)
    return framed


def _bridged(line: Mask, gap: int) -> Mask:
    """Close gaps of at most `gap` voxels between dense voxels of one line."""
    out = line.copy()
    index = np.flatnonzero(line)
    for low, high in pairwise(index):
        if high - low <= gap + 1:
            out[low:high] = True
    return out


def _drop_muscle(
    keep: Mask,
    labels: NDArray[np.integer],
    plane: _Plane,
    box: tuple[slice, slice],
    touches: Edges,
) -> None:
    """Unset, in place, holes that touch the array's edge and look like muscle."""
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    at_edge = {
        int(v) for edge, on in zip(edges, touches, strict=True) if on for v in edge
    }
    hu = plane.hu[box]
    for label in at_edge:
        if not keep[label]:
            continue
        values = hu[labels == label]
        area = values.size * plane.spacing_mm[0] * plane.spacing_mm[1]
        is_muscle = MUSCLE_HU[0] < float(np.median(values)) < MUSCLE_HU[1]
        if is_muscle and area > MUSCLE_MIN_MM2:
            keep[label] = False
