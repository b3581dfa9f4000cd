"""Axes of plots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.adapters.scales import (
    Scale,
    linear_ticks,
    log_scale,
    log_ticks,
    nice_step,
)


def test_the_ends_of_an_axis_lie_at_its_ends() -> None:
    upright = Scale(-50.0, 50.0, 300.0, 10.0)

    assert (upright.at(-50.0), upright.at(50.0), upright.at(0.0)) == (
        300.0,
        10.0,
        155.0,
    )
    assert upright.clipped(1e9) == 10.0


def test_ticks_are_round() -> None:
    assert [t.text for t in linear_ticks(Scale(-100, 100, 0, 1), 4)] == [
        "−100", "−50", "0", "50", "100"
    ]  # fmt: skip
    decades = log_ticks(Scale(0.08, 12.0, 0.0, 100.0, is_log=True))
    assert [t.text for t in decades] == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=9))
def test_a_logarithmic_axis_holds_its_values(values: list[float]) -> None:
    scale = log_scale(values, 0.0, 500.0)

    assert all(0.0 <= scale.at(v) <= 500.0 for v in values)


@given(st.floats(1e-6, 1e6))
def test_a_round_step_is_never_shorter_and_not_much_longer(rough: float) -> None:
    assert rough * (1 - 1e-6) <= nice_step(rough) <= 2.01 * rough


def test_equal_values_still_have_an_axis() -> None:
    scale = log_scale([5.0, 5.0], 0.0, 100.0)

    assert scale.at(5.0) == pytest.approx(50.0)
