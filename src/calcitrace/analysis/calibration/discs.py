"""Round uniform spots in one image of a phantom."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.model.volume import Mask

Array = NDArray[np.float64]

DIAMETER_MM = (5.0, 30.0)
# Edges are sought in images smoothed by these widths; the wider ones round corners off,
# so they are for rods that stand out by less than so many times the median slope, in HU
# over HU/mm.
SMOOTH_MM = (0.8, 1.2, 1.8)
FAINT_MM = 20.0
# An edge is steeper than so many times the median slope, which is that of noise. Faint
# rods need a low bar, noisy or thin bright ones a high one: all are tried.
STEEP_MEDIANS = (1.7, 2.5, 4.0, 8.0, 16.0)
STEEP_MIN_HU_MM = 2.0
FLAT_MIN_MM2 = 2.0
# Findings of one rod agree within these.
SAME_MM, SAME_DIAMETER = 1.5, 0.15
TOUCHING = 0.45  # of the sum of diameters
# A rod stands out from its surroundings by so much at least.
CONTRAST_HU = 20.0
# Surroundings are read in a ring this far outside: first of the flat part of a rod, then
# of its edge.
RINGS_MM = ((3.0, 5.0), (2.0, 4.0), (2.0, 4.0))
# What has a lower CT number is a hole or a mount.
LOWEST_HU = -150.0
# Area over that of the circle around it, and short over long axis.
FILLED, ROUND = 0.84, 0.85
# Middle against outer core, in parts of the contrast or in HU.
UNEVEN, UNEVEN_HU = 0.1, 8.0
MIDDLE, OUTER, BLURRED_MM = 0.7, 0.45, 2.2


@dataclass(frozen=True, slots=True)
class Disc:
    """One round spot.

    Attributes
    ----------
    centre_mm
        From the centre of the first pixel, along (row, column).
    contrast_hu
        Over what surrounds it.
    """

    centre_mm: tuple[float, float]
    diameter_mm: float
    contrast_hu: float


def find_discs(plane: Array, spacing_mm: tuple[float, ...]) -> list[Disc]:
    """Find round, uniform spots of 5 to 30 mm that stand out.

    Parameters
    ----------
    plane
        CT numbers, shape (row, column).
    spacing_mm
        Between pixels along (row, column).

    Returns
    -------
    list of Disc
        In the order of their places.
    """
    spacing = np.asarray(spacing_mm)
    found: list[Disc] = []
    faint_hu = math.inf
    for width in SMOOTH_MM:
        smooth = np.asarray(ndimage.gaussian_filter(plane, width / spacing), np.float64)
        down, right = np.gradient(smooth, *spacing_mm)
        slope = np.hypot(down, right)
        usual = float(np.median(slope[smooth > LOWEST_HU]))
        for times in STEEP_MEDIANS:
            steep = max(STEEP_MIN_HU_MM, times * usual)
            found += [
                _unsmoothed(disc, width)
                for disc in _flat_discs(smooth, slope < steep, spacing)
                if abs(disc.contrast_hu) <= faint_hu
            ]
        faint_hu = min(faint_hu, FAINT_MM * usual)
    return _agreed(found)


def _unsmoothed(disc: Disc, width_mm: float) -> Disc:
    """Undo what smoothing does to a curved edge: it draws it inwards."""
    wider = disc.diameter_mm + 2 * width_mm**2 / disc.diameter_mm
    return replace(disc, diameter_mm=wider)


def _flat_discs(smooth: Array, flat: Mask, spacing: Array) -> list[Disc]:
    """Discs around connected flat parts."""
    labels, _ = ndimage.label(flat & (smooth > LOWEST_HU))
    pixel_mm2 = float(np.prod(spacing))
    n_min = max(3.0, FLAT_MIN_MM2 / pixel_mm2)
    n_max = math.pi / 4 * DIAMETER_MM[1] ** 2 / pixel_mm2
    reach = np.ceil((DIAMETER_MM[1] / 2 + RINGS_MM[0][1]) / spacing).astype(int)
    sizes = np.bincount(labels.ravel())
    discs: list[Disc] = []
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        if not n_min <= sizes[label] <= n_max:
            continue
        down, right = (
            slice(max(0, part.start - int(n)), part.stop + int(n))
            for part, n in zip(box, reach, strict=True)
        )
        part = labels[down, right] == label
        disc = _disc(smooth[down, right], part, spacing)
        if disc is not None:
            first = np.array([down.start, right.start]) * spacing
            centre = first + disc.centre_mm
            place = (float(centre[0]), float(centre[1]))
            discs.append(replace(disc, centre_mm=place))
    return discs


def _disc(hu: Array, flat: Mask, spacing: Array) -> Disc | None:
    """Spot around one flat part of a window, or None where it is no rod."""
    spot, inside, contrast = flat, 0.0, 0.0
    for ring_mm in RINGS_MM:
        away = ndimage.distance_transform_edt(~spot, sampling=spacing)
        ring = (away > ring_mm[0]) & (away <= ring_mm[1])
        depth = ndimage.distance_transform_edt(spot, sampling=spacing)
        inside = float(np.median(hu[depth >= depth.max() / 2]))
        contrast = inside - float(np.median(hu[ring]))
        if abs(contrast) < CONTRAST_HU:
            return None
        half = np.abs(hu - inside) < np.abs(hu - inside + contrast)
        parts, _ = ndimage.label(half & (away <= ring_mm[1]))
        spot = parts == np.bincount(parts[flat]).argmax()
        spot = np.asarray(ndimage.binary_fill_holes(spot), bool)
        if _touches_edge(spot):
            return None
    diameter = 2 * math.sqrt(float(spot.sum()) * float(np.prod(spacing)) / math.pi)
    if not DIAMETER_MM[0] <= diameter <= DIAMETER_MM[1]:
        return None
    if not (_is_round(spot, spacing) and _is_uniform(hu, spot, spacing, contrast)):
        return None
    down, right = (float(v) for v in np.argwhere(spot).mean(axis=0) * spacing)
    return Disc((down, right), diameter, contrast)


def _touches_edge(mask: Mask) -> bool:
    return bool(mask[[0, -1]].any() or mask[:, [0, -1]].any() or not mask.any())


def _is_round(mask: Mask, spacing: Array) -> bool:
    """Whether a spot fills the circle around it, and its axes are alike."""
    points = np.argwhere(mask) * spacing
    middle = points.mean(axis=0)
    low, high = np.linalg.eigvalsh(np.cov((points - middle).T))
    edge = np.argwhere(mask & ~ndimage.binary_erosion(mask)) * spacing - middle
    # Pixel centres of an edge lie inside of it; a few may stick out by noise.
    radius = float(np.quantile(np.hypot(*edge.T), 0.95)) + float(spacing.mean()) / 4
    filled = len(points) * float(np.prod(spacing)) / (math.pi * radius**2)
    return filled >= FILLED and math.sqrt(low / high) >= ROUND


def _is_uniform(hu: Array, mask: Mask, spacing: Array, contrast: float) -> bool:
    """Whether the middle reads what the rest of the core reads."""
    depth = ndimage.distance_transform_edt(mask, sampling=spacing)
    deep = float(depth.max())
    middle = depth > MIDDLE * deep
    outer = (depth > max(OUTER * deep, BLURRED_MM)) & ~middle
    if not (middle.any() and outer.any()):
        return True
    change = abs(float(hu[middle].mean()) - float(hu[outer].mean()))
    return change <= max(UNEVEN_HU, UNEVEN * abs(contrast))


def _agreed(found: list[Disc]) -> list[Disc]:
    """Keep one of findings that agree, and of those that overlap the surest."""
    groups = [[other for other in found if _is_same(disc, other)] for disc in found]
    kept: list[Disc] = []
    for group in sorted(groups, key=len, reverse=True):
        disc = group[0]  # of the image that is smoothed least
        if all(
            math.dist(disc.centre_mm, k.centre_mm)
            > TOUCHING * (disc.diameter_mm + k.diameter_mm)
            for k in kept
        ):
            kept.append(disc)
    return sorted(kept, key=lambda d: d.centre_mm)


def _is_same(one: Disc, other: Disc) -> bool:
    return (
        math.dist(one.centre_mm, other.centre_mm) <= SAME_MM
        and abs(one.diameter_mm / other.diameter_mm - 1) <= SAME_DIAMETER
    )
