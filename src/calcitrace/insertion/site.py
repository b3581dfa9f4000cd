"""Where in a scan deposits may lie, and how far that is from bone, skin and fascia."""

from dataclasses import dataclass

import edt
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Coverage, HuVolume, Mask, Tissue

Array = NDArray[np.float64]
Field = NDArray[np.float32]
Points = tuple[Array, Array, Array]

# Bowel and lung come with gas: wall and mesentery lie this near to it.
GAS_MIN_MM3, GAS_MARGIN_MM = 100.0, 12.0
# What is dense already: vessels with contrast agent or calcium, tumour calcium, metal.
DENSE_HU, DENSE_SMOOTH_MM, DENSE_MARGIN_MM = 120.0, 1.0, 4.0
# Beyond this depth a trunk holds organs; limbs and necks are thinner.
TRUNK_DIAMETER_MM, TRUNK_WALL_MM = 240.0, 45.0
SKIN_MIN_MM = 1.5
PLANE_MARGIN_MM = 6.0
ENCLOSING_GAP_MM = 8.0  # openings of the skull and between vertebral arches
FASCIA_SMOOTH_MM = 3.0
FAT_HU, SOFT_HU = -100.0, 50.0  # where the scan shows none
N_VOXELS_MIN = 200


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """What placing needs to know of a scan; arrays of its shape.

    Attributes
    ----------
    allowed
        Soft tissue or fat that may hold calcium.
    bone_mm
        Signed distance to the surface of the skeleton, negative inside.
    skin_mm
        Distance to air outside the body.
    fascia_mm
        Signed distance to the border of fat and muscle, negative in fat.
    is_fat
        Tissue map, for what a deposit displaces.
    fat_hu, soft_hu
        Typical CT numbers of both.
    """

    grid: Grid
    covered: NDArray[np.bool_]
    allowed: Mask
    bone_mm: Field
    skin_mm: Field
    fascia_mm: Field
    is_fat: Mask
    fat_hu: float
    soft_hu: float
    has_bone: bool
    has_skin: bool

    def at(self, field: Field, points: Points) -> Array:
        """Field between voxels, shape of the points broadcast; the edge goes on.

        Points are (slice, row, column) in mm from the centre of voxel (0, 0, 0).
        """
        scaled = [p / d for p, d in zip(points, self.grid.spacing_mm, strict=True)]
        index = np.array(np.broadcast_arrays(*scaled))
        return np.asarray(
            ndimage.map_coordinates(field, index, order=1, mode="nearest"), np.float64
        )

    def voxels(self, points: Points) -> tuple[NDArray[np.intp], ...]:
        """Index of the voxel that holds each point; beyond the scan the last one."""
        nearest = [
            np.clip(np.rint(p / d), 0, n - 1).astype(np.intp)
            for p, d, n in zip(
                points, self.grid.spacing_mm, self.grid.shape, strict=True
            )
        ]
        return tuple(np.broadcast_arrays(*nearest))


def site_of(volume: HuVolume, coverage: Coverage, anatomy: Anatomy) -> Site:
    """Find where deposits may lie.

    Left out are gas and what surrounds it, what bone encloses (brain, spinal canal),
    what lies deep in a trunk, what is dense already, the skin itself, the skeleton, and
    the edge of the field of view. Vessels that are as dense as muscle cannot be told.

    Parameters
    ----------
    volume, coverage
        CT numbers, and what of them was measured.
    anatomy
        Body, tissues and skeleton.
    """
    grid = volume.grid
    tissue = anatomy.tissue.labels
    bone = np.equal(tissue, Tissue.SKELETON)
    fat, soft = np.equal(tissue, Tissue.FAT), np.equal(tissue, Tissue.SOFT)
    skin_mm = _distance_mm(anatomy.body, grid)
    allowed = (fat | soft) & (skin_mm >= SKIN_MIN_MM)
    allowed &= _away_from(_gas(anatomy, grid), grid, GAS_MARGIN_MM)
    allowed &= _away_from(_dense(volume, anatomy.body, bone), grid, DENSE_MARGIN_MM)
    allowed &= ~_enclosed(bone, grid)
    is_trunk = np.nan_to_num(anatomy.body_diameter_mm) > TRUNK_DIAMETER_MM
    allowed &= ~is_trunk[:, None, None] | (skin_mm <= TRUNK_WALL_MM)
    allowed &= _inner_plane(coverage, grid)[None] & coverage.slices[:, None, None]
    has_bone = bool(bone.any())
    return Site(
        grid=grid,
        covered=coverage.slices,
        allowed=allowed,
        bone_mm=_signed_mm(~bone, grid) if has_bone else _nowhere(grid),
        skin_mm=skin_mm,
        fascia_mm=_fascia_mm(fat, soft | bone, grid),
        is_fat=fat,
        fat_hu=_typical(volume, fat & allowed, FAT_HU),
        soft_hu=_typical(volume, soft & allowed, SOFT_HU),
        has_bone=has_bone,
        has_skin=bool(len(anatomy.skin_mm)),
    )


