"""Brightest voxels of the body along a line of sight, and deposits along the same.

One slice at a time: a scan of a trunk must not be copied for two pictures.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.pictures import OUTSIDE_HU, Frame
from calcitrace.adapters.views import Plane, Scalar, View, view_of
from calcitrace.model.deposit import Status
from calcitrace.model.result import ScanResult

Hu = NDArray[np.int16] | NDArray[np.float32]

PLANES = (Plane.CORONAL, Plane.SAGITTAL)
BODY_MARGIN_MM = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Turned maxima of one plane: CT numbers, accepted deposits, those in review."""

    plane: Plane
    view: View
    hu: NDArray[np.float32]
    accepted: NDArray[np.bool_]
    in_review: NDArray[np.bool_]


def projections_of(result: ScanResult) -> list[Projection]:
    """Brightest voxels of the body along two axes, one slice at a time."""
    volume, body = result.scan.volume, result.anatomy.body
    labels = result.deposit_labels.labels
    in_review = np.zeros(int(labels.max()) + 1, np.bool_)
    for deposit in result.deposits:
        in_review[deposit.deposit_id] = deposit.status is Status.REVIEW
    views = [(plane, view_of(volume.grid, plane)) for plane in PLANES]
    sights = [view.axes[0] for _, view in views]
    maxima = {axis: _maxima(volume.hu, body, axis) for axis in sights}
    masks = {axis: _masks(labels, in_review, axis) for axis in sights}
    projections: list[Projection] = []
    for plane, view in views:
        accepted, review = masks[view.axes[0]]
        projections.append(
            Projection(
                plane,
                view,
                _flattened(maxima[view.axes[0]], view),
                _flattened(accepted, view),
                _flattened(review, view),
            )
        )
    return projections


def _maxima(hu: Hu, body: NDArray[np.bool_], axis: int) -> NDArray[np.float32]:
    """Brightest voxel of the body along an array axis; `OUTSIDE_HU` where none is."""
    if axis == 0:
        top = np.full(hu.shape[1:], OUTSIDE_HU, np.float32)
        for plane, inside in zip(hu, body, strict=True):
            np.maximum(top, _inside(plane, inside), out=top)
        return top
    rows = [
        _inside(plane, inside).max(axis=axis - 1)
        for plane, inside in zip(hu, body, strict=True)
    ]
    return np.asarray(rows, np.float32)


def _inside(plane: Hu, inside: NDArray[np.bool_]) -> Hu:
    shown: Hu = plane.copy()
    shown[~inside] = OUTSIDE_HU
    return shown


def _masks(
    labels: NDArray[np.integer], in_review: NDArray[np.bool_], axis: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where deposits lie along an array axis: accepted ones, those in review."""
    shape = tuple(n for i, n in enumerate(labels.shape) if i != axis)
    accepted, review = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    for k, plane in enumerate(labels):
        if not plane.any():
            continue
        is_review: NDArray[np.bool_] = in_review[plane]
        is_accepted = (plane != 0) & ~is_review
        if axis == 0:
            accepted |= is_accepted
            review |= is_review
        else:
            accepted[k] = is_accepted.any(axis=axis - 1)
            review[k] = is_review.any(axis=axis - 1)
    return accepted, review


def _flattened(projected: NDArray[Scalar], view: View) -> NDArray[Scalar]:
    """Turn a projected plane as its view asks."""
    shape = list(projected.shape)
    shape.insert(view.axes[0], 1)
    flat: NDArray[Scalar] = view.turned(projected.reshape(shape))[0]
    return flat


def body_frame(projection: Projection) -> Frame:
    """Part of the plane that holds the body."""
    is_body = projection.hu > OUTSIDE_HU
    rows = np.flatnonzero(is_body.any(axis=1))
    columns = np.flatnonzero(is_body.any(axis=0))
    r = BODY_MARGIN_MM / projection.view.spacing_mm[1]
    c = BODY_MARGIN_MM / projection.view.spacing_mm[2]
    return Frame(
        float(rows[0]) - r,
        float(columns[0]) - c,
        float(rows[-1]) + 1 + r,
        float(columns[-1]) + 1 + c,
    )


def size_mm(projection: Projection, frame: Frame) -> tuple[float, float]:
    """Width and height of a frame in the patient."""
    return (
        (frame.right - frame.left) * projection.view.spacing_mm[2],
        (frame.bottom - frame.top) * projection.view.spacing_mm[1],
    )
