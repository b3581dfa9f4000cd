"""What is measured on a bright component before it is judged."""

from dataclasses import dataclass

import edt
import numpy as np

from calcitrace.analysis.detection.surroundings import (
    SHELL_OUTER_MM,
    Array,
    Box,
    Surroundings,
    bone_contact,
    bone_sides,
    distances_mm,
    gas_near,
    meets_edge,
    meets_plane_edge,
    plain_shell,
    widened,
)
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Mask, Tissue

N_POINTS_MAX = 800
CORE_MIN_MM3, CORE_DEPTH_MM, CORE_LAYER_MM, CORE_LAYER_VOXELS = 300.0, 3.5, 1.0, 6
GAS_DEPTH_MM = 8.0
LOWEST_BACKGROUND_HU, QUICK_MARGIN_MM = -120.0, 2.5
QUICK_QUANTILE, QUICK_FRACTION = 0.35, 0.9


@dataclass(frozen=True, slots=True)
class Features:
    """One component in numbers a rule can use.

    Attributes
    ----------
    significance
        Summed excess over its noise.
    background_hu
        Median of the plain tissue around it; that of muscle where there is none.
    fat_fraction
        Of the plain tissue around it.
    contact_fraction
        Part of its surface that meets bone.
    bump_hu
        Brightest voxel away from bone less the brightest next to it; bone blur only
        falls, so a positive bump is not blur. The full maximum where it meets no bone.
    axes_mm
        Full lengths of the ellipsoid of the same second moments, longest first.
    fill
        Volume over that of the ellipsoid: near 1 for solid, compact shapes.
    core_drop
        How much less dense its middle is than its densest layer, as a fraction; 0 where
        it is too small to have a middle.
    has_gas_near
        Gas inside the body within 12 mm, and no skin as near.
    bone_sides
        Of the six directions of the lattice, those in which bone lies within 30 mm.
    sigma_hu
        Noise of a voxel there.
    bone_gap_mm, bone_reach_mm
        From bone to its nearest and to its farthest point; inf without bone.
    depth_mm
        From the skin to its nearest point; inf without skin.
    """

    label: int
    n_voxels: int
    volume_mm3: float
    centroid_mm: tuple[float, float, float]
    hu_max: float
    hu_mean: float
    background_hu: float
    significance: float
    fat_fraction: float
    gas_fraction: float
    contact_fraction: float
    bump_hu: float
    axes_mm: tuple[float, float, float]
    fill: float
    core_drop: float
    has_gas_near: bool
    bone_sides: int
    bone_gap_mm: float
    bone_reach_mm: float
    depth_mm: float
    sigma_hu: float
    is_at_scan_end: bool
    is_at_field_edge: bool

    @property
    def excess_hu(self) -> float:
        """Brightest voxel above the background."""
        return self.hu_max - self.background_hu

    @property
    def elongation(self) -> float:
        """Longest over middle axis."""
        return self.axes_mm[0] / self.axes_mm[1]

    @property
    def flatness(self) -> float:
        """Middle over shortest axis."""
        return self.axes_mm[1] / self.axes_mm[2]


