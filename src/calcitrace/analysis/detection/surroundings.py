"""What lies around a bright component: tissue, bone, gas, skin, ends of the scan."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from calcitrace.analysis.detection.components import Labels
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise
from calcitrace.model.volume import Coverage, HuVolume, Mask, Tissue

Array = NDArray[np.float64]
Box = tuple[slice, slice, slice]

SHELL_INNER_MM, SHELL_OUTER_MM = 1.5, 4.5
MUSCLE_HU = 50.0
SIDE_MM = 30.0
GAS_MARGIN_MM, GAS_MIN_MM3 = 12.0, 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The scan around components."""

    volume: HuVolume
    tissue: NDArray[np.uint8]
    body: Mask
    labels: Labels
    coverage: Coverage
    noise: Noise
    n_bones: int
    skin: KDTree | None
    bone: KDTree | None


def tree(points_mm: Array) -> KDTree | None:
    """Search tree; None without points."""
    return KDTree(points_mm) if len(points_mm) else None


def widened(box: Box, grid: Grid, margin_mm: float) -> Box:
    """Box widened on all sides, as far as the grid goes."""
    reach = grid.radius_voxels(margin_mm)
    z, y, x = (
        slice(max(0, b.start - r), min(n, b.stop + r))
        for b, r, n in zip(box, reach, grid.shape, strict=True)
    )
    return z, y, x


def plain_shell(
    inside: Mask,
    labels: Labels,
    hu: Array,
    tissue: NDArray[np.uint8],
    grid: Grid,
) -> tuple[float, float, float]:
    """Background in HU, fraction of fat in the plain shell, fraction of gas around."""
    distance = np.asarray(
        ndimage.distance_transform_edt(~inside, sampling=grid.spacing_mm), np.float64
    )
    shell = (distance >= SHELL_INNER_MM) & (distance <= SHELL_OUTER_MM)
    plain = shell & (labels == 0) & ((tissue == Tissue.SOFT) | (tissue == Tissue.FAT))
    gas = float(np.equal(tissue[shell], Tissue.AIR).mean()) if shell.any() else 0.0
    if not plain.any():
        return MUSCLE_HU, 0.0, gas
    return (
        float(np.median(hu[plain])),
        float(np.equal(tissue[plain], Tissue.FAT).mean()),
        gas,
    )


def bone_contact(
    inside: Mask, labels: Labels, hu: Array, n_bones: int
) -> tuple[float, float]:
    """Part of the surface next to bone, and how much brighter it is away from it."""
    bone = (labels > 0) & (labels <= n_bones)
    near_bone = inside & ndimage.binary_dilation(bone, np.ones((3, 3, 3), bool))
    peak = float(hu[inside].max())
    if not near_bone.any():
        return 0.0, peak
    surface = inside & ~ndimage.binary_erosion(inside)
    away = inside & ~near_bone
    bump = float(hu[away].max() - hu[near_bone].max()) if away.any() else -peak
    return float(near_bone.sum() / max(1, surface.sum())), bump


def gas_near(box: Box, scene: Surroundings) -> bool:
    """Whether the body holds gas in the box widened by a margin."""
    grid = scene.volume.grid
    wide = widened(box, grid, GAS_MARGIN_MM)
    gas = scene.body[wide] & (scene.tissue[wide] == Tissue.AIR)
    return float(gas.sum()) * grid.voxel_volume_mm3 >= GAS_MIN_MM3


def bone_sides(start: NDArray[np.integer], scene: Surroundings) -> int:
    """Directions of the lattice in which bone lies near."""
    n = 0
    for axis, spacing in enumerate(scene.volume.grid.spacing_mm):
        line: list[slice | int] = [int(v) for v in start]
        line[axis] = slice(None)
        labels = scene.labels[tuple(line)]
        bone = (labels > 0) & (labels <= scene.n_bones)
        reach = int(SIDE_MM / spacing) + 1
        here = int(start[axis])
        n += bool(bone[max(0, here - reach) : here].any())
        n += bool(bone[here + 1 : here + 1 + reach].any())
    return n


def distances_mm(where: KDTree | None, points: Array) -> Array:
    """From each point to the nearest of a surface; inf without one."""
    if where is None:
        return np.full(len(points), np.inf)
    return np.asarray(where.query(points)[0])


def meets_edge(slices: NDArray[np.integer], covered: Mask) -> bool:
    """Whether the component meets an end of the scan or a slice that is missing."""
    low, high = int(slices.min()), int(slices.max())
    if low == 0 or high == len(covered) - 1:
        return True
    return not bool(covered[low - 1 : high + 2].all())


def meets_plane_edge(index: NDArray[np.integer], covered: Mask) -> bool:
    """Whether the component meets the edge of the field of view."""
    rows, columns = index.T
    n_rows, n_columns = covered.shape
    if rows.min() == 0 or columns.min() == 0:
        return True
    if rows.max() == n_rows - 1 or columns.max() == n_columns - 1:
        return True
    return any(
        not bool(covered[rows + i, columns + j].all())
        for i, j in ((0, 1), (0, -1), (1, 0), (-1, 0))
    )
