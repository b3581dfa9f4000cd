"""Integrated excess of one deposit, its error, and how its blur spreads over regions."""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.quantification.background import (
    Background,
    fit_background,
)
from calcitrace.analysis.quantification.bone_spill import fit_bone_spill
from calcitrace.analysis.quantification.layer import Layer
from calcitrace.analysis.quantification.plane import shell_contribution
from calcitrace.analysis.quantification.region import Floor, Region, grow_region
from calcitrace.analysis.quantification.shape import body_mask
from calcitrace.analysis.quantification.site import (
    FAT_BELOW_HU,
    Box,
    Context,
    Site,
    distance_mm,
)
from calcitrace.analysis.quantification.variance import noise_variance
from calcitrace.analysis.quantification.volume import Extent, deposit_extent
from calcitrace.model.image_quality import Psf
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Mask

# How wrong the modelled share of signal outside the region may be, relative to it.
RECOVERY_MODEL_STD = 0.3
N_OCTANTS = 8
# How far off the cut through a neck between deposit and bone may be.
CUT_AT_BONE_STD_MM = 0.12
# What lies in fat, is no brighter than muscle, and wider than the blur of so many points,
# may be soft tissue.
MUSCLE_HU, BLURRED_POINTS = 60.0, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """Sum of excess over one region, in HU mm3, with its errors.

    Attributes
    ----------
    std_random, std_systematic
        One sigma, same unit: noise, tissue structure and bone edge; which tissue the
        deposit displaced, or whether it is one.
    std_noise
        The part of `std_random` that is noise: new in every scan, while tissue and bone
        are the same again.
    region
        Voxels summed, shape of `box`.
    spread
        Share of the deposit's signal in each voxel of the box; sums to 1.
    """

    box: Box
    excess_hu_mm3: float
    std_random: float
    std_systematic: float
    std_noise: float
    region: Mask
    spread: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """All intermediate values of one deposit."""

    site: Site
    background: Background
    spill: Layer
    region: Region
    extent: Extent
    signal: Signal


def examine(context: Context, site: Site, settings: QuantificationSettings) -> Examined:
    """Fit background and bone, grow the region, sum, and propagate the errors."""
    n_correlated = context.noise.n_correlated
    background = fit_background(site, context.psf, n_correlated, settings)
    near = fit_bone_spill(site, background.hu, context.psf, n_correlated, settings)
    spill = near.spill
    if near.mask is not site.bone:
        bone_mm = distance_mm(near.mask, site.grid)
        site = replace(site, bone=near.mask, bone_mm=bone_mm)
    floor = Floor(
        background.hu + spill.hu,
        np.hypot(spill.std_hu, background.boundary_std_hu),
        background.plane.shell,
        n_correlated,
        background.plane.structure_hu,
        context.psf.sigma_mm,
    )
    region = grow_region(site, floor, settings)
    extent = deposit_extent(site, region, context.psf, n_correlated)
    signal = _signal(context, site, background, spill, region, extent)
    return Examined(site, background, spill, region, extent, signal)


def _signal(
    context: Context,
    site: Site,
    background: Background,
    spill: Layer,
    region: Region,
    extent: Extent,
) -> Signal:
    """Sum the excess over the region; its variance is w'Cw plus what is not noise."""
    voxel = site.voxel_volume_mm3
    mask = region.mask
    weights = mask.astype(np.float64) - shell_contribution(background.plane, site, mask)
    noise = noise_variance(weights, site.sigma_hu, context.noise.correlation)
    structure = (
        background.plane.structure_hu * mask.sum() * math.sqrt(1 + 1 / N_OCTANTS)
    )
    bone, skin = spill.sum_std_hu(mask), background.skin.sum_std_hu(mask)
    random = math.sqrt(noise + structure**2 + bone**2 + skin**2) * voxel
    random = math.hypot(random, _cut_at_bone(site, region))
    excess = float(region.excess_hu[mask].sum()) * voxel
    of_its_place = background.mixture_hu_mm3
    if _may_be_soft_tissue(site, background, region, context.psf):
        of_its_place = math.hypot(of_its_place, excess)
    return Signal(
        box=site.box,
        excess_hu_mm3=excess,
        std_random=random,
        std_systematic=of_its_place,
        std_noise=math.sqrt(noise) * voxel,
        region=mask,
        spread=_spread(site, region, extent, context.psf),
    )


