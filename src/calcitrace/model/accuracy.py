"""How well estimators agree with the truth: figures, cells, targets and verdicts."""

import math
from dataclasses import dataclass
from enum import Enum, StrEnum

from calcitrace.model.reading import Estimator, Mode


class Axis(StrEnum):
    """What readings are sorted by."""

    MASS = "mass"
    TISSUE = "tissue"
    SHAPE = "shape"
    GAP = "gap to bone"
    NOISE = "noise"
    KERNEL = "kernel"
    THICKNESS = "slice thickness"
    KVP = "tube voltage"
    BODY = "body"

    @property
    def is_of_scan(self) -> bool:
        """Whether a whole scan has one level of it."""
        return self in _OF_SCAN


_OF_SCAN = frozenset({Axis.NOISE, Axis.KERNEL, Axis.THICKNESS, Axis.KVP, Axis.BODY})


class Sampled(Enum):
    """What is drawn again by the bootstrap, and how many of it a figure needs.

    With fewer a figure is shown and marked, and no target is judged by it.
    """

    DEPOSIT = ("deposit", 10)
    BLANK_SITE = ("blank site", 20)
    SCENE = ("scene", 5)

    def __init__(self, singular: str, n_min: int) -> None:
        self.singular, self.n_min = singular, n_min


class Metric(StrEnum):
    """What is said of an estimator; the value is the start of its column names."""

    BIAS = "bias_pct"
    RMS = "rms_error_pct"
    COVERAGE = "coverage_pct"
    BOUND_HELD = "one_sided_bound_held_pct"
    NOTHING = "reads_nothing_pct"
    CV = "test_retest_cv_pct"
    SDC = "smallest_detectable_change_pct"
    CV_KVP = "between_kvp_cv_pct"
    CV_THICKNESS = "between_thickness_cv_pct"
    CV_KERNEL = "between_kernel_cv_pct"
    VOLUME_BIAS = "volume_bias_pct"
    VOLUME_RMS = "volume_rms_error_pct"
    VOLUME_COVERAGE = "volume_coverage_pct"
    BURDEN = "total_burden_rms_error_pct"
    DETECTION_LIMIT = "detection_limit_mg"
    SENSITIVITY = "sensitivity_pct"
    FALSE_PER_SCAN = "false_deposits_per_scan"
    LEAD = "rms_error_less_best_rival_pct"

    @property
    def sampled(self) -> Sampled:
        """What its interval is drawn over."""
        return _SAMPLED.get(self, Sampled.DEPOSIT)


