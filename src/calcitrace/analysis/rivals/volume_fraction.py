"""How much of every voxel is calcium."""

import numpy as np
from scipy import ndimage

from calcitrace.analysis.rivals.surroundings import Measurement, Surroundings
from calcitrace.model.volume import Mask

# Density that stands in where blur hides the deposit's own.
ASSUMED_MG_CM3 = 400.0
BRIGHT_SIGMAS = 3.0
RIM_MM = 1.0
CONNECTIVITY_26 = np.ones((3, 3, 3), bool)


def volume_fraction(site: Surroundings) -> Measurement:
    """Sum over voxels of the share of calcium, times the density of pure calcium.

    The share of a voxel is where its CT number lies between background and pure calcium,
    the deposit's own [1]_. Where the deposit has voxels without a neighbour outside, its
    pure CT number is its peak; else 400 mg/cm3 is assumed, or the peak if it is higher.

    Notes
    -----
    As published the share is linear without bounds, which makes the sum that of
    `integrated_hu`. Two things that help are added: no share is above 1 (bone beside
    the deposit counts for no more than calcium), and only voxels count that stand out
    by 3 sigma and are joined to the deposit, with a rim of 1 mm. Shares below 0 stay:
    cutting noise off at 0 would add to the mass.

    References
    ----------
    .. [1] Coronary artery calcium mass measurement based on integrated intensity and
       volume fraction techniques, J Med Imaging 10:043502, 2023.
       https://doi.org/10.1117/1.JMI.10.4.043502
    """
    background_hu = site.background_hu
    peak_hu = float(site.hu[site.core].max())
    interior = ndimage.binary_erosion(site.core, structure=CONNECTIVITY_26)
    pure_hu = peak_hu
    if not interior.any() or peak_hu <= background_hu:
        assumed_hu = ASSUMED_MG_CM3 / site.slope_mg_cm3_per_hu
        pure_hu = max(peak_hu, background_hu + assumed_hu)
    region = _partial_voxels(site, background_hu)
    share = (site.hu[region] - background_hu) / (pure_hu - background_hu)
    n_pure = float(np.minimum(share, 1.0).sum())
    return Measurement(
        mass_mg=site.mass_mg(n_pure * (pure_hu - background_hu)),
        volume_mm3=n_pure * site.voxel_volume_mm3 if interior.any() else None,
        score=None,
        n_voxels=int(region.sum()),
    )


def _partial_voxels(site: Surroundings, background_hu: float) -> Mask:
    """The deposit, what is bright and joined to it, and a rim within the region."""
    level_hu = background_hu + BRIGHT_SIGMAS * site.background_std_hu
    bright = site.core | (site.roi & (site.hu > level_hu))
    labels, _ = ndimage.label(bright, structure=CONNECTIVITY_26)
    joined = np.isin(labels, np.unique(labels[site.core]))
    # The rim is at least a voxel wide along every axis.
    steps = [d / max(d, RIM_MM) for d in site.spacing_mm]
    distance = ndimage.distance_transform_edt(~joined, sampling=steps)
    return np.asarray((np.asarray(distance) <= 1.0 + 1e-6) & site.roi, np.bool_)
