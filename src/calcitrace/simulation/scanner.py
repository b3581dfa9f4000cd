"""An image-domain scanner: Gaussian blur, slice profile, pixels, noise.

It is kinder than a real one: the point spread is the same everywhere and has no
overshoot, response to hydroxyapatite is linear, noise is stationary. Good for a first
look and for counting errors; accuracy has to be shown on harder phantoms.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.special import ndtr

from calcitrace.model.grid import Grid
from calcitrace.simulation.shapes import MM3_PER_CM3, Deposit, Shape

# Attenuation at 65 keV, in cm2/g (Elam tables, by xraydb; a test computes them again).
# 65 keV lies in the middle of the 60 to 70 keV by which a 120 kVp beam is usually
# replaced. No spectrum enters, so this is no copy of any calibration.
EFFECTIVE_KEV = 65.0
WATER_CM2_G = 0.19871
HYDROXYAPATITE_CM2_G = 0.35306
HYDROXYAPATITE_G_CM3 = 3.16  # of the crystal, which sets how much it displaces
HU_PER_MG_CM3 = (
    HYDROXYAPATITE_CM2_G - WATER_CM2_G / HYDROXYAPATITE_G_CM3
) / WATER_CM2_G  # in water

FINE = 3  # samples along a voxel, at least
FINE_ACROSS_PART = 16  # samples along the shortest side of a body, at least
REACH_SIGMAS = 5.0

Array = NDArray[np.float64]
Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scanner:
    """How sharp and how noisy.

    Attributes
    ----------
    sigma_plane_mm
        Gaussian point spread in the slice plane; pixels average on top of it.
    sigma_slice_mm
        Gaussian part of the slice profile.
    slice_thickness_mm
        Width of the box part of the slice profile.
    noise_hu
        One sigma of a voxel.
    noise_grain_mm
        Gaussian width of a noise grain in the slice plane.
    """

    sigma_plane_mm: float = 0.55
    sigma_slice_mm: float = 0.30
    slice_thickness_mm: float = 1.0
    noise_hu: float = 12.0
    noise_grain_mm: float = 0.45

    def hu_excess(self, deposit: Deposit, grid: Grid) -> tuple["Box", Array]:
        """What a deposit adds to the image of its host tissue.

        Parameters
        ----------
        deposit
            In one tissue of uniform CT number.
        grid
            Axial lattice of the image.

        Returns
        -------
        tuple
            Box of voxels, and HU to add there, in the box's shape. Its sum over all
            slices, were there enough of them, is the exact mass times its response.
        """
        low, high = _bounds(deposit.parts)
        box = Box.around(grid, low, high, self._reach_mm(grid))
        mass_mg = sum(
            (self._mass_image_mg(part, grid, box) for part in deposit.parts),
            start=np.zeros(box.shape),
        )
        density = deposit.density_mg_cm3 * mass_mg / grid.voxel_volume_mm3
        displaced = deposit.host_hu / (HYDROXYAPATITE_G_CM3 * MM3_PER_CM3)
        return box, density * (HU_PER_MG_CM3 - displaced)

    def noise(
        self, shape: tuple[int, int], spacing_mm: float, rng: np.random.Generator
    ) -> Image:
        """Noise of one slice: that of filtered back-projection under a soft kernel."""
        amplitude = _noise_amplitude(shape, spacing_mm, self.noise_grain_mm)
        white = rng.standard_normal(shape, dtype=np.float32)
        grains = fft.irfft2(fft.rfft2(white) * amplitude, s=shape)
        return np.asarray(grains * self.noise_hu, np.float32)

    def edge(self, distance_mm: Array, spacing_mm: float) -> Array:
        """Fraction of a blurred half-space at a signed distance, negative inside.

        Edges of the body are taken as straight over the width of the blur.
        """
        sigma_mm = math.hypot(self.sigma_plane_mm, spacing_mm / math.sqrt(12))
        return np.asarray(ndtr(distance_mm / -sigma_mm), np.float64)

    def _reach_mm(self, grid: Grid) -> tuple[float, float, float]:
        """How far (x, y, z) blur carries signal."""
        plane = REACH_SIGMAS * self.sigma_plane_mm + grid.spacing_mm[1]
        along = REACH_SIGMAS * self.sigma_slice_mm + self.slice_thickness_mm
        return plane, plane, along

    def _mass_image_mg(self, part: Shape, grid: Grid, box: "Box") -> Array:
        """Volume of a body seen by each voxel of a box, in mm3 (so mg at 1 mg/mm3)."""
        low, high = part.bounds_mm
        axes = [
            _samples(low[i], high[i], grid.spacing_mm[2 - i], _shortest(part))
            for i in range(3)
        ]
        x, y, z = axes
        inside = part.contains(x[None, None, :], y[None, :, None], z[:, None, None])
        seen = inside.astype(np.float64)
        centres = box.centres_mm(grid)
        widths = (grid.spacing_mm[2], grid.spacing_mm[1], self.slice_thickness_mm)
        sigmas = (self.sigma_plane_mm, self.sigma_plane_mm, self.sigma_slice_mm)
        for i, axis in enumerate((2, 1, 0)):
            weights = _seen_share(centres[i], axes[i], widths[i], sigmas[i])
            # A slice that is thicker than its step sees its neighbour's part as well.
            weights *= grid.spacing_mm[axis] / widths[i]
            seen = np.moveaxis(np.tensordot(weights, seen, (1, axis)), 0, axis)
        # Counting samples gives a volume that is a little off; the true one is known.
        return seen * (part.volume_mm3 / np.count_nonzero(inside))


@dataclass(frozen=True, slots=True)
class Box:
    """A box of voxels of an axial lattice, clipped to it."""

    slices: tuple[slice, slice, slice]

    @classmethod
    def around(
        cls, grid: Grid, low_mm: Array, high_mm: Array, margin_mm: Sequence[float]
    ) -> "Box":
        """Voxels within a margin, (x, y, z), of a box in patient space."""
        sides: list[slice] = []
        for axis in range(3):
            i = 2 - axis  # arrays are (z, y, x)
            step, origin = grid.spacing_mm[axis], grid.origin_mm[i]
            first = math.floor((low_mm[i] - margin_mm[i] - origin) / step)
            last = math.ceil((high_mm[i] + margin_mm[i] - origin) / step)
            n = grid.shape[axis]
            sides.append(slice(min(max(first, 0), n), min(max(last + 1, 0), n)))
        return cls((sides[0], sides[1], sides[2]))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along (slice, row, column)."""
        z, y, x = (side.stop - side.start for side in self.slices)
        return z, y, x

    def centres_mm(self, grid: Grid) -> tuple[Array, Array, Array]:
        """Patient (x, y, z) of voxel centres along each axis."""

        def along(axis: int) -> Array:
            side = self.slices[axis]
            index = np.arange(side.start, side.stop, dtype=np.float64)
            return grid.origin_mm[2 - axis] + grid.spacing_mm[axis] * index

        return along(2), along(1), along(0)


