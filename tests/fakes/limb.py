"""A simulated limb for tests of anatomy and detection: exact shapes, blur, noise.

Shapes are sampled on a finer lattice, blurred there and averaged to voxels. No code is
shared with what is tested.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise
from calcitrace.model.volume import Coverage, HuVolume

Points = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
Shape = Callable[[Points], NDArray[np.bool_]]

FINE = 2
AIR, FAT, MUSCLE, MARROW, CORTEX = -1000.0, -100.0, 55.0, -40.0, 1100.0


def ball(centre_mm: tuple[float, float, float], radius_mm: float) -> Shape:
    """Points within a radius of a centre (slice, row, column axes, in mm)."""
    z0, y0, x0 = centre_mm
    return lambda p: (
        (p[0] - z0) ** 2 + (p[1] - y0) ** 2 + (p[2] - x0) ** 2 <= radius_mm**2
    )


def rod(
    centre_mm: tuple[float, float],
    radius_mm: float,
    span_mm: tuple[float, float] = (-1e6, 1e6),
) -> Shape:
    """Points in a cylinder along the slice axis, rounded off at no end."""
    y0, x0 = centre_mm
    low, high = span_mm
    return lambda p: (
        ((p[1] - y0) ** 2 + (p[2] - x0) ** 2 <= radius_mm**2)
        & (p[0] >= low)
        & (p[0] <= high)
    )


def plate(low_mm: float, high_mm: float) -> Shape:
    """Points between two planes across the rows: a table top."""
    return lambda p: (p[1] >= low_mm) & (p[1] <= high_mm) & (p[0] == p[0])


@dataclass(frozen=True)
class Limb:
    """Shapes with their CT numbers, later ones over earlier ones."""

    shape: tuple[int, int, int] = (48, 110, 110)
    spacing_mm: tuple[float, float, float] = (1.0, 0.7, 0.7)
    sigma_mm: float = 0.5
    noise_hu: float = 12.0
    seed: int = 1
    parts: list[tuple[Shape, float]] = field(default_factory=list[tuple[Shape, float]])

    @property
    def grid(self) -> Grid:
        return Grid(self.shape, self.spacing_mm, (5.0, -12.0, 40.0))

    def image(self) -> HuVolume:
        """CT numbers with blur and noise that neighbours share."""
        axes = [
            (np.arange(n * FINE) + 0.5) * d / FINE
            for n, d in zip(self.shape, self.spacing_mm, strict=True)
        ]
        z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
        fine_shape = tuple(n * FINE for n in self.shape)
        fine = np.full(fine_shape, AIR, np.float32)
        for inside, hu in self.parts:
            fine[np.broadcast_to(inside((z, y, x)), fine_shape)] = hu
        sigma = [self.sigma_mm * FINE / d for d in self.spacing_mm]
        blurred = ndimage.gaussian_filter(fine, sigma, mode="nearest")
        s, r, c = self.shape
        hu = blurred.reshape(s, FINE, r, FINE, c, FINE).mean(axis=(1, 3, 5))
        white = np.random.default_rng(self.seed).normal(0, 1, self.shape)
        noise = ndimage.gaussian_filter(white, (0, 0.6, 0.6))
        hu += self.noise_hu * noise / noise.std()
        return HuVolume(np.rint(hu).astype(np.int16), self.grid)

    @property
    def coverage(self) -> Coverage:
        return Coverage.full(self.grid)

    def noise(self) -> Noise:
        """The noise of the image, correlation over the nearest neighbours."""
        line = np.exp(-(np.arange(-2, 3) ** 2) / (4 * 0.6**2))
        correlation = (line[:, None] * line[None, :])[None]
        return Noise.uniform(max(self.noise_hu, 1.0), correlation)


def thigh(
    *deposits: tuple[Shape, float],
    background: float = MUSCLE,
    noise_hu: float = 12.0,
    seed: int = 1,
) -> Limb:
    """A limb 70 mm wide with one long bone (15 mm, cortex 3 mm) and deposits.

    The bone's axis is at row 38.5 mm, column 30 mm; it runs through both scan ends.
    """
    parts = [
        (rod((38.5, 38.5), 35.0), FAT),
        (rod((38.5, 38.5), 30.0), background),
        (rod((38.5, 30.0), 7.5), CORTEX),
        (rod((38.5, 30.0), 4.5), MARROW),
        *deposits,
    ]
    return Limb(parts=parts, noise_hu=noise_hu, seed=seed)


UNKNOWN = Acquisition(kvp=120.0)
