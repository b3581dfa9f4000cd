"""What a scan should find: each deposit, and its mass voxel by voxel."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.grid import Grid
from calcitrace.model.volume import MassVolume
from calcitrace.simulation.forms import Ellipsoid, Form, Point
from calcitrace.simulation.forms.clearance import bounding_ball
from calcitrace.simulation.forms.distance import members
from calcitrace.simulation.forms.geometry import Array
from calcitrace.simulation.forms.simple import Capsule, Tube
from calcitrace.simulation.phantom import Calcification
from calcitrace.simulation.scenes.building import BuiltVisit

Ints = NDArray[np.int64]

SAMPLES_PER_VOXEL = 3  # along each axis, at least
SAMPLES_ACROSS = 14.0  # the thinnest side of a form, at least
MAX_SAMPLES = 6_000_000  # of one form: beyond it samples lie further apart
SAMPLES_AT_ONCE = 500_000
CUT_SHARE = 1e-9  # of the mass: less than this is not outside but rounding


@dataclass(frozen=True, slots=True)
class TruthRow:
    """One deposit at one visit.

    Attributes
    ----------
    visit
        Number from 1.
    parent
        What it came from by a split or a merge; None is from nothing.
    mass_in_scan_mg
        Of the part within the voxels of the scan.
    density_mean_mg_cm3
        Of hydroxyapatite within its form.
    centroid_mm
        In the scanner (DICOM LPS), as the body lies at this visit.
    gap_to_bone_mm
        Between surfaces; None in a body without bones.
    depth_mm
        From the skin to its nearest point.
    is_cut
        A part lies beyond the scan.
    """

    visit: int
    name: str
    parent: str | None
    kind: str
    tissue: str
    mass_mg: float
    mass_in_scan_mg: float
    volume_mm3: float
    density_mean_mg_cm3: float
    centroid_mm: Point
    gap_to_bone_mm: float | None
    depth_mm: float | None
    is_cut: bool


def truth_of(visit: BuiltVisit) -> tuple[tuple[TruthRow, ...], MassVolume]:
    """Rows and voxel image of what a visit's scan holds.

    Returns
    -------
    rows
        One for each deposit, in the order of the phantom.
    mass
        On the grid of the scan.
    """
    deposits = visit.phantom.deposits
    image, inside_mg = mass_image(deposits, visit.grid)
    rows = tuple(
        TruthRow(
            visit=visit.number,
            name=deposit.name,
            parent=parent,
            kind=deposit.kind,
            tissue=deposit.tissue,
            mass_mg=deposit.mass_mg,
            mass_in_scan_mg=inside,
            volume_mm3=deposit.volume_mm3,
            density_mean_mg_cm3=deposit.density_mg_cm3,
            centroid_mm=deposit.centroid_mm,
            gap_to_bone_mm=deposit.gap_mm,
            depth_mm=deposit.depth_mm,
            is_cut=inside < deposit.mass_mg,
        )
        for deposit, parent, inside in zip(
            deposits, visit.parents, inside_mg, strict=True
        )
    )
    return rows, image


def mass_image(
    deposits: Sequence[Calcification], grid: Grid
) -> tuple[MassVolume, tuple[float, ...]]:
    """Mass of deposits in each voxel, without blur and without noise.

    Each form is counted on a lattice of points finer than voxels, and the count scaled
    to the exact mass; so a deposit that lies wholly within the grid adds exactly its
    mass.

    Parameters
    ----------
    deposits
        In patient space.
    grid
        Lattice of the scan.

    Returns
    -------
    mass
        In mg per voxel.
    inside_mg
        Mass of each deposit within the grid.
    """
    total = np.zeros(grid.shape, np.float64)
    inside: list[float] = []
    for deposit in deposits:
        shares: list[float] = []
        for part in _disjoint(deposit.form):
            mass_mg = part.volume_mm3 / deposit.volume_mm3 * deposit.mass_mg
            n_within, n_all = _add(part, mass_mg, grid, total)
            shares.append(mass_mg * n_within / n_all)
        within_mg = math.fsum(shares)
        is_whole = math.isclose(within_mg, deposit.mass_mg, rel_tol=CUT_SHARE)
        inside.append(deposit.mass_mg if is_whole else within_mg)
    return MassVolume(total.astype(np.float32), grid), tuple(inside)


def _disjoint(form: Form) -> tuple[Form, ...]:
    """Parts of a form that do not overlap: members of a cluster, else all of it."""
    parts = members(form)
    volume = math.fsum(p.volume_mm3 for p in parts)
    return parts if math.isclose(volume, form.volume_mm3, rel_tol=1e-9) else (form,)


def _add(form: Form, mass_mg: float, grid: Grid, total: Array) -> tuple[int, int]:
    """Add a form's mass to an image; return samples within the grid, and in all."""
    centre, reach = bounding_ball(form)
    spacing = np.asarray(grid.spacing_mm)
    # The box of voxels about the form, which may reach beyond the grid.
    low = np.floor(grid.to_index(centre) - reach / spacing + 0.5).astype(int)
    high = np.floor(grid.to_index(centre) + reach / spacing + 0.5).astype(int) + 1
    counts = _counted(form, grid, low, high)
    n_all = int(counts.sum())
    shape = np.asarray(grid.shape)
    first, last = np.clip(low, 0, shape), np.clip(high, 0, shape)
    part = counts[_box(first - low, last - low)]
    total[_box(first, last)] += part * (mass_mg / n_all)
    return int(part.sum()), n_all


