"""One row of the table of CT response to hydroxyapatite."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """Response at one tube voltage and water-equivalent body diameter.

    Attributes
    ----------
    k
        HU per mg/cm3 of hydroxyapatite in water, at vanishing areal density.
    hardening_cm2_per_mg
        h in k / (1 + h a), a the areal density in mg/cm2.
    relative_std
        One sigma of k on a scanner nobody measured.
    """

    kvp: float
    body_diameter_mm: float
    k: float
    hardening_cm2_per_mg: float
    relative_std: float
