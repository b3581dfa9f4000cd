"""What is known of a simulated scan: where deposits and bones are, voxel by voxel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.quantification.site import distance_mm
from calcitrace.model.grid import Grid
from calcitrace.model.reading import TrueSite
from calcitrace.model.volume import Mask
from calcitrace.simulation.forms import Form
from calcitrace.simulation.forms.clearance import bounding_ball
from calcitrace.simulation.forms.filling import fill
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
    part = grid.crop(box)
    inside = np.zeros(part.shape, bool)
    fill(inside, part, form.solids, value=True)
    return inside


def bone_in(phantom: Phantom, grid: Grid) -> Mask:
    """Voxels whose centre lies in bone."""
    bone = np.zeros(grid.shape, bool)
    for part in phantom.parts:
        fill(bone, grid, part.form.solids, value=part.material in BONE)
    return bone


def distances_mm(
    bone: Mask, place: Place, grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """From every voxel of the box of a place to the deposit, and to bone."""
    part = grid.crop(place.box)
    return distance_mm(place.inside, part), distance_mm(bone[place.box], part)


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


def _box(form: Form, grid: Grid, margin_mm: float) -> Box:
    centre, reach_mm = bounding_ball(form)
    index = grid.to_index(centre)
    reach = (reach_mm + margin_mm) / np.asarray(grid.spacing_mm)
    low = np.clip(np.floor(index - reach), 0, np.array(grid.shape) - 1).astype(int)
    high = np.clip(np.ceil(index + reach) + 1, low + 1, grid.shape).astype(int)
    s, r, c = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return s, r, c
