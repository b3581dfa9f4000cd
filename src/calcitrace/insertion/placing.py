"""Find a place for a deposit that keeps its distance from bone and from all else."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.insertion.forms import Form, Layer, compact_form, sheet_form
from calcitrace.insertion.orders import Order
from calcitrace.insertion.painting import Lattice, lattice_around
from calcitrace.insertion.room import Room
from calcitrace.insertion.site import Array, Points, Site
from calcitrace.model.insertion_settings import (
    DENSITY_LIMITS_MG_CM3,
    Gap,
    Morphology,
)

Rng = np.random.Generator

N_TRIES, N_SHIFTS = 30, 4
GAP_TOLERANCE_MM, GAP_ERROR_MAX_MM = 0.25, 0.6
KEPT_MIN = 0.85  # of the mass; the rest would lie where it may not
FILLED = 0.05  # part of a cell that counts
SKIN_DEPTHS_MM = (2.0, 12.0)
THICKNESS_MM, THINNEST = (0.8, 2.5), 0.4
DENSITY_FACTOR_MAX = 1.4
SLOPE_STEP_MM = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A deposit on its lattice.

    Attributes
    ----------
    occupancy, mass_mg
        Per cell.
    along
        What a sheet follows; empty for other forms.
    gap_mm, depth_mm
        Least distance of its cells from bone and from the skin.
    """

    cells: Lattice
    occupancy: Array
    mass_mg: Array
    along: str
    gap_mm: float
    depth_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """What a sheet follows: a level of a distance field, by its middle."""

    name: str
    field: NDArray[np.float32]
    at_spots: NDArray[np.float32]
    middle_mm: float
    thickness_mm: float


def place(order: Order, room: Room, rng: Rng) -> Placed | None:
    """Place one deposit; None where no try succeeds.

    A try starts from a free voxel at about the right distance from bone and moves the
    form along the way to bone until its gap is right. What would lie where nothing may
    be is cut off, if that is little, and the density makes up for it.
    """
    for _ in range(N_TRIES):
        if order.kind is Morphology.SHEET:
            placed = _sheet(order, room, rng)
        else:
            placed = _compact(order, room, rng)
        if placed is not None:
            return placed
    return None


def _compact(order: Order, room: Room, rng: Rng) -> Placed | None:
    form = compact_form(order.kind, order.volume_mm3, rng)
    distance = room.spots.bone - order.gap.least_mm - form.depth_mm
    pixel = max(room.site.grid.spacing_mm[1:])
    suits = distance >= 0 if order.gap is Gap.FAR else np.abs(distance) <= pixel
    # Calcinosis lies under the skin more often than muscle's share of a limb would say.
    if order.gap is Gap.FAR and rng.integers(2):
        suits &= room.spots.is_fat
    centre = _start(suits, form.depth_mm, room, rng)
    if centre is None:
        return None
    if order.gap is not Gap.FAR:
        centre = _moved(centre, form, order.gap.least_mm, room.site)
    return _kept(order, form, centre, "", room)


def _sheet(order: Order, room: Room, rng: Rng) -> Placed | None:
    level = _level(order, room, rng)
    suits = np.abs(level.at_spots - level.middle_mm) <= 1.0
    if order.gap is Gap.FAR:
        suits &= room.spots.bone > order.gap.least_mm
    size = order.volume_mm3 ** (1 / 3)
    centre = _start(suits, size, room, rng)
    if centre is None:
        return None
    site = room.site

    def height(points: Points) -> Array:
        shifted = [p + c for p, c in zip(points, centre, strict=True)]
        return (
            site.at(level.field, (shifted[0], shifted[1], shifted[2])) - level.middle_mm
        )

    layer = Layer(level.name, height)
    form = sheet_form(order.volume_mm3, level.thickness_mm, layer, rng)
    return _kept(order, form, centre, level.name, room)


def _level(order: Order, room: Room, rng: Rng) -> _Level:
    """What a sheet follows: bone where it lies near, else skin or fascia."""
    site, spots = room.site, room.spots
    # A sheet is wider than thick, however small it is.
    thickness = min(rng.uniform(*THICKNESS_MM), THINNEST * order.volume_mm3 ** (1 / 3))
    if order.gap is not Gap.FAR:
        middle = order.gap.least_mm + thickness / 2
        return _Level("bone", site.bone_mm, spots.bone, middle, thickness)
    if site.has_skin and rng.integers(2):
        middle = rng.uniform(*SKIN_DEPTHS_MM) + thickness / 2
        return _Level("skin", site.skin_mm, spots.skin, middle, thickness)
    return _Level("fascia", site.fascia_mm, spots.fascia, 0.0, thickness)


