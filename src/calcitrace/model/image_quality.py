"""Blur and noise of one scan, as measured on it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Psf:
    """Gaussian point-spread function, one sigma per direction.

    Attributes
    ----------
    sigma_plane_mm, sigma_slice_mm
        In the slice plane, and across slices (slice profile included).
    relative_std
        One sigma of both, relative.
    source
        "skin edge", "kernel table" ...: how it was found.
    """

    sigma_plane_mm: float
    sigma_slice_mm: float
    relative_std: float
    source: str

    @property
    def sigma_mm(self) -> tuple[float, float, float]:
        """Along (slice, row, column)."""
        return self.sigma_slice_mm, self.sigma_plane_mm, self.sigma_plane_mm


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Noise of one scan: how much, and how neighbours share it.

    Attributes
    ----------
    sigma_hu
        One sigma of a voxel, shape (slice,): it varies along the patient.
    correlation
        Autocorrelation at lags of whole voxels, shape (2a+1, 2b+1, 2c+1), odd, 1 in the
        middle, 0 outside.
    is_measured
        False where no uniform tissue was found and a default stands in.
    """

    sigma_hu: NDArray[np.float64]
    correlation: NDArray[np.float64]
    is_measured: bool

    @property
    def sigma_median_hu(self) -> float:
        """Typical noise of the scan."""
        return float(np.median(self.sigma_hu))
