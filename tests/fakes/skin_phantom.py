"""A limb with skin, fat and muscle in air, and correlated noise, for image quality.

Drawn four times finer than the pixels, blurred there, then sampled at pixel centres. No
code is shared with what is tested.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume, LabelVolume, Tissue

FINE = 4
AIR_HU, SKIN_HU, FAT_HU, MUSCLE_HU = -1000.0, 50.0, -100.0, 55.0
FAT_MM = 8.0


@dataclass(frozen=True)
class Limb:
    """Ellipse across the slices; `cloth_hu` lies on one half of it if given."""

    sigma_mm: float = 0.6
    pixel_mm: float = 0.7
    semi_axes_mm: tuple[float, float] = (50.0, 38.0)
    skin_mm: float = 1.5
    noise_hu: float = 12.0
    n_slices: int = 6
    cloth_hu: float | None = None

    def depth_mm(self, fine: int) -> NDArray[np.float64]:
        """Distance below the skin surface, about, on a lattice so much finer."""
        n = int(2 * (max(self.semi_axes_mm) + 14) / self.pixel_mm) * fine
        at = (np.arange(n) - n / 2 + 0.37) * self.pixel_mm / fine
        a, b = self.semi_axes_mm
        q = np.hypot(at[:, None] / a, at / b) + 1e-9
        slope = np.hypot(at[:, None] / a**2, at / b**2) / q + 1e-9
        return np.asarray((1 - q) / slope)

    def slice_hu(self) -> NDArray[np.float64]:
        """One slice without noise."""
        step = self.pixel_mm / FINE
        depth = self.depth_mm(FINE)
        image = np.full(depth.shape, AIR_HU)
        layers = (
            (0.0, SKIN_HU - AIR_HU),
            (self.skin_mm, FAT_HU - SKIN_HU),
            (self.skin_mm + FAT_MM, MUSCLE_HU - FAT_HU),
        )
        for start_mm, rise in layers:
            image += rise * np.clip((depth - start_mm) / step + 0.5, 0, 1)
        if self.cloth_hu is not None:
            is_cloth = (depth < 0) & (depth > -1.5)
            is_cloth[: len(depth) // 2] = False
            image[is_cloth] = self.cloth_hu
        blurred = ndimage.gaussian_filter(image, self.sigma_mm / step)
        return np.asarray(blurred[::FINE, ::FINE])

    def volume(self, seed: int = 0) -> HuVolume:
        """Scan with noise that neighbours share."""
        plane = self.slice_hu()
        rng = np.random.default_rng(seed)
        white = rng.normal(size=(self.n_slices, *plane.shape))
        noise = np.asarray(ndimage.gaussian_filter(white, (0.3, 0.7, 0.7)), np.float64)
        hu = np.asarray(plane + noise * (self.noise_hu / noise.std()), np.float64)
        shape = (self.n_slices, *plane.shape)
        grid = Grid(shape, (1.0, self.pixel_mm, self.pixel_mm), (10.0, -20.0, 30.0))
        return HuVolume(np.clip(np.round(hu), -1024, 3071).astype(np.int16), grid)


def anatomy_of(
    grid: Grid, tissue: NDArray[np.uint8], skin_mm: NDArray[np.float64]
) -> Anatomy:
    """Anatomy made by hand."""
    return Anatomy(
        LabelVolume(tissue, grid),
        tissue > 0,
        skin_mm,
        np.empty((0, 3)),
        np.full(grid.shape[0], 100.0),
        is_truncated=False,
        segmenter="by hand",
    )


def skin_of(volume: HuVolume) -> Anatomy:
    """Anatomy of a limb by a threshold, skin at the centres of the outermost voxels."""
    body = volume.hu > -300
    plane = ndimage.generate_binary_structure(2, 1)[None]
    rim = body & ~ndimage.binary_erosion(body, plane)
    filled = np.stack([ndimage.binary_fill_holes(part) for part in body])
    rim &= ~ndimage.binary_erosion(filled, plane)
    tissue = np.where(filled, Tissue.SOFT, Tissue.AIR).astype(np.uint8)
    return anatomy_of(volume.grid, tissue, volume.grid.to_world_mm(np.argwhere(rim)))


def shared_noise(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    blur_mm: float,
    seed: int,
) -> NDArray[np.float64]:
    """Noise as filtered back-projection leaves it: ramp times kernel, one sigma of 1."""
    rng = np.random.default_rng(seed)
    z, y, x = (np.fft.fftfreq(n, d) for n, d in zip(shape, spacing_mm, strict=True))
    radial = np.hypot(y[:, None], x)
    plane = np.sqrt(radial + 0.02) * np.exp(-2 * (np.pi * blur_mm * radial) ** 2)
    across = np.exp(-2 * (np.pi * 0.35 * max(spacing_mm[0], 0.8) * z) ** 2)
    white = np.fft.fftn(rng.normal(size=shape))
    noise = np.fft.ifftn(white * across[:, None, None] * plane).real
    return np.asarray(noise / noise.std())