def _counted(form: Form, grid: Grid, low: Ints, high: Ints) -> Ints:
    """Samples within a form in each voxel of a box, on a lattice that divides voxels."""
    spacing = np.asarray(grid.spacing_mm)
    fine = _division(form, spacing, high - low)
    slices, rows, columns = (
        (np.arange(int(n) * f, dtype=np.float64) + 0.5) / f - 0.5 + float(start)
        for n, f, start in zip(high - low, fine, low, strict=True)
    )
    counts = np.zeros(tuple(int(n) for n in high - low), np.int64)
    n_slices, n_rows, n_columns = counts.shape
    step = max(1, SAMPLES_AT_ONCE // (len(rows) * len(columns) * fine[0]))
    for first in range(0, n_slices, step):
        last = min(first + step, n_slices)
        heights = slices[first * fine[0] : last * fine[0]]
        index = np.stack(np.meshgrid(heights, rows, columns, indexing="ij"), -1)
        inside = _contains(form, grid.to_world_mm(index))
        blocks = inside.reshape(
            last - first, fine[0], n_rows, fine[1], n_columns, fine[2]
        )
        counts[first:last] = blocks.sum(axis=(1, 3, 5))
    return counts


def _box(first: Ints, last: Ints) -> tuple[slice, slice, slice]:
    a, b, c = (slice(int(p), int(q)) for p, q in zip(first, last, strict=True))
    return a, b, c


def _division(form: Form, spacing: Array, counts: Ints) -> list[int]:
    """Samples per voxel along each axis."""
    finest = thinnest_mm(form) / SAMPLES_ACROSS
    fine = np.maximum(np.ceil(spacing / finest), SAMPLES_PER_VOXEL)
    excess = float(np.prod(fine * counts)) / MAX_SAMPLES
    if excess > 1:
        fine = np.maximum(np.floor(fine / math.cbrt(excess)), 1)
    return [int(f) for f in fine]


def thinnest_mm(form: Form) -> float:
    """Least thickness of a form, or of the smallest of its members."""
    found: list[float] = []
    for part in members(form):
        if isinstance(part, Ellipsoid):
            found.append(2 * min(part.radii_mm))
        elif isinstance(part, Capsule):
            found.append(2 * part.radius_mm)
        elif isinstance(part, Tube):
            wall = (1 - part.hollow) * min(part.radii_mm)
            found.append(min(wall if part.hollow else 2 * wall, part.length_mm))
    return min(found)


def _contains(form: Form, points_mm: Array) -> NDArray[np.bool_]:
    inside = np.zeros(points_mm.shape[:-1], bool)
    for solid in form.solids:
        inside |= solid.contains(points_mm)
    return inside
