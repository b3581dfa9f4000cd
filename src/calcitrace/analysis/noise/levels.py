"""How much noise there is at each place of the body.

In one tissue a voxel differs from the mean around it by noise alone. The correlation of
noise being known, the median difference over a place tells its level, and a few strands,
vessels or borders between tissues do not change a median much. A square around a voxel
treats all directions nearly alike: where streaks draw the noise out, as between the hips,
what it takes away is the same. Places with too little tissue take over from neighbours.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    gaussian_filter,
    maximum_filter,
    minimum_filter,
    uniform_filter,
)

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Places
from calcitrace.model.volume import HuVolume, Tissue
from calcitrace.model.work import in_threads

Array = NDArray[np.float64]

# Noise falls off from the middle of a body to its skin over lengths of this order, and
# with dose modulation along the patient.
PLACE_MM, PLACE_SLICES_MM = 12.0, 12.0
N_SLICES_READ = 4  # of a place: neighbouring slices say the same
MEAN_MM = 2.0  # wider than noise is shared, narrower than anatomy
CLEAR_MM = 2.2  # from other tissue, whose blur is a slope
FAT_BELOW_HU, FLAT_HU = -22.0, 200.0
MAX_HU = 512
N_VOXELS_MIN = 100
SMOOTH_PLACES = 0.6
LEAST_CHANGE, LEAST_HU = 0.05, 0.1
MEDIAN_OF_NORMAL = 0.67449


def local_levels(
    volume: HuVolume, anatomy: Anatomy, correlation: Array
) -> tuple[Places, float] | None:
    """Noise at each place, and its median over places with tissue.

    Parameters
    ----------
    volume
        CT numbers.
    anatomy
        `tissue` is used.
    correlation
        Noise autocorrelation by whole voxels, 1 in the middle.

    Returns
    -------
    tuple or None
        None where no place has enough tissue.
    """
    step = _step(volume.grid)
    n_voxels, median = _read(volume, anatomy, step)
    seen = n_voxels >= N_VOXELS_MIN
    if not seen.any():
        return None
    left = _left(correlation, _odd(MEAN_MM, max(volume.grid.spacing_mm[1:])))
    variance = (median / MEDIAN_OF_NORMAL) ** 2 / left
    sigma = np.sqrt(_filled(np.where(seen, n_voxels, 0.0), variance))
    return Places(sigma, step), float(np.median(sigma[seen]))


def _step(grid: Grid) -> tuple[int, int, int]:
    """Voxels per place."""
    s, r, c = (
        max(1, round(size / d))
        for size, d in zip(
            (PLACE_SLICES_MM, PLACE_MM, PLACE_MM), grid.spacing_mm, strict=True
        )
    )
    return s, r, c


def _left(correlation: Array, width: int) -> float:
    """Part of the variance that is left when the mean of a square is taken away."""
    plane = correlation[len(correlation) // 2]
    weights = np.full((width, width), -1 / width**2)
    weights[width // 2, width // 2] += 1.0
    size = [width + n for n in plane.shape]
    power = np.abs(np.fft.rfft2(weights, size)) ** 2
    overlap = np.fft.irfft2(power, size)
    lags: list[NDArray[np.int64]] = [
        np.arange(-(n // 2), n // 2 + 1, dtype=np.int64) for n in plane.shape
    ]
    return max(float((overlap[np.ix_(*lags)] * plane).sum()), LEAST_CHANGE)


def _read(
    volume: HuVolume, anatomy: Anatomy, step: tuple[int, int, int]
) -> tuple[Array, Array]:
    """Voxels and median difference of every place, both of the shape of the places."""
    shape = volume.hu.shape
    s, r, c = (-(-n // d) for n, d in zip(shape, step, strict=True))
    rows, columns = (
        np.arange(n, dtype=np.int64) // d
        for n, d in zip(shape[1:], step[1:], strict=True)
    )
    place = rows[:, None] * c + columns
    pixel_mm = max(volume.grid.spacing_mm[1:])
    n_voxels, median = np.zeros((s, r * c)), np.zeros((s, r * c))

    def read(i: int) -> None:
        last = min((i + 1) * step[0], shape[0])
        count = np.zeros(r * c * MAX_HU, np.int64)
        for k in range(i * step[0], last, max(1, step[0] // N_SLICES_READ)):
            plain, change_hu = _changes(
                volume.hu[k], anatomy.tissue.labels[k], pixel_mm
            )
            whole = np.minimum(np.rint(change_hu), MAX_HU - 1).astype(np.int64)
            flat = place[plain] * MAX_HU + whole
            count += np.bincount(flat, minlength=count.size)
        n_voxels[i] = count.reshape(r * c, MAX_HU).sum(axis=1)
        median[i] = _median(count.reshape(r * c, MAX_HU).astype(np.float64))

    for _ in in_threads(read, range(s)):
        pass
    return n_voxels.reshape(s, r, c), median.reshape(s, r, c)


def _changes(
    hu: NDArray[np.generic], tissue: NDArray[np.integer], pixel_mm: float
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Pixels with one tissue all around, and how far they are from the mean there.

    Pixel by pixel the tissue follows the noise, and what is left of a noisy place would
    look calm: here the mean decides.
    """
    plain = np.zeros(tissue.shape, bool)
    inside = (tissue != Tissue.AIR) & (tissue != Tissue.SKELETON)
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    if not rows.size:
        return plain, np.zeros(0, np.float32)
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    width = _odd(MEAN_MM, pixel_mm)
    within = inside[box].astype(np.float32)
    values = hu[box].astype(np.float32)
    total = uniform_filter(values * within, width, mode="constant")
    mean = total / np.maximum(uniform_filter(within, width, mode="constant"), 1e-3)
    kinds = np.where(mean < FAT_BELOW_HU, np.uint8(Tissue.FAT), np.uint8(Tissue.SOFT))
    kinds[(within == 0) | (np.abs(mean) > FLAT_HU)] = Tissue.AIR
    around = _odd(2 * CLEAR_MM, pixel_mm)
    low = minimum_filter(kinds, around, mode="constant")
    plain[box] = (low == maximum_filter(kinds, around)) & (low != Tissue.AIR)
    return plain, np.abs(values - mean)[plain[box]]


