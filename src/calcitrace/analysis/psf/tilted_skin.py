"""Blur across slices, from skin that leans over them.

Along the normal n of an edge a Gaussian point spread has the variance
sp^2 (1 - nz^2) + sz^2 nz^2, nz the part of n across slices: skin of several tilts tells
sz once sp is known (Judy's oblique edge, Med. Phys. 3:233, 1976, out of the plane). The
skin of a straight limb hardly leans; heels, knees, shoulders and buttocks do.
"""

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from calcitrace.analysis.psf.edge import Pixels, clear_front, fit_all
from calcitrace.analysis.psf.skin_edge import EdgeBlur
from calcitrace.model.volume import HuVolume

Array = NDArray[np.float64]

N_POINTS, N_FACING, N_SITES, N_SITES_BIN = 100_000, 1200, 240, 50
# Skin is taken as flat over the first of these, to find where it faces.
FACING_MM, N_FACING_MIN, ROUGH_MM, FLAT_RATIO = 7.0, 12, 0.8, 4.0
HALF_SLICE_TOLERANCE = 0.1
WINDOW_MM, STRIP_MM = 6.5, 1.2
LEANS = (0.35, 0.5, 0.65, 0.8, 0.95)  # nz where bins of tilt begin and end
# Of one bin: curved skin, folds, and what lies behind them.
BIN_RELATIVE_STD = 0.06
SIGMA_MIN_MM = 0.15