def measure(label: int, box: Box, scene: Surroundings, least: float) -> Features | None:
    """Measure one component, given the box that holds it.

    Returns
    -------
    Features or None
        None where its significance stays below `least`.
    """
    grid = scene.volume.grid
    wide = widened(box, grid, SHELL_OUTER_MM)
    labels = scene.labels[wide]
    inside = labels == label
    hu = scene.volume.hu[wide].astype(np.float64)
    index = np.argwhere(inside)
    offset = np.array([s.start for s in wide])
    values = hu[inside]
    sigma = float(scene.noise.sigma_hu.at(index + offset).mean())
    background, fat, gas = plain_shell(inside, labels, hu, scene.tissue[wide], grid)
    n = len(index)
    excess = values - background
    shared = n * min(float(n), scene.noise.n_correlated)
    significance = float(excess.sum() / (sigma * np.sqrt(shared)))
    if significance < least:
        return None
    weight = np.clip(excess, 1.0, None)
    points = grid.to_world_mm(index + offset)
    centroid = np.average(points, axis=0, weights=weight)
    axes = _axes_mm(points, grid)
    volume = n * grid.voxel_volume_mm3
    contact, bump = bone_contact(inside, labels, hu, scene.n_bones)
    some = points[:: max(1, n // N_POINTS_MAX)]
    depth_mm = distances_mm(scene.skin, some).min()
    from_bone_mm = distances_mm(scene.bone, some)
    return Features(
        label=label,
        n_voxels=n,
        volume_mm3=volume,
        centroid_mm=(float(centroid[0]), float(centroid[1]), float(centroid[2])),
        hu_max=float(values.max()),
        hu_mean=float(values.mean()),
        background_hu=background,
        significance=significance,
        fat_fraction=fat,
        gas_fraction=gas,
        contact_fraction=contact,
        bump_hu=bump,
        axes_mm=axes,
        fill=float(volume / (np.pi / 6 * np.prod(axes))),
        core_drop=_core_drop(inside, hu, grid) if volume >= CORE_MIN_MM3 else 0.0,
        has_gas_near=bool(depth_mm > GAS_DEPTH_MM) and gas_near(box, scene),
        bone_sides=bone_sides(index[len(index) // 2] + offset, scene),
        sigma_hu=sigma,
        bone_gap_mm=float(from_bone_mm.min()),
        bone_reach_mm=float(from_bone_mm.max()),
        depth_mm=float(depth_mm),
        is_at_scan_end=meets_edge(index[:, 0] + offset[0], scene.coverage.slices),
        is_at_field_edge=meets_plane_edge(
            index[:, 1:] + offset[1:], scene.coverage.plane
        ),
    )


def _axes_mm(points: Array, grid: Grid) -> tuple[float, float, float]:
    """Full axes of the ellipsoid with the same second moments."""
    centred = points - points.mean(axis=0)
    directions = np.asarray(grid.direction)
    own = (directions.T * (np.asarray(grid.spacing_mm) ** 2 / 12)) @ directions
    moments = np.linalg.eigvalsh(centred.T @ centred / len(points) + own)
    c, b, a = (float(2 * np.sqrt(5 * m)) for m in moments)
    return a, b, c


def _core_drop(inside: Mask, hu: Array, grid: Grid) -> float:
    """Fall of the mean from the densest layer of depth to the innermost one."""
    padded = np.pad(inside, 1).view(np.uint8)
    depth_mm = edt.edt(padded, anisotropy=grid.spacing_mm, parallel=1)
    depth_mm = depth_mm[1:-1, 1:-1, 1:-1][inside]
    if depth_mm.max() < CORE_DEPTH_MM:
        return 0.0
    layer = (depth_mm / CORE_LAYER_MM).astype(np.int64)
    count = np.bincount(layer)
    filled = count >= CORE_LAYER_VOXELS
    mean = np.bincount(layer, weights=hu[inside])[filled] / count[filled]
    return float(1 - mean[-1] / mean.max()) if mean.size else 0.0


def could_stand_out(label: int, box: Box, scene: Surroundings, least: float) -> bool:
    """Whether significance may reach `least`: a quick look before measuring.

    The background is a low quantile of the unlabelled tissue around, below the
    median that counts.
    """
    wide = widened(box, scene.volume.grid, QUICK_MARGIN_MM)
    labels = scene.labels[wide]
    hu = scene.volume.hu[wide]
    values = hu[labels == label]
    plain = hu[(labels == 0) & (scene.tissue[wide] != Tissue.AIR)]
    background = (
        float(np.quantile(plain, QUICK_QUANTILE))
        if plain.size
        else LOWEST_BACKGROUND_HU
    )
    sigma = float(scene.noise.sigma_hu.at(np.array([[s.start for s in box]]))[0])
    n = float(len(values))
    excess = float(values.sum(dtype=np.float64)) - n * background
    shared = n * min(n, scene.noise.n_correlated)
    return excess >= QUICK_FRACTION * least * sigma * float(np.sqrt(shared))
