"""What a rival measured, as a reading."""

from calcitrace.analysis.rivals import Measurement
from calcitrace.model.reading import Condition, Estimator, Mode, Reading, TrueSite


def rival_reading(
    site: TrueSite,
    condition: Condition,
    repeat: int,
    estimator: Estimator,
    measurement: Measurement,
) -> Reading:
    """Reading of a rival that was told the position; rivals state no error.

    Agatston scores need their factor put in before (`rivals.rescaled`).
    """
    return Reading(
        site=site,
        condition=condition,
        repeat=repeat,
        estimator=estimator,
        mode=Mode.POSITION_GIVEN,
        mass_mg=measurement.mass_mg,
        volume_mm3=measurement.volume_mm3,
        is_quantifiable=measurement.mass_mg is not None and measurement.n_voxels > 0,
    )
