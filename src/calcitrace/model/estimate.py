"""A measured number, never without its error and its unit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from calcitrace.errors import InputError

Z95 = 1.959963984540054  # two-sided 95 % point of the normal distribution


class Unit(StrEnum):
    """Units of estimates; the value is the UCUM code."""

    MG = "mg"
    MM3 = "mm3"
    MM = "mm"
    MG_PER_CM3 = "mg/cm3"
    HU = "[hnsf'U]"
    ONE = "1"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the two kinds of error that behave differently between scans.

    Attributes
    ----------
    value
        Best estimate.
    std_random
        One sigma of what differs between two scans (noise, position), same unit.
    std_systematic
        One sigma of what they share (calibration), same unit. It cancels in a ratio.
    unit
        Unit of all three.
    """

    value: float
    std_random: float
    std_systematic: float
    unit: Unit

    def __post_init__(self) -> None:
        errors = (self.std_random, self.std_systematic)
        if not (math.isfinite(self.value) and all(0 <= e < math.inf for e in errors)):
            msg = f"Need a finite value and errors >= 0, got {self.value}, {errors}."
            raise InputError(msg)

    @property
    def std(self) -> float:
        """Combined standard uncertainty."""
        return math.hypot(self.std_random, self.std_systematic)

    @property
    def ci95(self) -> tuple[float, float]:
        """Normal 95 % interval, not cut at zero."""
        return self.value - Z95 * self.std, self.value + Z95 * self.std

    @classmethod
    def total(cls, parts: Sequence[Self], unit: Unit) -> "Estimate":
        """Sum: random errors add in quadrature, shared ones add up.

        Examples
        --------
        >>> part = Estimate(10.0, 3.0, 1.0, Unit.MG)
        >>> Estimate.total([part, part], Unit.MG).std_systematic
        2.0
        """
        if any(part.unit is not unit for part in parts):
            msg = f"Can only add estimates in {unit}, got {[p.unit for p in parts]}."
            raise InputError(msg)
        return Estimate(
            math.fsum(part.value for part in parts),
            math.sqrt(math.fsum(part.std_random**2 for part in parts)),
            math.fsum(part.std_systematic for part in parts),
            unit,
        )