def tilted_skin_blur(
    volume: HuVolume, skin_mm: Array, sigma_plane_mm: float, sigma_slice_mm: float
) -> EdgeBlur | None:
    """Gaussian sigma across slices, or None where too little skin leans.

    Parameters
    ----------
    volume
        CT numbers.
    skin_mm
        Points near the skin in patient space, shape (n, 3), good to a voxel or two.
    sigma_plane_mm
        Blur in the plane.
    sigma_slice_mm
        Blur to expect, to begin with.
    """
    at_mm, normals = _facing(volume, skin_mm)
    lean = np.abs(normals[:, 0])
    rows: list[tuple[float, float]] = []
    n_used = 0
    for low, high in itertools.pairwise(LEANS):
        chosen = np.flatnonzero((lean >= low) & (lean < high))
        chosen = chosen[:: max(1, -(-len(chosen) // N_SITES))]
        part = lean[chosen]
        start = float(np.sqrt(_variance(part, sigma_plane_mm, sigma_slice_mm).mean()))
        pixels = _gather(volume, at_mm[chosen], normals[chosen])
        pixels = clear_front(pixels, len(chosen), start)
        used = np.unique(pixels.site)
        if len(used) < N_SITES_BIN:
            continue
        sigma, _ = fit_all(pixels, len(chosen), start)
        square = float(np.mean(part[used] ** 2))
        rows.append((square, sigma**2))
        n_used += len(used)
    return _solved(rows, sigma_plane_mm, n_used)


def _variance(lean: Array, plane_mm: float, slice_mm: float) -> Array:
    """Variance along normals of a lean, 1 mm where there is none."""
    if lean.size == 0:
        return np.ones(1)
    return np.asarray(plane_mm**2 * (1 - lean**2) + slice_mm**2 * lean**2, np.float64)


def _solved(
    rows: list[tuple[float, float]], sigma_plane_mm: float, n_sites: int
) -> EdgeBlur | None:
    """Blur across slices from squares of lean and variances along the normals."""
    if not rows:
        return None
    square, variance = np.array(rows).T
    left = variance - sigma_plane_mm**2 * (1 - square)
    weight = 1 / (2 * BIN_RELATIVE_STD * variance / square) ** 2
    each = left / square
    across = float((weight * each).sum() / weight.sum())
    noise = float(1 / np.sqrt(weight.sum()))
    if len(rows) > 1:
        scatter = float((weight * (each - across) ** 2).sum() / (len(rows) - 1))
        noise *= max(1.0, scatter**0.5)
    sigma = max(across, SIGMA_MIN_MM**2) ** 0.5
    return EdgeBlur(sigma, noise / (2 * sigma), n_sites)


def _facing(volume: HuVolume, skin_mm: Array) -> tuple[Array, Array]:
    """Sites on smooth skin and outward unit normals, both in mm along array axes.

    Points half way between two slices are faces that look across them: only leaning skin
    has many of those.
    """
    grid = volume.grid
    spacing = np.asarray(grid.spacing_mm)
    nothing = np.empty((0, 3)), np.empty((0, 3))
    if len(skin_mm) < N_FACING_MIN:
        return nothing
    index = grid.to_index(skin_mm)
    points = index * spacing
    margin = np.array([2 * spacing[0], WINDOW_MM, WINDOW_MM]) + spacing
    limit = (np.asarray(grid.shape) - 1) * spacing - margin
    inside = ((points >= margin) & (points <= limit)).all(axis=1)
    across = np.abs(index[:, 0] - np.floor(index[:, 0]) - 0.5) < HALF_SLICE_TOLERANCE
    chosen = np.flatnonzero(inside & across)
    chosen = chosen[:: max(1, -(-len(chosen) // N_FACING))]
    reach = max(FACING_MM, 2.5 * float(spacing[0]))
    step = max(1, len(points) // N_POINTS)
    tree = KDTree(points[::step])
    sites: list[Array] = []
    normals: list[Array] = []
    for near in tree.query_ball_point(points[chosen], reach):
        around = tree.data[near]
        if len(around) < N_FACING_MIN:
            continue
        centre = around.mean(axis=0)
        spread, axes = np.linalg.eigh(np.cov((around - centre).T))
        if spread[0] > ROUGH_MM**2 or spread[1] < FLAT_RATIO * spread[0]:
            continue
        sites.append(centre)
        normals.append(axes[:, 0])
    if not sites:
        return nothing
    return _outward(volume, np.array(sites), np.array(normals))


def _outward(volume: HuVolume, at_mm: Array, normals: Array) -> tuple[Array, Array]:
    """Turn normals into the air; leave out sites with air or tissue on both sides."""
    spacing = np.asarray(volume.grid.spacing_mm)
    last = np.asarray(volume.grid.shape) - 1
    side: list[NDArray[np.bool_]] = []
    for sign in (-1.0, 1.0):
        index = np.rint((at_mm + sign * 4.0 * normals) / spacing).astype(np.int64)
        index = np.clip(index, 0, last)
        side.append(np.asarray(volume.hu[tuple(index.T)] > -500.0))  # noqa: PLR2004 -- HU, between air and skin
    use = side[0] != side[1]
    turned = np.where(side[1][:, None], -normals, normals)
    return at_mm[use], turned[use]


def _gather(volume: HuVolume, at_mm: Array, normals: Array) -> Pixels:
    """Voxels, as they are, in a strip along every normal."""
    spacing = np.asarray(volume.grid.spacing_mm)
    last = np.asarray(volume.grid.shape) - 1
    half = max(STRIP_MM, float(spacing[1:].max()))
    sites: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    distances: list[Array] = [np.empty(0)]
    values: list[Array] = [np.empty(0)]
    reach_mm = WINDOW_MM * np.abs(normals) + half * np.sqrt(1 - normals**2)
    low = np.clip(np.ceil((at_mm - reach_mm) / spacing), 0, last).astype(int)
    high = np.clip(np.floor((at_mm + reach_mm) / spacing), 0, last).astype(int)
    for site, (point, normal) in enumerate(zip(at_mm, normals, strict=True)):
        s, r, c = (
            slice(int(a), int(b) + 1)
            for a, b in zip(low[site], high[site], strict=True)
        )
        hu = volume.hu[s, r, c]
        index = np.indices(hu.shape).reshape(3, -1).T + low[site]
        offset = index * spacing - point
        distance = offset @ normal
        aside = (offset**2).sum(axis=1) - distance**2
        use = (np.abs(distance) <= WINDOW_MM) & (aside <= half**2)
        sites.append(np.full(int(use.sum()), site, np.int64))
        distances.append(distance[use])
        values.append(hu.ravel()[use].astype(np.float64))
    return Pixels(
        np.concatenate(sites), np.concatenate(distances), np.concatenate(values)
    )