def _cut_at_bone(site: Site, region: Region) -> float:
    """One sigma of where deposit ends and bone begins, in HU mm3, where they merge.

    The excess that still stands at the contact is that of merged bodies; beside a bone
    that ends before the deposit begins it is near zero.
    """
    contact = region.bright & ndimage.binary_dilation(site.bone)
    if not contact.any():
        return 0.0
    area_mm2 = float(contact.sum()) * site.voxel_volume_mm3 ** (2 / 3)
    excess_hu = float(np.clip(region.excess_hu[contact], 0.0, None).mean())
    return float(CUT_AT_BONE_STD_MM * area_mm2 * excess_hu)


def _may_be_soft_tissue(
    site: Site, background: Background, region: Region, psf: Psf
) -> bool:
    """Whether skin, muscle or a scar in fat would look the same."""
    if float(background.hu[region.bright].mean()) > FAT_BELOW_HU:
        return False
    point_mm3 = (4 * math.pi) ** 1.5 * math.prod(psf.sigma_mm)
    bright_mm3 = float(region.bright.sum()) * site.voxel_volume_mm3
    is_wide = bright_mm3 > BLURRED_POINTS * point_mm3
    return is_wide and float(site.smooth[region.bright].max()) < MUSCLE_HU


def _spread(
    site: Site, region: Region, extent: Extent, psf: Psf
) -> NDArray[np.float32]:
    """Blurred model of the deposit, normalised: where its signal went."""
    volume = extent.volume.value if extent.volume is not None else None
    body = body_mask(site, region, volume)
    density = np.where(body, np.clip(region.smooth_excess_hu, 1e-6, None), 0.0)
    sigma = [s / d for s, d in zip(psf.sigma_mm, site.grid.spacing_mm, strict=True)]
    # At the scan's end as much signal comes in as leaves: reflecting keeps the sum.
    blurred = ndimage.gaussian_filter(density, sigma, mode="reflect", truncate=4.0)
    return np.asarray(blurred / density.sum(), np.float32)


def recoveries(signals: list[Signal]) -> NDArray[np.float64]:
    """Share of each deposit's signal in each region, shape (region, deposit).

    Neighbours lend signal to each other's regions; solving this system gives each its
    own, and keeps their sum.
    """
    n = len(signals)
    start = np.array([[part.start for part in s.box] for s in signals])
    stop = np.array([[part.stop for part in s.box] for s in signals])
    matrix = np.zeros((n, n))
    for j, source in enumerate(signals):
        meets = ((start < stop[j]) & (stop > start[j])).all(axis=1)
        for i in np.flatnonzero(meets):
            target = signals[i]
            window = _intersection(source.box, target.box)
            inside = target.region[_relative(window, target.box)]
            share = source.spread[_relative(window, source.box)]
            matrix[i, j] = float(share[inside].sum(dtype=np.float64))
    return matrix


def unmix(signals: list[Signal]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Total excess of each deposit in HU mm3, and its own recovery.

    Returns
    -------
    excess_hu_mm3, recovery
        Both of shape (deposit,). A recovery is clipped at 0.2: below that the region
        says too little, and the error of the mass grows accordingly.
    """
    if not signals:
        return np.zeros(0), np.zeros(0)
    matrix = recoveries(signals)
    own = np.clip(np.diag(matrix), 0.2, None)
    np.fill_diagonal(matrix, own)
    sums = np.array([s.excess_hu_mm3 for s in signals])
    return np.asarray(np.linalg.solve(matrix, sums), np.float64), own


def detection_limit(std_blank: float, settings: QuantificationSettings) -> float:
    """Percentile of what an empty site would give, same unit as its sigma."""
    return NormalDist().inv_cdf(settings.blank_percentile / 100) * std_blank


def _intersection(a: Box, b: Box) -> Box:
    """Overlap of two boxes that meet."""
    s, r, c = (
        slice(max(p.start, q.start), min(p.stop, q.stop))
        for p, q in zip(a, b, strict=True)
    )
    return s, r, c


def _relative(window: Box, box: Box) -> Box:
    """Window in the coordinates of a box."""
    s, r, c = (
        slice(w.start - b.start, w.stop - b.start)
        for w, b in zip(window, box, strict=True)
    )
    return s, r, c