def _distance_mm(mask: Mask, grid: Grid) -> Field:
    """From each voxel of a mask to what is not in it; half a pixel less, its surface."""
    half = min(grid.spacing_mm) / 2
    if mask.all():
        return _nowhere(grid)
    found = edt.edt(mask, anisotropy=grid.spacing_mm, parallel=1)
    return np.asarray(np.maximum(found - half, 0), np.float32)


def _signed_mm(outside: Mask, grid: Grid) -> Field:
    return _distance_mm(outside, grid) - _distance_mm(~outside, grid)


def _nowhere(grid: Grid) -> Field:
    """A distance to what is not in the scan."""
    return np.full(grid.shape, sum(grid.extent_mm), np.float32)


def _away_from(mask: Mask, grid: Grid, margin_mm: float) -> Mask:
    if not mask.any():
        return np.ones(grid.shape, bool)
    return _distance_mm(~mask, grid) > margin_mm


def _gas(anatomy: Anatomy, grid: Grid) -> Mask:
    """Gas inside the body, specks of noise left out."""
    gas = anatomy.body & np.equal(anatomy.tissue.labels, Tissue.AIR)
    labels, n = ndimage.label(gas)
    sizes = np.bincount(np.ravel(labels), minlength=n + 1) * grid.voxel_volume_mm3
    sizes[0] = 0.0
    return np.asarray(sizes >= GAS_MIN_MM3)[labels]


def _dense(volume: HuVolume, body: Mask, bone: Mask) -> Mask:
    """What is denser than soft tissue already, apart from bone and its blurred rim."""
    sigma = [DENSE_SMOOTH_MM / d for d in volume.grid.spacing_mm]
    rim = ndimage.binary_dilation(bone, np.ones((3, 3, 3), bool), iterations=2)
    smooth = ndimage.gaussian_filter(
        np.where(bone, SOFT_HU, volume.hu).astype(np.float32), sigma
    )
    return np.asarray((smooth > DENSE_HU) & body & ~rim)


def _enclosed(bone: Mask, grid: Grid) -> Mask:
    """What bone encloses in a slice: brain and spinal canal."""
    out = np.zeros(bone.shape, bool)
    _, row_mm, column_mm = grid.spacing_mm
    for k, plane in enumerate(bone):
        if not plane.any():
            continue
        reach = ENCLOSING_GAP_MM / 2
        near = edt.edt(~plane, anisotropy=(row_mm, column_mm)) <= reach
        inside = ndimage.binary_fill_holes(near) & ~near
        if inside.any():
            grown = edt.edt(~inside, anisotropy=(row_mm, column_mm))
            out[k] = grown <= reach + max(row_mm, column_mm)
    return out


def _inner_plane(coverage: Coverage, grid: Grid) -> Mask:
    """Pixels well inside the field of view."""
    _, row_mm, column_mm = grid.spacing_mm
    padded = np.pad(coverage.plane, 1)
    found = edt.edt(padded, anisotropy=(row_mm, column_mm))[1:-1, 1:-1]
    return np.asarray(found > PLANE_MARGIN_MM)


def _fascia_mm(fat: Mask, firm: Mask, grid: Grid) -> Field:
    """Signed distance to where fat meets muscle, thin strands smoothed away."""
    sigma = [FASCIA_SMOOTH_MM / d for d in grid.spacing_mm]
    top = ndimage.gaussian_filter(firm.astype(np.float32), sigma)
    bottom = ndimage.gaussian_filter((fat | firm).astype(np.float32), sigma)
    is_firm = top > bottom / 2
    if is_firm.all() or not is_firm.any():
        return _nowhere(grid)
    return _signed_mm(is_firm, grid)


def _typical(volume: HuVolume, where: Mask, default_hu: float) -> float:
    values = volume.hu[where]
    return float(np.median(values)) if values.size >= N_VOXELS_MIN else default_hu
