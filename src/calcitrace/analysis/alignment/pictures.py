"""A scan on a coarser lattice of equal steps that lies straight in patient space."""

import math
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk  # noqa: N813 -- the name its documentation uses
from numpy.typing import NDArray

from calcitrace.model.alignment import Sighted
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Tissue

Floats = NDArray[np.float32]
Points = NDArray[np.float64]

AIR_HU = -1000.0
FULL = 200  # of a mask while it is averaged in bytes
MARGIN_MM = 6.0  # about what a lattice must hold


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A visit on a lattice.

    Attributes
    ----------
    grid
        Axial, the same step along all axes.
    hu
        Mean CT number of what surrounds each node; air outside the body.
    bone, body, deposit, seen
        Part of that which is bone, body, deposit, and measured at all: 0 to 1.
    """

    grid: Grid
    hu: Floats
    bone: Floats
    body: Floats
    deposit: Floats
    seen: Floats


def straight_grid(points_mm: Points, step_mm: float, most: float) -> Grid:
    """Axial lattice around points; steps grow until it has at most `most` nodes."""
    low, high = points_mm.min(axis=0) - MARGIN_MM, points_mm.max(axis=0) + MARGIN_MM
    spans: Points = np.asarray(high - low, np.float64)
    step = max(step_mm, math.cbrt(np.prod(spans).item() / most))
    z, y, x = (math.ceil(v / step) + 1 for v in spans[::-1].tolist())
    a, b, c = (float(v) for v in low)
    return Grid((z, y, x), (step, step, step), (a, b, c))


def corners_mm(grid: Grid, mask_box: tuple[slice, slice, slice]) -> Points:
    """Corners of a box of voxels in patient space, shape (8, 3)."""
    ends = [(b.start, b.stop - 1) for b in mask_box]
    index = np.stack(np.meshgrid(*ends, indexing="ij"), -1).reshape(-1, 3)
    return grid.to_world_mm(index.astype(np.float64))


def picture(sighted: Sighted, grid: Grid) -> Picture:
    """Bring a visit to a lattice.

    Voxels are averaged in blocks no longer than the lattice's step, then read between
    blocks, so that fine noise does not come back as coarse noise.
    """
    volume, anatomy = sighted.volume, sighted.anatomy
    tissue, body = anatomy.tissue.labels, anatomy.body
    box = _seen_box(volume.grid, grid)
    part = volume.grid.crop(box)
    cover = sighted.coverage.mask(box)
    inside = body[box] & cover

    def share(mask: NDArray[np.bool_]) -> Floats:
        return _share(mask, part, grid)

    return Picture(
        grid=grid,
        hu=_read(
            np.where(inside, volume.hu[box], volume.hu.dtype.type(AIR_HU)),
            part,
            grid,
            AIR_HU,
        ),
        bone=share(tissue[box] == Tissue.SKELETON),
        body=share(inside),
        deposit=share(sighted.deposits.labels[box] > 0),
        seen=share(cover),
    )


def bone_share(sighted: Sighted, grid: Grid) -> tuple[Floats, Floats]:
    """Part that is bone, and part that was measured, at each node of a lattice."""
    box = _seen_box(sighted.volume.grid, grid)
    part = sighted.volume.grid.crop(box)
    bone = sighted.anatomy.tissue.labels[box] == Tissue.SKELETON
    return (
        _share(bone, part, grid),
        _share(sighted.coverage.mask(box), part, grid),
    )


def slopes(array: Floats, step_mm: float) -> Floats:
    """Derivative along (x, y, z), shape (3, slice, row, column), per mm."""
    return np.stack(
        [np.gradient(array, step_mm, axis=k) for k in (2, 1, 0)], dtype=np.float32
    )


def node_places(grid: Grid) -> Points:
    """Places of all nodes, shape (slice, row, column, 3)."""
    return grid.to_world_mm(np.moveaxis(np.indices(grid.shape), 0, -1))


def to_image(array: NDArray[np.generic], grid: Grid) -> sitk.Image:
    """Array as SimpleITK holds it: axes (column, row, slice) in patient space."""
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(grid.spacing_mm[::-1])
    image.SetOrigin(grid.origin_mm)
    image.SetDirection(np.asarray(grid.direction)[::-1].T.ravel().tolist())
    return image


def _share(mask: NDArray[np.bool_], old: Grid, new: Grid) -> Floats:
    """Part of each node's surroundings that a mask holds."""
    return _read(mask.view(np.uint8) * np.uint8(FULL), old, new, 0.0) / np.float32(FULL)


