"""Longest axis, form and position of a deposit."""

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from calcitrace.analysis.quantification.region import Region
from calcitrace.analysis.quantification.site import FloatArray, Site
from calcitrace.analysis.quantification.volume import Extent
from calcitrace.model.deposit import ShapeClass
from calcitrace.model.volume import Mask

PUNCTATE_DIAMETER_MM = 3.0
MASS_DIAMETER_MM = 30.0
SHEET_RATIO = 3.0
ELONGATED_RATIO = 2.5
CLUSTER_PARTS = 3


def body_mask(site: Site, region: Region, volume_mm3: float | None) -> Mask:
    """Brightest voxels of a region that together have the deposit's volume.

    Where the volume is unknown, those above half of the peak. Never empty.
    """
    order = np.sort(region.smooth_excess_hu[region.mask])[::-1]
    if volume_mm3 is None:
        threshold = region.peak_hu / 2
    else:
        n = max(1, round(volume_mm3 / site.voxel_volume_mm3))
        threshold = float(order[min(n, order.size) - 1])
    threshold = min(threshold, float(order[0]))
    return region.mask & (region.smooth_excess_hu >= threshold)


def centroid_mm(site: Site, region: Region) -> tuple[float, float, float]:
    """Centre of the excess in patient space (LPS)."""
    weights = np.clip(region.smooth_excess_hu[region.bright], 1e-6, None)
    index = np.average(np.argwhere(region.bright), axis=0, weights=weights)
    x, y, z = (float(v) for v in site.grid.to_world_mm(index))
    return x, y, z


def seed_mm(site: Site) -> tuple[float, float, float]:
    """Brightest voxel of a component in patient space (LPS).

    Among equals the one nearest to their middle: where the scale ends, many are.
    """
    values = np.where(site.core, site.hu, -np.inf)
    index = np.argwhere(values == values.max())
    steps_mm = (index - index.mean(axis=0)) * np.asarray(site.grid.spacing_mm)
    away_mm = np.asarray(np.linalg.norm(steps_mm, axis=1), np.float64).round(6)
    nearest = index[int(away_mm.argmin())]
    x, y, z = (float(v) for v in site.grid.to_world_mm(nearest))
    return x, y, z


def diameter_max_mm(site: Site, body: Mask) -> float:
    """Longest axis of a mask, voxel faces included on average.

    The hull of voxel centres falls short of the body by half a voxel at either end.
    """
    points = np.argwhere(body & ~ndimage.binary_erosion(body)).astype(np.float64)
    points *= np.asarray(site.grid.spacing_mm)
    if len(points) == 1:
        return float(np.cbrt(site.voxel_volume_mm3))
    if len(points) > 16:  # noqa: PLR2004 -- the hull pays only for many points
        try:
            points = points[ConvexHull(points).vertices]
        except QhullError:  # all points in one plane: keep them, thinned
            points = points[:: max(1, len(points) // 1000)]
    distances = pdist(points)
    longest = float(distances.max())
    return longest + float(np.cbrt(site.voxel_volume_mm3))


def shape_class(site: Site, region: Region, extent: Extent) -> ShapeClass:
    """Form by axes (blur removed) and by the number of parts at half of the peak."""
    a, b, c = extent.semi_axes_mm
    longest = 2 * a
    if longest < PUNCTATE_DIAMETER_MM:
        return ShapeClass.PUNCTATE
    if _n_parts(site, region) >= CLUSTER_PARTS:
        return ShapeClass.CLUSTER
    if b / max(c, 1e-6) >= SHEET_RATIO and a / max(c, 1e-6) >= SHEET_RATIO:
        return ShapeClass.SHEET
    if a / max(b, 1e-6) >= ELONGATED_RATIO:
        return ShapeClass.ELONGATED
    return ShapeClass.MASS if longest >= MASS_DIAMETER_MM else ShapeClass.COMPACT


def _n_parts(site: Site, region: Region) -> int:
    """Separate bright parts, each standing clear of the noise."""
    level = max(0.5 * region.peak_hu, 5 * site.sigma_hu)
    parts, n = ndimage.label(region.bright & (region.smooth_excess_hu > level))
    if n < CLUSTER_PARTS:
        return n
    sizes_mm3 = np.bincount(parts.ravel())[1:] * site.voxel_volume_mm3
    return int((sizes_mm3 >= 1.0).sum())


def surface_points_mm(site: Site, body: Mask, limit: int = 2000) -> FloatArray:
    """Voxel centres on the surface of a mask in patient space, shape (n, 3)."""
    surface = body & ~ndimage.binary_erosion(body)
    index = np.argwhere(surface)
    return site.grid.to_world_mm(index[:: max(1, len(index) // limit)])
