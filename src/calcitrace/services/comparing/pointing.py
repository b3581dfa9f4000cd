"""Which deposit lies at a place of a visit."""

import math
from collections.abc import Sequence

import numpy as np

from calcitrace.errors import ComparisonError
from calcitrace.model.edits import Point
from calcitrace.model.following import Node
from calcitrace.model.visit import Visit

REACH_MM = 3.0


def deposit_at(visit: Visit, point_mm: Point) -> Node:
    """Deposit whose voxels hold a place, else the one whose seed is nearest.

    Raises
    ------
    ComparisonError
        If none lies within 3 mm.
    """
    grid = visit.labels.grid
    s, r, c = (int(v) for v in np.rint(grid.to_index(np.asarray(point_mm))))
    if all(0 <= i < n for i, n in zip((s, r, c), grid.shape, strict=True)):
        label = int(visit.labels.labels[s, r, c])
        if label:
            return Node(visit.number, label)
    near = [(math.dist(d.seed_mm, point_mm), d.deposit_id) for d in visit.deposits]
    distance, number = min(near, default=(math.inf, 0))
    if distance > REACH_MM:
        x, y, z = point_mm
        msg = (
            f"Expected a deposit at {x:.1f}, {y:.1f}, {z:.1f} mm of visit "
            f"{visit.number}, where a reader linked one; found none. Remove the link."
        )
        raise ComparisonError(msg)
    return Node(visit.number, number)


def check_named(nodes: Sequence[Node], visits: Sequence[Visit]) -> None:
    """Refuse deposits and visits that do not exist.

    Raises
    ------
    ComparisonError
        Naming the first of them.
    """
    known = {Node(v.number, d.deposit_id) for v in visits for d in v.deposits}
    for node in nodes:
        if node not in known:
            msg = (
                "Expected a deposit of a visit, as 3@1 for deposit 3 of visit 1, got "
                f"{node.deposit_id}@{node.visit}. See the table of that visit."
            )
            raise ComparisonError(msg)
