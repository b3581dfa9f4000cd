"""What is known of a simulated scan: where deposits and bones are, voxel by voxel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.quantification.site import distance_mm
from calcitrace.model.grid import Grid
from calcitrace.model.reading import TrueSite
from calcitrace.model.volume import Mask
from calcitrace.simulation.forms import Form
from calcitrace.simulation.phantom import Calcification, Phantom

BONE = frozenset({"cortical_bone", "spongy_bone", "yellow_marrow", "red_marrow"})
N_DIGITS = 9
FAR_MM = 5.0  # a gap at least this wide is far from bone
Box = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One deposit on the grid of a scan.

    Attributes
    ----------
    box
        Voxels around it.
    inside
        Voxels of the box whose centre lies in it, or the nearest one.
    """

    deposit: Calcification
    box: Box
    inside: Mask


def place_of(deposit: Calcification, grid: Grid, margin_mm: float) -> Place:
    """Voxels of one deposit, in a box with a margin around it."""
    box = _box(deposit.form, grid, margin_mm)
    inside = occupied(deposit.form, grid, box)
    if not inside.any():
        index = grid.crop(box).to_index(np.asarray(deposit.centroid_mm))
        at = np.clip(np.rint(index).astype(int), 0, np.array(inside.shape) - 1)
        inside[tuple(at)] = True
    return Place(deposit, box, inside)


def occupied(form: Form, grid: Grid, box: Box) -> Mask:
    """Voxels of a box whose centre lies in a form."""
    points = _points(grid, box)
    inside = np.zeros(points.shape[:-1], bool)
    for solid in form.solids:
        inside |= solid.contains(points)
    return inside


def bone_in(phantom: Phantom, grid: Grid, box: Box) -> Mask:
    """Voxels of a box whose centre lies in bone."""
    points = _points(grid, box)
    bone = np.zeros(points.shape[:-1], bool)
    for part in phantom.parts:
        inside = np.zeros_like(bone)
        for solid in part.form.solids:
            inside |= solid.contains(points)
        bone = np.where(inside, part.material in BONE, bone)
    return bone


def distances_mm(
    phantom: Phantom, place: Place, grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From every voxel of the box to the deposit, and to bone."""
    part = grid.crop(place.box)
    bone = bone_in(phantom, grid, place.box)
    return distance_mm(place.inside, part), distance_mm(bone, part)


def site_of(deposit: Calcification, scene: str) -> TrueSite:
    """Truth of one deposit as a reading quotes it."""
    gap = deposit.gap_mm
    return TrueSite(
        scene=scene,
        deposit=deposit.name,
        kind=deposit.kind,
        tissue=deposit.tissue,
        # Moving a body changes the last digits of a volume, not the deposit.
        mass_mg=round(deposit.mass_mg, N_DIGITS),
        volume_mm3=round(deposit.volume_mm3, N_DIGITS),
        gap_mm=None if gap is None or gap >= FAR_MM else round(gap, 3),
        depth_mm=None if deposit.depth_mm is None else round(deposit.depth_mm, 3),
    )


def reach_mm(form: Form) -> float:
    """Radius of a ball about the centre that holds a form."""
    centre = np.asarray(form.centroid_mm)
    return max(
        float(np.linalg.norm(np.asarray(s.middle_mm) - centre)) + s.reach_mm
        for s in form.solids
    )


def _box(form: Form, grid: Grid, margin_mm: float) -> Box:
    index = grid.to_index(np.asarray(form.centroid_mm))
    reach = (reach_mm(form) + margin_mm) / np.asarray(grid.spacing_mm)
    low = np.clip(np.floor(index - reach), 0, np.array(grid.shape) - 1).astype(int)
    high = np.clip(np.ceil(index + reach) + 1, low + 1, grid.shape).astype(int)
    s, r, c = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return s, r, c


def _points(grid: Grid, box: Box) -> NDArray[np.float64]:
    shape = [side.stop - side.start for side in box]
    index = np.moveaxis(np.indices(shape, dtype=np.float64), 0, -1)
    return grid.to_world_mm(index + [side.start for side in box])
