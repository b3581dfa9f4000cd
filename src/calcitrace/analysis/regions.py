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
    k, *here = (int(v) for v in np.rint(grid.to_index(np.asarray(point_mm))))
    if not (0 <= k < len(body)) or region is Region.UNKNOWN or not _is_axial(grid):
        return Laterality.UNKNOWN
    parts = _parts(body[k])
    if not parts or any(_is_cut(part, covered) for part in parts):
        return Laterality.UNKNOWN
    if region in HALVED:
        widest = max(parts, key=len)
        offset_mm = point_mm[0] - _middle_x_mm(widest, k, grid)
        return _side(offset_mm, MIDLINE_MM)
    if len(parts) != 2 or not _are_level(*parts):  # noqa: PLR2004 -- two limbs
        return Laterality.UNKNOWN
    middles = [_middle_x_mm(part, k, grid) for part in parts]
    if abs(middles[0] - middles[1]) < MIDLINE_MM:
        return Laterality.UNKNOWN
    apart = [float(np.abs(part - np.array(here)).sum(axis=1).min()) for part in parts]
    own = int(np.argmin(apart))
    return _side(middles[own] - middles[1 - own], 0.0)


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
    out: dict[tuple[Region, Laterality], float] = {}
    for structure in structures.structures:
        if structure.kind is not StructureKind.BONE or structure.region is _R.UNKNOWN:
            continue
        index = np.argwhere(part == structure.label) * steps + starts
        if not len(index):
            continue
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


def _parts(plane: Mask) -> list[NDArray[np.int64]]:
    """Rows and columns of the parts of a slice, without crumbs."""
    labels = cc3d.connected_components(plane, connectivity=4)
    parts = [np.argwhere(labels == n) for n in range(1, int(labels.max()) + 1)]
    largest = max((len(part) for part in parts), default=0)
    return [part for part in parts if len(part) > CRUMB_FRACTION * largest]


def _is_cut(part: NDArray[np.int64], covered: Mask) -> bool:
    """Whether a part reaches the first or last column of the image, or of the field."""
    row, column = part.T
    if column.min() == 0 or column.max() == covered.shape[1] - 1:
        return True
    beside = covered[row, column - 1] & covered[row, column + 1]
    return not bool(beside.all())


def _are_level(one: NDArray[np.int64], other: NDArray[np.int64]) -> bool:
    """Whether two parts are alike in size and lie side by side."""
    small, large = sorted((len(one), len(other)))
    if small < ALIKE_FRACTION * large:
        return False
    low = max(one[:, 0].min(), other[:, 0].min())
    high = min(one[:, 0].max(), other[:, 0].max())
    heights = [int(np.ptp(part[:, 0])) + 1 for part in (one, other)]
    return bool(high - low + 1 >= LEVEL_FRACTION * min(heights))


def _middle_x_mm(part: NDArray[np.int64], k: int, grid: Grid) -> float:
    index = np.column_stack([np.full(len(part), k), part])
    x_mm = grid.to_world_mm(index)[:, 0]
    return float((x_mm.min() + x_mm.max()) / 2)


def _side(offset_mm: float, least_mm: float) -> Laterality:
    if abs(offset_mm) <= least_mm:
        return Laterality.UNKNOWN
    return Laterality.LEFT if offset_mm > 0 else Laterality.RIGHT
