"""Whether a candidate lies in calcium that is known."""

import math

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.grid import Grid
from calcitrace.services.learning.collection import KnownCalcium

INSIDE_SHARE = 0.5


def lies_in(
    index: NDArray[np.integer], grid: Grid, balls: tuple[KnownCalcium, ...]
) -> bool:
    """Whether half of some voxels, shape (n, 3), lie in any of the balls."""
    if not balls:
        return False
    points = grid.to_world_mm(index)
    inside = np.zeros(len(points), bool)
    for ball in balls:
        away = np.linalg.norm(points - np.array(ball.centre_mm), axis=1)
        inside |= away <= ball.radius_mm
    return not math.isclose(inside.mean(), 0) and bool(inside.mean() >= INSIDE_SHARE)
