"""Places without calcium: where estimators are read for the detection limit."""

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.result import ScanResult
from calcitrace.model.volume import Tissue
from calcitrace.simulation.forms import ball
from calcitrace.simulation.forms.distance import nearest_on_surface
from calcitrace.simulation.phantom import Calcification, Phantom

Array = NDArray[np.float64]

N_TRIES = 4000
RADIUS_MM = 1.0
CLEAR_OF_DEPOSIT_MM, CLEAR_OF_SURFACE_MM, CLEAR_OF_END_MM = 8.0, 5.0, 8.0


def blank_places(
    phantom: Phantom, result: ScanResult, n: int, rng: np.random.Generator
) -> tuple[Calcification, ...]:
    """Balls of 2 mm in plain tissue, without any calcium in them.

    Parameters
    ----------
    phantom
        Where the deposits are.
    result
        Where fat and muscle are.
    n
        How many are wanted; fewer come where there is no room.
    rng
        Chooses the places.
    """
    points, tissue = _tried(result, rng)
    surfaces = np.concatenate([result.anatomy.skin_mm, result.anatomy.skeleton_mm])
    is_free = np.ones(len(points), bool)
    for deposit in phantom.deposits:
        distance, _ = nearest_on_surface(deposit.form, points)
        is_free &= distance >= CLEAR_OF_DEPOSIT_MM
    found: list[Calcification] = []
    for point, kind in zip(points[is_free], tissue[is_free], strict=True):
        if len(found) == n:
            break
        blanks = np.array([blank.centroid_mm for blank in found])
        if _is_near(blanks, point, CLEAR_OF_DEPOSIT_MM):
            continue
        if _is_near(surfaces, point, CLEAR_OF_SURFACE_MM):
            continue
        x, y, z = (float(v) for v in point)
        name = f"blank {len(found) + 1}"
        where = "fat" if kind == Tissue.FAT else "muscle"
        form = ball((x, y, z), RADIUS_MM)
        found.append(Calcification(name, form, 0.0, "blank", where))
    return tuple(found)


def _is_near(others_mm: Array, point_mm: Array, least_mm: float) -> bool:
    """Whether any of some points, shape (point, 3), is too near."""
    apart = others_mm.reshape(-1, 3) - point_mm
    return bool(((apart**2).sum(axis=1) < least_mm**2).any())


def _tried(
    result: ScanResult, rng: np.random.Generator
) -> tuple[Array, NDArray[np.uint8]]:
    """Centres of random voxels of fat and muscle, and which of both each is."""
    grid, labels = result.scan.volume.grid, result.anatomy.tissue.labels
    margin = int(np.ceil(CLEAR_OF_END_MM / grid.spacing_mm[0]))
    inner = labels[margin : max(grid.shape[0] - margin, margin)]
    index = np.argwhere((inner == Tissue.FAT) | (inner == Tissue.SOFT))
    chosen = rng.permutation(len(index))[:N_TRIES]
    index = index[chosen] + (margin, 0, 0)
    return grid.to_world_mm(index.astype(np.float64)), labels[tuple(index.T)].astype(
        np.uint8
    )
