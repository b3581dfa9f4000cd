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
    """Add a form's mass to an image; return samples within the grid, and in all.

    Samples lie on a lattice along the grid's axes that divides its voxels evenly.
    """
    centre, reach = bounding_ball(form)
    spacing = np.asarray(grid.spacing_mm)
    low = np.floor(grid.to_index(centre) - reach / spacing + 0.5).astype(int)
    high = np.floor(grid.to_index(centre) + reach / spacing + 0.5).astype(int) + 1
    counts = high - low  # voxels of the box, which may lie outside the grid
    fine = _division(form, spacing, counts)
    steps = [(np.arange(n * f) + 0.5) / f - 0.5 + lo
             for n, f, lo in zip(counts, fine, low, strict=True)]  # fmt: skip
    seen = np.zeros(tuple(counts), np.int64)
    layers = max(1, SAMPLES_AT_ONCE // (len(steps[1]) * len(steps[2]) * fine[0]))
    for first in range(0, int(counts[0]), layers):
        last = min(first + layers, int(counts[0]))
        heights = steps[0][first * fine[0] : last * fine[0]]
        index = np.stack(np.meshgrid(heights, steps[1], steps[2], indexing="ij"), -1)
        inside = _contains(form, grid.to_world_mm(index))
        blocks = inside.reshape(
            last - first, fine[0], counts[1], fine[1], counts[2], fine[2]
        )
        seen[first:last] = blocks.sum(axis=(1, 3, 5))
    n_all = int(seen.sum())
    shape = np.asarray(grid.shape)
    a, b = np.clip(-low, 0, counts), np.clip(shape - low, 0, counts)
    box = tuple(slice(int(p), int(max(p, q))) for p, q in zip(a, b, strict=True))
    part = seen[box]
    start = np.clip(low, 0, shape)
    target = tuple(
        slice(int(p), int(p) + n) for p, n in zip(start, part.shape, strict=True)
    )
    total[target] += part * (mass_mg / n_all)
    return int(part.sum()), n_all


def _division(form: Form, spacing: Array, counts: NDArray[np.intp]) -> list[int]:
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
