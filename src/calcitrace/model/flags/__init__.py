"""Quality flags, each with the sentence a reader sees, in every language we speak."""

from dataclasses import dataclass
from enum import Enum

from calcitrace.model.flags import of_deposit, of_pair, of_scan
from calcitrace.model.flags.wording import FlagText, Severity

__all__ = ["Flag", "FlagKind", "FlagText", "Severity"]


class FlagKind(Enum):
    """Every flag the instrument can raise: of a scan, a deposit, two visits."""

    MISSING_SLICES = of_scan.MISSING_SLICES
    UNEVEN_SLICES = of_scan.UNEVEN_SLICES
    DUPLICATE_SLICES = of_scan.DUPLICATE_SLICES
    GANTRY_TILT = of_scan.GANTRY_TILT
    THICK_SLICES = of_scan.THICK_SLICES
    SLICE_GAPS = of_scan.SLICE_GAPS
    FEW_SLICES = of_scan.FEW_SLICES
    TRUNCATED_FIELD_OF_VIEW = of_scan.TRUNCATED_FIELD_OF_VIEW
    HU_CLIPPED = of_scan.HU_CLIPPED
    RESCALE_PER_SLICE = of_scan.RESCALE_PER_SLICE
    LOSSY_COMPRESSION = of_scan.LOSSY_COMPRESSION
    CONTRAST_AGENT = of_scan.CONTRAST_AGENT
    SHARP_KERNEL = of_scan.SHARP_KERNEL
    UNKNOWN_KERNEL = of_scan.UNKNOWN_KERNEL
    UNKNOWN_SLICE_THICKNESS = of_scan.UNKNOWN_SLICE_THICKNESS
    BLUR_MISMATCH = of_scan.BLUR_MISMATCH
    UNUSUAL_TISSUE_VALUES = of_scan.UNUSUAL_TISSUE_VALUES
    NO_BODY_FOUND = of_scan.NO_BODY_FOUND
    CALIBRATION_GRADE_D = of_scan.CALIBRATION_GRADE_D
    CALIBRATION_GRADE_C = of_scan.CALIBRATION_GRADE_C
    CALIBRATION_FILE_UNUSED = of_scan.CALIBRATION_FILE_UNUSED
    CALIBRATION_BODY_CUT = of_scan.CALIBRATION_BODY_CUT
    UNKNOWN_KVP = of_scan.UNKNOWN_KVP
    KVP_OUTSIDE_TABLE = of_scan.KVP_OUTSIDE_TABLE
    UNUSUAL_BODY_SIZE = of_scan.UNUSUAL_BODY_SIZE
    RODS_DIFFER_FROM_TABLE = of_scan.RODS_DIFFER_FROM_TABLE
    VIRTUAL_MONOENERGETIC = of_scan.VIRTUAL_MONOENERGETIC
    SEGMENTATION_PARTIAL = of_scan.SEGMENTATION_PARTIAL
    SEGMENTATION_EMPTY = of_scan.SEGMENTATION_EMPTY
    HIGH_NOISE = of_scan.HIGH_NOISE
    NOISE_NOT_MEASURED = of_scan.NOISE_NOT_MEASURED
    ANATOMY_UNLIKE_TRAINING = of_scan.ANATOMY_UNLIKE_TRAINING
    CORRECTED = of_scan.CORRECTED
    CORRECTION_NOT_APPLIED = of_scan.CORRECTION_NOT_APPLIED
    CORRECTIONS_OF_OTHER_SCAN = of_scan.CORRECTIONS_OF_OTHER_SCAN

    ALIGNMENT_FAILED = of_pair.ALIGNMENT_FAILED
    ALIGNMENT_POOR = of_pair.ALIGNMENT_POOR
    BODY_SIZE_DIFFERS = of_pair.BODY_SIZE_DIFFERS
    DIFFERENT_PATIENT_IDS = of_pair.DIFFERENT_PATIENT_IDS

    TOUCHES_BONE = of_deposit.TOUCHES_BONE
    NEAR_BONE = of_deposit.NEAR_BONE
    CUT_BY_SCAN_END = of_deposit.CUT_BY_SCAN_END
    BELOW_DETECTION_LIMIT = of_deposit.BELOW_DETECTION_LIMIT
    VOLUME_NOT_IDENTIFIABLE = of_deposit.VOLUME_NOT_IDENTIFIABLE
    CONTRAST_LIKE = of_deposit.CONTRAST_LIKE
    VESSEL_LIKE = of_deposit.VESSEL_LIKE
    PHLEBOLITH_LIKE = of_deposit.PHLEBOLITH_LIKE
    BONE_LIKE = of_deposit.BONE_LIKE
    METAL_LIKE = of_deposit.METAL_LIKE
    FAINT = of_deposit.FAINT
    INSIDE_BODY = of_deposit.INSIDE_BODY
    CROWDED = of_deposit.CROWDED

    @property
    def code(self) -> str:
        """Stable name used in files."""
        return self.value.code

    @property
    def severity(self) -> Severity:
        """What the flag does to the result."""
        return self.value.severity


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that was raised, with its numbers in words (never patient data)."""

    kind: FlagKind
    detail: str = ""

    def sentence(self, lang: str) -> str:
        """Wording for a reader, `lang` is "en" or "fr"."""
        text = self.kind.value.fr if lang == "fr" else self.kind.value.en
        return text.format(detail=self.detail)
