"""Integrated CT number above the background."""

from calcitrace.analysis.rivals.surroundings import Measurement, Surroundings


def integrated_hu(site: Surroundings) -> Measurement:
    """Sum of (HU - mean of the ring) over the whole region, times the slope.

    Blur moves signal without making any, so no threshold enters [1]_. The background is
    one number, and noise of the whole region enters. No volume: it would need the
    density of the deposit.

    References
    ----------
    .. [1] Integrated intensity-based technique for coronary artery calcium mass
       measurement: a phantom study, Medical Physics, 2023.
       https://doi.org/10.1002/mp.16326
    """
    n = int(site.roi.sum())
    excess_hu = float(site.hu[site.roi].sum()) - n * site.background_hu
    return Measurement(site.mass_mg(excess_hu), None, None, n)
