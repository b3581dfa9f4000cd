"""A blurred edge: pixels by their distance from it, and the Gaussian that fits them.

Behind the air lies a skin of 1-2 mm and then fat or muscle, so the model is two
Gaussian steps, and everything deeper is left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import ndtr

Array = NDArray[np.float64]

AIR_HU = -1000.0
# Clothing, table and hair show in the air 3-6 mm off the skin.
CLEAR_FROM_MM, CLEAR_TO_MM, CLEAR_HU = 3.5, 6.5, -930.0
# Cloth that lies on the skin shows as air that is not quite air: the emptiest sites, or
# all that are this empty, are used.
EMPTY_FROM_MM, EMPTY_TO_MM, EMPTY_HU = 2.5, 5.0, -988.0
EMPTY_QUANTILE = 0.4
DIRTY_FRACTION = 0.05
CLEAR_SIGMAS, CLEAR_SHIFT_MM = 2.5, 1.0
FIT_FROM_MM, FIT_TO_MM = -4.0, 5.0
DEEP_FROM_MM, DEEP_DOUBT = -1.5, 3.0  # what lies behind the skin varies
BIN_MM = 0.15
BIN_MIN = 6
ROUNDS = 4
SIGMA_START_MM = 0.7
SIGMA_RANGE_MM = (0.15, 2.5)


@dataclass(frozen=True, slots=True)
class Pixels:
    """Pixels near the skin: whose site, distance to its edge (outward), CT number."""

    site: NDArray[np.int64]
    distance_mm: Array
    hu: Array


def clear(pixels: Pixels, n_sites: int) -> Pixels:
    """Leave out sites with clothing, hair or table in the air in front."""
    in_front = (pixels.distance_mm > CLEAR_FROM_MM) & (pixels.distance_mm < CLEAR_TO_MM)
    dirty = in_front & (pixels.hu > CLEAR_HU)
    n_front = np.bincount(pixels.site[in_front], minlength=n_sites)
    n_dirty = np.bincount(pixels.site[dirty], minlength=n_sites)
    is_clear = (n_front > 0) & (n_dirty <= DIRTY_FRACTION * n_front)
    off = (pixels.distance_mm > EMPTY_FROM_MM) & (pixels.distance_mm < EMPTY_TO_MM)
    n_off = np.bincount(pixels.site[off], minlength=n_sites)
    total = np.bincount(pixels.site[off], pixels.hu[off], n_sites)
    level = np.where(n_off > 0, total / np.maximum(n_off, 1), np.inf)
    if is_clear.any():
        emptiest = float(np.quantile(level[is_clear], EMPTY_QUANTILE))
        is_clear &= level <= max(emptiest, EMPTY_HU)
    return select(pixels, is_clear[pixels.site])


def clear_front(pixels: Pixels, n_sites: int, sigma_mm: float) -> Pixels:
    """Leave out sites with something in the air beyond the blur of the edge."""
    start = min(CLEAR_SIGMAS * sigma_mm + CLEAR_SHIFT_MM, CLEAR_TO_MM - 1.0)
    in_front = (pixels.distance_mm > start) & (pixels.distance_mm < CLEAR_TO_MM)
    dirty = in_front & (pixels.hu > CLEAR_HU)
    n_front = np.bincount(pixels.site[in_front], minlength=n_sites)
    n_dirty = np.bincount(pixels.site[dirty], minlength=n_sites)
    is_clear = (n_front > 0) & (n_dirty <= DIRTY_FRACTION * n_front)
    return select(pixels, is_clear[pixels.site])


def select(pixels: Pixels, chosen: NDArray[np.bool_]) -> Pixels:
    """Some of the pixels."""
    return Pixels(pixels.site[chosen], pixels.distance_mm[chosen], pixels.hu[chosen])


def edge(distance_mm: Array, model: Array) -> Array:
    """Air, skin and what lies behind it, blurred; distance grows into the air."""
    sigma, skin_hu, deep_hu, thickness, air_hu, shift = model
    x = distance_mm - shift
    outer = np.asarray(ndtr(-x / sigma), np.float64)
    inner = np.asarray(ndtr(-(x + thickness) / sigma), np.float64)
    curve = air_hu + (skin_hu - air_hu) * outer + (deep_hu - skin_hu) * inner
    return np.asarray(curve, np.float64)


def fit_curve(pixels: Pixels, sigma_mm: float) -> Array:
    """Fit the model to the median of the pixels in fine bins."""
    inside = (pixels.distance_mm > FIT_FROM_MM) & (pixels.distance_mm < FIT_TO_MM)
    bins = np.floor((pixels.distance_mm[inside] - FIT_FROM_MM) / BIN_MM).astype(int)
    hu, distance = pixels.hu[inside], pixels.distance_mm[inside]
    order = np.argsort(bins, kind="stable")
    cuts = np.flatnonzero(np.diff(bins[order])) + 1
    groups = [g for g in np.split(order, cuts) if len(g) >= BIN_MIN]
    x = np.array([distance[g].mean() for g in groups])
    y = np.array([np.median(hu[g]) for g in groups])
    start = np.array([sigma_mm, 30.0, -80.0, 1.5, AIR_HU, 0.0])
    low = np.array([SIGMA_RANGE_MM[0], -60.0, -160.0, 0.5, -1030.0, -1.0])
    high = np.array([SIGMA_RANGE_MM[1], 120.0, 120.0, 3.5, -940.0, 1.0])
    weight = 1 / np.where(x < DEEP_FROM_MM, DEEP_DOUBT, 1.0)

    def residual(model: Array) -> Array:
        return np.asarray((edge(x, model) - y) * weight)

    found = least_squares(residual, start, bounds=(low, high), x_scale=high - low)
    return np.asarray(found.x, np.float64)


def align(pixels: Pixels, model: Array, n_sites: int) -> Pixels:
    """Move every site along its normal to where the model fits its pixels best."""
    step = 0.02
    near = np.abs(pixels.distance_mm) < 2.5 * model[0] + 0.5
    x, site = pixels.distance_mm[near], pixels.site[near]
    slope = (edge(x + step, model) - edge(x - step, model)) / (2 * step)
    misfit = pixels.hu[near] - edge(x, model)
    top = np.bincount(site, slope * misfit, n_sites)
    bottom = np.bincount(site, slope**2, n_sites)
    shift = np.clip(top / np.maximum(bottom, 1e-9), -0.5, 0.5)
    return Pixels(pixels.site, pixels.distance_mm + shift[pixels.site], pixels.hu)


def fit_all(
    pixels: Pixels, n_sites: int, start_mm: float = SIGMA_START_MM
) -> tuple[float, Pixels]:
    """Alternate between the common curve and the place of every site."""
    model = fit_curve(pixels, start_mm)
    for _ in range(ROUNDS):
        pixels = align(pixels, model, n_sites)
        model = fit_curve(pixels, float(model[0]))
    return float(model[0]), pixels
