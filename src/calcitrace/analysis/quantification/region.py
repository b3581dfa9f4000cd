"""The voxels over which a deposit's excess is summed."""

from dataclasses import dataclass

import edt
import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.site import CLASS_SMOOTHING_MM, FloatArray, Site
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Mask

MAD_TO_SIGMA = 1.4826
# How far a region may grow past the detected component: little where noise would grow it.
LEAK_LOW_SIGNAL_MM, LEAK_HIGH_SIGNAL_MM = 0.7, 3.0
# The rim may widen to this many times its width, by this step, while a layer of at least
# so many voxels is brighter than so many sigmas of its mean, or than so many HU.
MAX_RIM, RIM_STEP = 2.2, 0.2
MIN_LAYER_VOXELS, LAYER_SIGMAS, LAYER_FLOOR_HU = 20, 3.0, 0.7
# The rim is so many sigmas of the blur wide where the margin is set to so many mm; the
# next voxel always belongs to it.
MARGIN_BLURS, MARGIN_BLURS_MM, NEXT_VOXEL = 2.5, 1.5, 1.0
# Each layer holds at most this part of the one before, or it is no blur but a tissue
# that is brighter than was thought.
MAX_FALL = 0.8
CLEARANCE_MM = 1.0  # a layer must lie clearly on this deposit's side of its neighbours
# Peak over noise between which the margin goes from narrow to wide.
LOW_SIGNAL, HIGH_SIGNAL = 4.0, 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Voxels summed, and the excess over background and bone in the whole box.

    Attributes
    ----------
    mask
        Voxels summed: the bright ones and their blurred rim.
    bright
        Voxels that stand out of the noise.
    excess_hu
        CT number above background and bone spill, whole box.
    smooth_excess_hu
        The same, lightly smoothed.
    peak_hu
        Largest smoothed excess inside the component.
    lost_fraction
        Part of the region's rim that neighbours or bone take away.
    """

    mask: Mask
    bright: Mask
    excess_hu: FloatArray
    smooth_excess_hu: FloatArray
    peak_hu: float
    lost_fraction: float


@dataclass(frozen=True, slots=True, eq=False)
class Floor:
    """What a deposit stands on.

    Attributes
    ----------
    hu
        Background and bone spill at every voxel of the box.
    std_hu
        One sigma of bone spill and of the border between tissues there.
    shell
        Voxels of plain tissue, for the noise of the smoothed image.
    n_correlated
        Voxels that share one noise value.
    structure_hu
        One sigma by which the tissue itself varies around the deposit.
    blur_mm
        One sigma of the point spread along (slice, row, column).
    """

    hu: FloatArray
    std_hu: FloatArray
    shell: Mask
    n_correlated: float
    structure_hu: float
    blur_mm: tuple[float, float, float]


def grow_region(
    site: Site,
    floor: Floor,
    settings: QuantificationSettings,
) -> Region:
    """Grow the region of one deposit.

    Parameters
    ----------
    site
        The deposit in its surroundings.
    floor
        What the deposit stands on.
    settings
        Thresholds and margins.

    Notes
    -----
    Bright is what passes max(3 sigma, min(0.25 peak, 100 HU)); the rim is 2.5 sigmas of
    the blur, less where the signal is weak, because there the noise and the background of
    a wide rim cost more than the blur it recovers.
    """
    excess = site.hu - floor.hu
    smooth = _smoothed(site, excess)
    sigma = _smooth_sigma(site, smooth, floor.shell)
    peak = float(smooth[site.core].max())
    threshold = np.maximum(
        settings.region_sigmas * np.hypot(sigma, floor.std_hu),
        min(settings.region_peak_fraction * peak, settings.region_threshold_max_hu),
    )
    mine = (site.distance_mm <= site.others_mm) & ~site.bone
    snr = peak / max(sigma, 1e-6)
    grown = (smooth > threshold) & mine & (site.distance_mm <= _leak_mm(snr))
    bright = _connected(site, grown, smooth)
    margin = _margin_mm(snr, settings)
    reach = [margin / MARGIN_BLURS_MM * MARGIN_BLURS * b for b in floor.blur_mm]
    scale = tuple(
        d / max(m, NEXT_VOXEL * d)
        for d, m in zip(site.grid.spacing_mm, reach, strict=True)
    )
    field = np.asarray(edt.edt((~bright).view(np.uint8), anisotropy=scale), np.float64)
    allowed = mine & site.is_valid
    wide = field <= _rim(site, allowed, excess, field, floor) + 1e-6
    mask = (wide & allowed) | (bright & site.is_valid)
    if not mask.any():
        mask = bright
    return Region(
        mask=mask,
        bright=bright,
        excess_hu=excess,
        smooth_excess_hu=smooth,
        peak_hu=peak,
        lost_fraction=1.0 - float(mask.sum()) / float(wide.sum()),
    )


def _smoothed(site: Site, excess: FloatArray) -> FloatArray:
    """Light smoothing over soft tissue only, so that bone does not leak back in."""
    if not site.bone.any():
        return site.smooth - (site.hu - excess)
    sigma = [CLASS_SMOOTHING_MM / d for d in site.grid.spacing_mm]
    outside = (~site.bone).astype(np.float64)
    weight = ndimage.gaussian_filter(outside, sigma, mode="nearest", truncate=3.0)
    total = ndimage.gaussian_filter(
        excess * outside, sigma, mode="nearest", truncate=3.0
    )
    return np.where(site.bone, 0.0, total / np.maximum(weight, 1e-3))


def _smooth_sigma(site: Site, smooth: FloatArray, shell: Mask) -> float:
    """Noise and texture of the smoothed image around the deposit."""
    if not shell.any():
        return site.sigma_hu
    values = smooth[shell]
    return MAD_TO_SIGMA * float(np.median(np.abs(values - np.median(values))))


def _connected(site: Site, bright: Mask, smooth: FloatArray) -> Mask:
    """Bright voxels joined to the component's brightest, not far from it.

    Parts of the component that no longer stand out once bone is subtracted were bone's
    rim: they drop out here.
    """
    core = site.core & bright
    if not core.any():
        # Nothing stands out: the place itself is summed, and found not quantifiable.
        return np.asarray(site.core & (smooth >= smooth[site.core].max()), np.bool_)
    labels, _ = ndimage.label(bright, structure=np.ones((3, 3, 3)))
    sums = np.bincount(labels[core], weights=smooth[core])
    # Parts worth a tenth of the main one belong to it (a cluster); crumbs do not.
    wanted = np.flatnonzero(sums >= 0.1 * sums.max())
    return np.asarray(np.isin(labels, wanted), np.bool_)


def _rim(
    site: Site,
    allowed: Mask,
    excess: FloatArray,
    field: FloatArray,
    floor: Floor,
) -> float:
    """How far the rim must reach beyond its usual width, in its own units.

    Fuzzy deposits fade out further than the scan's blur: layers are added as long as
    they are brighter than their noise explains.
    """
    reach, before = 1.0, np.inf
    while reach < MAX_RIM:
        layer = allowed & (field > reach) & (field <= reach + RIM_STEP)
        layer &= site.others_mm > site.distance_mm + CLEARANCE_MM
        n = int(layer.sum())
        if n < MIN_LAYER_VOXELS:
            break
        noise = max(
            site.sigma_hu * np.sqrt(floor.n_correlated / n),
            floor.structure_hu,
            LAYER_FLOOR_HU,
        )
        mean = float(excess[layer].mean())
        if mean < LAYER_SIGMAS * noise or mean > MAX_FALL * before:
            break
        before = mean
        reach += RIM_STEP
    return reach


def _leak_mm(signal_to_noise: float) -> float:
    """How far the region may grow past the component."""
    return float(
        np.interp(
            signal_to_noise,
            [LOW_SIGNAL, HIGH_SIGNAL],
            [LEAK_LOW_SIGNAL_MM, LEAK_HIGH_SIGNAL_MM],
        )
    )


def _margin_mm(signal_to_noise: float, settings: QuantificationSettings) -> float:
    """Width of the rim for a signal-to-noise ratio."""
    return float(
        np.interp(
            signal_to_noise,
            [LOW_SIGNAL, HIGH_SIGNAL],
            [settings.region_margin_low_signal_mm, settings.region_margin_mm],
        )
    )