def _odd(width_mm: float, pixel_mm: float) -> int:
    """Odd number of pixels, three at least."""
    return max(3, 2 * round(width_mm / pixel_mm / 2) + 1)


def _median(count: Array) -> Array:
    """Median of rounded numbers known by their counts, shape (place,).

    A whole number v stands for v - 1/2 to v + 1/2; nought for 0 to 1/2.
    """
    half = count.sum(axis=1) / 2
    total = np.cumsum(count, axis=1)
    at = np.argmax(total >= half[:, None], axis=1)
    every = np.arange(len(count))
    here = np.maximum(count[every, at], 1e-9)
    share = 1 - (total[every, at] - half) / here
    return np.asarray(np.where(at == 0, 0.5 * share, at - 0.5 + share), np.float64)


def _filled(n_voxels: Array, variance: Array) -> Array:
    """Variance at every place, smoothed, from neighbours where it was not seen."""
    top = np.zeros(variance.shape)
    bottom = np.zeros(variance.shape)
    # Wider surroundings count for little, so they matter only where all else is absent.
    for width, trust in ((SMOOTH_PLACES, 1.0), (2.0, 1e-2), (6.0, 1e-4), (30.0, 1e-6)):
        top += trust * gaussian_filter(n_voxels * variance, width, mode="constant")
        bottom += trust * gaussian_filter(n_voxels, width, mode="constant")
    return np.asarray(np.maximum(top / np.maximum(bottom, 1e-30), LEAST_HU**2))
