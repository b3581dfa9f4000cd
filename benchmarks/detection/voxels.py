"""Bright voxels in numbers that tell deposit from bone."""

from collections.abc import Iterator

import cc3d
import edt
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.detection.cases import Case
from calcitrace.model.volume import Mask, Tissue

Array = NDArray[np.float32]

BRIGHT_HU = 140
LOWEST_HU, HIGHEST_HU = -150.0, 1500.0
SMOOTH_MM = (1.0, 2.0, 4.0, 8.0)
DENSE_HU = (130, 250, 400, 700)
TISSUES_HU = {"fat": (-1000, -30), "soft": (-30, 110)}
MARROW_BELOW_HU, CORTEX_HU = 150, 600
FAR_MM = 60.0
SHAPE_MM = (1.5, 3.0)


def bright_voxels(case: Case) -> NDArray[np.intp]:
    """Flat indices of voxels that are looked at."""
    scan = case.scan
    bright = (scan.volume.hu > BRIGHT_HU) & case.anatomy.body
    bright &= scan.coverage.mask((slice(None), slice(None), slice(None)))
    return np.flatnonzero(bright)


def features(case: Case) -> tuple[NDArray[np.intp], Array, list[str]]:
    """Indices of bright voxels, their features, shape (voxel, feature), and the names."""
    at = bright_voxels(case)
    named = dict(_fields(case, at))
    return at, np.stack(list(named.values()), axis=1), list(named)


def _fields(case: Case, at: NDArray[np.intp]) -> Iterator[tuple[str, Array]]:
    spacing = np.asarray(case.scan.volume.grid.spacing_mm)
    body, hu = case.anatomy.body, case.scan.volume.hu.astype(np.float32)
    light = np.clip(np.where(body, hu, -100), LOWEST_HU, HIGHEST_HU).astype(np.float32)
    maps = (
        *_levels(light, spacing),
        *_shares(hu, body, spacing),
        *_distances(case, light, spacing),
        *_sizes(hu, body, spacing),
    )
    yield "hu", np.clip(hu.ravel()[at], None, 2500)
    for name, field in maps:
        yield name, field.reshape(-1)[at].astype(np.float32)
    yield from _shapes(light, spacing, at)
    yield "sigma", np.full(len(at), case.noise.sigma_median_hu, np.float32)


def _blurred(field: Array, sigma_mm: float, spacing: NDArray[np.float64]) -> Array:
    return np.asarray(
        ndimage.gaussian_filter(field, sigma_mm / spacing, mode="nearest")
    )


def _levels(light: Array, spacing: NDArray[np.float64]) -> Iterator[tuple[str, Array]]:
    """CT numbers around, at several widths."""
    for width in SMOOTH_MM:
        smooth = _blurred(light, width, spacing)
        yield f"mean {width:g}", smooth
        if width < SMOOTH_MM[-1]:
            yield f"above mean {width:g}", light - smooth
    square = _blurred(light**2, 3.0, spacing) - _blurred(light, 3.0, spacing) ** 2
    yield "spread 3", np.sqrt(np.maximum(square, 0))
    for reach in (3.0, 6.0):
        size = [2 * int(reach / d + 0.3) + 1 for d in spacing]
        yield f"highest {reach:g}", ndimage.maximum_filter(light, size)
        yield f"lowest {reach:g}", ndimage.minimum_filter(light, size)


def _shares(
    hu: Array, body: Mask, spacing: NDArray[np.float64]
) -> Iterator[tuple[str, Array]]:
    """How much of the surroundings is dense, fat or soft."""
    for level in DENSE_HU:
        dense = ((hu > level) & body).astype(np.float32)
        for width in (3.0, 8.0):
            yield f"over {level} {width:g}", _blurred(dense, width, spacing)
    for name, (low, high) in TISSUES_HU.items():
        part = ((hu > low) & (hu < high) & body).astype(np.float32)
        for width in (2.0, 5.0, 12.0):
            yield f"{name} {width:g}", _blurred(part, width, spacing)


def _distances(
    case: Case, light: Array, spacing: NDArray[np.float64]
) -> Iterator[tuple[str, Array]]:
    """How far skin, bone, marrow and cortex are, and how much bone is around."""
    bone = np.equal(case.anatomy.tissue.labels, Tissue.SKELETON)
    marrow = bone & (_blurred(light, 1.0, spacing) < MARROW_BELOW_HU)
    cortex = bone & (light > CORTEX_HU)
    for name, mask in (("bone", bone), ("marrow", marrow), ("cortex", cortex)):
        yield f"to {name}", _depth(~mask, spacing)
    yield "in bone", _depth(bone, spacing)
    yield "below skin", _depth(case.anatomy.body, spacing)
    for name, mask in (("bone", bone), ("marrow", marrow)):
        for width in (5.0, 10.0):
            yield f"{name} {width:g}", _blurred(mask.astype(np.float32), width, spacing)


def _depth(mask: Mask, spacing: NDArray[np.float64]) -> Array:
    """Distance to the nearest voxel outside of a mask; cut faces go on."""
    padded = np.pad(mask, 1, mode="edge").view(np.uint8)
    depth = np.asarray(edt.edt(padded, anisotropy=tuple(spacing)), np.float32)
    return np.minimum(depth[1:-1, 1:-1, 1:-1], np.float32(FAR_MM))


def _sizes(
    hu: Array, body: Mask, spacing: NDArray[np.float64]
) -> Iterator[tuple[str, Array]]:
    """Logarithm of the volume of the dense piece that a voxel belongs to."""
    for level in (200, 400):
        labels = cc3d.connected_components((hu > level) & body, connectivity=18)
        size = np.bincount(labels.ravel()) * np.prod(spacing)
        size[0] = 0
        yield f"piece {level}", np.log1p(size)[labels].astype(np.float32)


def _shapes(
    light: Array, spacing: NDArray[np.float64], at: NDArray[np.intp]
) -> Iterator[tuple[str, Array]]:
    """Second derivatives along their own axes (plate, tube, blob), and the slope."""
    for width in SHAPE_MM:

        def derived(*axes: int, width: float = width) -> Array:
            order = [axes.count(axis) for axis in range(3)]
            field = ndimage.gaussian_filter(
                light, width / spacing, order=order, mode="nearest"
            )
            scale = np.prod([width / spacing[axis] for axis in axes])
            return np.asarray(field.reshape(-1)[at] * scale, np.float32)

        second = np.empty((len(at), 3, 3), np.float32)
        for i in range(3):
            for j in range(i, 3):
                second[:, i, j] = second[:, j, i] = derived(i, j)
        bends = np.linalg.eigvalsh(second)
        for k in range(3):
            yield f"bend {width:g} {k}", bends[:, k]
        slope = sum(derived(axis) ** 2 for axis in range(3))
        yield f"slope {width:g}", np.sqrt(slope)
