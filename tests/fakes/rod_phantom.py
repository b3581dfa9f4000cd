"""A plate of plastic with rods in it, drawn in the image: for finding and reading them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from scipy import ndimage

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.grid import Grid
from calcitrace.model.scan import Scan
from calcitrace.model.volume import Coverage, HuVolume

GRID = Grid((15, 120, 160), (2.0, 0.8, 0.8), (-64.0, -48.0, 0.0))
PLATE_HU, PLATE_MM = 110.0, (50.0, 38.0)  # half axes along x and y
K = 1.45


@dataclass(frozen=True)
class DrawnRod:
    """A rod at (x, y) in the middle slice that leans along x."""

    x_mm: float
    y_mm: float
    hu: float
    diameter_mm: float = 14.0
    lean: float = 0.0


DENSITIES = (400.0, 0.0, 100.0, 200.0, 100.0)
RODS = tuple(
    DrawnRod(x, y, K * d + 3.0)
    for (x, y), d in zip(
        ((-34.0, 0.0), (-17.0, 5.0), (0.0, -8.0), (18.0, 6.0), (34.0, -4.0)),
        DENSITIES,
        strict=True,
    )
)
HEADER = Acquisition(
    kvp=120.0,
    kernel="B30f",
    slice_thickness_mm=2.0,
    manufacturer="Maker",
    model_name="Model 7",
    acquired=datetime(2024, 3, 4, 10, 30),  # noqa: DTZ001 -- DICOM dates have no zone
)


def points_mm(grid: Grid = GRID) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, y, z of every voxel."""
    world = grid.to_world_mm(np.moveaxis(np.indices(grid.shape), 0, -1))
    x, y, z = np.moveaxis(world, -1, 0)
    return x, y, z


def plate_hu(rods: Sequence[DrawnRod] = RODS, grid: Grid = GRID) -> np.ndarray:
    """Sharp image without noise."""
    x, y, z = points_mm(grid)
    hu = np.full(grid.shape, -1000.0)
    hu[np.hypot(x / PLATE_MM[0], y / PLATE_MM[1]) < 1] = PLATE_HU
    middle = float(z.mean())
    for rod in rods:
        away = np.hypot(x - rod.x_mm - rod.lean * (z - middle), y - rod.y_mm)
        hu[away < rod.diameter_mm / 2] = rod.hu
    return hu


def seen(hu: np.ndarray, grid: Grid = GRID, noise_hu: float = 15.0) -> HuVolume:
    """Blur and correlated noise."""
    noise = np.random.default_rng(5).normal(0.0, 1.0, hu.shape)
    noise = ndimage.gaussian_filter(noise, (0.6, 0.9, 0.9))
    blurred = ndimage.gaussian_filter(hu, (0.3, 0.9, 0.9))
    blurred += noise * noise_hu / noise.std()
    return HuVolume(np.clip(np.rint(blurred), -1024, 3071).astype(np.int16), grid)


def phantom_scan(rods: Sequence[DrawnRod] = RODS, header: Acquisition = HEADER) -> Scan:
    """Return a scan of the plate."""
    return Scan(
        volume=seen(plate_hu(rods)),
        acquisition=header,
        coverage=Coverage.full(GRID),
        source_kind="array",
        input_hash="34" * 32,
    )
