"""What a regression on the patient's tissues holds."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SizeClass:
    """Error of k on scanners that the training has not seen, by body size.

    Attributes
    ----------
    below_mm
        Water-equivalent diameters below this one, and not below that of the class before.
    rms_table, rms_tissue
        Relative, of grades D and C.
    is_better
        C has the smaller error in 95 % of resamplings of the scanners, and one that is
        smaller by a twentieth at least.
    """

    below_mm: float
    rms_table: float
    rms_tissue: float
    is_better: bool


@dataclass(frozen=True, slots=True)
class TissueFit:
    """log k = log k of the table + weights x (tissue - what is usual).

    Attributes
    ----------
    usual_fat_hu, usual_muscle_hu
        Coefficients of `setting_terms`.
    std_fat_hu, std_muscle_hu
        One sigma of tissues about what is usual.
    fat_per_hu, muscle_per_hu
        Weights.
    sizes
        By rising diameter.
    """

    usual_fat_hu: tuple[float, ...]
    usual_muscle_hu: tuple[float, ...]
    std_fat_hu: float
    std_muscle_hu: float
    fat_per_hu: float
    muscle_per_hu: float
    sizes: tuple[SizeClass, ...]


def setting_terms(kvp: float, body_diameter_mm: float) -> tuple[float, ...]:
    """Terms in tube voltage and body size that usual CT numbers are linear in.

    Examples
    --------
    >>> setting_terms(100.0, 150.0)
    (1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    """
    v, d = math.log(kvp / 100.0), math.log(body_diameter_mm / 150.0)
    return 1.0, v, d, v * d, v * v, d * d
