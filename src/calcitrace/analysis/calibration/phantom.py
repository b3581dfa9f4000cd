"""Rods of a calibration phantom, found without being told where they lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.calibration.discs import Disc, find_discs
from calcitrace.analysis.calibration.rod_regions import (
    RIM_MM,
    SLICES_MIN,
    error_of_mean,
)
from calcitrace.errors import CalibrationError
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume, Mask

PHANTOM_HU = -400.0
# Slices are averaged over this length to find rods: less noise, and no tilt to speak of.
SLAB_MM = 12.0
# Between the places of one rod in neighbouring slabs.
DRIFT_MM = 3.0
# Of the slices that show the phantom, a rod has to be in at least so many.
PRESENT = 0.6
# The phantom is in a slice if it covers half of its median area.
FULL_AREA = 0.5
# A rod may look smaller at its ends, and its core has to be left with some voxels.
CORE = 0.75
HU_PER_WATER = 1000.0


@dataclass(frozen=True, slots=True)
class FoundRod:
    """One rod of a phantom.

    Attributes
    ----------
    centre_mm
        Middle of its axis in patient space.
    diameter_mm
        At half height between the rod and what surrounds it.
    hu_mean, hu_std
        Mean over its core, and the error of that mean, shared by all rods.
    n_slices
        That were read.
    """

    centre_mm: tuple[float, float, float]
    diameter_mm: float
    hu_mean: float
    hu_std: float
    n_slices: int


@dataclass(frozen=True, slots=True)
class FoundPhantom:
    """Rods by rising CT number, and the size of what holds them.

    Attributes
    ----------
    body_diameter_mm
        Water-equivalent diameter, rods included (median over slices).
    is_truncated
        The phantom reaches the edge of the images.
    """

    rods: tuple[FoundRod, ...]
    body_diameter_mm: float
    is_truncated: bool


def find_phantom(volume: HuVolume) -> FoundPhantom:
    """Find a phantom and its rods.

    Rods are round, uniform, 5 to 30 mm wide, stand out from what surrounds them, and run
    along the slice direction through most slices of the phantom, straight or a little
    askew. How many there are and how they are arranged does not matter.

    Raises
    ------
    CalibrationError
        If there is no phantom in the images.
    """
    outline = volume.hu > PHANTOM_HU
    slices = _full_slices(outline)
    slabs = _slabs(slices, volume.grid)
    found = [_discs(volume, slab) for slab in slabs]
    tracks = [t for t in _linked(found) if len(t) >= PRESENT * len(slabs)]
    rods = [_read(volume, [slabs[i] for i, _ in t], [d for _, d in t]) for t in tracks]
    # Noise is alike over a phantom, and few slices tell it badly: rods share its error.
    shared = math.sqrt(float(np.mean([r.hu_std**2 for r in rods]))) if rods else 0.0
    edge = outline[slices].copy()
    edge[:, 1:-1, 1:-1] = False
    return FoundPhantom(
        rods=tuple(
            replace(rod, hu_std=shared) for rod in sorted(rods, key=lambda r: r.hu_mean)
        ),
        body_diameter_mm=_diameter_mm(volume, outline, slices),
        is_truncated=bool(edge.any()),
    )


def _full_slices(outline: Mask) -> NDArray[np.int64]:
    """Slices that show the whole phantom."""
    area = outline.sum(axis=(1, 2))
    if not area.any():
        msg = (
            f"Expected a phantom denser than {PHANTOM_HU:g} HU, got nothing but air. "
            "Check the series."
        )
        raise CalibrationError(msg)
    slices = np.flatnonzero(area >= FULL_AREA * np.median(area[area > 0]))
    if len(slices) < SLICES_MIN:
        msg = (
            f"Expected a phantom in at least {SLICES_MIN} slices, got {len(slices)}. "
            "Scan more of it."
        )
        raise CalibrationError(msg)
    return np.asarray(slices, np.int64)


def _slabs(slices: NDArray[np.int64], grid: Grid) -> list[NDArray[np.int64]]:
    """Groups of neighbouring slices, at least one."""
    each = max(1, round(SLAB_MM / grid.spacing_mm[0]))
    return np.array_split(slices, max(1, len(slices) // each))


def _discs(volume: HuVolume, slab: NDArray[np.int64]) -> list[Disc]:
    plane = np.asarray(volume.hu[slab].mean(axis=0), np.float64)
    return find_discs(plane, volume.grid.spacing_mm[1:])


def _linked(found: Sequence[Sequence[Disc]]) -> list[list[tuple[int, Disc]]]:
    """Chains of discs that lie above each other, as (slab, disc)."""
    tracks: list[list[tuple[int, Disc]]] = []
    for i, discs in enumerate(found):
        for disc in discs:
            near = [
                t
                for t in tracks
                if t[-1][0] < i
                and math.dist(t[-1][1].centre_mm, disc.centre_mm)
                <= DRIFT_MM * (i - t[-1][0])
            ]
            if near:
                min(
                    near, key=lambda t: math.dist(t[-1][1].centre_mm, disc.centre_mm)
                ).append((i, disc))
            else:
                tracks.append([(i, disc)])
    return tracks


def _read(
    volume: HuVolume, slabs: Sequence[NDArray[np.int64]], discs: Sequence[Disc]
) -> FoundRod:
    """Mean CT number over the core of a rod."""
    _, row_mm, column_mm = volume.grid.spacing_mm
    diameter = float(np.median([d.diameter_mm for d in discs]))
    radius = min(diameter / 2 - RIM_MM, CORE * diameter / 2)
    rows = np.arange(volume.grid.shape[1]) * row_mm
    columns = np.arange(volume.grid.shape[2]) * column_mm
    means: list[float] = []
    for slab, disc in zip(slabs, discs, strict=True):
        down, right = disc.centre_mm
        core = np.hypot(rows[:, None] - down, columns[None, :] - right) <= radius
        means += volume.hu[slab][:, core].mean(axis=1, dtype=np.float64).tolist()
    values = np.array(means)
    middle = np.mean([d.centre_mm for d in discs], axis=0) / (row_mm, column_mm)
    index = np.array([np.concatenate(list(slabs)).mean(), *middle])
    x, y, z = (float(v) for v in volume.grid.to_world_mm(index))
    return FoundRod(
        (x, y, z), diameter, float(values.mean()), error_of_mean(values), len(values)
    )


def _diameter_mm(volume: HuVolume, outline: Mask, slices: NDArray[np.int64]) -> float:
    """Median water-equivalent diameter."""
    pixel_mm2 = math.prod(volume.grid.spacing_mm[1:])
    sizes = [
        2
        * math.sqrt(
            float((1 + volume.hu[k][_filled(outline[k])] / HU_PER_WATER).sum())
            * pixel_mm2
            / math.pi
        )
        for k in slices
    ]
    return float(np.median(sizes))


def _filled(plane: Mask) -> Mask:
    return np.asarray(ndimage.binary_fill_holes(plane), bool)
