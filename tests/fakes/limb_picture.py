"""Image of a made-up limb with ellipsoids of calcium."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from calcitrace.model.deposit import Deposit
from calcitrace.model.grid import Grid
from calcitrace.model.volume import Tissue

LIMB_GRID = Grid((70, 150, 150), (2.0, 0.9, 0.9), (-67.0, -60.0, 300.0))


@dataclass(frozen=True, slots=True)
class Spot:
    """An ellipsoid of calcium: centre and half axes in mm from the limb's middle."""

    x_mm: float
    y_mm: float
    z_mm: float
    half_axes_mm: tuple[float, float, float]
    hu: float


SPOTS = (
    Spot(-34.0, -18.0, 20.0, (5.0, 4.0, 9.0), 520.0),
    Spot(30.0, -26.0, -18.0, (3.5, 2.5, 4.0), 430.0),
    Spot(8.0, 40.0, 5.0, (9.0, 1.6, 12.0), 380.0),
    Spot(-28.0, 28.0, -64.0, (3.0, 3.0, 6.0), 400.0),
    Spot(-2.0, -38.0, 44.0, (1.2, 1.2, 2.0), 240.0),
    Spot(17.0, -9.0, -42.0, (3.0, 3.0, 4.0), 480.0),
    Spot(36.0, 12.0, 38.0, (2.0, 2.0, 3.0), 330.0),
)


def limb_hu(grid: Grid, spots: Sequence[Spot]) -> NDArray[np.int16]:
    """A limb with fat, muscle, one bone, deposits and a table, in noise."""
    x, y, z = _limb_mm(grid)
    hu = np.full(grid.shape, -1000.0, np.float32)
    hu[y > 63] = 60.0  # the table below the limb
    width = 56 + 4 * np.sin(z / 40)
    hu[(x / width) ** 2 + (y / 50) ** 2 < 1] = -100.0
    hu[(x / 44) ** 2 + ((y + 2) / 38) ** 2 < 1] = 55.0
    shaft = (x - 10) ** 2 + (y - 2) ** 2
    hu[shaft < 12**2] = 1100.0
    hu[shaft < 7**2] = -20.0
    for spot in spots:
        hu[_inside(spot, x, y, z)] += spot.hu
    noise = np.random.default_rng(1).normal(0, 40, grid.shape)
    sharp = (hu + noise).astype(np.float32)
    return np.asarray(gaussian_filter(sharp, (0.3, 0.8, 0.8)).astype(np.int16))


def _limb_mm(
    grid: Grid,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    middle = grid.to_world_mm((np.array(grid.shape) - 1) / 2)
    x, y, z = np.moveaxis(grid.to_world_mm(index) - middle, -1, 0).astype(np.float32)
    return x, y, z


def _inside(
    spot: Spot,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    z: NDArray[np.float32],
) -> NDArray[np.bool_]:
    a, b, c = spot.half_axes_mm
    return np.asarray(
        ((x - spot.x_mm) / a) ** 2
        + ((y - spot.y_mm) / b) ** 2
        + ((z - spot.z_mm) / c) ** 2
        <= 1
    )


def limb_labels(
    deposits: Sequence[Deposit], grid: Grid, spots: Sequence[Spot]
) -> NDArray[np.uint16]:
    """Label image: each deposit where its spot is."""
    x, y, z = _limb_mm(grid)
    labels = np.zeros(grid.shape, np.uint16)
    for deposit, spot in zip(deposits, spots, strict=False):
        labels[_inside(spot, x, y, z)] = deposit.deposit_id
    return labels


def tissues(
    grid: Grid, labels: NDArray[np.uint16]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    x, y, z = _limb_mm(grid)
    width = 56 + 4 * np.sin(z / 40)
    body = np.asarray((x / width) ** 2 + (y / 50) ** 2 < 1)
    tissue = np.where(body, int(Tissue.SOFT), int(Tissue.AIR)).astype(np.uint8)
    tissue[labels > 0] = int(Tissue.SOFT)
    return tissue, body


def many_spots(n: int) -> tuple[Spot, ...]:
    """Small deposits all over the limb."""
    rng = np.random.default_rng(2)
    spots: list[Spot] = []
    for _ in range(n):
        angle, radius = rng.uniform(0, 2 * np.pi), rng.uniform(20, 42)
        r = float(rng.uniform(1.2, 3.2))
        spots.append(
            Spot(
                float(radius * np.cos(angle)),
                float(0.85 * radius * np.sin(angle)),
                float(rng.uniform(-60, 60)),
                (r, r, 1.5 * r),
                float(rng.uniform(250, 600)),
            )
        )
    return tuple(spots)