def mass_between_mg(deposit: Deposit, low_z_mm: float, high_z_mm: float) -> float:
    """Mass of the part of a deposit that lies between two heights.

    Counted on 400 layers of samples, so to 0.5 % of the whole.
    """
    shares = [_volume_between_mm3(p, low_z_mm, high_z_mm) for p in deposit.parts]
    return deposit.density_mg_cm3 * math.fsum(shares) / MM3_PER_CM3


def _volume_between_mm3(part: Shape, low_z_mm: float, high_z_mm: float) -> float:
    low, high = part.bounds_mm
    if low_z_mm <= low[2] and high[2] <= high_z_mm:
        return part.volume_mm3
    x, y = (np.linspace(low[i], high[i], 101) for i in (0, 1))
    z = low[2] + (high[2] - low[2]) * (np.arange(400) + 0.5) / 400
    layers = part.contains(x[None, None, :], y[None, :, None], z[:, None, None])
    areas = layers.sum(axis=(1, 2))
    is_between = (z >= low_z_mm) & (z <= high_z_mm)
    return float(part.volume_mm3 * areas[is_between].sum() / areas.sum())


def _bounds(parts: Sequence[Shape]) -> tuple[Array, Array]:
    corners = np.array([part.bounds_mm for part in parts])
    return corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)


def _shortest(part: Shape) -> float:
    low, high = (np.array(corner) for corner in part.bounds_mm)
    return float((high - low).min())


def _samples(low: float, high: float, spacing_mm: float, shortest_mm: float) -> Array:
    """Centres of equal steps from one end to the other."""
    step = min(spacing_mm / FINE, shortest_mm / FINE_ACROSS_PART)
    n = math.ceil((high - low) / step)
    return low + (high - low) * (np.arange(n) + 0.5) / n


def _seen_share(
    centres: Array, points: Array, width_mm: float, sigma_mm: float
) -> Array:
    """Share of a point's blurred signal that falls into each voxel, (voxel, point)."""
    distance = points[None, :] - centres[:, None]
    upper = ndtr((distance + width_mm / 2) / sigma_mm)
    lower = ndtr((distance - width_mm / 2) / sigma_mm)
    return np.asarray(upper - lower, np.float64)


@cache
def _noise_amplitude(
    shape: tuple[int, int], spacing_mm: float, grain_mm: float
) -> Image:
    """Square root of a noise power spectrum of unit variance: a ramp under a Gaussian."""
    rows, columns = (fft.fftfreq(n, spacing_mm) for n in shape)
    frequency = np.hypot(rows[:, None], columns[None, :])
    amplitude = np.sqrt(frequency) * np.exp(-2 * (math.pi * grain_mm * frequency) ** 2)
    amplitude /= math.sqrt((amplitude**2).mean())
    return np.asarray(amplitude[:, : shape[1] // 2 + 1], np.float32)
