"""From a NIfTI header to a grid: RAS to LPS, any order of axes to ours."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import UnreadableSourceError
from calcitrace.model.grid import Grid

# NIfTI unit codes (nifti1.h, NIFTI_UNITS_*); unknown is taken as mm, as by all readers,
# if the voxels are of a plausible size.
MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
SPACE_UNIT_BITS = 0x07
PLAUSIBLE_SPACING_MM = (0.02, 30.0)
# Cosine between axes; more is a shear, which gantry tilt leaves in converted images.
ORTHOGONAL_TOLERANCE = 1e-3
SPACING_AGREEMENT = 0.01
LPS_OF_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])

Floats = NDArray[np.float64]
Order = tuple[int, int, int]


class NiftiError(UnreadableSourceError):
    """A NIfTI image that cannot be used."""

    def __init__(self, *, expected: str, got: str, action: str) -> None:
        super().__init__(f"Expected {expected}, got {got}. {action}.")


def affine_lps_mm(header: Any) -> Floats:  # noqa: ANN401 -- NIfTI-1 or -2
    """Matrix, shape (4, 4), from (i, j, k) to patient (x, y, z) in LPS mm.

    The sform counts before the qform, as the standard leaves open and all readers do.

    Raises
    ------
    UnreadableSourceError
        If the header has no orientation, or one that is sheared or implausible.
    """
    sform, sform_code = header.get_sform(coded=True)
    qform, qform_code = header.get_qform(coded=True)
    if not (sform_code or qform_code):
        raise NiftiError(
            expected="an image that knows its orientation",
            got="neither sform nor qform",
            action="Convert from DICOM again",
        )
    ras = np.array(sform if sform_code else qform, np.float64)
    if sform_code and qform_code:
        _check_agreement(ras, np.array(qform, np.float64))
    unit = MM_PER_UNIT.get(int(header["xyzt_units"]) & SPACE_UNIT_BITS)
    if unit is None:
        raise NiftiError(
            expected="lengths in mm, m or um",
            got="another unit",
            action="Convert it again",
        )
    lps = LPS_OF_RAS @ ras
    lps[:3] *= unit
    _check_axes(lps)
    return lps


def order_of(affine: Floats) -> tuple[Order, tuple[bool, bool, bool]]:
    """Which of i, j, k becomes slice, row, column, and which of these is reversed."""
    cosines = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    left, order = [0, 1, 2], list[int]()
    for world in (2, 1, 0):  # slices to the head first, then rows to the back
        axis = max(left, key=lambda a: abs(float(cosines[world, a])))
        left.remove(axis)
        order.append(axis)
    s, r, c = order
    is_reversed = (
        bool(cosines[2, s] < 0),
        bool(cosines[1, r] < 0),
        bool(cosines[0, c] < 0),
    )
    return (s, r, c), is_reversed


def grid_of(affine: Floats, shape_ijk: tuple[int, int, int]) -> Grid:
    """Grid of the reordered array."""
    order, is_reversed = order_of(affine)
    corner = np.zeros(3)
    steps = affine[:3, list(order)].T.copy()  # one row for each of slice, row, column
    for place, axis in enumerate(order):
        if is_reversed[place]:
            corner[axis] = shape_ijk[axis] - 1
            steps[place] *= -1
    spacing = np.linalg.norm(steps, axis=1)
    origin = affine[:3, :3] @ corner + affine[:3, 3]
    directions = [
        tuple(float(v) + 0.0 for v in step / length)
        for step, length in zip(steps, spacing, strict=True)
    ]
    return Grid(
        shape=tuple(shape_ijk[axis] for axis in order),  # type: ignore[arg-type]  # three
        spacing_mm=tuple(float(v) for v in spacing),  # type: ignore[arg-type]  # lengths are checked above
        origin_mm=tuple(float(v) for v in origin),  # type: ignore[arg-type]  # lengths are checked above
        direction=tuple(directions),  # type: ignore[arg-type]  # lengths are checked above
    )


def affine_ras(grid: Grid) -> Floats:
    """Matrix, shape (4, 4), from (i, j, k) = (column, row, slice) to RAS mm."""
    ijk_first = grid.affine[:, [2, 1, 0, 3]]
    return np.asarray(LPS_OF_RAS @ ijk_first + 0.0)


def _check_agreement(sform: Floats, qform: Floats) -> None:
    sizes = [np.linalg.norm(matrix[:3, :3], axis=0) for matrix in (sform, qform)]
    if np.any(np.abs(sizes[0] - sizes[1]) > SPACING_AGREEMENT * sizes[1]):
        raise NiftiError(
            expected="one voxel size",
            got="sform and qform that contradict each other",
            action="Convert from DICOM again",
        )


def _check_axes(affine: Floats) -> None:
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    low, high = PLAUSIBLE_SPACING_MM
    if not (
        np.isfinite(affine).all() and (sizes >= low).all() and (sizes <= high).all()
    ):
        listed = " x ".join(f"{v:.3g}" for v in sizes)
        raise NiftiError(
            expected=f"voxels between {low} and {high} mm",
            got=f"{listed} mm",
            action="Check the units of the image",
        )
    cosines = affine[:3, :3] / sizes
    off = np.abs(cosines.T @ cosines - np.eye(3)).max()
    if off > ORTHOGONAL_TOLERANCE:
        angle = math.degrees(math.asin(min(1.0, float(off))))
        raise NiftiError(
            expected="perpendicular axes",
            got=f"axes sheared by {angle:.1f} degrees",
            action="Give the DICOM series, whose tilt is understood",
        )
