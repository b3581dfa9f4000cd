"""Pairs of scans of a jointed body whose true mapping is known, drawn without physics."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.model.alignment import Sighted
from calcitrace.model.grid import Grid
from calcitrace.model.protocol import Protocol
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume
from calcitrace.simulation.bodies.body import Body
from calcitrace.simulation.bodies.joints import Bends, pose_at
from calcitrace.simulation.forms import Point, Pose, ball
from calcitrace.simulation.forms.geometry import Solid, to_point
from calcitrace.simulation.phantom import Part

Array = NDArray[np.float64]

AIR_HU = -1000.0
HU = {
    "skin": 70.0,
    "fat": -100.0,
    "muscle": 55.0,
    "fibrous": 75.0,
    "cartilage": 120.0,
    "water": 0.0,
    "cortical_bone": 1500.0,
    "spongy_bone": 330.0,
    "yellow_marrow": -60.0,
    "red_marrow": 30.0,
}
DEPOSIT_HU = 500.0
RADII_MM = (1.5, 3.5)
SPACING_MM = 9.0  # between deposits
INNER_MM = 3.0  # of soft tissue that a deposit's middle keeps from its border
GRAIN_MM = 0.5  # of noise


@dataclass(frozen=True, slots=True)
class Visit:
    """How a body lies, and how it is scanned.

    Attributes
    ----------
    pose, bends
        Joints bend first, then the whole body moves.
    grid
        Of the scan.
    blur_mm
        Standard deviation in the slice plane; along z half a slice more.
    noise_hu
        Standard deviation.
    contrast
        Factor on what is denser than water, as of another tube voltage.
    growth
        Least and largest factor on the radius of deposits.
    scale
        The body is larger by this factor.
    """

    grid: Grid
    pose: Pose = field(default_factory=Pose)
    bends: Bends = ()
    blur_mm: float = 0.5
    noise_hu: float = 12.0
    contrast: float = 1.0
    growth: tuple[float, float] = (1.0, 1.0)
    scale: float = 1.0

    def place(self, body: Body, points_mm: Array) -> Array:
        """Where points of the straight body lie in this scan."""
        found = [
            self.pose.point(pose_at(p, body.joints, self.bends).point(p))
            for p in points_mm
        ]
        return np.asarray(found) * self.scale


def scanned(
    body: Body, points_mm: Array, radii_mm: Array, visit: Visit, seed: int
) -> Sighted:
    """Draw a scan of a body with ball-shaped deposits, and find its anatomy."""
    rng = np.random.default_rng(seed)
    hu = _drawn(body.bent(visit.bends).parts, visit)
    grid = visit.grid
    labels = np.zeros(grid.shape, np.uint16)
    centres = visit.place(body, points_mm)
    factors = rng.uniform(*visit.growth, len(centres))
    for k, (centre, radius) in enumerate(zip(centres, radii_mm * factors, strict=True)):
        _paint(labels, ball(to_point(centre), radius * visit.scale).solids, grid, k + 1)
    hu[labels > 0] += DEPOSIT_HU
    hu = np.where(hu > 0, hu * visit.contrast, hu).astype(np.float32)
    slices_mm, pixel_mm = grid.spacing_mm[0], grid.spacing_mm[1]
    sigma = (
        np.hypot(visit.blur_mm, slices_mm / 4) / slices_mm,
        *(2 * [visit.blur_mm / pixel_mm]),
    )
    hu = ndimage.gaussian_filter(hu, sigma)
    noise = ndimage.gaussian_filter(
        rng.standard_normal(grid.shape, np.float32), (0, *(2 * [GRAIN_MM / pixel_mm]))
    )
    hu += noise * (visit.noise_hu / noise.std())
    volume = HuVolume(np.clip(hu, -1024, 3071).astype(np.int16), grid)
    coverage = Coverage.full(grid)
    anatomy = find_anatomy(volume, coverage, Protocol().anatomy)
    return Sighted(volume, anatomy, LabelVolume(labels, grid), coverage)


def random_places(
    body: Body, visit: Visit, n: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Middles in soft tissue of the straight body, and radii, of n deposits at most."""
    hu = _drawn(body.parts, visit)
    soft = (hu > HU["fat"] - 1) & (hu < HU["fibrous"] + 1) & (hu != HU["yellow_marrow"])
    soft &= hu != HU["red_marrow"]
    spacing = visit.grid.spacing_mm
    soft = ndimage.distance_transform_edt(soft, sampling=spacing) > INNER_MM
    index = np.argwhere(soft)
    rng.shuffle(index)
    chosen: list[Array] = []
    for point in visit.grid.to_world_mm(index[: 60 * n]):
        if all(np.linalg.norm(point - other) > SPACING_MM for other in chosen):
            chosen.append(point)
        if len(chosen) == n:
            break
    return np.array(chosen), rng.uniform(*RADII_MM, len(chosen))


def box_grid(
    low_mm: Point, high_mm: Point, spacing_mm: tuple[float, float, float]
) -> Grid:
    """Axial grid over a box; spacing is along (slice, row, column)."""
    sides = [b - a for a, b in zip(low_mm, high_mm, strict=True)][::-1]
    n = [max(1, round(side / s)) for side, s in zip(sides, spacing_mm, strict=True)]
    return Grid((n[0], n[1], n[2]), spacing_mm, low_mm)


def _drawn(parts: Sequence[Part], visit: Visit) -> NDArray[np.float32]:
    hu = np.full(visit.grid.shape, AIR_HU, np.float32)
    if visit.scale != 1.0:
        g = visit.grid
        x, y, z = (o / visit.scale for o in g.origin_mm)
        s, r, c = (d / visit.scale for d in g.spacing_mm)
        grid = Grid(g.shape, (s, r, c), (x, y, z), g.direction)
    else:
        grid = visit.grid
    for part in parts:
        _paint(hu, part.form.moved(visit.pose).solids, grid, HU[part.material])
    return hu


def _paint(
    array: NDArray[np.generic], solids: Sequence[Solid], grid: Grid, value: float
) -> None:
    """Set what lies in solids."""
    shape = np.asarray(grid.shape)
    for solid in solids:
        middle = grid.to_index(np.asarray(solid.middle_mm))
        radius = solid.reach_mm / np.asarray(grid.spacing_mm)
        low = np.clip(np.floor(middle - radius), 0, shape).astype(int)
        high = np.clip(np.ceil(middle + radius) + 1, 0, shape).astype(int)
        if (low >= high).any():
            continue
        rows, columns = range(low[1], high[1]), range(low[2], high[2])
        for k in range(low[0], high[0]):
            index = np.stack(np.meshgrid([k], rows, columns, indexing="ij"), -1)
            inside = solid.contains(grid.to_world_mm(index))[0]
            part = array[k, low[1] : high[1], low[2] : high[2]]
            part[inside] = value
