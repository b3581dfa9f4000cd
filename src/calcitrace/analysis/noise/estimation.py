"""Level and correlation of the noise of a scan.

Small square blocks of one tissue are made flat; what remains is noise and some anatomy.
Anatomy is coarse and only adds, so the correlation comes from a low quantile over blocks
and below the lowest frequency of a block from what reconstruction leaves there. In plane
and across slices the correlation is taken as separable. The level of each place comes
from differences between voxels that this correlation explains. Positions are fixed, so a
rerun gives the same bits.
"""

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.noise.blocks import Blocks, Layout, flat_blocks, layout_for
from calcitrace.analysis.noise.correlation import (
    is_fine_frequency,
    physical,
    plane_covariance,
    restored,
    slice_correlation,
    spectra,
    without_coarse,
)
from calcitrace.analysis.noise.levels import local_levels
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise, Places
from calcitrace.model.volume import HuVolume

Array = NDArray[np.float64]

# Tried in turn: a finger has no wide muscle. Dense tilings find more of it, slower.
BLOCK_MM = ((12.0, False), (8.0, False), (6.0, False), (6.0, True), (4.5, True))
N_BLOCKS_MIN, N_BLOCKS_SHAPE = 20, 800
HIGH_NOISE_HU = 30.0  # above, intervals of small deposits were seen to be too narrow
DEFAULT_HU = 35.0
DEFAULT_RANGE_MM = 0.8


def measure_noise(volume: HuVolume, anatomy: Anatomy) -> tuple[Noise, tuple[Flag, ...]]:
    """Noise level at each place and noise correlation of the scan.

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
    for block_mm, is_dense in BLOCK_MM:
        layout = layout_for(volume.grid, block_mm)
        blocks = flat_blocks(volume, anatomy, layout, is_dense=is_dense)
        if len(blocks.residual) >= N_BLOCKS_MIN:
            correlation = _correlation(blocks, layout, volume.grid)
            levels = local_levels(volume, anatomy, correlation)
            if levels is not None:
                return _noise(*levels, correlation)
    detail = f"{DEFAULT_HU:.0f} HU assumed"
    return _default(volume.grid), (Flag(FlagKind.NOISE_NOT_MEASURED, detail),)


def _noise(
    places: Places, median_hu: float, correlation: Array
) -> tuple[Noise, tuple[Flag, ...]]:
    """Noise as measured, and a flag where it is high."""
    noise = Noise(places, median_hu, correlation, is_measured=True)
    if median_hu <= HIGH_NOISE_HU:
        return noise, ()
    return noise, (Flag(FlagKind.HIGH_NOISE, f"{median_hu:.0f} HU"),)


def _correlation(blocks: Blocks, layout: Layout, grid: Grid) -> Array:
    """Correlation from blocks, each scaled to the same noise."""
    fine = fine_power(blocks, layout)
    chosen = slice(None, None, max(1, len(fine) // N_BLOCKS_SHAPE))
    scaled = blocks.residual[chosen] / np.sqrt(fine[chosen])[:, None, None]
    spectrum = spectra(scaled, layout)
    plane = restored(plane_covariance(spectrum, layout), layout)
    plane = without_coarse(plane, grid.spacing_mm[1:], layout.block)
    across = slice_correlation(spectrum, layout)
    return physical(across[:, None, None] * plane / plane[layout.lag, layout.lag])


def fine_power(blocks: Blocks, layout: Layout) -> Array:
    """Power of every block at fine frequencies: its noise level without anatomy."""
    is_fine = is_fine_frequency(layout)
    power = np.empty(len(blocks.residual))
    for start in range(0, len(power), N_BLOCKS_SHAPE):
        part = slice(start, start + N_BLOCKS_SHAPE)
        spectrum = spectra(blocks.residual[part], layout)
        power[part] = (np.abs(spectrum[..., is_fine]) ** 2).mean(axis=(1, 2))
    return np.asarray(np.maximum(power, 1e-9) / layout.block**2)


def _default(grid: Grid) -> Noise:
    """Wide stand-in: high noise, shared over the blur of a soft kernel."""
    lags = [np.arange(-n, n + 1) for n in grid.radius_voxels(2 * DEFAULT_RANGE_MM)]
    s, r, c = (
        a * d / DEFAULT_RANGE_MM for a, d in zip(lags, grid.spacing_mm, strict=True)
    )
    squared = s[:, None, None] ** 2 + r[:, None] ** 2 + c**2
    level = Places.uniform(DEFAULT_HU)
    return Noise(level, DEFAULT_HU, np.exp(-squared / 2), is_measured=False)
