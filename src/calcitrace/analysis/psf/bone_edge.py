"""Blur in the slice plane and across slices, from the outer edge of bone.

For scans that show no usable skin. Cortical bone is a shell: on a line across its surface
the CT number rises from soft tissue to cortex and falls to marrow behind it. Two Gaussian
steps of one width, a free thickness apart, are fitted to the pixels along every line
(thin cortex as a blurred box of free width: Prevrhal et al., Phys. Med. Biol. 44:751, 1999;
Treece et al., Med. Image Anal. 14:276, 2010). Where the cortex is thinner than its blur,
width, thickness and level cannot be told apart, and the line is left out.

Where bone leans, the surface moves by a slope from slice to slice, and the width in the
plane grows: sp^2 + slope^2 sz^2. So steep bone tells the blur in the plane, leaning bone
that across slices.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.optimize import least_squares
from scipy.special import ndtr

from calcitrace.analysis.psf.skin_edge import EdgeBlur
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume

Array = NDArray[np.float64]

N_SITES, N_SITES_MIN, N_LEANING_MIN = 240, 30, 20
NORMAL_RADIUS_MM = 3.0
NORMAL_LEVELS_HU = (100.0, 600.0)  # soft tissue and its noise, and bone, look flat
STEP_MM, DEEP_MM, OUT_MM = 0.2, -7.0, 5.5  # along a line, outwards
FIT_MM = (-7.0, 4.0)
STRIP_MM = 0.8  # half width of the strip along a line, or a pixel if that is more
SHIFT_MAX_MM = 2.5
BONE_HU, PEAK_MM = 500.0, (-4.0, 1.5)
# What lies 2.5 to 5 mm outside must be soft tissue, and no other bone or deposit.
TISSUE_MM, TISSUE_HU, TISSUE_RISE_HU = (2.5, 5.0), (-180.0, 200.0), 250.0
SIGMA_MM, SIGMA_START_MM = (0.15, 2.5), 0.7
RESIDUAL_MAX = (
    0.05  # of the step: another wall of the bone, or none of this kind, is near
)
SIGMA_STD_MAX = 0.2  # of a line's own fit, relative
THICK_SIGMAS = 2.5
# Of the method: 6 % on simulated shafts, 13 % apart from the skin on six real limbs.
PLANE_RELATIVE_STD = 0.12
# Rough bone can only widen the edge: of many lines a sharp one counts.
SHARP_QUANTILE = 0.25
STEEP, LEANING = 0.3, (0.4, 2.0)  # slope of the surface across slices


@dataclass(frozen=True, slots=True)
class BoneBlur:
    """Blur found on bone.

    Attributes
    ----------
    plane
        In the slice plane.
    across
        Across slices; None where too little bone leans.
    """

    plane: EdgeBlur
    across: EdgeBlur | None


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Lines across the surface of bone, one for each site.

    Attributes
    ----------
    index
        Where each crosses the surface, voxels, shape (site, 3).
    normal
        Direction outwards in the plane (row, column), mm, shape (site, 2).
    slope
        How far the surface moves along the line per mm across slices, shape (site,).
    tissue_hu, peak_hu
        Levels to start from, shape (site,).
    """

    index: Array
    normal: Array
    slope: Array
    tissue_hu: Array
    peak_hu: Array

    def some(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> "_Lines":
        """Part of the lines."""
        return _Lines(
            self.index[chosen],
            self.normal[chosen],
            self.slope[chosen],
            self.tissue_hu[chosen],
            self.peak_hu[chosen],
        )


def bone_edge_blur(volume: HuVolume, skeleton_mm: Array) -> BoneBlur | None:
    """Gaussian sigmas from bone, or None where too little bone is clear.

    Parameters
    ----------
    volume
        CT numbers.
    skeleton_mm
        Points near the outer surface of bone in patient space, shape (n, 3), good to
        a voxel or two.
    """
    lines = _lines(volume, skeleton_mm)
    is_steep = np.abs(lines.slope) < STEEP
    steep, _ = _fitted(volume, _spread_out(lines, is_steep))
    if len(steep) < N_SITES_MIN:
        return None
    plane = _sharp(steep)
    size = np.abs(lines.slope)
    is_leaning = (size > LEANING[0]) & (size < LEANING[1])
    leaning, slope = _fitted(volume, _spread_out(lines, is_leaning))
    if len(leaning) < N_LEANING_MIN:
        return BoneBlur(plane, None)
    left = np.maximum(leaning**2 - plane.sigma_mm**2, SIGMA_MM[0] ** 2)
    across = _sharp(np.sqrt(left) / np.abs(slope))
    # In thin slices the blur in the plane makes up most of the width.
    doubt = PLANE_RELATIVE_STD * plane.sigma_mm**2 / float(np.median(slope**2))
    std_mm = math.hypot(across.std_mm, doubt / across.sigma_mm)
    return BoneBlur(plane, EdgeBlur(across.sigma_mm, std_mm, across.n_sites))


def _sharp(sigma_mm: Array) -> EdgeBlur:
    """Width of the sharp ones among many edges, with half of how far they scatter."""
    sharp, middle = np.quantile(sigma_mm, [SHARP_QUANTILE, 0.5])
    return EdgeBlur(float(sharp), float(middle - sharp) / 2, len(sigma_mm))


def _spread_out(lines: _Lines, chosen: NDArray[np.bool_]) -> _Lines:
    """Evenly chosen lines among some."""
    index = np.flatnonzero(chosen)
    return lines.some(index[:: max(1, -(-len(index) // N_SITES))])


def _lines(volume: HuVolume, skeleton_mm: Array) -> _Lines:
    """Lines across clear bone with soft tissue outside."""
    index = _sites(volume.grid, skeleton_mm)
    if len(index) == 0:
        nothing = np.empty(0)
        return _Lines(index, np.empty((0, 2)), nothing, nothing, nothing)
    normal = _outward(volume, index)
    here, tissue, peak, is_clear = _located(volume, index, normal)
    ends: list[Array] = []
    for step in (-1.0, 1.0):
        there, _, _, is_found = _located(
            volume, index + np.array([step, 0.0, 0.0]), normal
        )
        ends.append(there)
        is_clear &= is_found
    slope = (ends[1] - ends[0]) / (2 * volume.grid.spacing_mm[0])
    moved = index.copy()
    moved[:, 1:] += here[:, None] * normal / np.asarray(volume.grid.spacing_mm[1:])
    is_clear &= np.abs(here) < SHIFT_MAX_MM
    return _Lines(moved, normal, slope, tissue, peak).some(is_clear)


def _sites(grid: Grid, skeleton_mm: Array) -> Array:
    """Points of bone as voxel indices in whole slices, away from the scan's faces."""
    if len(skeleton_mm) == 0:
        return np.empty((0, 3))
    index = np.asarray(grid.to_index(skeleton_mm), np.float64)
    index[:, 0] = np.rint(index[:, 0])
    room = -DEEP_MM + SHIFT_MAX_MM
    margin = np.array([1.0, *(room / d + 1 for d in grid.spacing_mm[1:])])
    inside = np.all((index >= margin) & (index <= np.array(grid.shape) - 1 - margin), 1)
    index = index[inside]
    return index[:: max(1, len(index) // (12 * N_SITES))]


def _sample(volume: HuVolume, index: Array) -> Array:
    """Linear interpolation at indices, shape (..., 3)."""
    points = np.moveaxis(index, -1, 0)
    return np.asarray(
        map_coordinates(volume.hu, points, np.float64, order=1, mode="nearest")
    )


def _outward(volume: HuVolume, index: Array) -> Array:
    """Find unit vectors (row, column) in mm out of the bone, shape (n, 2)."""
    angles = np.arange(16) * (2 * np.pi / 16)
    radii = NORMAL_RADIUS_MM * np.array([0.35, 0.7, 1.0])
    ring = np.stack([np.sin(angles), np.cos(angles)], -1)
    offsets_mm = (radii[:, None, None] * ring).reshape(-1, 2)
    around = np.zeros((len(index), len(offsets_mm), 3))
    around[..., 1:] = offsets_mm / np.asarray(volume.grid.spacing_mm[1:])
    hu = np.clip(_sample(volume, index[:, None] + around), *NORMAL_LEVELS_HU)
    moment = -(hu - hu.mean(1, keepdims=True)) @ offsets_mm
    length = np.linalg.norm(moment, axis=1, keepdims=True)
    return np.asarray(moment / np.maximum(length, 1e-9))


def _located(
    volume: HuVolume, index: Array, normal: Array
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Where bone ends along each line, in mm, levels on both sides, and if it is clear."""
    steps = np.arange(DEEP_MM, OUT_MM + STEP_MM / 2, STEP_MM)
    offset = np.zeros((len(index), len(steps), 3))
    per_mm = normal / np.asarray(volume.grid.spacing_mm[1:])
    offset[..., 1:] = steps[None, :, None] * per_mm[:, None, :]
    hu = _sample(volume, index[:, None] + offset)
    peak = hu[:, (steps > PEAK_MM[0]) & (steps < PEAK_MM[1])].max(axis=1)
    outside = hu[:, (steps > TISSUE_MM[0]) & (steps < TISSUE_MM[1])]
    tissue = np.median(outside, axis=1)
    half = (peak + tissue) / 2
    last = hu.shape[1] - 1 - np.argmax((hu > half[:, None])[:, ::-1], axis=1)
    last = np.minimum(last, len(steps) - 2)
    row = np.arange(len(index))
    inner, outer = hu[row, last], hu[row, last + 1]
    part = np.clip((inner - half) / np.maximum(inner - outer, 1e-6), 0, 1)
    is_clear = (peak > BONE_HU) & (outside.max(axis=1) < tissue + TISSUE_RISE_HU)
    is_clear &= (tissue > TISSUE_HU[0]) & (tissue < TISSUE_HU[1])
    return steps[last] + STEP_MM * part, tissue, peak, is_clear


def _fitted(volume: HuVolume, lines: _Lines) -> tuple[Array, Array]:
    """Widths of the edges on lines whose cortex is thick enough, and their slopes."""
    found = [_line_fit(volume, lines, site) for site in range(len(lines.index))]
    is_good = np.array([sigma is not None for sigma in found], bool)
    sigmas = np.array([sigma for sigma in found if sigma is not None], np.float64)
    return sigmas, lines.slope[is_good]


def _line_fit(volume: HuVolume, lines: _Lines, site: int) -> float | None:
    """Width of the edge on one line; None where the model does not hold."""
    distance, hu = _pixels(volume, lines.index[site], lines.normal[site])
    tissue, peak = float(lines.tissue_hu[site]), float(lines.peak_hu[site])
    start = np.array([SIGMA_START_MM, tissue, 1.1 * peak, 100.0, 3.0, 0.0])
    low = np.array([SIGMA_MM[0], -300.0, 400.0, -300.0, 0.3, -1.0])
    high = np.array([SIGMA_MM[1], 300.0, 4000.0, 1500.0, 7.0, 1.0])
    n_free = len(distance) - len(start)
    if n_free <= len(start):
        return None

    def misfit(model: Array) -> Array:
        return np.asarray(_shell(distance, model) - hu, np.float64)

    fit = least_squares(
        misfit, np.clip(start, low, high), bounds=(low, high), x_scale=high - low
    )
    sigma, soft, cortex, _, thickness, _ = (float(x) for x in fit.x)
    residual = float(np.sqrt(2 * fit.cost / n_free))
    slopes = np.array(fit.jac, np.float64)
    curvature = np.linalg.pinv(slopes.T @ slopes)
    std = residual * float(np.sqrt(max(float(curvature[0, 0]), 0.0)))
    is_good = residual < RESIDUAL_MAX * (cortex - soft) and std < SIGMA_STD_MAX * sigma
    return sigma if is_good and thickness > THICK_SIGMAS * sigma else None


def _shell(distance_mm: Array, model: Array) -> Array:
    """Soft tissue, cortex and marrow, blurred; distance grows out of the bone."""
    sigma, tissue_hu, cortex_hu, marrow_hu, thickness, shift = model
    x = distance_mm - shift
    outer = np.asarray(ndtr(-x / sigma), np.float64)
    inner = np.asarray(ndtr(-(x + thickness) / sigma), np.float64)
    rise, fall = cortex_hu - tissue_hu, marrow_hu - cortex_hu
    return np.asarray(tissue_hu + rise * outer + fall * inner, np.float64)


def _pixels(volume: HuVolume, index: Array, normal: Array) -> tuple[Array, Array]:
    """Pixels, as they are, in a strip along a line: distance outwards, CT number."""
    spacing = np.asarray(volume.grid.spacing_mm[1:])
    centre = np.rint(index).astype(int)
    reach = np.ceil((-FIT_MM[0] + STRIP_MM) / spacing).astype(int)
    low = np.maximum(centre[1:] - reach, 0)
    high = np.minimum(centre[1:] + reach + 1, volume.grid.shape[1:])
    rows, columns = np.mgrid[low[0] : high[0], low[1] : high[1]]
    offset = (np.stack([rows, columns], -1) - index[1:]) * spacing
    distance = offset @ normal
    aside = offset[..., 0] * normal[1] - offset[..., 1] * normal[0]
    use = np.abs(aside) <= max(STRIP_MM, float(spacing.max()))
    use &= (distance > FIT_MM[0]) & (distance < FIT_MM[1])
    hu = volume.hu[centre[0], low[0] : high[0], low[1] : high[1]]
    return distance[use], hu[use].astype(np.float64)
