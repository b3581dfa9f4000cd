"""Places without calcium: where estimators are read for the detection limit."""

import numpy as np

from calcitrace.model.result import ScanResult
from calcitrace.model.volume import Tissue
from calcitrace.services.study.truth import reach_mm
from calcitrace.simulation.forms import ball
from calcitrace.simulation.phantom import Calcification, Phantom

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
    grid, tissue = result.scan.volume.grid, result.anatomy.tissue.labels
    surfaces = np.concatenate([result.anatomy.skin_mm, result.anatomy.skeleton_mm])
    taken = [(d.centroid_mm, reach_mm(d.form)) for d in phantom.deposits]
    margin = np.ceil(CLEAR_OF_END_MM / np.asarray(grid.spacing_mm)).astype(int)
    high = np.asarray(grid.shape) - margin
    found: list[Calcification] = []
    for _ in range(N_TRIES if (high > margin).all() else 0):
        if len(found) == n:
            break
        at = rng.integers(margin, high)
        kind = int(tissue[tuple(at)])
        if kind not in {Tissue.FAT, Tissue.SOFT}:
            continue
        x, y, z = (float(v) for v in grid.to_world_mm(at))
        apart = [
            np.linalg.norm(np.subtract(c, (x, y, z))) - r - CLEAR_OF_DEPOSIT_MM
            for c, r in taken
        ]
        near = surfaces.size and (
            ((surfaces - (x, y, z)) ** 2).sum(axis=1).min() < CLEAR_OF_SURFACE_MM**2
        )
        if near or (apart and min(apart) < 0):
            continue
        name = f"blank {len(found) + 1}"
        where = "fat" if kind == Tissue.FAT else "muscle"
        form = ball((x, y, z), RADIUS_MM)
        found.append(Calcification(name, form, 0.0, "blank", where))
        taken.append((form.centroid_mm, RADIUS_MM))
    return tuple(found)