_SAMPLED = {
    Metric.BURDEN: Sampled.SCENE,
    Metric.FALSE_PER_SCAN: Sampled.SCENE,
    Metric.DETECTION_LIMIT: Sampled.BLANK_SITE,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number about an estimator in one cell.

    Attributes
    ----------
    value
        In the unit that the metric's name ends with.
    low, high
        95 % bootstrap interval; `None` where too few units give none.
    n_units
        Deposits, blank sites or scenes behind it: what was drawn again.
    n_readings
        Readings behind it; for the total burden and false deposits, scans.
    """

    metric: Metric
    value: float
    low: float | None
    high: float | None
    n_units: int
    n_readings: int

    @property
    def is_sparse(self) -> bool:
        """Whether too few units stand behind it to judge by."""
        return self.n_units < self.metric.sampled.n_min


@dataclass(frozen=True, slots=True)
class Cell:
    """Readings that share levels of some axes; no level is "all readings".

    Attributes
    ----------
    levels
        Axis -> names of the levels that belong to it.
    """

    levels: tuple[tuple[Axis, tuple[str, ...]], ...] = ()

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Axes that narrow it."""
        return tuple(axis for axis, _ in self.levels)

    @property
    def name(self) -> str:
        """Levels in words.

        Examples
        --------
        >>> Cell(((Axis.MASS, ("1-5 mg",)), (Axis.GAP, ("0 mm", "2 mm")))).name
        'mass 1-5 mg; gap to bone 0 mm, 2 mm'
        """
        parts = (f"{axis} {', '.join(names)}" for axis, names in self.levels)
        return "; ".join(parts) or "all"


@dataclass(frozen=True, slots=True)
class CellAccuracy:
    """One estimator in one cell.

    Attributes
    ----------
    n_deposits, n_readings
        True deposits and readings of them in the cell, with or without a mass.
    figures
        Those that the readings allow, in the order of `Metric`.
    """

    estimator: Estimator
    mode: Mode
    cell: Cell
    n_deposits: int
    n_readings: int
    figures: tuple[Figure, ...]

    def figure(self, metric: Metric) -> Figure | None:
        """Figure by its metric; `None` where the readings allow none."""
        return next((f for f in self.figures if f.metric is metric), None)


@dataclass(frozen=True, slots=True)
class Target:
    """What Calcitrace wants to reach.

    Attributes
    ----------
    cell
        Where; `None` is "in every cell with at least `n_readings_min` readings".
    at_least, at_most
        Bounds of the figure; `None` is "no such bound".
    no_worse_than
        A rival whose figure on the same scans is the upper bound.
    """

    name: str
    metric: Metric
    cell: Cell | None
    at_least: float | None = None
    at_most: float | None = None
    no_worse_than: Estimator | None = None
    n_readings_min: int = 0


class Verdict(StrEnum):
    """What became of a target."""

    MISSED = "missed"
    NOT_ENOUGH_DATA = "not enough data"
    MET = "met"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A target, what was reached, and whether that is enough.

    Attributes
    ----------
    figure
        `None` where there is no reading; for a target on every cell, the lowest one.
    rival
        The figure that ours must not exceed, where a rival sets the bound.
    failing
        Cells that miss a target on every cell.
    n_judged
        Cells judged for a target on every cell.
    """

    target: Target
    mode: Mode
    verdict: Verdict
    figure: Figure | None
    rival: Figure | None = None
    failing: tuple[Cell, ...] = ()
    n_judged: int = 1

    @property
    def at_most(self) -> float | None:
        """Upper bound that was judged by."""
        return self.target.at_most if self.rival is None else self.rival.value

    @property
    def is_certain(self) -> bool:
        """Whether the interval lies on the side of the verdict, a rival's apart."""
        figure = self.figure
        if figure is None or figure.low is None or figure.high is None:
            return False
        low = -math.inf if self.target.at_least is None else self.target.at_least
        bound = math.inf if self.at_most is None else self.at_most
        if self.verdict is Verdict.MET:
            if self.rival is not None and self.rival.low is not None:
                bound = self.rival.low
            return low <= figure.low and figure.high <= bound
        if self.rival is not None and self.rival.high is not None:
            bound = self.rival.high
        return figure.high < low or figure.low > bound


@dataclass(frozen=True, slots=True)
class Count:
    """Size of what was read."""

    n_readings: int
    n_deposits: int
    n_blank_sites: int
    n_scenes: int
    n_scans: int


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """Everything that follows from the readings.

    Attributes
    ----------
    cells
        By mode, estimator, then cell; the cell of all readings first.
    judgements
        In the order of the targets, for each mode that was read.
    levels
        Axis -> its levels that occur, in the order in which they are shown.
    """

    counts: Count
    cells: tuple[CellAccuracy, ...]
    judgements: tuple[Judgement, ...]
    levels: tuple[tuple[Axis, tuple[str, ...]], ...]
    n_bootstrap: int

    @property
    def estimators(self) -> tuple[tuple[Estimator, Mode], ...]:
        """Estimators that were read, and how, in the order of the cells."""
        return tuple(dict.fromkeys((c.estimator, c.mode) for c in self.cells))

    def levels_of(self, axis: Axis) -> tuple[str, ...]:
        """Levels of an axis that occur."""
        return dict(self.levels)[axis]

    def at(self, estimator: Estimator, mode: Mode, cell: Cell) -> CellAccuracy | None:
        """Return one estimator in one cell; `None` where nothing was read."""
        return next(
            (
                c
                for c in self.cells
                if c.estimator is estimator and c.mode is mode and c.cell == cell
            ),
            None,
        )
