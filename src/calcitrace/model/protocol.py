"""Every setting of an analysis as one hashable value.

Lengths are in mm, CT numbers in HU. A setting that is not here is not a setting: it is a
fact of physics or of a standard and stands, with its source, beside the code that uses
it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class AnatomySettings:
    """How body, tissues and skeleton are found."""

    body_threshold_hu: float = -300.0
    skin_threshold_hu: float = -500.0
    fat_threshold_hu: float = -30.0
    skeleton_threshold_hu: float = 200.0


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """How candidates are found and judged."""

    threshold_hu: float = 130.0
    threshold_noise_sigmas: float = 4.0
    accept_probability: float = 0.7
    review_probability: float = 0.3
    learned_review_probability: float = 0.15
    touching_bone_mm: float = 1.6
    is_learned: bool = True


@dataclass(frozen=True, slots=True)
class QuantificationSettings:
    """How a deposit is measured."""

    region_sigmas: float = 3.0
    region_peak_fraction: float = 0.25
    region_threshold_max_hu: float = 100.0
    region_margin_mm: float = 1.5
    region_margin_low_signal_mm: float = 1.0
    shell_inner_mm: float = 2.2
    shell_outer_mm: float = 6.5
    class_margin_mm: float = 1.6
    bone_margin_mm: float = 2.5
    bone_spill_mm: float = 3.5
    blank_percentile: float = 95.0


@dataclass(frozen=True, slots=True)
class Protocol:
    """Settings of one analysis, by stage."""

    anatomy: AnatomySettings = field(default_factory=AnatomySettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    quantification: QuantificationSettings = field(
        default_factory=QuantificationSettings
    )

    @property
    def hash(self) -> str:
        """SHA-256 of all settings, the same on every machine."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
