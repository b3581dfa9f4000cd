"""Rods of known density that were scanned with the patient, or as the patient was."""

import math
from dataclasses import dataclass

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
