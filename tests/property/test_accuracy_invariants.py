"""What must hold of figures of accuracy, whatever was read."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcitrace.analysis.accuracy import summarise
from calcitrace.model.accuracy import Cell, Figure, Metric, ValidationResult
from calcitrace.model.reading import Estimator, Mode, Reading
from tests.fakes.readings import perfect_readings, reading, site, suite_readings

SEEDS = st.integers(0, 2**32 - 1)
MASSES = st.floats(0.01, 1e4)
RUNS = settings(max_examples=10)


def result_of(readings: list[Reading]) -> ValidationResult:
    return summarise(readings, np.random.default_rng(11), n_bootstrap=50)


def figure(readings: list[Reading], metric: Metric) -> Figure:
    cell = result_of(readings).at(Estimator.CALCITRACE, Mode.POSITION_GIVEN, Cell())
    assert cell is not None
    found = cell.figure(metric)
    assert found is not None
    return found


@RUNS
@given(st.lists(MASSES, min_size=1, max_size=20))
def test_exact_readings_have_no_bias_and_no_error(masses: list[float]) -> None:
    exact = [
        reading(site(f"d{i}", mass), mass, std_mg=0.0, repeat=repeat)
        for i, mass in enumerate(masses)
        for repeat in (1, 2)
    ]

    for metric in (Metric.BIAS, Metric.RMS, Metric.CV, Metric.SDC, Metric.BURDEN):
        found = figure(exact, metric)
        assert found.value == pytest.approx(0.0, abs=1e-9)
        assert found.low is None or found.low == pytest.approx(0.0, abs=1e-9)
    assert figure(exact, Metric.COVERAGE).value == 100.0


@RUNS
@given(st.floats(0.2, 5.0), st.lists(MASSES, min_size=2, max_size=20))
def test_a_common_factor_is_a_bias_of_that_much(
    factor: float, masses: list[float]
) -> None:
    scaled = [reading(site(f"d{i}", m), m * factor) for i, m in enumerate(masses)]

    expected = 100 * (factor - 1)
    assert figure(scaled, Metric.BIAS).value == pytest.approx(expected, abs=1e-6)
    for metric in (Metric.RMS, Metric.BURDEN):
        assert figure(scaled, metric).value == pytest.approx(abs(expected), abs=1e-6)


@RUNS
@given(SEEDS)
def test_perfect_normal_readings_are_covered_near_95_percent(seed: int) -> None:
    made = perfect_readings(150, 2, np.random.default_rng(seed))

    assert figure(made, Metric.COVERAGE).value == pytest.approx(95.0, abs=6.0)


@RUNS
@given(SEEDS)
def test_figures_lie_in_their_intervals(seed: int) -> None:
    made = perfect_readings(12, 2, np.random.default_rng(seed))

    for metric in (Metric.BIAS, Metric.RMS, Metric.COVERAGE, Metric.CV):
        found = figure(made, metric)
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_the_order_of_readings_changes_nothing(random: Random) -> None:
    made = list(suite_readings(n_scenes=1, n_per_scene=4, n_repeats=2))
    shuffled = list(made)
    random.shuffle(shuffled)

    assert result_of(shuffled) == result_of(made)


@RUNS
@given(SEEDS, st.floats(0.1, 10.0))
def test_a_share_of_error_does_not_depend_on_the_unit_of_mass(
    seed: int, factor: float
) -> None:
    made = perfect_readings(10, 2, np.random.default_rng(seed))
    other_unit = [
        replace(
            r,
            site=site(r.site.deposit, r.site.mass_mg * factor),
            mass_mg=None if r.mass_mg is None else r.mass_mg * factor,
        )
        for r in made
    ]

    for metric in (Metric.BIAS, Metric.RMS, Metric.CV):
        one, other = figure(made, metric), figure(other_unit, metric)
        assert (one.value, one.low, one.high) == pytest.approx(
            (other.value, other.low, other.high), rel=1e-6, abs=1e-9
        )
