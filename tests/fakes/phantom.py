"""A small image-domain phantom with exact mass, for tests of measuring.

Bodies are sampled on a finer lattice, blurred there, and averaged to voxels, so truth does
not depend on the lattice. No code is shared with what is tested.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise, Psf
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Tissue

FINE = 4  # sub-voxels along every axis
K_HU_PER_MG_CM3 = 1.3
HA_DENSITY_MG_CM3 = 3160.0

Points = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]
Body = Callable[[Points], NDArray[np.bool_]]


def ball(centre_mm: tuple[float, float, float], radius_mm: float) -> Body:
    """Points (slice, row, column axes, in mm from the first voxel's corner) in a ball."""

    def inside(points: Points) -> NDArray[np.bool_]:
        z, y, x = (p - c for p, c in zip(points, centre_mm, strict=True))
        return z**2 + y**2 + x**2 <= radius_mm**2

    return inside


def slab(axis: int, low_mm: float, high_mm: float) -> Body:
    """Points between two planes."""

    def inside(points: Points) -> NDArray[np.bool_]:
        return (points[axis] >= low_mm) & (points[axis] < high_mm)

    return inside


def both(first: Body, second: Body) -> Body:
    """Intersection of two bodies."""
    return lambda points: first(points) & second(points)


@dataclass(frozen=True)
class Phantom:
    """Tissue of one CT number, an optional bone, deposits, blur and noise."""

    shape: tuple[int, int, int] = (32, 48, 48)
    spacing_mm: tuple[float, float, float] = (1.0, 0.6, 0.6)
    tissue_hu: float = 50.0
    sigma_mm: tuple[float, float, float] = (0.5, 0.5, 0.5)
    noise_hu: float = 0.0
    seed: int = 1
    bone: Body | None = None
    bone_hu: float = 1000.0
    other: Body | None = None
    other_hu: float = 55.0

    @property
    def grid(self) -> Grid:
        return Grid(self.shape, self.spacing_mm, (10.0, -20.0, 30.0))

    def _points(self) -> Points:
        axes = [
            (np.arange(n * FINE) + 0.5) * d / FINE
            for n, d in zip(self.shape, self.spacing_mm, strict=True)
        ]
        z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
        return z, y, x

    def image(
        self, deposits: list[tuple[Body, float]]
    ) -> tuple[HuVolume, list[float], list[float]]:
        """CT numbers, and the mass (mg) and volume (mm3) of each deposit."""
        points = self._points()
        fine_shape = tuple(n * FINE for n in self.shape)
        fine = np.full(fine_shape, self.tissue_hu)
        if self.other is not None:
            fine[np.broadcast_to(self.other(points), fine_shape)] = self.other_hu
        if self.bone is not None:
            fine[np.broadcast_to(self.bone(points), fine_shape)] = self.bone_hu
        voxel = float(np.prod(self.spacing_mm)) / FINE**3
        masses: list[float] = []
        volumes: list[float] = []
        for body, density in deposits:
            inside = np.broadcast_to(body(points), fine_shape)
            gain = density * (K_HU_PER_MG_CM3 - self.tissue_hu / HA_DENSITY_MG_CM3)
            fine[inside] = self.tissue_hu + gain
            volumes.append(float(inside.sum()) * voxel)
            masses.append(volumes[-1] * density / 1000)
        sigma = [
            s * FINE / d for s, d in zip(self.sigma_mm, self.spacing_mm, strict=True)
        ]
        blurred = ndimage.gaussian_filter(fine, sigma, mode="nearest")
        s, r, c = self.shape
        coarse = blurred.reshape(s, FINE, r, FINE, c, FINE).mean(axis=(1, 3, 5))
        noise = np.random.default_rng(self.seed).normal(0, 1, self.shape)
        hu = (coarse + self.noise_hu * noise).astype(np.float32)
        return HuVolume(hu, self.grid), masses, volumes

    def psf(self, relative_std: float = 0.0) -> Psf:
        """Blur of the image, averaging over the voxel included."""
        pixel = [d**2 / 12 for d in self.spacing_mm]
        z, y, _x = (
            float(np.sqrt(s**2 + p)) for s, p in zip(self.sigma_mm, pixel, strict=True)
        )
        return Psf(y, z, relative_std, relative_std, "known", "known")

    def noise(self) -> Noise:
        """White noise of the stated size."""
        return Noise.uniform(max(self.noise_hu, 0.1), np.ones((1, 1, 1)))

    def anatomy(self) -> Anatomy:
        """Soft tissue throughout, the bone as it is thresholded at half height."""
        labels = np.full(self.shape, int(Tissue.SOFT), np.uint8)
        points = np.zeros((0, 3))
        if self.bone is not None:
            alone, _, _ = Phantom(
                self.shape,
                self.spacing_mm,
                self.tissue_hu,
                self.sigma_mm,
                bone=self.bone,
                bone_hu=self.bone_hu,
            ).image([])
            inside = alone.hu > (self.bone_hu + self.tissue_hu) / 2
            labels[inside] = int(Tissue.SKELETON)
            edge = inside & ~ndimage.binary_erosion(inside)
            points = self.grid.to_world_mm(np.argwhere(edge))
        return Anatomy(
            tissue=LabelVolume(labels, self.grid),
            body=np.ones(self.shape, bool),
            skin_mm=np.zeros((0, 3)),
            skeleton_mm=points,
            body_diameter_mm=np.full(self.shape[0], 100.0),
            is_truncated=False,
            segmenter="known",
        )


def known_calibration() -> Calibration:
    """Return the calibration that phantoms are made with, free of error."""
    return Calibration(
        1 / K_HU_PER_MG_CM3, 0.0, 0.0, Grade.A, 120.0, 100.0, 0.0, "known"
    )


def full_coverage(phantom: Phantom) -> Coverage:
    """Everything was measured."""
    return Coverage.full(phantom.grid)
