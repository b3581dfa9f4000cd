"""Estimators that others use, so that ours can be compared on the same scans.

Every rival gets the same generous help: where the deposit lies, which voxels are bone, a
ring of plain tissue and the slope of the calibration. `RIVALS` lists those that give a
mass by themselves; the two Agatston scores need one factor, fitted by `fitted_factor` on
scenes that are not used to judge, and put in by `rescaled`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from calcitrace.analysis.rivals.agatston import (
    agatston,
    agatston_normalised,
    fitted_factor,
    rescaled,
)
from calcitrace.analysis.rivals.calibrated_mass import calibrated_mass
from calcitrace.analysis.rivals.fixed_threshold import fixed_threshold
from calcitrace.analysis.rivals.half_maximum import half_maximum
from calcitrace.analysis.rivals.integrated_hu import integrated_hu
from calcitrace.analysis.rivals.surroundings import (
    Measurement,
    Surroundings,
    surroundings,
)
from calcitrace.analysis.rivals.volume_fraction import volume_fraction
from calcitrace.model.reading import Estimator

__all__ = [
    "RIVALS",
    "SCORES",
    "Measurement",
    "Surroundings",
    "fitted_factor",
    "rescaled",
    "surroundings",
]

Rival = Callable[[Surroundings], Measurement]

RIVALS: Mapping[Estimator, Rival] = MappingProxyType(
    {
        Estimator.FIXED_THRESHOLD: fixed_threshold,
        Estimator.HALF_MAXIMUM: half_maximum,
        Estimator.CALIBRATED_MASS: calibrated_mass,
        Estimator.INTEGRATED_HU: integrated_hu,
        Estimator.VOLUME_FRACTION: volume_fraction,
    }
)
SCORES: Mapping[Estimator, Rival] = MappingProxyType(
    {
        Estimator.AGATSTON: agatston,
        Estimator.AGATSTON_NORMALISED: agatston_normalised,
    }
)
