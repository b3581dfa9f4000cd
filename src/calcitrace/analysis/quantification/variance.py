"""Variance of a weighted sum of voxels whose noise is correlated."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from calcitrace.analysis.quantification.site import FloatArray


def noise_variance(
    weights: FloatArray, sigma_hu: float, correlation: FloatArray
) -> float:
    """Variance w'Cw for stationary noise.

    Parameters
    ----------
    weights
        Weight of every voxel of a box, shape (slice, row, column).
    sigma_hu
        Noise of a voxel.
    correlation
        Noise autocorrelation, odd shape, 1 in the middle.

    Returns
    -------
    float
        Variance of the sum, in HU squared times weight squared; never below that of
        zero correlation by more than the measured negative lobes allow (clipped at 0).
    """
    used = np.argwhere(weights != 0)
    if used.size == 0:
        return 0.0
    low, high = used.min(axis=0), used.max(axis=0) + 1
    w = weights[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    reach = [n // 2 for n in correlation.shape]
    shape = [
        fft.next_fast_len(n + r, real=True) for n, r in zip(w.shape, reach, strict=True)
    ]
    spectrum = fft.rfftn(w, shape)
    overlap = fft.irfftn(spectrum * np.conj(spectrum), shape)
    lags: list[NDArray[np.intp]] = [np.arange(-r, r + 1) for r in reach]
    total = float((overlap[np.ix_(*lags)] * correlation).sum())
    return max(0.0, total) * sigma_hu**2
