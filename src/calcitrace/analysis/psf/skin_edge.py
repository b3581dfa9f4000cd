"""Blur in the slice plane, from the step between skin and air.

The skin is the one sharp edge that every scan has. Pixels around many points of it are
put on one axis, their signed distance to the local edge, which samples the edge much
finer than the pixels do (Judy, Med. Phys. 3:233, 1976: edge-spread from an oblique edge).
Behind the air lies a skin of 1-2 mm and then fat or muscle, so the model is two
Gaussian steps, and everything deeper is left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from calcitrace.analysis.psf.edge import (
    AIR_HU,
    SIGMA_RANGE_MM,
    Pixels,
    clear,
    fit_all,
    fit_curve,
    select,
)
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from calcitrace.model.work import in_threads

Array = NDArray[np.float64]

N_SITES = 2400
N_SITES_MIN = 40
N_AT_ONCE = 64  # sites whose windows fit into the caches
N_GROUP_MIN = 60
WINDOW_MM = 7.0
STRIP_MM = 0.8  # half width of the strip along a normal, or a pixel if that is more
NORMAL_RADIUS_MM = 4.0
# Whatever else touches the skin or moves it can only widen the edge, so of the stretches
# of skin a sharp one counts, not the mean.
SHARP_QUANTILE = 0.25
SHIFT_MAX_MM = 2.5
# Skin that leans over the slice is smeared by the slice profile: use the upright part.
TILT_KEEP_QUANTILE = 0.5
TILT_MAX = 0.4


@dataclass(frozen=True, slots=True)
class EdgeBlur:
    """Blur found on the skin.

    Attributes
    ----------
    std_mm
        One sigma of `sigma_mm`, from the spread between parts of the skin.
    """

    sigma_mm: float
    std_mm: float
    n_sites: int


def skin_edge_blur(
    volume: HuVolume, skin_mm: Array, sigma_slice_mm: float
) -> EdgeBlur | None:
    """Gaussian sigma in the slice plane, or None where too little skin is clear.

    Parameters
    ----------
    skin_mm
        Points near the skin in patient space, shape (n, 3), good to a voxel or two.
    sigma_slice_mm
        Blur across slices, to take out what leaning skin adds.
    """
    index = _sites(volume.grid, skin_mm)
    if len(index) < N_SITES_MIN:
        return None
    normals = _outward_normals(volume, index)
    index, normals, tilt = _upright(volume, index, normals)
    if len(index) < N_SITES_MIN:
        return None
    pixels = clear(_gather(volume, index, normals), len(index))
    used = np.unique(pixels.site)
    if len(used) < N_SITES_MIN:
        return None
    sigma, pixels = fit_all(pixels, len(index))
    group = _groups(index, normals)
    parts = _fit_groups(pixels, group, sigma)
    lean = float(np.mean(tilt[used] ** 2)) * sigma_slice_mm**2
    sharp = float(np.quantile(parts, SHARP_QUANTILE))
    corrected = max(sharp**2 - lean, SIGMA_RANGE_MM[0] ** 2) ** 0.5
    spread = float(np.median(parts)) - sharp
    return EdgeBlur(corrected, spread / 2, len(used))


def _sites(grid: Grid, skin_mm: Array) -> Array:
    """Evenly chosen skin points as voxel indices, away from the faces of the scan."""
    if len(skin_mm) == 0:
        return np.empty((0, 3))
    index = grid.to_index(skin_mm)
    index[:, 0] = np.rint(index[:, 0])
    # A site moves to the edge before its window is cut.
    reach_mm = WINDOW_MM + SHIFT_MAX_MM
    margin = np.array([1.0, *(reach_mm / d + 1 for d in grid.spacing_mm[1:])])
    inside = np.all((index >= margin) & (index <= np.array(grid.shape) - 1 - margin), 1)
    index = index[inside]
    step = max(1, len(index) // (3 * N_SITES))
    return np.asarray(index[::step], np.float64)


def _sample(volume: HuVolume, index: Array) -> Array:
    """Linear interpolation at indices, shape (..., 3)."""
    points = np.moveaxis(index, -1, 0)
    return np.asarray(
        map_coordinates(volume.hu, points, np.float64, order=1, mode="nearest")
    )


def _outward_normals(volume: HuVolume, index: Array) -> Array:
    """Find unit vectors (row, column) in mm that point into the air, shape (n, 2)."""
    angles = np.arange(16) * (2 * np.pi / 16)
    radii = NORMAL_RADIUS_MM * np.array([0.35, 0.7, 1.0])
    ring = np.stack([np.sin(angles), np.cos(angles)], -1)
    offsets_mm = (radii[:, None, None] * ring).reshape(-1, 2)
    around = np.zeros((len(index), len(offsets_mm), 3))
    around[..., 1:] = offsets_mm / np.asarray(volume.grid.spacing_mm[1:])
    hu = np.clip(_sample(volume, index[:, None] + around), AIR_HU, 0.0)
    moment = -(hu - hu.mean(1, keepdims=True)) @ offsets_mm
    length = np.linalg.norm(moment, axis=1, keepdims=True)
    return np.asarray(moment / np.maximum(length, 1e-9))


def _along(
    volume: HuVolume, index: Array, normals: Array, slice_shift: int
) -> tuple[Array, NDArray[np.bool_]]:
    """Where the profile along each normal falls through half level, in mm."""
    steps = np.arange(-4.0, 4.01, 0.25)
    offset = np.zeros((len(index), len(steps), 3))
    offset[..., 0] = slice_shift
    per_mm = normals / np.asarray(volume.grid.spacing_mm[1:])
    offset[..., 1:] = steps[None, :, None] * per_mm[:, None, :]
    is_body = _sample(volume, index[:, None] + offset) > AIR_HU / 2
    last = is_body.shape[1] - 1 - np.argmax(is_body[:, ::-1], axis=1)
    is_found = is_body.any(1) & (last < len(steps) - 1) & (last > 0)
    return steps[np.minimum(last, len(steps) - 1)], is_found


def _upright(
    volume: HuVolume, index: Array, normals: Array
) -> tuple[Array, Array, Array]:
    """Keep sites with an edge nearby and skin that stands across the slice."""
    here, is_found = _along(volume, index, normals, 0)
    above, is_above = _along(volume, index, normals, 1)
    below, is_below = _along(volume, index, normals, -1)
    tilt = np.abs(above - below) / (2 * volume.grid.spacing_mm[0])
    is_kept = is_found & is_above & is_below & (np.abs(here) < SHIFT_MAX_MM)
    is_kept &= tilt < TILT_MAX
    if is_kept.any():
        is_kept &= tilt <= np.quantile(tilt[is_kept], TILT_KEEP_QUANTILE)
    chosen = np.flatnonzero(is_kept)
    chosen = chosen[:: max(1, len(chosen) // N_SITES)]
    moved = index[chosen].copy()
    per_mm = normals[chosen] / np.asarray(volume.grid.spacing_mm[1:])
    moved[:, 1:] += here[chosen, None] * per_mm
    return moved, normals[chosen], tilt[chosen]


def _gather(volume: HuVolume, index: Array, normals: Array) -> Pixels:
    """Pixels, as they are, in a strip along every normal."""
    spacing = np.asarray(volume.grid.spacing_mm[1:])
    reach = np.ceil(WINDOW_MM / spacing).astype(int)
    rows, columns = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    window = np.stack([rows.ravel(), columns.ravel()], -1)
    centre = np.rint(index).astype(int)
    half = max(STRIP_MM, float(spacing.max()))

    def some(start: int) -> Pixels:
        part = slice(start, start + N_AT_ONCE)
        middle, normal = centre[part], normals[part]
        offset = (
            window[None] + middle[:, None, 1:] - index[part][:, None, 1:]
        ) * spacing
        distance = np.einsum("swd,sd->sw", offset, normal)
        across = (
            offset[..., 0] * normal[:, None, 1] - offset[..., 1] * normal[:, None, 0]
        )
        is_used = (np.abs(across) <= half) & (np.abs(distance) <= WINDOW_MM)
        site, which = np.nonzero(is_used)
        row, column = (middle[site, 1:] + window[which]).T
        hu = volume.hu[middle[site, 0], row, column].astype(np.float64)
        return Pixels(site + start, distance[is_used], hu)

    parts = list(in_threads(some, range(0, len(index), N_AT_ONCE)))
    return Pixels(
        np.concatenate([p.site for p in parts]),
        np.concatenate([p.distance_mm for p in parts]),
        np.concatenate([p.hu for p in parts]),
    )


def _fit_groups(
    pixels: Pixels, group: NDArray[np.int64], sigma_mm: float
) -> list[float]:
    """Sigma of every stretch with enough sites, or the common one."""
    parts: list[float] = []
    for number in np.unique(group[pixels.site]):
        chosen = group[pixels.site] == number
        if len(np.unique(pixels.site[chosen])) >= N_GROUP_MIN:
            parts.append(float(fit_curve(select(pixels, chosen), sigma_mm)[0]))
    return parts or [sigma_mm]


def _groups(index: Array, normals: Array) -> NDArray[np.int64]:
    """Give every site the number of its stretch: eight directions, two halves."""
    turn = np.arctan2(normals[:, 0], normals[:, 1]) / (2 * np.pi) + 0.5
    sector = np.minimum((turn * 8).astype(np.int64), 7)
    is_upper = index[:, 0] > np.median(index[:, 0])
    return np.asarray(2 * sector + is_upper, np.int64)
