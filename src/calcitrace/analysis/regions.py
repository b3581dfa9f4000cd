"""Where in the body a point lies: by labelled bones, by the two halves of the body.

Nothing is guessed: what the images do not show is "unknown".
"""

from dataclasses import dataclass

import cc3d
import numpy as np
from numpy.typing import NDArray

from calcitrace.model.grid import Grid
from calcitrace.model.structures import LabelMap, Laterality, Region, StructureKind
from calcitrace.model.volume import Mask

_R = Region
Point = tuple[float, float, float]

# A bone farther away than this says nothing of a place.
REACH_MM = 60.0
STEP_MM = 2.0
# From a place at a joint to both of its bones.
JOINT_REACH_MM = {
    _R.HIP: 45.0,
    _R.KNEE: 45.0,
    _R.SHOULDER: 45.0,
    _R.ELBOW: 40.0,
    _R.WRIST: 20.0,
    _R.ANKLE: 30.0,
}
# Regions of the bones on both sides of a joint.
JOINTS: dict[frozenset[Region], Region] = {
    frozenset({_R.THIGH, _R.PELVIS}): _R.HIP,
    frozenset({_R.THIGH, _R.LEG}): _R.KNEE,
    frozenset({_R.THIGH, _R.KNEE}): _R.KNEE,
    frozenset({_R.LEG, _R.KNEE}): _R.KNEE,
    frozenset({_R.UPPER_ARM, _R.SHOULDER}): _R.SHOULDER,
    frozenset({_R.UPPER_ARM, _R.FOREARM}): _R.ELBOW,
    frozenset({_R.FOREARM, _R.WRIST}): _R.WRIST,
    frozenset({_R.FOREARM, _R.HAND}): _R.WRIST,
    frozenset({_R.LEG, _R.ANKLE}): _R.ANKLE,
    frozenset({_R.LEG, _R.FOOT}): _R.ANKLE,
    frozenset({_R.ANKLE, _R.FOOT}): _R.ANKLE,
}
# One body with a left and a right half.
HALVED = frozenset({_R.TRUNK, _R.PELVIS, _R.HEAD_NECK})
# Two of each: what can lie side by side in one slice.
PAIRED = frozenset(_R) - HALVED - {_R.UNKNOWN}
MIDLINE_MM = 20.0
AXIAL_COSINE = 0.9
# Two limbs in a slice: the smaller is at least this part of the larger, anything else
# at most that; their rows overlap by at least half.
ALIKE_FRACTION, CRUMB_FRACTION, LEVEL_FRACTION = 0.5, 0.1, 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Region and side, each unknown where nothing says it."""

    region: Region = Region.UNKNOWN
    laterality: Laterality = Laterality.UNKNOWN


def labelled_place(point_mm: Point, structures: LabelMap, body: Mask) -> Place:
    """Region and side by the labelled bones around a point.

    The nearest bone counts; near two bones of a joint it is the joint. A bone that can
    only be reached through air (a hand beside the hip) does not count.

    Parameters
    ----------
    point_mm
        In patient space.
    structures
        On the scan's grid.
    body
        Same shape.
    """
    near = _near_bones(point_mm, structures, body)
    if not near:
        return Place()
    (region, side), distance = min(near.items(), key=lambda item: item[1])
    for (other, other_side), other_distance in near.items():
        joint = JOINTS.get(frozenset({region, other}))
        if joint is None or not _agree(side, other_side):
            continue
        if max(distance, other_distance) <= JOINT_REACH_MM[joint]:
            known = side if side is not Laterality.UNKNOWN else other_side
            return Place(joint, known)
    return Place(region, side)


def side_by_position(
    point_mm: Point, region: Region, body: Mask, covered: Mask, grid: Grid
) -> Laterality:
    """Side of a point where the slice shows both halves of the body, or both limbs.

    In head, neck, trunk and pelvis the middle of the widest part of the body is the
    midline; within 20 mm of it the side stays unknown. Of two limbs alike, side by
    side in one slice, one is the left and one the right one. A single limb has no side
    that its position could tell.

    Parameters
    ----------
    point_mm
        In patient space, whose x axis runs to the patient's left.
    region
        As known from elsewhere.
    body
        Bool, shape of the scan.
    covered
        Shape (row, column): field of view. A body cut by it has no known midline.
    """
    k, row, column = (int(v) for v in np.rint(grid.to_index(np.asarray(point_mm))))
    if not (0 <= k < len(body)) or region is Region.UNKNOWN or not _is_axial(grid):
        return Laterality.UNKNOWN
    parts = _parts(body[k], covered)
    if not parts or any(part.is_cut for part in parts):
        return Laterality.UNKNOWN
    if region in HALVED:
        widest = max(parts, key=lambda part: part.n_pixels)
        return _side(point_mm[0] - widest.middle_x_mm(k, grid), MIDLINE_MM)
    if len(parts) != 2 or not _are_level(*parts):  # noqa: PLR2004 -- two limbs
        return Laterality.UNKNOWN
    own, other = sorted(parts, key=lambda part: part.pixels_to(row, column))
    return _side(own.middle_x_mm(k, grid) - other.middle_x_mm(k, grid), MIDLINE_MM)


@dataclass(frozen=True, slots=True)
class _Part:
    """One connected part of a slice: its size and the box that holds it."""

    n_pixels: int
    rows: tuple[int, int]
    columns: tuple[int, int]
    is_cut: bool

    def middle_x_mm(self, k: int, grid: Grid) -> float:
        """Position of its middle from side to side."""
        middle = [k, sum(self.rows) / 2, sum(self.columns) / 2]
        return float(grid.to_world_mm(np.array(middle))[0])

    def pixels_to(self, row: int, column: int) -> int:
        """Rows and columns from its box to a pixel; 0 in it."""
        return sum(
            max(low - at, at - high, 0)
            for at, (low, high) in ((row, self.rows), (column, self.columns))
        )


def _near_bones(
    point_mm: Point, structures: LabelMap, body: Mask
) -> dict[tuple[Region, Laterality], float]:
    """Distance in mm to the bones of each region and side, as far as reach and body go."""
    labels, grid = structures.labels.labels, structures.labels.grid
    centre = grid.to_index(np.asarray(point_mm))
    reach = REACH_MM / np.asarray(grid.spacing_mm)
    steps = [max(1, int(STEP_MM / d)) for d in grid.spacing_mm]
    starts = np.maximum(0, np.floor(centre - reach)).astype(int)
    stops = np.ceil(centre + reach).astype(int) + 1
    box = tuple(slice(a, b, n) for a, b, n in zip(starts, stops, steps, strict=True))
    part = labels[box]
    present = set(np.unique(part).tolist())
    out: dict[tuple[Region, Laterality], float] = {}
    for structure in structures.structures:
        is_placed = structure.region is not _R.UNKNOWN
        if structure.kind is not StructureKind.BONE or not is_placed:
            continue
        if structure.label not in present:
            continue
        index = np.argwhere(part == structure.label) * steps + starts
        apart_mm = np.linalg.norm(grid.to_world_mm(index) - point_mm, axis=1)
        nearest = int(np.argmin(apart_mm))
        distance_mm = float(apart_mm[nearest])
        if distance_mm > REACH_MM or not _is_joined(centre, index[nearest], body):
            continue
        key = structure.region, structure.laterality
        out[key] = min(distance_mm, out.get(key, np.inf))
    return out


def _is_joined(start: NDArray[np.float64], end: NDArray[np.int64], body: Mask) -> bool:
    """Whether the straight line between two indices stays in the body."""
    n = int(np.abs(end - start).max()) + 2
    line = start + np.linspace(0, 1, n)[:, None] * (end - start)
    limit = np.array(body.shape) - 1
    s, r, c = np.clip(np.rint(line).astype(int), 0, limit).T
    return bool(body[s, r, c].all())


def _agree(one: Laterality, other: Laterality) -> bool:
    return Laterality.UNKNOWN in {one, other} or one is other


def _is_axial(grid: Grid) -> bool:
    """Whether slices cut the body across, with columns from side to side."""
    along, _, across = grid.direction
    return abs(along[2]) > AXIAL_COSINE and abs(across[0]) > AXIAL_COSINE


def _parts(plane: Mask, covered: Mask) -> list[_Part]:
    """Parts of a slice, without crumbs; cut if they reach a side of the field of view."""
    labels = cc3d.connected_components(plane, connectivity=4)
    statistics = cc3d.statistics(labels)
    at_edge = set(np.unique(labels[_edge(covered)]).tolist())
    parts = [
        _Part(
            n_pixels=int(statistics["voxel_counts"][n]),
            rows=(box[-2].start, box[-2].stop - 1),
            columns=(box[-1].start, box[-1].stop - 1),
            is_cut=n in at_edge,
        )
        for n, box in enumerate(statistics["bounding_boxes"])
        if n > 0
    ]
    largest = max((part.n_pixels for part in parts), default=0)
    return [part for part in parts if part.n_pixels > CRUMB_FRACTION * largest]


def _edge(covered: Mask) -> Mask:
    """Pixels from which one step to a side leaves the field of view."""
    wide = np.pad(covered, ((0, 0), (1, 1)))
    return covered & ~(wide[:, :-2] & wide[:, 2:])


def _are_level(one: _Part, other: _Part) -> bool:
    """Whether two parts are alike in size and lie side by side."""
    small, large = sorted((one.n_pixels, other.n_pixels))
    overlap = min(one.rows[1], other.rows[1]) - max(one.rows[0], other.rows[0]) + 1
    height = min(part.rows[1] - part.rows[0] + 1 for part in (one, other))
    return small >= ALIKE_FRACTION * large and overlap >= LEVEL_FRACTION * height


def _side(offset_mm: float, least_mm: float) -> Laterality:
    if abs(offset_mm) <= least_mm:
        return Laterality.UNKNOWN
    return Laterality.LEFT if offset_mm > 0 else Laterality.RIGHT
