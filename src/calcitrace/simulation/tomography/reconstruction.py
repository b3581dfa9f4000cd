"""Filtered back-projection of parallel rays."""

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy import fft

from calcitrace.simulation.tomography.machine import Kernel

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

OVERSAMPLING = 4
# Frequency in 1/mm at which each kernel ends, and how much it lifts middle frequencies.
CUT_OFF_PER_MM = {Kernel.SOFT: 0.78, Kernel.STANDARD: 1.0, Kernel.SHARP: 1.2}
LIFT = {Kernel.SOFT: 0.0, Kernel.STANDARD: 0.0, Kernel.SHARP: 1.6}
LIFT_PER_MM = 0.55


def window(kernel: Kernel, frequency_per_mm: Array) -> Array:
    """What a kernel does to each spatial frequency, 1 at zero.

    A squared cosine to the cut-off; the sharp kernel lifts middle frequencies first, so
    that edges overshoot.
    """
    f = np.abs(frequency_per_mm)
    end = CUT_OFF_PER_MM[kernel]
    fall = np.where(f < end, np.cos(np.pi * np.minimum(f, end) / (2 * end)) ** 2, 0.0)
    return np.asarray(fall * (1 + LIFT[kernel] * np.tanh((f / LIFT_PER_MM) ** 2)))


def filtered(sinogram: Floats, pitch_mm: float, kernel: Kernel) -> Floats:
    """Ramp and kernel applied to every view, sampled more finely.

    Parameters
    ----------
    sinogram
        Water length in mm, shape (..., channel).
    pitch_mm
        Between channels.

    Returns
    -------
    ndarray
        Shape (..., OVERSAMPLING * channel), 1/mm times mm: the first sample lies on the
        first channel.
    """
    n = sinogram.shape[-1]
    size = fft.next_fast_len(2 * n, real=True)
    size += size % 2
    # Band-limited ramp by its samples in space, so that uniform areas keep their level.
    index = np.arange(size, dtype=np.int64)
    k = np.minimum(index, size - index)
    ramp = np.zeros(size)
    ramp[0] = 1 / (4 * pitch_mm**2)
    odd = k % 2 == 1
    ramp[odd] = -1 / (math.pi * k[odd] * pitch_mm) ** 2
    response = fft.rfft(ramp).real * pitch_mm
    frequency = fft.rfftfreq(size, pitch_mm)
    response *= window(kernel, frequency)
    spectrum = fft.rfft(sinogram, size, axis=-1, workers=-1) * response.astype(
        np.float32
    )
    n_fine = size * OVERSAMPLING
    fine = fft.irfft(spectrum, n_fine, axis=-1, workers=-1) * OVERSAMPLING
    return np.asarray(fine[..., : n * OVERSAMPLING], np.float32)


@njit(cache=True, fastmath=True, parallel=True)
def back_projected(
    views: Floats,
    angles_rad: Array,
    first_mm: float,
    pitch_mm: float,
    rows_mm: Array,
    columns_mm: Array,
) -> Floats:
    """Sum of filtered views over a lattice of pixels, for several slices at once.

    Parameters
    ----------
    views
        Shape (view, sample, slice).
    angles_rad
        Shape (view,), evenly spread over half a turn.
    first_mm, pitch_mm
        Place of the first sample, and distance between samples.
    rows_mm, columns_mm
        Places of pixels along v and u, relative to the rotation axis.

    Returns
    -------
    ndarray
        Shape (row, column, slice): density relative to water.
    """
    n_views, n_samples, n_slices = views.shape
    out = np.zeros((rows_mm.shape[0], columns_mm.shape[0], n_slices), np.float32)
    step = np.float32(np.pi / n_views)
    for i in prange(rows_mm.shape[0]):
        for view in range(n_views):
            cos, sin = np.cos(angles_rad[view]), np.sin(angles_rad[view])
            start = (rows_mm[i] * sin - first_mm) / pitch_mm
            for j in range(columns_mm.shape[0]):
                place = start + columns_mm[j] * cos / pitch_mm
                left = int(place)
                if place < 0.0 or left >= n_samples - 1:
                    continue
                right_share = np.float32(place - left) * step
                left_share = step - right_share
                for k in range(n_slices):
                    out[i, j, k] += (
                        left_share * views[view, left, k]
                        + right_share * views[view, left + 1, k]
                    )
    return out