def _start(
    suits: NDArray[np.bool_], depth_mm: float, room: Room, rng: Rng
) -> Array | None:
    """A free spot, moved at random within its voxel; in mm."""
    spots = room.spots
    if room.at_ends:
        suits = suits & (spots.end <= depth_mm / 2)
    index = spots.index[suits]
    index = index[room.free[index[:, 0], index[:, 1], index[:, 2]]]
    if not len(index):
        return None
    chosen = index[int(rng.integers(len(index)))]
    return np.asarray(
        (chosen + rng.uniform(-0.5, 0.5, 3)) * room.site.grid.spacing_mm, np.float64
    )


def _moved(centre: Array, form: Form, gap_mm: float, site: Site) -> Array:
    """Centre moved along the way to bone until the form has its gap."""
    for _ in range(N_SHIFTS):
        cells = lattice_around(centre, form.reach_mm, site.grid)
        occupancy, _density = _occupied(form, cells, centre)
        away = gap_mm - float(_at(site, site.bone_mm, cells, occupancy > FILLED).min())
        if abs(away) <= GAP_TOLERANCE_MM:
            break
        centre = centre + away * _slope(site, centre)
    return centre


def _kept(
    order: Order, form: Form, centre: Array, along: str, room: Room
) -> Placed | None:
    """Cut off what lies where nothing may be; None if that is much or the gap wrong."""
    site, least = room.site, order.gap.least_mm
    cells = lattice_around(centre, form.reach_mm, site.grid)
    occupancy, density = _occupied(form, cells, centre)
    filled = occupancy > FILLED
    total = float(density.sum())
    if not total:
        return None
    bone = _at(site, site.bone_mm, cells, filled)
    keeps = (bone >= least) & _is_free(room, cells, filled)
    keep = np.zeros(filled.shape, bool)
    keep[filled] = keeps
    occupancy, density = occupancy * keep, density * keep
    rest = float(density.sum())
    if rest < KEPT_MIN * total or not _gap_is_right(order, bone[keeps], site):
        return None
    volume = float(occupancy.sum()) * cells.cell_mm3
    mean = order.mass_mg / volume * 1000.0
    low, high = DENSITY_LIMITS_MG_CM3
    factor = mean / order.density_mg_cm3
    if not (low <= mean <= high and 1 / factor < DENSITY_FACTOR_MAX > factor):
        return None
    return Placed(
        cells=cells,
        occupancy=occupancy,
        mass_mg=density * (order.mass_mg / rest),
        along=along,
        gap_mm=float(bone[keeps].min()),
        depth_mm=float(_at(site, site.skin_mm, cells, keep).min()),
    )


def _gap_is_right(order: Order, bone: Array, site: Site) -> bool:
    if not site.has_bone:
        return order.gap is Gap.FAR
    if order.gap is Gap.FAR:
        return True
    return float(bone.min()) - order.gap.least_mm <= GAP_ERROR_MAX_MM


def _occupied(form: Form, cells: Lattice, centre: Array) -> tuple[Array, Array]:
    s, r, c = (p - x for p, x in zip(cells.points, centre, strict=True))
    cell_mm = float(np.mean(cells.step_mm))
    occupancy, density = form.occupied((s, r, c), cell_mm)
    return occupancy, density


def _filled_points(cells: Lattice, filled: NDArray[np.bool_]) -> Points:
    s, r, c = (
        p.ravel()[w] for p, w in zip(cells.points, np.nonzero(filled), strict=True)
    )
    return s, r, c


def _at(
    site: Site, field: NDArray[np.float32], cells: Lattice, filled: NDArray[np.bool_]
) -> Array:
    """Field at the filled cells, shape (n,)."""
    return site.at(field, _filled_points(cells, filled))


def _is_free(
    room: Room, cells: Lattice, filled: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether each filled cell may be where it is; beyond the scan only if wanted."""
    points = _filled_points(cells, filled)
    free = room.free[room.site.voxels(points)]
    inside = [
        (p >= -0.5 * d) & (p < (n - 0.5) * d)
        for p, d, n in zip(
            points, room.site.grid.spacing_mm, room.site.grid.shape, strict=True
        )
    ]
    in_plane = inside[1] & inside[2]
    return np.asarray(free & in_plane & (inside[0] | room.at_ends), bool)


def _slope(site: Site, centre: Array) -> Array:
    """Unit vector away from bone; nought where there is no way to tell."""
    steps = np.vstack([np.eye(3), -np.eye(3)]) * SLOPE_STEP_MM + centre
    values = site.at(site.bone_mm, (steps[:, 0], steps[:, 1], steps[:, 2]))
    slope = values[:3] - values[3:]
    length = float(np.linalg.norm(slope))
    return slope / length if length else np.zeros(3)
