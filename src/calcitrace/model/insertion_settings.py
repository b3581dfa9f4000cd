"""What to insert into a scan; loads nothing heavy, for the command line reads it."""

from dataclasses import dataclass
from enum import StrEnum

from calcitrace.errors import InsertionError

MASS_LIMITS_MG = (0.05, 20_000.0)
DENSITY_LIMITS_MG_CM3 = (50.0, 1200.0)
MAX_DEPOSITS = 500


class Morphology(StrEnum):
    """Forms of calcinosis."""

    PUNCTATE = "punctate"
    NODULE = "nodule"
    CLUSTER = "cluster"
    SHEET = "sheet"
    TUMORAL = "tumoral"


class Gap(StrEnum):
    """Distance between the surfaces of a deposit and of the nearest bone, in mm."""

    TOUCHING = "0"
    ONE = "1"
    TWO = "2"
    FIVE = "5"
    FAR = "far"

    @property
    def least_mm(self) -> float:
        """Smallest distance; far is beyond the largest that is named."""
        return FAR_MM if self is Gap.FAR else float(self.value)


FAR_MM = 6.0


@dataclass(frozen=True, slots=True)
class InsertionSettings:
    """What to insert.

    Attributes
    ----------
    n_deposits
        How many; fewer are inserted where there is no room for all.
    kinds
        Forms to draw from.
    mass_mg
        Smallest and largest; spread evenly in the logarithm.
    density_mg_cm3
        Lowest and highest hydroxyapatite per volume of the deposit.
    gaps
        Distances to bone to draw from.
    at_scan_ends
        Cut every deposit by the first or the last slice, instead of keeping away.
    seed
        The same seed gives the same deposits.
    """

    n_deposits: int = 20
    kinds: tuple[Morphology, ...] = tuple(Morphology)
    mass_mg: tuple[float, float] = (0.25, 1000.0)
    density_mg_cm3: tuple[float, float] = (120.0, 1000.0)
    gaps: tuple[Gap, ...] = tuple(Gap)
    at_scan_ends: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.n_deposits <= MAX_DEPOSITS:
            msg = f"Expected 1 to {MAX_DEPOSITS} deposits, got {self.n_deposits}."
            raise InsertionError(msg)
        if not self.kinds or not self.gaps:
            msg = "Expected at least one kind and one gap, got none."
            raise InsertionError(msg)
        if self.seed < 0:
            msg = f"Expected a seed of 0 or more, got {self.seed}."
            raise InsertionError(msg)
        _check_range("mass", "mg", self.mass_mg, MASS_LIMITS_MG)
        _check_range("density", "mg/cm3", self.density_mg_cm3, DENSITY_LIMITS_MG_CM3)


def _check_range(
    name: str, unit: str, span: tuple[float, float], limits: tuple[float, float]
) -> None:
    low, high = span
    if not limits[0] <= low <= high <= limits[1]:
        msg = (
            f"Expected a {name} range within {limits[0]:g} and {limits[1]:g} {unit}, "
            f"lower end first, got {low:g} to {high:g}."
        )
        raise InsertionError(msg)
