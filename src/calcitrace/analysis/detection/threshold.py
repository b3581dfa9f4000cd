"""The least that counts as bright, whatever the noise: a threshold that follows kVp."""

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.protocol import DetectionSettings

REFERENCE_KVP = 120.0
# Hydroxyapatite stands out less at higher kVp: fits the thresholds of equal density by
# Grani et al. 2018, doi 10.1093/ehjci/jey019 (70-135 kVp), within 4 %.
KVP_EXPONENT = -0.85


def floor_hu(acquisition: Acquisition, settings: DetectionSettings) -> float:
    """Lowest threshold: what a faint deposit reaches at this kVp."""
    kvp = acquisition.kvp or REFERENCE_KVP
    return float(settings.threshold_hu * (kvp / REFERENCE_KVP) ** KVP_EXPONENT)
