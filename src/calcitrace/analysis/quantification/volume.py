"""Volume of a deposit whose blur is of its own size."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.ellipsoid import POINT_VOLUME, spread_volume
from calcitrace.analysis.quantification.region import Region
from calcitrace.analysis.quantification.site import FloatArray, Site
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.image_quality import Psf

# An ellipsoid of one density is never quite the deposit: relative error of the spread
# volume that remains without noise.
MODEL_STD = 0.04
# Flat and long bodies are less like ellipsoids: added in proportion to their flatness.
FLATNESS_STD = 0.45
# Above this error of ln(volume) the volume says nothing.
MAX_LOG_STD = 1.0
# Semi-axis in sigmas from which blur hides little of the interior, and the distance at
# which a voxel is free of it.
RESOLVED_SEMI_AXIS = 8.0
BLUR_REACH = 4.0
N_BISECTIONS = 40
# Peaks are parts where they reach this share of the highest, stand clear of the noise and
# are the highest within so many sigmas of the blur; two alone may be one uneven body.
PEAK_SHARE, PEAK_NOISE_SIGMAS, PEAK_REACH, MIN_PEAKS = 0.5, 5.0, 2.0, 3
SHEET_RATIO = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Extent:
    """Size and form of one deposit.

    Attributes
    ----------
    semi_axes_mm
        Of the uniform ellipsoid that fits, largest first, blur removed.
    volume
        `None` where the scan cannot tell.
    """

    semi_axes_mm: tuple[float, float, float]
    volume: Estimate | None


def deposit_extent(site: Site, region: Region, psf: Psf, n_correlated: float) -> Extent:
    """Volume and axes from the second moments and the spread volume.

    The ratio of the axes comes from the moments with the point spread's taken off, their
    scale from the spread volume, which is far less sensitive to noise in the rim.

    Of a cluster two volumes are known: that of one body with the gaps filled, and that of
    as many balls as there are peaks, whose spread volumes would add if they lay apart.
    The truth lies between, so the middle of their logarithms is given, and half of their
    distance as its error. In a flat deposit peaks are unevenness: it stays one body.
    """
    axes, directions = _moment_axes(site, region, psf)
    spread_mm3, relative_noise = _observed_spread(site, region, n_correlated)
    sigma_mm3 = math.prod(psf.sigma_mm)
    spread = spread_mm3 / sigma_mm3
    scale = _scale(axes, spread)
    scaled = np.asarray(axes) * scale
    value = 4 / 3 * math.pi * float(scaled.prod()) * sigma_mm3
    parts = 0.0
    if float(scaled.min()) > RESOLVED_SEMI_AXIS:
        value = _resolved_volume(site, region, psf)
    elif scaled.max() < SHEET_RATIO * scaled.min():
        least = _volume_of_parts(spread, _n_peaks(site, region, psf)) * sigma_mm3
        if least < value:
            parts = math.log(value / least) / 2
            value = math.sqrt(value * least)
    sensitivity = _sensitivity(scaled)
    a, b, c = _axes_mm(scaled, directions, psf)
    flatness = 1 - c / a
    model = math.hypot(MODEL_STD, FLATNESS_STD * max(0.0, flatness - 0.3))
    random = math.hypot(math.hypot(relative_noise, model) / sensitivity, parts)
    shared = psf.volume_relative_std * (1 - sensitivity) / sensitivity
    log_std = math.hypot(random, shared)
    volume = None
    if log_std <= MAX_LOG_STD and spread > POINT_VOLUME:
        volume = Estimate(value, value * random, value * shared, Unit.MM3)
    return Extent((a, b, c), volume)


def _moment_axes(site: Site, region: Region, psf: Psf) -> tuple[FloatArray, FloatArray]:
    """Semi-axes in sigmas, shape (3,), and their directions as columns, shape (3, 3).

    From second moments less the point spread's, in coordinates where it is round.
    """
    weights = np.clip(region.excess_hu[region.mask], 0.0, None)
    scaled = np.argwhere(region.mask) * np.asarray(site.grid.spacing_mm)
    scaled = scaled / np.asarray(psf.sigma_mm)
    if weights.sum() <= 0:
        return np.full(3, 1e-2), np.eye(3)
    centred = scaled - np.average(scaled, axis=0, weights=weights)
    covariance = (centred * weights[:, None]).T @ centred / weights.sum()
    excess, directions = np.linalg.eigh(covariance - np.eye(3))
    # An axis below a quarter of sigma cannot be told from none.
    return np.sqrt(5 * np.clip(excess, 0.0125, None)), directions


def _axes_mm(
    scaled: FloatArray, directions: FloatArray, psf: Psf
) -> tuple[float, float, float]:
    """Semi-axes in mm, largest first, of an ellipsoid known in units of the blur."""
    stretch = np.diag(psf.sigma_mm) @ directions * scaled
    a, b, c = (float(v) for v in np.linalg.svd(stretch, compute_uv=False))
    return a, b, c


def _observed_spread(
    site: Site, region: Region, n_correlated: float
) -> tuple[float, float]:
    """(sum g)^2 / sum g^2 in mm3, noise power removed, and its relative noise."""
    g = region.excess_hu[region.mask]
    first, second = float(g.sum()), float((g**2).sum())
    power = max(second - g.size * site.sigma_hu**2, 0.1 * second)
    relative_first = site.sigma_hu * math.sqrt(g.size * n_correlated) / max(first, 1e-9)
    relative_second = 2 * site.sigma_hu * math.sqrt(n_correlated / power)
    spread = first**2 / power * site.voxel_volume_mm3
    return spread, math.hypot(2 * relative_first, relative_second)


def _scale(axes: FloatArray, spread: float) -> float:
    """Factor on the axes that reproduces a spread volume, by bisection in its log."""
    low, high = math.log(1e-3), math.log(1e2)
    for _ in range(N_BISECTIONS):
        middle = (low + high) / 2
        if spread_volume(axes * math.exp(middle)) < spread:
            low = middle
        else:
            high = middle
        if high - low < 1e-4:  # noqa: PLR2004 -- bisection has converged
            break
    return math.exp((low + high) / 2)


def _volume_of_parts(spread: float, n: int) -> float:
    """Volume of equal balls that lie apart, from their spread volume, in sigma cubed."""
    if n < MIN_PEAKS or spread / n <= POINT_VOLUME:
        return math.inf
    return n * 4 / 3 * math.pi * _scale(np.ones(3), spread / n) ** 3


def _n_peaks(site: Site, region: Region, psf: Psf) -> int:
    """Bright parts that the blur has not merged."""
    excess = np.where(region.bright, region.smooth_excess_hu, 0.0)
    size = [
        2 * max(1, round(PEAK_REACH * s / d)) + 1
        for s, d in zip(psf.sigma_mm, site.grid.spacing_mm, strict=True)
    ]
    least = max(PEAK_SHARE * region.peak_hu, PEAK_NOISE_SIGMAS * site.sigma_hu)
    is_peak = excess == ndimage.maximum_filter(excess, size=size)
    return int((is_peak & (excess > least)).sum())


def _sensitivity(axes: FloatArray) -> float:
    """Relative change of the spread volume per relative change of the volume."""
    step = 1.05
    ratio = spread_volume(axes * step) / spread_volume(axes / step)
    return float(np.clip(math.log(ratio) / (6 * math.log(step)), 1e-3, 1.0))


def _resolved_volume(site: Site, region: Region, psf: Psf) -> float:
    """Sum of each voxel's fraction of the density next to it, for large deposits.

    Holds where density varies inside (lobules, septa), which the one-density ellipsoid
    would turn into a smaller body.
    """
    reach = [
        2 * math.ceil(BLUR_REACH * s / d) + 1
        for s, d in zip(psf.sigma_mm, site.grid.spacing_mm, strict=True)
    ]
    inside = np.where(region.mask, region.smooth_excess_hu, 0.0)
    plateau = ndimage.maximum_filter(inside, size=reach)
    fraction = np.clip(region.excess_hu, 0.0, plateau)[region.mask]
    return float((fraction / plateau[region.mask]).sum() * site.voxel_volume_mm3)
