"""Level and correlation of the noise of a scan.

Small square blocks of one tissue are made flat; what remains is noise and some anatomy.
Anatomy is coarse and only adds, so the level comes from the fine half of the spectrum
and from the calmer blocks, and the correlation from a low quantile over blocks. In plane
and across slices the correlation is taken as separable. Positions are fixed, so a rerun
gives the same bits.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.special import chdtri

from calcitrace.analysis.noise.blocks import Blocks, Layout, flat_blocks, layout_for
from calcitrace.analysis.noise.correlation import (
    CALM_QUANTILE,
    is_fine_frequency,
    physical,
    plane_covariance,
    restored,
    slice_correlation,
    spectra,
)
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise
from calcitrace.model.volume import HuVolume

Array = NDArray[np.float64]

BLOCK_MM = (12.0, 8.0, 6.0)  # tried in turn: a finger has no wide muscle
N_BLOCKS_MIN, N_BLOCKS_GROUP_MIN, N_BLOCKS_SHAPE = 20, 8, 800
SMOOTH_MM = 25.0  # dose modulation changes the noise over lengths of this order
HIGH_NOISE_HU = 30.0  # above, intervals of small deposits were seen to be too narrow
DEFAULT_HU = 35.0
DEFAULT_RANGE_MM = 0.8


def measure_noise(volume: HuVolume, anatomy: Anatomy) -> tuple[Noise, tuple[Flag, ...]]:
    """Noise level in each slice and noise correlation of the scan.

    Parameters
    ----------
    volume
        CT numbers.
    anatomy
        `tissue` is used: blocks lie in fat or in soft tissue alone.

    Returns
    -------
    tuple
        Noise, and flags: high noise; not measured, with a wide default instead.
    """
    for block_mm in BLOCK_MM:
        layout = layout_for(volume.grid, block_mm)
        blocks = flat_blocks(volume, anatomy, layout)
        if len(blocks.residual) >= N_BLOCKS_MIN:
            return _noise_of(blocks, layout, volume.grid)
    detail = f"{DEFAULT_HU:.0f} HU assumed"
    return _default(volume.grid), (Flag(FlagKind.NOISE_NOT_MEASURED, detail),)


def _noise_of(
    blocks: Blocks, layout: Layout, grid: Grid
) -> tuple[Noise, tuple[Flag, ...]]:
    """Level and correlation from blocks."""
    fine = fine_power(blocks, layout)
    chosen = slice(None, None, max(1, len(fine) // N_BLOCKS_SHAPE))
    scaled = blocks.residual[chosen] / np.sqrt(fine[chosen])[:, None, None]
    spectrum = spectra(scaled, layout)
    plane = restored(plane_covariance(spectrum, layout), layout)
    across = slice_correlation(spectrum, layout)
    variance = plane[layout.lag, layout.lag]
    correlation = physical(across[:, None, None] * plane / variance)
    sigma = _along_scan(
        _levels(blocks.first_slice, fine * variance, layout), layout, grid
    )
    noise = Noise(sigma, correlation, is_measured=True)
    if noise.sigma_median_hu <= HIGH_NOISE_HU:
        return noise, ()
    detail = f"{noise.sigma_median_hu:.0f} HU"
    return noise, (Flag(FlagKind.HIGH_NOISE, detail),)


def fine_power(blocks: Blocks, layout: Layout) -> Array:
    """Power of every block at fine frequencies: its noise level without anatomy."""
    is_fine = is_fine_frequency(layout)
    power = np.empty(len(blocks.residual))
    for start in range(0, len(power), N_BLOCKS_SHAPE):
        part = slice(start, start + N_BLOCKS_SHAPE)
        spectrum = spectra(blocks.residual[part], layout)
        power[part] = (np.abs(spectrum[..., is_fine]) ** 2).mean(axis=(1, 2))
    return np.asarray(np.maximum(power, 1e-9) / layout.block**2)


def _levels(
    first: NDArray[np.int64], variance: Array, layout: Layout
) -> tuple[NDArray[np.int64], Array]:
    """First slice of every group with enough blocks, and its noise in HU."""
    freedom = layout.block**2 / 2  # voxels of one slice, half of the spectrum
    pure = float(chdtri(freedom, 1 - CALM_QUANTILE)) / freedom
    groups = [g for g in np.unique(first) if (first == g).sum() >= N_BLOCKS_GROUP_MIN]
    if groups:
        calm = [float(np.quantile(variance[first == g], CALM_QUANTILE)) for g in groups]
    else:
        groups = [np.median(first)]
        calm = [float(np.quantile(variance, CALM_QUANTILE))]
    return np.asarray(groups, np.int64), np.sqrt(np.asarray(calm) / pure)


def _along_scan(
    level: tuple[NDArray[np.int64], Array], layout: Layout, grid: Grid
) -> Array:
    """Noise of every slice: between groups, smoothed along the patient."""
    first, sigma = level
    middle = first + layout.lag_slices / 2
    slices = np.arange(grid.shape[0])
    each = np.exp(np.interp(slices, middle, np.log(np.maximum(sigma, 0.1))))
    width = SMOOTH_MM / grid.spacing_mm[0]
    return np.asarray(gaussian_filter1d(each, width, mode="nearest"), np.float64)


def _default(grid: Grid) -> Noise:
    """Wide stand-in: high noise, shared over the blur of a soft kernel."""
    lags = [np.arange(-n, n + 1) for n in grid.radius_voxels(2 * DEFAULT_RANGE_MM)]
    s, r, c = (
        a * d / DEFAULT_RANGE_MM for a, d in zip(lags, grid.spacing_mm, strict=True)
    )
    squared = s[:, None, None] ** 2 + r[:, None] ** 2 + c**2
    sigma = np.full(grid.shape[0], DEFAULT_HU)
    return Noise(sigma, np.exp(-squared / 2), is_measured=False)
