"""How CT numbers become hydroxyapatite, and how well that is known."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import CalibrationError

# Crystal density of Ca10(PO4)6(OH)2, which sets how much tissue a milligram displaces.
# Anthony et al., Handbook of Mineralogy vol. IV, 2000: 3.14-3.21 measured, 3.16 computed.
HYDROXYAPATITE_MG_CM3 = 3160.0


class Grade(StrEnum):
    """Where a calibration comes from, best first."""

    A = "A"  # phantom in the scan
    B = "B"  # same scanner model and kVp, measured before
    C = "C"  # the patient's own tissues
    D = "D"  # table by kVp and body size


@dataclass(frozen=True, slots=True)
class SizePoint:
    """How the response changes in a body of another size.

    Attributes
    ----------
    body_diameter_mm
        Water-equivalent diameter of the body.
    k_relative, hardening_relative
        Factor k and self-hardening there, over those of the calibration itself.
    """

    body_diameter_mm: float
    k_relative: float
    hardening_relative: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Slope of density against CT number, for hydroxyapatite in water.

    Attributes
    ----------
    slope_mg_cm3_per_hu
        Hydroxyapatite density per HU above the background, at low areal density, in a
        body of `body_diameter_mm`.
    std_systematic
        One sigma of the slope that every scan on this scanner and kVp shares.
    std_random
        One sigma of the slope that is new in each scan (reading of the rods).
    hardening_cm2_per_mg
        Relative fall of the HU-per-density factor for each mg/cm2 of hydroxyapatite
        in the way (self-hardening).
    source
        Sentence part for the methods paragraph.
    by_size
        Response in bodies of other sizes, by rising diameter; empty where unknown, and
        then every slice is taken as the calibration itself.
    """

    slope_mg_cm3_per_hu: float
    std_systematic: float
    std_random: float
    grade: Grade
    kvp: float | None
    body_diameter_mm: float | None
    hardening_cm2_per_mg: float
    source: str
    by_size: tuple[SizePoint, ...] = ()

    def __post_init__(self) -> None:
        if not (0.1 < self.slope_mg_cm3_per_hu < 10):  # noqa: PLR2004 -- no scanner is outside
            msg = (
                "Expected a slope between 0.1 and 10 mg/cm3 per HU, got "
                f"{self.slope_mg_cm3_per_hu:g}. Check units and densities of the rods."
            )
            raise CalibrationError(msg)
        diameters = [point.body_diameter_mm for point in self.by_size]
        if diameters != sorted(set(diameters)):
            msg = f"Expected sizes by rising diameter, got {diameters} mm."
            raise CalibrationError(msg)

    @property
    def hu_per_mg_cm3(self) -> float:
        """HU per mg/cm3 of hydroxyapatite in water: the factor k."""
        return 1 / self.slope_mg_cm3_per_hu

    @property
    def relative_std(self) -> float:
        """Combined relative error of the slope, one sigma."""
        variance = self.std_systematic**2 + self.std_random**2
        return float(variance**0.5 / self.slope_mg_cm3_per_hu)

    def at_diameter(self, body_diameter_mm: float | None) -> "Calibration":
        """Return the calibration in a slice where the body has another size.

        Relative errors stay, so the systematic part is still shared by all deposits.
        Beyond the known sizes the nearest one holds. A missing diameter (None, NaN: no
        body in the slice) gives the calibration itself.
        """
        if not self.by_size or body_diameter_mm is None or math.isnan(body_diameter_mm):
            return self
        k = self._at_size(body_diameter_mm, lambda p: p.k_relative)
        hardening = self._at_size(body_diameter_mm, lambda p: p.hardening_relative)
        return replace(
            self,
            slope_mg_cm3_per_hu=self.slope_mg_cm3_per_hu / k,
            std_systematic=self.std_systematic / k,
            std_random=self.std_random / k,
            body_diameter_mm=body_diameter_mm,
            hardening_cm2_per_mg=self.hardening_cm2_per_mg * hardening,
            by_size=tuple(
                SizePoint(
                    p.body_diameter_mm,
                    p.k_relative / k,
                    p.hardening_relative / hardening,
                )
                for p in self.by_size
            ),
        )

    def responses(
        self, path_mm: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Response and self-hardening behind lengths of water.

        Parameters
        ----------
        path_mm
            Water-equivalent lengths, any shape.

        Returns
        -------
        tuple of ndarray
            HU per mg/cm3 in water, and hardening in cm2/mg, of the same shape. Beyond
            the known sizes the nearest one holds.
        """
        if not self.by_size:
            whole = np.ones(path_mm.shape)
            return whole * self.hu_per_mg_cm3, whole * self.hardening_cm2_per_mg
        sizes = [p.body_diameter_mm for p in self.by_size]
        k = np.interp(path_mm, sizes, np.log([p.k_relative for p in self.by_size]))
        h = np.interp(
            path_mm, sizes, np.log([p.hardening_relative for p in self.by_size])
        )
        return np.exp(k) * self.hu_per_mg_cm3, np.exp(h) * self.hardening_cm2_per_mg

    def k_in_tissue(
        self, background_hu: float, body_diameter_mm: float | None = None
    ) -> float:
        """HU above the background per mg/cm3 of hydroxyapatite in a tissue.

        Hydroxyapatite displaces the tissue, whose own CT number is lost with it:
        k = k0 - HU_background / 3160, which is more than k0 in fat and less in muscle.

        Examples
        --------
        >>> in_water = Calibration(0.8, 0, 0, Grade.D, 120.0, None, 0.0, "")
        >>> in_water.k_in_tissue(0.0)
        1.25
        >>> round(in_water.k_in_tissue(-100.0), 4)
        1.2816
        """
        here = self.at_diameter(body_diameter_mm)
        return here.hu_per_mg_cm3 - background_hu / HYDROXYAPATITE_MG_CM3

    def hardening_factor(
        self, areal_density_mg_cm2: float, body_diameter_mm: float | None = None
    ) -> float:
        """Relative k of a dense deposit: 1 at vanishing areal density, less above.

        Parameters
        ----------
        areal_density_mg_cm2
            Density times chord, averaged along rays over the mass: for a sphere density
            x 3/4 diameter, for a cylinder across the slice x 0.85 diameter. Negative
            values (noise) count as 0.
        body_diameter_mm
            Size of the body in the slice; None for that of the calibration.

        Returns
        -------
        float
            1 / (1 + h a): within 1 % of the polychromatic calculation to 1000 mg/cm2.
        """
        here = self.at_diameter(body_diameter_mm)
        return 1 / (1 + here.hardening_cm2_per_mg * max(0.0, areal_density_mg_cm2))

    def _at_size(
        self, body_diameter_mm: float, value: Callable[[SizePoint], float]
    ) -> float:
        """Linear interpolation between sizes, in the logarithm of the value."""
        points = self.by_size
        if body_diameter_mm <= points[0].body_diameter_mm:
            return value(points[0])
        for low, high in pairwise(points):
            if body_diameter_mm <= high.body_diameter_mm:
                part = (body_diameter_mm - low.body_diameter_mm) / (
                    high.body_diameter_mm - low.body_diameter_mm
                )
                return float(value(low) ** (1 - part) * value(high) ** part)
        return value(points[-1])
