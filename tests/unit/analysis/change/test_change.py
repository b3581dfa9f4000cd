"""Ratios, tests and calls against closed forms, and their rates by simulation."""

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from calcitrace.analysis.change import (
    agreement,
    compared,
    decisions,
    fixed_call,
    smallest_detectable_change_mg,
    weighed_sum,
)
from calcitrace.analysis.change.calls import adjusted_p_values
from calcitrace.model.calibration import Grade
from calcitrace.model.change import (
    Agreement,
    Call,
    Measuring,
    Weighed,
)

HOW = Measuring(Grade.D, 120.0, "Maker One", None, "soft", 1.0, 0.08, 0.0)
SAME = Agreement(True, 1.0, ())
APART = Agreement(False, 0.0, ())
N = 4000


def measuring(**changes: object) -> Measuring:
    return replace(HOW, **changes)  # type: ignore[arg-type]  # values by name


# ------------------------------------------------------------------------------- calls


def test_adjusted_p_values_are_those_of_the_step_up_rule() -> None:
    assert adjusted_p_values([0.01, 0.02, 0.03]) == pytest.approx((0.03, 0.03, 0.03))
    assert adjusted_p_values([0.04]) == (0.04,)
    assert adjusted_p_values([]) == ()


def drawn(
    rng: np.random.Generator, masses: np.ndarray, factor: np.ndarray
) -> list[tuple[Weighed, Weighed]]:
    """Two visits of one scanner: shared slope, shared and own errors."""
    slope = 1 + 0.08 * rng.normal()
    shared = rng.normal(size=len(masses))
    found: list[list[Weighed]] = []
    for true in (masses, masses * factor):
        noise, model = 0.03 + 0.02 * true, 0.03 * true
        own = rng.normal(size=len(masses))
        error = math.sqrt(0.8) * shared + math.sqrt(0.2) * own
        value = slope * true + noise * rng.normal(size=len(masses)) + model * error
        found.append(
            [
                Weighed(float(v), float(n), float(m), 0.05)
                for v, n, m in zip(value, noise, model, strict=True)
            ]
        )
    return list(zip(found[0], found[1], strict=True))


SHARED = agreement(HOW, HOW)


def test_unchanged_deposits_are_called_changed_in_at_most_the_stated_rate() -> None:
    rng = np.random.default_rng(1)
    masses = np.geomspace(0.5, 200.0, 8)
    any_call = alone = total = 0
    for _ in range(N // 4):
        pairs = drawn(rng, masses, np.ones(8))
        tests = [compared(*p, (HOW, HOW), SHARED) for p in pairs]
        called = [
            d.call is not Call.NO_DETECTABLE_CHANGE for d in decisions(tests, 0.05)
        ]
        any_call += any(called)
        alone += decisions(tests[:1], 0.05)[0].call is not Call.NO_DETECTABLE_CHANGE
        before, after = (weighed_sum([p[k] for p in pairs]) for k in (0, 1))
        test = compared(before, after, (HOW, HOW), SHARED)
        total += decisions([test], 0.05)[0].call is not Call.NO_DETECTABLE_CHANGE

    tries = N // 4
    assert any_call / tries <= 0.065
    assert alone / tries == pytest.approx(0.05, abs=0.02)
    assert total / tries <= 0.065


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_change_of_half_as_much_again_as_detectable_is_called_in_80_percent(
    sign: float,
) -> None:
    rng = np.random.default_rng(2)
    masses = np.geomspace(1.0, 100.0, 6)
    at_truth = [Weighed(float(m), 0.03 + 0.02 * m, 0.03 * m, 0.05) for m in masses]
    tests = [compared(w, w, (HOW, HOW), SHARED) for w in at_truth]
    least = [smallest_detectable_change_mg(t, len(masses), 0.05) for t in tests]
    hits = np.zeros(len(masses))
    for k in range(len(masses)):
        factor = np.ones(len(masses))
        factor[k] = 1 + sign * 1.5 * least[k] / masses[k]
        for _ in range(N // 10):
            tests = [
                compared(*p, (HOW, HOW), SHARED) for p in drawn(rng, masses, factor)
            ]
            call = decisions(tests, 0.05)[k].call
            hits[k] += call is (Call.GROWTH if sign > 0 else Call.SHRINKAGE)

    assert (hits / (N // 10) >= 0.8).all()


def test_probabilities_are_those_of_the_normal_distribution() -> None:
    before, after = Weighed(10.0, 3.0, 0.0, 0.1), Weighed(15.0, 4.0, 0.0, 0.1)
    exact = measuring(calibration_systematic=0.0)

    test = compared(before, after, (exact, exact), SAME)

    assert test.z == pytest.approx(1.0)
    assert test.p_growth == pytest.approx(NormalDist().cdf(1.0))
    assert test.p_growth + test.p_shrinkage == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("ratio", "call"),
    [
        (1.26, Call.GROWTH),
        (1.24, Call.NO_DETECTABLE_CHANGE),
        (0.74, Call.SHRINKAGE),
        (None, Call.NOT_COMPARABLE),
    ],
)
def test_the_fixed_rule_knows_nothing_of_errors(
    ratio: float | None, call: Call
) -> None:
    assert fixed_call(ratio) is call
