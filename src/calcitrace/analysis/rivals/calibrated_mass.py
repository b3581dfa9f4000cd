"""The calcium mass of cardiac scoring software."""

from calcitrace.analysis.rivals.surroundings import Measurement, Surroundings

THRESHOLD_MG_CM3 = 100.0


def calibrated_mass(site: Surroundings) -> Measurement:
    """Sum of CT numbers above the equivalent of 100 mg/cm3, times the slope.

    The consortium's standard for coronary calcium [1]_, after [2]_: no background is
    taken off, and what blur spreads below the threshold is lost.

    References
    ----------
    .. [1] McCollough et al., Radiology 243:527, 2007.
       https://doi.org/10.1148/radiol.2432050808
    .. [2] Hong et al., Radiology 223:474, 2002.
       https://doi.org/10.1148/radiol.2232010919
    """
    bright = site.roi & (site.hu >= THRESHOLD_MG_CM3 / site.slope_mg_cm3_per_hu)
    n = int(bright.sum())
    return Measurement(
        mass_mg=site.mass_mg(float(site.hu[bright].sum())),
        volume_mm3=n * site.voxel_volume_mm3,
        score=None,
        n_voxels=n,
    )
