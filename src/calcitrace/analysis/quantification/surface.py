"""A smooth surface between bright and dark near a deposit, and what lies at each depth.

Skin and cortical bone are sheets: away from the deposit, CT numbers depend on the
distance from their surface and hardly on the place along it. So the surface is found to a
fraction of a voxel where nothing hides it, drawn on under the deposit as a quadric, and
the CT number at each depth is read where there is no deposit. No point spread and no
kernel enters: blur and overshoot are in what is read.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.quantification.quadric import Evidence, Quadric
from calcitrace.analysis.quantification.site import FloatArray, Site
from calcitrace.model.volume import Mask

MIN_POINTS = 40
N_REWEIGHTINGS = 5
BISQUARE_TUNING = 4.685
MAD_TO_SIGMA = 1.4826
# Points count less with their distance from the deposit; a quadric is a local thing.
NEAR_MM, SCALE_MM = 5.0, 5.0
LEAST_SCATTER_MM = 0.03
NORMAL_SMOOTHING_MM = 0.7
# Far away, the first order will do.
EXACT_WITHIN_MM = 6.0
# Where slices are farther apart, crossings between them say too little.
STEP_MAX_MM = 1.6
# Along the surface, CT numbers at one depth differ from patch to patch.
PATCH_MM = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A surface through the box of one deposit.

    Attributes
    ----------
    depth_mm
        Distance of each voxel from the surface, shape of the box, positive on the dark
        side.
    cell
        Number of the patch of space that each voxel lies in, shape of the box.
    """

    depth_mm: FloatArray
    cell: NDArray[np.int64]


def find_surface(site: Site, level_hu: float, use: Mask) -> Surface | None:
    """Fit a quadric to where CT numbers cross a level.

    Parameters
    ----------
    site
        The deposit in its surroundings.
    level_hu
        Between both sides.
    use
        Pairs of neighbours within it are looked at.

    Returns
    -------
    Surface or None
        None where too little of the surface shows.
    """
    points, normals, nearness = _crossings(site, level_hu, use)
    if len(points) < MIN_POINTS:
        return None
    centre = np.argwhere(site.core).mean(axis=0) * np.asarray(site.grid.spacing_mm)
    local = (points - centre) / SCALE_MM
    weights = nearness.copy()
    evidence = Evidence.of(local, normals)
    quadric = Quadric.nowhere()
    for _ in range(N_REWEIGHTINGS):
        quadric = evidence.fitted(weights)
        residual = SCALE_MM * quadric.distance(local)
        scatter = MAD_TO_SIGMA * float(np.median(np.abs(residual)))
        reach = BISQUARE_TUNING * max(scatter, LEAST_SCATTER_MM)
        weights = nearness * np.clip(1 - (residual / reach) ** 2, 0, None) ** 2
        if np.count_nonzero(weights) < MIN_POINTS:
            return None
    index = np.indices(site.hu.shape, dtype=np.float64).reshape(3, -1).T
    everywhere = (index * site.grid.spacing_mm - centre) / SCALE_MM
    flat = SCALE_MM * quadric.distance(everywhere)
    near = np.abs(flat) < EXACT_WITHIN_MM
    flat[near] = SCALE_MM * quadric.foot_distance(everywhere[near])
    depth = flat.reshape(site.hu.shape)
    steps = [max(1, round(PATCH_MM / d)) for d in site.grid.spacing_mm]
    s, r, c = (
        np.arange(n, dtype=np.int64) // step
        for n, step in zip(site.hu.shape, steps, strict=True)
    )
    cell: NDArray[np.int64] = (s[:, None, None] * 1000 + r[:, None]) * 1000 + c
    return Surface(depth, cell)


def _crossings(
    site: Site, level_hu: float, use: Mask
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points where CT numbers cross a level, directions into the dark, nearness."""
    spacing = np.asarray(site.grid.spacing_mm)
    sigma = [NORMAL_SMOOTHING_MM / d for d in spacing]
    smooth = ndimage.gaussian_filter(site.hu, sigma, mode="nearest", truncate=3.0)
    slope = np.zeros((*smooth.shape, 3))
    for axis, step_mm in enumerate(spacing):
        if smooth.shape[axis] > 1:
            slope[..., axis] = np.gradient(smooth, step_mm, axis=axis)
    points: list[FloatArray] = []
    normals: list[FloatArray] = []
    nearness: list[FloatArray] = []
    for axis in range(3):
        if site.hu.shape[axis] < 2 or spacing[axis] > STEP_MAX_MM:  # noqa: PLR2004 -- a slope needs two
            continue
        low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(3))
        high = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
        a, b = site.hu[low] - level_hu, site.hu[high] - level_hu
        where = np.argwhere(use[low] & use[high] & (a * b < 0))
        at = tuple(where.T)
        share = a[at] / (a[at] - b[at])
        point = where.astype(np.float64)
        point[:, axis] += share
        points.append(point * spacing)
        normal = -(
            slope[low][at] * (1 - share)[:, None] + slope[high][at] * share[:, None]
        )
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        normals.append(normal / np.maximum(length, 1e-9))
        distance = site.distance_mm[low][at]
        nearness.append(np.exp(-0.5 * (distance / NEAR_MM) ** 2))
    if not points:
        return np.empty((0, 3)), np.empty((0, 3)), np.empty(0)
    return np.concatenate(points), np.concatenate(normals), np.concatenate(nearness)
