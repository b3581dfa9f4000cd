"""A limb in air as simple as can be: a cylinder of muscle with bright balls in it."""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.grid import Grid
from calcitrace.model.scan import Scan
from calcitrace.model.volume import Coverage, HuVolume

GRID = Grid((40, 120, 120), (1.0, 0.7, 0.7), (-42.0, -42.0, 0.0))
BALLS_MM = ((15.0, 5.0, 12.0), (-14.0, -9.0, 26.0))  # centres (x, y, z)
BALL_RADIUS_MM = 3.0
BALL_HU = 700.0
MUSCLE_HU = 55.0


Ball = tuple[tuple[float, float, float], float]  # centre (x, y, z) and radius
BALLS: tuple[Ball, ...] = tuple((centre, BALL_RADIUS_MM) for centre in BALLS_MM)


def limb_scan(
    *, has_limb: bool = True, seed: int = 3, balls: Sequence[Ball] = BALLS
) -> Scan:
    """Return a scan of the limb with balls in it, or of air alone."""
    points = GRID.to_world_mm(np.moveaxis(np.indices(GRID.shape), 0, -1))
    hu = np.full(GRID.shape, -1000.0)
    if has_limb:
        hu[np.hypot(points[..., 0], points[..., 1]) < 32.0] = MUSCLE_HU
        for centre, radius_mm in balls:
            apart = np.linalg.norm(points - np.array(centre), axis=-1)
            hu += np.where(apart < radius_mm, BALL_HU, 0.0)
    hu = ndimage.gaussian_filter(hu, (0.6, 1.0, 1.0))
    hu += np.random.default_rng(seed).normal(0.0, 10.0, GRID.shape)
    return Scan(
        volume=HuVolume(np.clip(hu, -1024, 3071).astype(np.int16), GRID),
        acquisition=Acquisition(kvp=120.0, kernel="B30f", slice_thickness_mm=1.0),
        coverage=Coverage.full(GRID),
        source_kind="array",
        input_hash="12" * 32,
    )
