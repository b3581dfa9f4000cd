"""Densities and courses against closed forms."""

import math
from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.change import (
    annual_rate,
    log_covariance,
    rate_change,
)
from calcitrace.analysis.change.density import density_calls, density_test
from calcitrace.model.calibration import Grade
from calcitrace.model.change import (
    Agreement,
    DensityCall,
    Measuring,
    Sized,
    Weighed,
)
from calcitrace.model.estimate import Z95, Estimate, Unit

HOW = Measuring(Grade.D, 120.0, "Maker One", None, "soft", 1.0, 0.08, 0.0)
SAME = Agreement(True, 1.0, ())
APART = Agreement(False, 0.0, ())
N = 4000


def measuring(**changes: object) -> Measuring:
    return replace(HOW, **changes)  # type: ignore[arg-type]  # values by name


# ----------------------------------------------------------------------------- density


def sized(volume: float, density: float) -> Sized:
    return Sized(
        Estimate(volume, 0.05 * volume, 0.0, Unit.MM3),
        Estimate(density, 0.05 * density, 0.08 * density, Unit.MG_PER_CM3),
    )


def test_density_at_constant_volume_is_a_finding_of_its_own() -> None:
    first = sized(100.0, 400.0)
    tests = [
        density_test(first, other, (HOW, HOW), SAME)
        for other in (
            sized(100.0, 600.0),
            sized(100.0, 250.0),
            sized(200.0, 250.0),
            sized(101.0, 404.0),
        )
    ]

    assert tests[0].ratio == pytest.approx(1.5)
    assert density_calls(tests, 0.05) == (
        DensityCall.DENSER,
        DensityCall.SOFTER,
        DensityCall.NO_DETECTABLE_CHANGE,
        DensityCall.NO_DETECTABLE_CHANGE,
    )


def test_a_calibration_that_is_not_shared_hides_a_change_of_density() -> None:
    first, other = sized(100.0, 400.0), sized(100.0, 470.0)

    near = density_test(first, other, (HOW, HOW), SAME)
    far = density_test(first, other, (HOW, HOW), APART)

    assert math.log(470 / 400) / near.z == pytest.approx(math.hypot(0.05, 0.05))
    assert math.log(470 / 400) / far.z == pytest.approx(
        math.hypot(0.05, 0.05, 0.08, 0.08)
    )


# ----------------------------------------------------------------------------- courses


def test_an_even_course_has_its_rate_exactly() -> None:
    years = [0.0, 0.4, 1.3, 2.0]
    logs = [math.log(10.0) + math.log(1.5) * t for t in years]

    rate = annual_rate(years, logs, 0.01 * np.eye(4))

    assert rate is not None
    assert math.exp(rate.log_per_year) == pytest.approx(1.5)
    assert rate.between_visits == 0.0
    spread = np.array(years) - np.mean(years)
    assert rate.std == pytest.approx(0.1 / math.sqrt((spread**2).sum()))


def test_a_shared_calibration_does_not_widen_a_rate() -> None:
    years, logs = [0.0, 1.0, 2.0], [1.0, 1.2, 1.4]
    own = annual_rate(years, logs, 0.01 * np.eye(3))
    both = annual_rate(years, logs, 0.01 * np.eye(3) + 0.5)

    assert own is not None
    assert both is not None
    assert both.std == pytest.approx(own.std, rel=1e-6)


def test_rates_hold_the_truth_in_95_percent_where_visits_stray() -> None:
    rng = np.random.default_rng(3)
    years = np.linspace(0.0, 4.0, 9)
    held = 0
    for _ in range(N // 4):
        logs = 0.3 * years + rng.normal(0.0, math.hypot(0.05, 0.1), len(years))
        rate = annual_rate(years.tolist(), logs.tolist(), 0.05**2 * np.eye(9))
        assert rate is not None
        held += abs(rate.log_per_year - 0.3) <= Z95 * rate.std

    assert 0.88 <= held / (N // 4) <= 0.97


def test_two_visits_have_no_rate() -> None:
    assert annual_rate([0.0, 1.0], [0.0, 1.0], np.eye(2)) is None


def test_a_bend_divides_the_line_where_a_treatment_began() -> None:
    years = [0.0, 1.0, 2.0, 3.0]
    logs = [0.0, 0.5, 1.0, 0.7]

    change = rate_change(years, logs, 0.01 * np.eye(4), 2.0)

    assert change is not None
    assert change.before.log_per_year == pytest.approx(0.5)
    assert change.after.log_per_year == pytest.approx(-0.3)
    assert change.difference == pytest.approx(-0.8)
    assert rate_change(years, logs, 0.01 * np.eye(4), 2.5) is None


def test_the_covariance_of_logarithms_has_what_visits_share_off_its_diagonal() -> None:
    parts = [Weighed(100.0, 3.0, 4.0, 0.1), Weighed(50.0, 1.0, 2.0, 0.1)]

    same = log_covariance(parts, [HOW, HOW])
    other = log_covariance(parts, [HOW, measuring(scanner="Maker Two")])

    assert same[0, 0] == pytest.approx(0.03**2 + 0.04**2 + 0.08**2)
    assert same[0, 1] == pytest.approx(0.8 * 0.04 * 0.04 + 0.08**2)
    assert other[0, 1] == 0.0
