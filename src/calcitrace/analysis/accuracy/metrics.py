"""What each figure is made of: values of readings, and how they are put together."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from calcitrace.analysis.accuracy.resampling import (
    Aggregate,
    Draws,
    Values,
    interval,
    mean,
    median,
    root_mean_square,
    sample_of,
    share_bound,
    upper_95,
)
from calcitrace.analysis.accuracy.table import Columns, FloatArray, Mask
from calcitrace.model.accuracy import Figure, Metric
from calcitrace.model.reading import Mode

PERCENT = 100.0
# Difference of two readings that chance exceeds once in 20, in units of one's error
# (Bland & Altman, Stat Methods Med Res 8:135, 1999).
DETECTABLE = 1.96 * math.sqrt(2)


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric.

    Attributes
    ----------
    values
        Values of the readings of one estimator in one mode.
    scale
        Factor on the aggregate.
    is_share
        A percentage of yes among yes and no.
    """

    values: Callable[[Columns, Mode], Values]
    aggregate: Aggregate
    scale: float = 1.0
    is_share: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One metric of the readings, and of every draw of them.

    Attributes
    ----------
    drawn
        Shape (1 + draw,); the first is the figure itself.
    n_units, n_readings
        What stands behind it.
    """

    metric: Metric
    drawn: FloatArray
    n_units: int
    n_readings: int

    @property
    def figure(self) -> Figure:
        """The figure with its interval."""
        value = float(self.drawn[0])
        bounds = interval(self.drawn, self.n_units)
        if DEFINITIONS[self.metric].is_share and value in {0.0, PERCENT}:
            bound = PERCENT * share_bound(self.n_units)
            bounds = (bound, PERCENT) if value else (0.0, PERCENT - bound)
        low, high = (None, None) if bounds is None else bounds
        return Figure(self.metric, value, low, high, self.n_units, self.n_readings)


def sampled(
    metric: Metric, columns: Columns, mode: Mode, draws: Draws
) -> Sample | None:
    """Compute one metric; `None` where no reading allows it.

    Parameters
    ----------
    columns
        Readings of one estimator and mode in one cell.
    draws
        Of the units that the metric is sampled over; may hold units without readings.
    """
    definition = DEFINITIONS[metric]
    values = definition.values(columns, mode)
    if values.value.size == 0:
        return None
    return Sample(
        metric,
        sample_of(values, draws, definition.aggregate) * definition.scale,
        int(np.unique(values.unit).size),
        values.n_readings,
    )


def lead(ours: Sample, rivals: Sequence[Sample]) -> Figure:
    """Error of ours less that of the best rival, draw by draw on the same deposits.

    The best rival is chosen anew in each draw, so that choosing it adds to the interval.
    """
    best = np.min(np.stack([rival.drawn for rival in rivals]), axis=0)
    drawn = ours.drawn - best
    bounds = interval(drawn, ours.n_units)
    low, high = (None, None) if bounds is None else bounds
    return Figure(
        Metric.LEAD, float(drawn[0]), low, high, ours.n_units, ours.n_readings
    )


def _of_readings(columns: Columns, chosen: Mask, value: FloatArray) -> Values:
    return Values(columns.site[chosen], value[chosen], int(chosen.sum()))


def _has_mass(columns: Columns) -> Mask:
    return ~columns.is_blank & np.isfinite(columns.mass_mg)


def _relative(estimate: FloatArray, truth: FloatArray) -> FloatArray:
    """Error in per cent of the truth; NaN without a truth above 0."""
    error = np.full(truth.shape, np.nan)
    known = np.nan_to_num(truth) > 0
    error[known] = PERCENT * (estimate[known] / truth[known] - 1)
    return error


def _percent(yes: Mask) -> FloatArray:
    return np.where(yes, PERCENT, 0.0)


def _mass_errors(columns: Columns, _mode: Mode) -> Values:
    error = _relative(columns.mass_mg, columns.truth_mg)
    return _of_readings(columns, _has_mass(columns), error)


def _volume_errors(columns: Columns, _mode: Mode) -> Values:
    error = _relative(columns.volume_mm3, columns.truth_mm3)
    return _of_readings(columns, ~columns.is_blank & np.isfinite(error), error)


def _covered(columns: Columns, _mode: Mode) -> Values:
    low, high, truth = columns.low_mg, columns.high_mg, columns.truth_mg
    chosen = ~columns.is_blank & np.isfinite(low) & np.isfinite(high)
    return _of_readings(columns, chosen, _percent((low <= truth) & (truth <= high)))


def _volume_covered(columns: Columns, _mode: Mode) -> Values:
    low, high = columns.volume_low_mm3, columns.volume_high_mm3
    truth = columns.truth_mm3
    chosen = ~columns.is_blank & np.isfinite(low) & np.isfinite(high)
    chosen &= np.isfinite(truth)
    return _of_readings(columns, chosen, _percent((low <= truth) & (truth <= high)))


def _bound_held(columns: Columns, _mode: Mode) -> Values:
    """Readings with one bound only: "less than x" below the detection limit."""
    low, high, truth = columns.low_mg, columns.high_mg, columns.truth_mg
    one = np.isfinite(low) != np.isfinite(high)
    held = (truth <= high) | (low <= truth)  # comparing with NaN is False
    return _of_readings(columns, ~columns.is_blank & one, _percent(held))


def _nothing(columns: Columns, _mode: Mode) -> Values:
    """True deposits of which a reader is shown no mass, or none above 0."""
    chosen = ~columns.is_blank & columns.is_found
    return _of_readings(columns, chosen, _percent(~columns.is_shown))


def _found(columns: Columns, mode: Mode) -> Values:
    chosen = ~columns.is_blank & (mode is Mode.DETECTED)
    return _of_readings(columns, chosen, _percent(columns.is_found))


def _blanks(columns: Columns, mode: Mode) -> Values:
    chosen = columns.is_blank & np.isfinite(columns.mass_mg)
    return _of_readings(
        columns, chosen & (mode is Mode.POSITION_GIVEN), columns.mass_mg
    )


def _false_per_scan(columns: Columns, mode: Mode) -> Values:
    if mode is not Mode.DETECTED:
        return Values(columns.scene[:0], columns.mass_mg[:0], 0)
    is_false = columns.is_blank & columns.is_found
    return _per_scan(columns, is_false.astype(np.float64))


def _burden_errors(columns: Columns, mode: Mode) -> Values:
    """Error of the sum of all masses of a scan, in per cent.

    What was missed adds nothing; what was found where nothing is adds its mass. Scans
    with a deposit that was seen without a mass (cut, or no rule for it) have no sum.
    """
    counted = ~columns.is_blank | (mode is Mode.DETECTED)
    unknown = counted & columns.is_found & ~np.isfinite(columns.mass_mg)
    found = np.where(counted & columns.is_found, columns.mass_mg, 0.0)
    total = _per_scan(columns, np.where(unknown, 0.0, found))
    truth = _per_scan(columns, columns.truth_mg).value
    n_unknown = _per_scan(columns, unknown.astype(np.float64)).value
    error = _relative(total.value, truth)
    known = np.isfinite(error) & (n_unknown == 0)
    return Values(total.unit[known], error[known], int(known.sum()))


def _per_scan(columns: Columns, amount: FloatArray) -> Values:
    """Sum of an amount over every scan; the unit is the scene."""
    _, first, scan = np.unique(columns.scan, return_index=True, return_inverse=True)
    sums = np.bincount(scan, weights=amount, minlength=first.size)
    total = np.asarray(sums, np.float64)
    return Values(columns.scene[first], total, first.size)


def _spread(metric: Metric) -> Callable[[Columns, Mode], Values]:
    """Coefficient of variation among readings that ought to agree, in per cent.

    Of groups of at least two readings that differ in what is varied. Masses below 0
    count as 0, as nobody is shown a negative mass; groups without any mass are left out.
    """

    def values(columns: Columns, _mode: Mode) -> Values:
        chosen = _has_mass(columns)
        group, varied = (codes[chosen] for codes in columns.groups[metric])
        mass = np.maximum(columns.mass_mg[chosen], 0.0)
        site = columns.site[chosen]
        _, first, index = np.unique(group, return_index=True, return_inverse=True)
        pairs = np.unique(np.stack([index, varied]), axis=1)[0]
        n_varied = np.bincount(pairs, minlength=first.size)
        n = np.bincount(index, minlength=first.size)
        centre = np.bincount(index, weights=mass, minlength=first.size) / n
        squares = np.bincount(
            index, weights=(mass - centre[index]) ** 2, minlength=first.size
        )
        use = (n_varied > 1) & (centre > 0)
        cv = PERCENT * np.sqrt(squares[use] / (n[use] - 1)) / centre[use]
        return Values(site[first][use], cv, int(n[use].sum()))

    return values


DEFINITIONS: Mapping[Metric, Definition] = MappingProxyType(
    {
        Metric.BIAS: Definition(_mass_errors, median),
        Metric.RMS: Definition(_mass_errors, root_mean_square),
        Metric.COVERAGE: Definition(_covered, mean, is_share=True),
        Metric.BOUND_HELD: Definition(_bound_held, mean, is_share=True),
        Metric.NOTHING: Definition(_nothing, mean, is_share=True),
        Metric.CV: Definition(_spread(Metric.CV), root_mean_square),
        Metric.SDC: Definition(_spread(Metric.CV), root_mean_square, DETECTABLE),
        Metric.CV_KVP: Definition(_spread(Metric.CV_KVP), root_mean_square),
        Metric.CV_THICKNESS: Definition(_spread(Metric.CV_THICKNESS), root_mean_square),
        Metric.CV_KERNEL: Definition(_spread(Metric.CV_KERNEL), root_mean_square),
        Metric.VOLUME_BIAS: Definition(_volume_errors, median),
        Metric.VOLUME_RMS: Definition(_volume_errors, root_mean_square),
        Metric.VOLUME_COVERAGE: Definition(_volume_covered, mean, is_share=True),
        Metric.BURDEN: Definition(_burden_errors, root_mean_square),
        Metric.DETECTION_LIMIT: Definition(_blanks, upper_95),
        Metric.SENSITIVITY: Definition(_found, mean, is_share=True),
        Metric.FALSE_PER_SCAN: Definition(_false_per_scan, mean),
    }
)
