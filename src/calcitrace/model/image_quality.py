"""Blur and noise of one scan, as measured on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Psf:
    """Gaussian point-spread function, one sigma per direction.

    Attributes
    ----------
    sigma_plane_mm, sigma_slice_mm
        In the slice plane, and across slices (slice profile included).
    plane_relative_std, slice_relative_std
        One sigma of each, relative.
    plane_source, slice_source
        "skin edge", "kernel table" ...: how each was found.
    """

    sigma_plane_mm: float
    sigma_slice_mm: float
    plane_relative_std: float
    slice_relative_std: float
    plane_source: str
    slice_source: str

    @property
    def sigma_mm(self) -> tuple[float, float, float]:
        """Along (slice, row, column)."""
        return self.sigma_slice_mm, self.sigma_plane_mm, self.sigma_plane_mm

    @property
    def volume_relative_std(self) -> float:
        """One sigma of the product of the three sigmas, relative.

        Both directions of the plane err together, across slices on its own.
        """
        return float(np.hypot(2 * self.plane_relative_std, self.slice_relative_std))


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """A value that varies slowly over a scan, on a coarse lattice of places.

    Attributes
    ----------
    value
        Shape (slice, row, column) of places.
    step
        Voxels per place along each axis. Between the centres of places the value is
        interpolated linearly, beyond the outermost it stays.
    """

    value: Array
    step: tuple[int, int, int]

    @classmethod
    def uniform(cls, value: float) -> "Places":
        """Return the same value everywhere."""
        return cls(np.full((1, 1, 1), value), (1, 1, 1))

    def at_slice(self, k: int, shape: tuple[int, int]) -> Array:
        """Values of one slice, shape (row, column)."""
        low, high, share = self._between(np.array([k]), 0)
        plane = self.value[low[0]] * (1 - share[0]) + self.value[high[0]] * share[0]
        for axis in (0, 1):
            low, high, share = self._between(np.arange(shape[axis]), axis + 1)
            plane = plane[low] * (1 - share)[:, None] + plane[high] * share[:, None]
            plane = plane.T
        return np.asarray(plane, np.float64)

    def at(self, index: NDArray[np.integer]) -> Array:
        """Values at voxel indices, shape (n, 3)."""
        sides = [self._between(index[:, axis], axis) for axis in range(3)]
        total = np.zeros(len(index))
        for corner in np.ndindex(2, 2, 2):
            weight = np.ones(len(index))
            where: list[NDArray[np.intp]] = []
            for is_high, (low, high, share) in zip(corner, sides, strict=True):
                weight *= share if is_high else 1 - share
                where.append(high if is_high else low)
            total += weight * self.value[tuple(where)]
        return total

    def _between(
        self, index: NDArray[np.integer], axis: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
        """Places on both sides of indices along an axis, and the share of the upper."""
        last, step = self.value.shape[axis] - 1, self.step[axis]
        place = np.clip((index + 0.5) / step - 0.5, 0, last)
        low = np.minimum(place.astype(np.intp), max(last - 1, 0))
        return low, np.minimum(low + 1, last), place - low


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Noise of one scan: how much at each place, and how neighbours share it.

    Attributes
    ----------
    sigma_hu
        One sigma of a voxel: it varies along the patient and across the body.
    sigma_median_hu
        Typical noise of the scan: the median over places in the body.
    correlation
        Autocorrelation at lags of whole voxels, shape (2a+1, 2b+1, 2c+1), odd, 1 in the
        middle, 0 outside.
    is_measured
        False where no uniform tissue was found and a default stands in.
    """

    sigma_hu: Places
    sigma_median_hu: float
    correlation: Array
    is_measured: bool

    @classmethod
    def uniform(cls, sigma_hu: float, correlation: Array) -> "Noise":
        """Return noise that is the same everywhere."""
        return cls(Places.uniform(sigma_hu), sigma_hu, correlation, is_measured=True)

    @property
    def n_correlated(self) -> float:
        """Voxels that share one noise value: the sum of the autocorrelation."""
        return max(1.0, float(self.correlation.sum()))
