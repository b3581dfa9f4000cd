"""What changed between visits, how sure that is, and why it cannot be said."""

from dataclasses import dataclass
from enum import StrEnum

from calcitrace.model.calibration import Grade
from calcitrace.model.estimate import Estimate


class Call(StrEnum):
    """The answer for one track and two visits; the names are a contract."""

    GROWTH = "growth"
    SHRINKAGE = "shrinkage"
    NO_DETECTABLE_CHANGE = "no_detectable_change"
    NEW = "new"
    RESOLVED = "resolved"
    NOT_COMPARABLE = "not_comparable"


class DensityCall(StrEnum):
    """Whether a deposit of constant volume became denser or softer."""

    DENSER = "denser"
    SOFTER = "softer"
    NO_DETECTABLE_CHANGE = "no_detectable_change"
    NOT_COMPARABLE = "not_comparable"


class Obstacle(StrEnum):
    """Why two masses cannot be compared."""

    ALIGNMENT_FAILED = "alignment_failed"
    OUT_OF_COVERAGE = "out_of_coverage"
    CUT_BY_SCAN_END = "cut_by_scan_end"
    GRADE_D_ACROSS_KVP = "grade_d_across_kvp"
    UNKNOWN_KVP = "unknown_kvp"
    REMOVED_BY_SURGERY = "removed_by_surgery"
    NOT_LOOKED_AT = "not_looked_at"
    NOTHING_MEASURED = "nothing_measured"


class Widening(StrEnum):
    """What makes the errors of a comparison wider than those of one protocol."""

    OTHER_SCANNER = "other_scanner"
    UNKNOWN_SCANNER = "unknown_scanner"
    OTHER_KVP = "other_kvp"
    OTHER_GRADE = "other_grade"
    OTHER_KERNEL = "other_kernel"
    OTHER_SLICE_THICKNESS = "other_slice_thickness"


@dataclass(frozen=True, slots=True)
class Measuring:
    """How a visit was measured, as far as errors are shared by it.

    Attributes
    ----------
    scanner
        Manufacturer and model; None where the header does not say.
    calibration_file
        Hash of what grades A and B rest on.
    calibration_systematic, calibration_random
        Relative, one sigma: of all scans so calibrated, and of this one.
    """

    grade: Grade
    kvp: float | None
    scanner: str | None
    calibration_file: str | None
    kernel: str | None
    slice_thickness_mm: float | None
    calibration_systematic: float
    calibration_random: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two visits share of their systematic errors.

    Attributes
    ----------
    obstacle
        Why no mass can be compared at all; None where they can.
    shares_calibration
        Its error cancels.
    model_correlation
        Of the errors of the measuring model, 0 to 1.
    widenings
        What is not shared.
    """

    shares_calibration: bool
    model_correlation: float
    widenings: tuple[Widening, ...]
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A mass at one visit, its errors told apart by who shares them; all in mg.

    Attributes
    ----------
    std_noise_mg
        One sigma of what is new in each scan, that of the calibration left out.
    std_model_mg
        One sigma of the measuring model: blur, recovery, borders between tissues.
    limit_mg
        95th percentile of what empty tissue would give there.
    """

    mass_mg: float
    std_noise_mg: float
    std_model_mg: float
    limit_mg: float
    is_lower_bound: bool = False

    @property
    def is_below_limit(self) -> bool:
        """Whether it cannot be told from nothing."""
        return self.mass_mg < self.limit_mg


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a ratio; `high` is None where there is no upper bound."""

    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class MassTest:
    """Two masses compared.

    Attributes
    ----------
    difference_mg, difference_std_mg
        Later less earlier, and its one sigma.
    ratio
        Later over earlier; None where one of them is below its detection limit.
    z
        Difference over its error.
    std_no_change_mg, std_per_change
        One sigma of the difference if the later mass were the earlier one, and by how
        much that grows with each mg of a true growth.
    """

    difference_mg: float
    difference_std_mg: float
    ratio: float | None
    ratio_ci95: Interval
    z: float
    p_growth: float
    std_no_change_mg: float
    std_per_change: float

    @property
    def p_shrinkage(self) -> float:
        """Probability that the mass fell."""
        return 1.0 - self.p_growth


@dataclass(frozen=True, slots=True)
class DensityTest:
    """Mean densities of one deposit compared.

    Attributes
    ----------
    ratio
        Later over earlier.
    z, volume_z
        Logarithm of the ratio over its error, for density and for volume.
    """

    ratio: float
    ratio_ci95: Interval
    z: float
    volume_z: float


@dataclass(frozen=True, slots=True)
class Sized:
    """Volume and density of a deposit at one visit."""

    volume: Estimate
    density: Estimate


@dataclass(frozen=True, slots=True)
class Rate:
    """Annual change of a mass that moves evenly on the logarithmic scale.

    Attributes
    ----------
    log_per_year, std
        Slope of the logarithm of the mass, and its one sigma.
    between_visits
        One sigma by which visits stray from the line beyond their errors.
    """

    log_per_year: float
    std: float
    between_visits: float
    n_visits: int


@dataclass(frozen=True, slots=True)
class RateChange:
    """Rates before and after a date, and their difference: an association in time."""

    before: Rate
    after: Rate
    difference: float
    difference_std: float
