"""Rods of known density that were scanned with the patient, or as the patient was."""

import math
from dataclasses import dataclass
from datetime import date

from calcitrace.errors import CalibrationError

HYDROXYAPATITE = "hydroxyapatite"
WATER = "water"


@dataclass(frozen=True, slots=True)
class Rod:
    """One rod: what it holds and what the scan shows of it.

    Attributes
    ----------
    density_mg_cm3
        Nominal hydroxyapatite density; 0 for water.
    density_std_mg_cm3
        One sigma of it, from the certificate.
    hu_mean, hu_std
        CT number over the rod, and one sigma of that mean (not of a voxel).
    diameter_mm
        Of the rod, for its self-hardening; `None` leaves that out.
    material
        "hydroxyapatite" or "water"; others have no sourced conversion.
    """

    name: str
    density_mg_cm3: float
    density_std_mg_cm3: float
    hu_mean: float
    hu_std: float
    diameter_mm: float | None = None
    material: str = HYDROXYAPATITE

    def __post_init__(self) -> None:
        numbers = (
            self.density_mg_cm3,
            self.density_std_mg_cm3,
            self.hu_mean,
            self.hu_std,
        )
        if not all(map(math.isfinite, numbers)):
            self._refuse(f"finite numbers, got {numbers}")
        if self.density_mg_cm3 < 0 or self.density_std_mg_cm3 < 0 or self.hu_std < 0:
            self._refuse(f"density and errors of at least 0, got {numbers}")
        if self.material not in {HYDROXYAPATITE, WATER}:
            self._refuse(
                f"material {HYDROXYAPATITE!r} or {WATER!r}, got {self.material!r}. "
                "There is no agreed conversion to hydroxyapatite for other salts "
                "(K2HPO4 attenuates differently at every tube voltage)"
            )
        if self.material == WATER and self.density_mg_cm3 != 0:
            self._refuse(f"density 0 for water, got {self.density_mg_cm3:g} mg/cm3")

    def _refuse(self, expected: str) -> None:
        msg = f"Rod {self.name!r}: expected {expected}."
        raise CalibrationError(msg)


@dataclass(frozen=True, slots=True)
class PlacedRod:
    """A rod whose CT number is to be read from the scan.

    Attributes
    ----------
    start_mm, end_mm
        Ends of its axis in patient space (DICOM LPS), or of the part to be read.
    radius_mm
        Of the rod; only its inner part is read.
    """

    name: str
    density_mg_cm3: float
    density_std_mg_cm3: float
    start_mm: tuple[float, float, float]
    end_mm: tuple[float, float, float]
    radius_mm: float
    material: str = HYDROXYAPATITE


@dataclass(frozen=True, slots=True)
class RodReference:
    """What a calibration file says.

    Attributes
    ----------
    rods
        Rods read by the user and rods to be read from the scan.
    kvp
        Tube voltage the file is for; `None` where it does not say.
    hash
        SHA-256 of the file.
    """

    rods: tuple[Rod | PlacedRod, ...]
    kvp: float | None
    hash: str


@dataclass(frozen=True, slots=True)
class ScannerReference:
    """A scanner that was measured before with a phantom: what a file of grade B says.

    Attributes
    ----------
    manufacturer, model_name
        As the header of the phantom scan says.
    kvp
        Tube voltage of the phantom scan; the response holds for no other.
    kernel
        For the record: a kernel moves no integrated signal.
    measured
        Day of the phantom scan; None where the header does not say.
    body_diameter_mm
        Water-equivalent diameter of the phantom.
    slope_mg_cm3_per_hu, std_random, std_systematic
        Slope in the phantom, and its errors by reading of the rods and by their nominal
        densities; in a patient both are shared by all scans.
    hardening_cm2_per_mg
        Self-hardening that was taken out of the rods.
    rods
        What was read, for the record.
    hash
        SHA-256 of the file; empty before it is written.
    """

    manufacturer: str
    model_name: str
    kvp: float
    kernel: str | None
    measured: date | None
    body_diameter_mm: float
    slope_mg_cm3_per_hu: float
    std_random: float
    std_systematic: float
    hardening_cm2_per_mg: float
    rods: tuple[Rod, ...]
    hash: str = ""

    def is_of(self, manufacturer: str | None, model_name: str | None) -> bool:
        """Whether a header names this scanner; a silent header does not."""
        ours, theirs = (
            tuple(" ".join((name or "").casefold().split()) for name in pair)
            for pair in (
                (self.manufacturer, self.model_name),
                (manufacturer, model_name),
            )
        )
        return ours == theirs and all(theirs)


Reference = RodReference | ScannerReference
