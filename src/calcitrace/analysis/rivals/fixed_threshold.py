"""Everything above 130 HU, or what stands for it at another tube voltage."""

from calcitrace.analysis.rivals.surroundings import Measurement, Surroundings
from calcitrace.model.calcium_scoring import thresholds_hu


def fixed_threshold(site: Surroundings) -> Measurement:
    """Volume above the threshold; mass as mean CT number x volume x slope.

    The usual way to segment calcinosis and to score coronary calcium volume [1]_, with
    thresholds for the tube voltage [2]_. No mass where the voltage has no threshold.

    References
    ----------
    .. [1] Agatston et al., J Am Coll Cardiol 15:827, 1990.
       https://doi.org/10.1016/0735-1097(90)90282-T
    .. [2] Grani et al., Eur Heart J Cardiovasc Imaging, 2018.
       https://doi.org/10.1093/ehjci/jey019
    """
    levels = thresholds_hu(site.kvp)
    if levels is None:
        return Measurement(None, None, None, 0)
    bright = site.roi & (site.hu >= levels[0])
    n = int(bright.sum())
    return Measurement(
        mass_mg=site.mass_mg(float(site.hu[bright].sum())),
        volume_mm3=n * site.voxel_volume_mm3,
        score=None,
        n_voxels=n,
    )
