"""Where the planes of a stack lie: sorted, and fitted to a regular lattice."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.dicom_reader.grouping import SAME_PLACE_MM, Stack
from calcitrace.adapters.dicom_reader.planes import Plane
from calcitrace.adapters.dicom_reader.refusals import MAX_VOXELS
from calcitrace.model.volume import Mask

# Headers round positions: within this part of the spacing a lattice is regular.
EVENNESS = 0.1
# A step this much longer than expected from its neighbours means that one is missing.
GAP_FACTOR = 1.5
# In-plane position may stray from a line by this part of a pixel.
DRIFT_PIXELS = 0.25
MAX_STRETCH = 3.0

Floats = NDArray[np.float64]


class UnstackableError(Exception):
    """Slices that do not make up one volume; the message is a reason in few words."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Planes in stacking order.

    Attributes
    ----------
    slices
        Planes at each place; more than one where some are stored twice.
    along_mm
        Position along the normal, rising, shape (n,).
    offset_mm
        Position of the first pixel down the rows and across the columns, shape (n, 2).
    axes
        Unit vectors along slices, down the rows, across the columns, shape (3, 3).
    thickness_mm
        Slice thickness of each place, NaN where unknown, shape (n,).
    """

    slices: tuple[tuple[Plane, ...], ...]
    along_mm: Floats
    offset_mm: Floats
    axes: Floats
    thickness_mm: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The regular lattice that a layout becomes.

    Attributes
    ----------
    index
        Place of each source slice on the lattice, shape (n,); whole unless `is_uneven`.
    covered
        Whether each lattice slice was measured, shape (n_slices,).
    bridged
        Whether lattice slices between source slice i and i + 1 may be interpolated.
    tilt_deg
        Angle between normal and stacking direction; 0 where slices stack straight.
    """

    n_slices: int
    step_mm: float
    index: Floats
    covered: NDArray[np.bool_]
    bridged: NDArray[np.bool_]
    is_uneven: bool
    tilt_deg: float


def layout_of(stack: Stack) -> Layout:
    """Sort the planes of a stack along their normal, towards head, back or left."""
    axes = _axes(stack.first)
    position = np.array([p.place.position_mm for p in stack.planes], np.float64)
    along = position @ axes[0]
    order = sorted(
        range(len(along)),
        key=lambda i: (along[i], stack.planes[i].sop_uid, stack.planes[i].frame or 0),
    )
    groups: list[list[int]] = []
    for i in order:
        if groups and along[i] - along[groups[-1][0]] <= SAME_PLACE_MM:
            groups[-1].append(i)
        else:
            groups.append([i])
    firsts = [group[0] for group in groups]
    said = [stack.planes[i].place.thickness_mm or math.nan for i in firsts]
    return Layout(
        slices=tuple(tuple(stack.planes[i] for i in group) for group in groups),
        along_mm=along[firsts],
        offset_mm=position[firsts] @ axes[1:].T,
        axes=axes,
        thickness_mm=np.where(np.array(said) > 0, said, math.nan),
    )


def plan_of(layout: Layout) -> Plan:
    """Fit the regular lattice.

    Raises
    ------
    UnstackableError
        If the slices lie too irregularly to be one volume.
    """
    n = len(layout.slices)
    tilt_deg = _tilt_deg(layout)
    if n == 1:
        one = np.ones(1, bool)
        step = float(layout.thickness_mm[0])
        return Plan(1, step, np.zeros(1), one, one[:0], is_uneven=False, tilt_deg=0.0)
    steps = np.diff(layout.along_mm)
    base = _base_step(steps)
    is_gap = steps > GAP_FACTOR * base * _relative_thickness(layout.thickness_mm)
    index, step = _lattice(layout.along_mm, steps, base)
    counts = np.diff(index)
    on_lattice = np.abs(layout.along_mm - layout.along_mm[0] - index * step)
    is_even = bool(
        (counts >= 1).all()
        and ((counts == 1) | is_gap).all()
        and on_lattice.max() <= EVENNESS * base
    )
    if not is_even:
        step = base
        index = (layout.along_mm - layout.along_mm[0]) / step
    n_slices = int(np.floor(index[-1] + EVENNESS)) + 1
    _check_stretch(n_slices, n, layout)
    return Plan(
        n_slices=n_slices,
        step_mm=step,
        index=index,
        covered=_covered(n_slices, index, is_gap),
        bridged=~is_gap,
        is_uneven=not is_even,
        tilt_deg=tilt_deg,
    )


def _axes(plane: Plane) -> Floats:
    """Orthonormal axes of a plane; the first points to head, back or left."""
    across, down = np.array(plane.place.orientation, np.float64).reshape(2, 3)
    across = across / np.linalg.norm(across)
    down = down - (down @ across) * across
    down /= np.linalg.norm(down)
    normal = np.cross(across, down)
    if normal[np.argmax(np.abs(normal))] < 0:
        normal = -normal
    return np.array([normal, down, across])


def _base_step(steps: Floats) -> float:
    """Typical step: the mean of those near the median, which few gaps cannot move."""
    middle = np.percentile(steps, 50, method="lower")
    return float(steps[np.abs(steps - middle) <= EVENNESS * middle].mean())


def _relative_thickness(thickness: Floats) -> Floats:
    """Thickness at each step over the usual one: thicker slices lie further apart."""
    if np.isnan(thickness).any():
        return np.ones(len(thickness) - 1)
    usual = np.percentile(thickness, 50, method="lower")
    return np.maximum(1.0, np.maximum(thickness[:-1], thickness[1:]) / usual)


def _lattice(along: Floats, steps: Floats, base: float) -> tuple[Floats, float]:
    """Whole-number places on a lattice, and its step."""
    index = np.concatenate([[0.0], np.cumsum(np.rint(steps / base))])
    last = max(index[-1], 1.0)
    return index, float((along[-1] - along[0]) / last)


def _covered(n_slices: int, index: Floats, is_gap: NDArray[np.bool_]) -> Mask:
    covered = np.ones(n_slices, bool)
    lattice = np.arange(n_slices)
    for i in np.flatnonzero(is_gap):
        # Slices that a source slice lies on, up to rounding, stay.
        inside = (lattice > index[i] + EVENNESS) & (lattice < index[i + 1] - EVENNESS)
        covered[inside] = False
    return covered


def _check_stretch(n_slices: int, n: int, layout: Layout) -> None:
    pixels = layout.slices[0][0].pixels
    n_voxels = n_slices * pixels.rows * pixels.columns
    if n_slices > MAX_STRETCH * n + 1 or n_voxels > MAX_VOXELS:
        msg = f"{n} slices far apart, spread over {n_slices} places"
        raise UnstackableError(msg)


def _tilt_deg(layout: Layout) -> float:
    """Angle by which slices are sheared; 0 where in-plane position stays put."""
    offset, along = layout.offset_mm, layout.along_mm
    spacing = np.array(layout.slices[0][0].place.spacing_mm)
    limit = DRIFT_PIXELS * spacing
    if (np.abs(offset - offset.mean(axis=0)) <= limit).all():
        return 0.0
    centred = along - along.mean()
    slope = centred @ (offset - offset.mean(axis=0)) / (centred @ centred)
    residual = offset - offset.mean(axis=0) - centred[:, None] * slope
    if (np.abs(residual) > limit).any():
        shift_mm = np.abs(residual).max()
        msg = f"slices shifted against each other by up to {shift_mm:.1f} mm"
        raise UnstackableError(msg)
    return math.degrees(math.atan(float(np.linalg.norm(slope))))