def _read(array: NDArray[np.generic], old: Grid, new: Grid, beyond: float) -> Floats:
    step = new.spacing_mm[0]
    image = to_image(array, old)
    blocks = [max(1, int(step / s + 1e-6)) for s in old.spacing_mm[::-1]]
    size = image.GetSize()
    blocks = [min(b, n) for b, n in zip(blocks, size, strict=True)]
    if max(blocks) > 1:
        image = sitk.BinShrink(image, blocks)
    like = sitk.Image(new.shape[::-1], sitk.sitkUInt8)
    like.SetSpacing(new.spacing_mm[::-1])
    like.SetOrigin(new.origin_mm)
    read = sitk.Resample(
        image, like, sitk.Transform(), sitk.sitkLinear, beyond, sitk.sitkFloat32
    )
    return np.asarray(sitk.GetArrayFromImage(read), np.float32)


def _seen_box(grid: Grid, lattice: Grid) -> tuple[slice, slice, slice]:
    """Voxels of a scan near a lattice, at least one along each axis."""
    whole = tuple(slice(0, n) for n in lattice.shape)
    index = grid.to_index(corners_mm(lattice, (whole[0], whole[1], whole[2])))
    reach = [math.ceil(lattice.spacing_mm[0] / s) + 1 for s in grid.spacing_mm]
    sides: list[slice] = []
    for axis, n in enumerate(grid.shape):
        first = int(np.floor(index[:, axis].min())) - reach[axis]
        last = int(np.ceil(index[:, axis].max())) + reach[axis] + 1
        start = min(max(first, 0), n - 1)
        sides.append(slice(start, max(min(last, n), start + 1)))
    return sides[0], sides[1], sides[2]


def body_grid(sighted: Sighted, step_mm: float, most: float) -> Grid:
    """Straight lattice around the body of a visit."""
    body = sighted.anatomy.body
    spans = [body.any(axis=axes) for axes in ((1, 2), (0, 2), (0, 1))]
    edges = [np.flatnonzero(span) for span in spans]
    if not edges[0].size:
        edges = [np.array([0, n - 1]) for n in body.shape]
    s, r, c = (slice(int(e[0]), int(e[-1]) + 1) for e in edges)
    return straight_grid(corners_mm(sighted.volume.grid, (s, r, c)), step_mm, most)


def coarser(picture: Picture, step_mm: float) -> Picture:
    """Average blocks of nodes so that the step is about as wanted."""
    factor = max(1, round(step_mm / picture.grid.spacing_mm[0]))
    factor = min(factor, *picture.grid.shape)
    if factor == 1:
        return picture

    def shrunk(array: Floats) -> sitk.Image:
        return sitk.BinShrink(to_image(array, picture.grid), [factor] * 3)

    first = shrunk(picture.hu)
    x, y, z = first.GetOrigin()
    n, m, k = first.GetSize()
    step = picture.grid.spacing_mm[0] * factor
    rest = (
        np.asarray(sitk.GetArrayFromImage(shrunk(a)), np.float32)
        for a in (picture.bone, picture.body, picture.deposit, picture.seen)
    )
    return Picture(
        Grid((k, m, n), (step, step, step), (x, y, z)),
        np.asarray(sitk.GetArrayFromImage(first), np.float32),
        *rest,
    )
