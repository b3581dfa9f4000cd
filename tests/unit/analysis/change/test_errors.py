"""Errors that two visits share cancel, the others add up."""

import math
from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.change import (
    agreement,
    compared,
    weighed_sum,
)
from calcitrace.analysis.change.weighing import Measured, fieller, std_mg, weighed
from calcitrace.model.calibration import Grade
from calcitrace.model.change import (
    Agreement,
    Measuring,
    Obstacle,
    Weighed,
    Widening,
)
from calcitrace.model.estimate import Z95, Estimate, Unit

HOW = Measuring(Grade.D, 120.0, "Maker One", None, "soft", 1.0, 0.08, 0.0)
SAME = Agreement(True, 1.0, ())
APART = Agreement(False, 0.0, ())
N = 4000


def measuring(**changes: object) -> Measuring:
    return replace(HOW, **changes)  # type: ignore[arg-type]  # values by name


# ------------------------------------------------------------------ errors that cancel


def test_what_two_visits_share_cancels_exactly() -> None:
    one = Weighed(100.0, 0.0, 5.0, 0.1)

    test = compared(one, one, (HOW, HOW), SAME)

    assert test.difference_std_mg == 0.0
    assert test.ratio_ci95.low == pytest.approx(1.0)
    assert test.ratio_ci95.high == pytest.approx(1.0)


def test_what_they_do_not_share_adds_up() -> None:
    one = Weighed(100.0, 3.0, 5.0, 0.1)

    test = compared(one, one, (HOW, HOW), APART)

    each = math.hypot(3.0, 5.0, 8.0)
    assert test.difference_std_mg == pytest.approx(math.sqrt(2) * each)


def test_the_ratio_does_not_depend_on_a_slope_that_both_visits_share() -> None:
    def at_slope(k: float) -> tuple[float | None, float, float | None, float]:
        masses = (
            Weighed(50 * k, 2 * k, k, 0.1 * k),
            Weighed(60 * k, 2 * k, k, 0.1 * k),
        )
        test = compared(*masses, (HOW, HOW), SAME)
        return test.ratio, test.ratio_ci95.low, test.ratio_ci95.high, test.p_growth

    assert at_slope(1.3) == pytest.approx(at_slope(1.0))


def test_the_errors_of_a_measured_mass_are_told_apart() -> None:
    how = measuring(calibration_random=0.03)
    mass = Estimate(100.0, 5.0, 10.0, Unit.MG)

    parts = weighed(Measured(mass, None, 0.2), how)
    known = weighed(Measured(mass, 3.0, 0.2), how)

    assert parts.std_noise_mg == pytest.approx(4.0)
    assert parts.std_model_mg == pytest.approx(6.0)
    assert known.std_noise_mg == 3.0
    assert known.std_model_mg == pytest.approx(math.hypot(6.0, math.sqrt(7.0)))
    for each in (parts, known):
        assert std_mg(each, how) == pytest.approx(mass.std)


def test_a_sum_is_the_same_however_its_mass_is_split() -> None:
    whole = Weighed(90.0, 5.0, 3.0, 0.5)
    pieces = [Weighed(40.0, 3.0, 1.0, 0.3), Weighed(50.0, 4.0, 2.0, 0.4)]

    assert weighed_sum(pieces) == whole


@pytest.mark.parametrize(
    ("changes", "shares", "correlation", "words", "obstacle"),
    [
        ({}, True, 0.8, (), None),
        ({"kernel": "hard"}, True, 0.0, (Widening.OTHER_KERNEL,), None),
        (
            {"slice_thickness_mm": 3.0},
            True,
            0.0,
            (Widening.OTHER_SLICE_THICKNESS,),
            None,
        ),
        ({"scanner": "Maker Two"}, False, 0.0, (Widening.OTHER_SCANNER,), None),
        ({"scanner": None}, False, 0.0, (Widening.UNKNOWN_SCANNER,), None),
        (
            {"kvp": 80.0},
            False,
            0.0,
            (Widening.OTHER_KVP,),
            Obstacle.GRADE_D_ACROSS_KVP,
        ),
        (
            {"kvp": 80.0, "grade": Grade.B},
            False,
            0.0,
            (Widening.OTHER_KVP, Widening.OTHER_GRADE),
            Obstacle.GRADE_D_ACROSS_KVP,
        ),
        ({"kvp": None}, False, 0.0, (Widening.OTHER_KVP,), Obstacle.UNKNOWN_KVP),
        ({"grade": Grade.C}, False, 0.8, (Widening.OTHER_GRADE,), None),
    ],
)
def test_what_visits_share_follows_from_how_they_were_measured(
    changes: dict[str, object],
    shares: bool,
    correlation: float,
    words: tuple[Widening, ...],
    obstacle: Obstacle | None,
) -> None:
    assert agreement(HOW, measuring(**changes)) == Agreement(
        shares, correlation, words, obstacle
    )


def test_better_grades_may_be_compared_across_tube_voltages() -> None:
    a = measuring(grade=Grade.A, calibration_file="a")
    b = measuring(grade=Grade.B, kvp=80.0, calibration_file="b")

    shared = agreement(a, b)

    assert shared.obstacle is None
    assert not shared.shares_calibration


def test_the_user_may_say_what_headers_do_not() -> None:
    silent = measuring(kvp=None, scanner=None)

    assert agreement(silent, silent).obstacle is Obstacle.UNKNOWN_KVP
    known = agreement(silent, silent, is_same_scanner=True)
    assert known.shares_calibration
    assert known.obstacle is None


# --------------------------------------------------------------------------- intervals


def test_far_from_zero_fieller_is_the_interval_of_the_logarithm() -> None:
    interval = fieller(1000.0, 1100.0, (100.0, 121.0, 0.0))

    std = math.hypot(0.01, 0.01)
    assert interval.low == pytest.approx(1.1 * math.exp(-Z95 * std), rel=1e-3)
    assert interval.high == pytest.approx(1.1 * math.exp(Z95 * std), rel=1e-3)


@pytest.mark.parametrize(("before", "after"), [(20.0, 30.0), (3.0, 9.0), (5.0, 0.5)])
def test_fieller_holds_the_true_ratio_in_95_percent(
    before: float, after: float
) -> None:
    rng = np.random.default_rng(7)
    covariance = (1.0, 1.5, 0.4)
    drawn = rng.multivariate_normal([before, after], [[1.0, 0.4], [0.4, 1.5]], size=N)

    held = 0
    for one, other in drawn:
        interval = fieller(one, other, covariance)
        high = math.inf if interval.high is None else interval.high
        held += interval.low <= after / before <= high

    assert held / N == pytest.approx(0.95, abs=0.012)


def test_nothing_has_no_ratio_but_a_bound() -> None:
    nothing, something = Weighed(0.02, 0.05, 0.0, 0.1), Weighed(10.0, 0.5, 0.1, 0.1)

    grown = compared(nothing, something, (HOW, HOW), SAME)
    gone = compared(something, nothing, (HOW, HOW), SAME)

    assert grown.ratio is gone.ratio is None
    assert grown.ratio_ci95.high is None
    assert grown.ratio_ci95.low > 50
    assert gone.ratio_ci95.low == 0.0
    assert gone.ratio_ci95.high == pytest.approx(0.0118, abs=2e-3)
