"""One reading: what one estimator said of one place whose truth is known."""

import math
from dataclasses import dataclass
from enum import StrEnum

from calcitrace.errors import InputError

LIMB, TRUNK = "limb", "trunk"  # values of `Condition.body` that targets are set for


class Estimator(StrEnum):
    """Ways to turn CT numbers into a mass; the value is what tables call them."""

    CALCITRACE = "calcitrace"
    FIXED_THRESHOLD = "fixed_threshold"
    HALF_MAXIMUM = "half_maximum"
    AGATSTON = "agatston"
    AGATSTON_NORMALISED = "agatston_normalised"
    CALIBRATED_MASS = "calibrated_mass"
    INTEGRATED_HU = "integrated_hu"
    VOLUME_FRACTION = "volume_fraction"


class Mode(StrEnum):
    """What the estimator was told of the place."""

    POSITION_GIVEN = "position_given"
    DETECTED = "detected"


@dataclass(frozen=True, slots=True)
class Condition:
    """How a scan was made; `None` is "the header does not say".

    Attributes
    ----------
    name
        The same for scans that differ by nothing but noise and position.
    body
        What was scanned: "limb", "trunk" or another part.
    noise_hu
        One sigma of a voxel in plain tissue, as measured on the scan; None where no
        plain tissue was large enough.
    dose
        Label of the dose: scans of other kVp, kernel or thickness share it if their
        exposure is meant to be the same.
    """

    name: str
    body: str
    kvp: float | None
    kernel: str | None
    slice_thickness_mm: float | None
    noise_hu: float | None
    dose: str

    def __post_init__(self) -> None:
        sizes = (self.kvp, self.slice_thickness_mm)
        if any(v is not None and not 0 < v < math.inf for v in sizes):
            msg = f"Expected a positive kVp and slice thickness, got {sizes}."
            raise InputError(msg)
        if self.noise_hu is not None and not 0 <= self.noise_hu < math.inf:
            msg = f"Expected a noise of 0 HU or more, got {self.noise_hu}."
            raise InputError(msg)


@dataclass(frozen=True, slots=True)
class TrueSite:
    """A place whose truth is known: a deposit, or tissue without one.

    Attributes
    ----------
    scene
        Name of the simulated body (or of the phantom) that it lies in.
    deposit
        Its name within the scene, the same in every scan of it.
    kind
        Shape: "nodule", "sheet", "cluster", "lobulated", "punctate" ...
    tissue
        What it lies in.
    gap_mm
        Between its surface and the nearest bone; `None` is "far from bone".
    depth_mm
        From the skin to its nearest point; `None` where unknown.
    is_blank
        Nothing is there. Blank sites are where estimators are read for the detection
        limit, and what a deposit found where none is belongs to.
    """

    scene: str
    deposit: str
    kind: str
    tissue: str
    mass_mg: float
    volume_mm3: float | None
    gap_mm: float | None
    depth_mm: float | None
    is_blank: bool = False

    def __post_init__(self) -> None:
        is_mass_right = (
            self.mass_mg == 0 if self.is_blank else 0 < self.mass_mg < math.inf
        )
        if not is_mass_right:
            msg = (
                "Expected a true mass above 0 mg, and 0 mg at a blank site, got "
                f"{self.mass_mg} mg for {self.deposit!r}."
            )
            raise InputError(msg)
        if self.volume_mm3 is not None and not 0 <= self.volume_mm3 < math.inf:
            msg = f"Expected a volume of 0 mm3 or more, got {self.volume_mm3}."
            raise InputError(msg)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one estimator said of one place on one scan; `None` is "it said nothing".

    Attributes
    ----------
    repeat
        Number of the scan among those of its scene and condition.
    mass_mg
        Unclipped estimate, also where it is not quantifiable: totals and detection
        limits need it. `None` where there is none (missed; no rule for this scan).
    ci95_low_mg, ci95_high_mg
        Bounds as a reader is shown them; a bound that is `None` is not stated.
    is_quantifiable
        Whether a reader would be shown the mass.
    is_found
        Whether the estimator found the deposit by itself; at a blank site, whether it
        found one where none is. With the position given: always True.
    """

    site: TrueSite
    condition: Condition
    repeat: int
    estimator: Estimator
    mode: Mode
    mass_mg: float | None
    std_mg: float | None = None
    ci95_low_mg: float | None = None
    ci95_high_mg: float | None = None
    volume_mm3: float | None = None
    volume_ci95_low_mm3: float | None = None
    volume_ci95_high_mm3: float | None = None
    is_quantifiable: bool = True
    is_found: bool = True

    def __post_init__(self) -> None:
        numbers = (
            self.mass_mg,
            self.std_mg,
            self.ci95_low_mg,
            self.ci95_high_mg,
            self.volume_mm3,
            self.volume_ci95_low_mm3,
            self.volume_ci95_high_mm3,
        )
        if any(v is not None and not math.isfinite(v) for v in numbers):
            msg = f"Expected finite numbers or None in a reading, got {numbers}."
            raise InputError(msg)
        if not self.is_found and any(v is not None for v in numbers):
            msg = f"Expected no numbers of a missed deposit, got {numbers}."
            raise InputError(msg)
        if not self.is_found and self.mode is Mode.POSITION_GIVEN:
            msg = "Expected `is_found` where the position was given, got False."
            raise InputError(msg)


@dataclass(frozen=True, slots=True)
class KnownInsert:
    """One row of a table of true masses: an insert of a phantom, a simulated deposit.

    Attributes
    ----------
    centroid_mm
        Centre of mass in patient space (DICOM LPS, mm).
    volume_mm3
        `None` where the table does not say.
    """

    name: str
    mass_mg: float
    centroid_mm: tuple[float, float, float]
    volume_mm3: float | None = None
