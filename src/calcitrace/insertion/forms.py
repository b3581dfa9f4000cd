"""Forms of calcinosis, as occupancy and relative density around a centre.

Each form is scaled to a volume; none is copied from a patient. Edges are soft over one
cell of the fine lattice, so that sums over cells vary smoothly with size.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.insertion import Morphology

Array = NDArray[np.float64]
Points = tuple[Array, Array, Array]
Occupancy = tuple[Array, Array]  # of the form, and hydroxyapatite relative to nominal

ASPECT_MAX = 1.8
ROUGHNESS = 0.12
N_MEMBERS = (4, 10)
CLUSTER_SPREAD = 1.9  # radius of a cluster over that of a ball of its volume
N_LOBULES = (6, 15)
SEPTUM_MM, SEPTUM_DENSITY = 1.2, 0.15
LOBULE_PACKING = 0.8
SHEET_RADIUS_MAX_MM = 22.0
SHEET_ASPECT_MAX = 2.5


@dataclass(frozen=True, slots=True)
class Form:
    """A form about the origin.

    Attributes
    ----------
    occupied
        Called with points (slice, row, column) in mm and the side of a cell: part of
        each cell that the form fills, and its relative density, both 0 to 1.
    reach_mm
        Along (slice, row, column); beyond it there is nothing.
    depth_mm
        Half of its typical thickness: where its centre lies when it touches something.
    """

    occupied: Callable[[Points, float], Occupancy]
    reach_mm: Array
    depth_mm: float


@dataclass(frozen=True, slots=True)
class Layer:
    """A surface that a sheet follows.

    Attributes
    ----------
    name
        "skin", "fascia" or "bone".
    height
        Signed distance in mm of points from its middle.
    """

    name: str
    height: Callable[[Points], Array]


def compact_form(kind: Morphology, volume_mm3: float, rng: np.random.Generator) -> Form:
    """Punctate, nodular, clustered or tumoral form of about a volume."""
    radius = (3 * volume_mm3 / (4 * math.pi)) ** (1 / 3)
    if kind is Morphology.CLUSTER:
        return _cluster(radius, rng)
    if kind is Morphology.TUMORAL:
        return _tumoral(radius, rng)
    is_round = kind is Morphology.PUNCTATE
    return _ellipsoid(radius, 0.0 if is_round else ROUGHNESS, rng)


def sheet_form(
    volume_mm3: float, thickness_mm: float, layer: Layer, rng: np.random.Generator
) -> Form:
    """A plate on a layer: an irregular patch, bent as the layer is.

    Thicker than asked for where it would else be wider than a limb.
    """
    thickness_mm = max(thickness_mm, volume_mm3 / (math.pi * SHEET_RADIUS_MAX_MM**2))
    aspect = rng.uniform(1.0, SHEET_ASPECT_MAX)
    radius = math.sqrt(volume_mm3 / thickness_mm / math.pi)
    # Longer along the slices' normal or across it; the layer decides the rest.
    longer = rng.permutation([aspect**0.5, aspect**-0.5, aspect**-0.5])
    half = np.maximum(longer * radius, thickness_mm)
    wave = _wave(radius, rng)

    def occupied(points: Points, cell_mm: float) -> Occupancy:
        height = np.abs(layer.height(points)) - thickness_mm / 2
        scaled = np.sqrt(sum((p / h) ** 2 for p, h in zip(points, half, strict=True)))
        across = (scaled - 1 - 2 * ROUGHNESS * wave(points)) * radius
        fraction = _soft(height, cell_mm) * _soft(across, cell_mm)
        return fraction, fraction * (1 - 2 * ROUGHNESS * (1 + wave(points)))

    reach = half * (1 + 3 * ROUGHNESS) + thickness_mm
    return Form(occupied, reach, thickness_mm / 2)


def _ellipsoid(radius_mm: float, roughness: float, rng: np.random.Generator) -> Form:
    stretch = rng.uniform(1 / math.sqrt(ASPECT_MAX), math.sqrt(ASPECT_MAX), 3)
    stretch = np.ones(3) if roughness == 0 else stretch / stretch.prod() ** (1 / 3)
    half = radius_mm * stretch
    turn = _rotation(rng)
    wave = _wave(radius_mm, rng)

    def occupied(points: Points, cell_mm: float) -> Occupancy:
        scaled = _length(points, turn, half)
        bump = roughness * wave(points) if roughness else 0.0
        fraction = _soft((scaled - 1 - bump) * radius_mm, cell_mm)
        return fraction, fraction

    # Of a turned ellipsoid along each axis.
    reach = np.sqrt(((turn * half[:, None]) ** 2).sum(axis=0)) * (1 + 2 * roughness)
    return Form(occupied, reach, radius_mm)


def _cluster(radius_mm: float, rng: np.random.Generator) -> Form:
    n = int(rng.integers(*N_MEMBERS))
    shares = rng.uniform(0.3, 1.0, n)
    radii = radius_mm * (shares / shares.sum()) ** (1 / 3)
    spread = CLUSTER_SPREAD * radius_mm
    centres = _in_ball(n, spread, rng)

    def occupied(points: Points, cell_mm: float) -> Occupancy:
        fraction = np.zeros(np.broadcast_shapes(*(p.shape for p in points)))
        for centre, radius in zip(centres, radii, strict=True):
            gap = _from(points, centre) - radius
            fraction = np.maximum(fraction, _soft(gap, cell_mm))
        return fraction, fraction

    return Form(occupied, np.full(3, spread + float(radii.max())), spread)


def _tumoral(radius_mm: float, rng: np.random.Generator) -> Form:
    """Lobules that fill an ellipsoid, parted by septa that hold little calcium."""
    n = int(rng.integers(*N_LOBULES))
    outer = radius_mm / LOBULE_PACKING ** (1 / 3)
    envelope = _ellipsoid(outer, ROUGHNESS, rng)
    centres = _in_ball(n, outer, rng)
    lobule = 0.8 * outer
    density = rng.uniform(0.6, 1.0, n)

    def occupied(points: Points, cell_mm: float) -> Occupancy:
        inside = envelope.occupied(points, cell_mm)[0]
        first = np.full(inside.shape, np.inf)
        second, calcium = first.copy(), np.zeros(inside.shape)
        for centre, here in zip(centres, density, strict=True):
            away = _from(points, centre)
            is_nearer = away < first
            calcium = np.where(is_nearer, here, calcium)
            second = np.where(is_nearer, first, np.minimum(second, away))
            first = np.minimum(first, away)
        fraction = inside * _soft(first - lobule, cell_mm)
        wall = _soft((second - first - SEPTUM_MM) / 2, cell_mm)
        return fraction, fraction * calcium * (1 - wall * (1 - SEPTUM_DENSITY))

    return Form(occupied, envelope.reach_mm, outer)


def _soft(signed_mm: Array, cell_mm: float) -> Array:
    """Part of a cell inside, from the signed distance of its centre to the surface."""
    return np.clip(0.5 - signed_mm / cell_mm, 0.0, 1.0)


def _from(points: Points, centre: Array) -> Array:
    return np.asarray(
        np.sqrt(sum((p - c) ** 2 for p, c in zip(points, centre, strict=True)))
    )


def _length(points: Points, turn: Array, half: Array) -> Array:
    """Distance from the origin in units of the half axes."""
    total: Array = np.zeros(())
    for axis, length in zip(turn, half, strict=True):
        along = sum(p * a for p, a in zip(points, axis, strict=True))
        total = total + (along / length) ** 2
    return np.asarray(np.sqrt(total), np.float64)


def _wave(radius_mm: float, rng: np.random.Generator) -> Callable[[Points], Array]:
    """A smooth pattern between -1 and 1, as fine as a part of the radius."""
    normals = [_rotation(rng)[0] * rng.uniform(1.5, 3.0) / radius_mm for _ in range(3)]
    phases = rng.uniform(0, 2 * math.pi, 3)

    def wave(points: Points) -> Array:
        total: Array = np.zeros(())
        for normal, phase in zip(normals, phases, strict=True):
            along = sum(p * a for p, a in zip(points, normal, strict=True))
            total = total + np.sin(along + phase) / len(normals)
        return np.asarray(total, np.float64)

    return wave


def _rotation(rng: np.random.Generator) -> Array:
    """Random orthogonal axes, shape (3, 3)."""
    return np.asarray(np.linalg.qr(rng.normal(size=(3, 3)))[0], np.float64)


def _in_ball(n: int, radius_mm: float, rng: np.random.Generator) -> Array:
    """Points spread over a ball about the origin, shape (n, 3), centred on it."""
    direction = rng.normal(size=(n, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    points = direction * (radius_mm * rng.uniform(0, 1, (n, 1)) ** (1 / 3))
    return np.asarray(points - points.mean(axis=0), np.float64)
