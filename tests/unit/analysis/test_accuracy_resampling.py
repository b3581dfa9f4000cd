"""Bootstrap over deposits against closed forms and against numpy."""

import numpy as np
import pytest

from calcitrace.analysis.accuracy.resampling import (
    Values,
    draws_of,
    interval,
    median,
    root_mean_square,
    sample_of,
    upper_95,
)
from calcitrace.model.accuracy import Metric
from calcitrace.model.reading import Reading
from tests.fakes.accuracy import ours
from tests.fakes.readings import perfect_hits, perfect_readings, reading, site


def test_intervals_of_few_deposits_hold_the_truth_nearly_as_often_as_said() -> None:
    """RMS of 12 normal errors of 10 %: plain percentiles would hold it in 85 %."""
    held, index = 0, np.arange(12)
    for seed in range(300):
        rng = np.random.default_rng(seed)
        values = Values(index, rng.normal(0, 10, 12), 12)
        bounds = interval(
            sample_of(values, draws_of(index, 400, rng), root_mean_square), 12
        )
        held += bounds is not None and bounds[0] <= 10 <= bounds[1]

    assert held / 300 > 0.88


@pytest.mark.parametrize("n", [1, 2, 5, 8, 20, 41])
def test_unweighted_quantiles_are_those_of_numpy(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    index = np.arange(n)
    sample = draws_of(index, 0, np.random.default_rng(0)).counts

    assert median(values, index, sample)[0] == pytest.approx(np.median(values))
    expected = np.quantile(values, 0.95, method="averaged_inverted_cdf")
    assert upper_95(values, index, sample)[0] == pytest.approx(expected)


def test_drawn_medians_are_those_of_the_drawn_values() -> None:
    rng = np.random.default_rng(1)
    values, index = rng.normal(size=30), np.repeat(np.arange(10), 3)
    counts = draws_of(np.arange(10), 20, rng).counts

    found = median(values, index, counts)

    repeated = [np.median(np.repeat(values, row[index].astype(int))) for row in counts]
    assert found == pytest.approx(np.array(repeated))


def test_a_share_of_all_still_has_a_width() -> None:
    figure = ours(perfect_hits(10)).figure(Metric.COVERAGE)

    assert figure is not None
    assert figure.value == figure.high == 100.0
    assert figure.low == pytest.approx(69.2, abs=0.1)  # Clopper-Pearson, 10 of 10


def test_below_five_deposits_there_is_no_interval() -> None:
    four = [reading(site(f"d{i}"), 2.0 + i / 10, repeat=k) for i in range(4)
            for k in (1, 2)]  # fmt: skip

    figure = ours(four).figure(Metric.RMS)

    assert figure is not None
    assert (figure.low, figure.high) == (None, None)
    assert (figure.n_units, figure.n_readings, figure.is_sparse) == (4, 8, True)


def test_intervals_are_wider_over_deposits_than_over_readings() -> None:
    """Repeats of a deposit err alike, so they are less evidence than they seem."""
    rng = np.random.default_rng(3)
    errors = np.repeat(rng.normal(0, 0.3, 20), 10) + rng.normal(0, 0.02, 200)
    together = [
        reading(site(f"d{i // 10}"), 2 + e, repeat=i % 10) for i, e in enumerate(errors)
    ]
    apart = [reading(site(f"d{i}"), 2 + e) for i, e in enumerate(errors)]

    def width(readings: list[Reading]) -> float:
        figure = ours(readings).figure(Metric.RMS)
        assert figure is not None
        assert figure.low is not None
        assert figure.high is not None
        return figure.high - figure.low

    assert width(together) > 2 * width(apart)


def test_perfect_intervals_hold_95_percent() -> None:
    made = perfect_readings(400, 3, np.random.default_rng(5))

    figure = ours(made).figure(Metric.COVERAGE)

    assert figure is not None
    assert figure.value == pytest.approx(95.0, abs=1.5)
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low < 95 < figure.high
