"""Statistics of two readers against worked examples that were published."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.analysis.agreement import cohen_kappa, differences, intraclass

# Shrout and Fleiss 1979, table 2: 6 targets, 4 judges.
JUDGES = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]
# Bland and Altman 1986, table 1: first readings of two peak flow meters, l/min.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178,
          423, 427]  # fmt: skip
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350,
        451]  # fmt: skip


def pairs_of(both: int, first: int, second: int, none: int) -> list[tuple[bool, bool]]:
    return (
        [(True, True)] * both
        + [(True, False)] * first
        + [(False, True)] * second
        + [(False, False)] * none
    )


# Bounds as another implementation of the same standard error gives (statsmodels).
@pytest.mark.parametrize(
    ("counts", "kappa", "low", "high"),
    [
        ((20, 5, 10, 15), 0.4, 0.151092, 0.648908),
        ((45, 15, 25, 15), 0.130435, -0.062938, 0.323808),
        ((61, 2, 6, 25), 0.800953, 0.669990, 0.931916),
    ],
)
def test_kappa_and_its_interval(
    counts: tuple[int, int, int, int], kappa: float, low: float, high: float
) -> None:
    found = cohen_kappa(pairs_of(*counts))

    assert (found.value, found.low, found.high) == pytest.approx(
        (kappa, low, high), abs=1e-6
    )
    assert found.n == sum(counts)


def test_kappa_of_equal_readers_is_1_and_of_opposite_ones_at_worst_minus_1() -> None:
    assert cohen_kappa(pairs_of(4, 0, 0, 6)).value == 1.0
    assert cohen_kappa(pairs_of(0, 5, 5, 0)).value == -1.0


def test_kappa_is_not_made_up_where_nobody_chose() -> None:
    always, once = cohen_kappa(pairs_of(9, 0, 0, 0)), cohen_kappa(pairs_of(1, 0, 0, 0))

    assert (always.value, once.value) == (None, None)
    assert "one answer" in always.why_not
    assert "fewer" in once.why_not


def test_intraclass_of_the_published_table_with_its_interval() -> None:
    found = intraclass(np.array(JUDGES, float))

    assert found.value == pytest.approx(0.29, abs=0.005)
    assert (found.low, found.high) == pytest.approx((0.019, 0.761), abs=0.0005)


def test_intraclass_counts_a_constant_shift_against_the_readers() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])

    same = intraclass(np.stack([values, values], axis=1)).value
    shifted = intraclass(np.stack([values, values + 2], axis=1)).value

    assert same == pytest.approx(1.0)
    # Variances: targets 2.5, readers 2.0, rest 0.
    assert shifted == pytest.approx(2.5 / (2.5 + 2.0))


def test_intraclass_needs_more_than_one_and_a_spread() -> None:
    assert intraclass(np.array([[1.0, 2.0]])).value is None
    assert intraclass(np.ones((4, 2))).value is None
    assert intraclass(np.zeros((0, 2))).value is None


def test_bias_and_limits_of_the_published_table() -> None:
    found = differences(np.array(MINI, float), np.array(WRIGHT, float))

    assert found.bias.value == pytest.approx(-2.1, abs=0.05)
    assert (found.bias.low, found.bias.high) == pytest.approx((-22.0, 17.8), abs=0.05)
    # Published with 2 instead of 1.96 standard deviations of 38.8.
    assert found.limit_low.value == pytest.approx(-2.1 - 1.96 * 38.8, abs=0.1)
    assert found.limit_high.value == pytest.approx(-2.1 + 1.96 * 38.8, abs=0.1)
    # 34.6 to either side with the standard error of 1986, a little more with that of
    # 1999.
    assert found.limit_low.low == pytest.approx(-112.8, abs=0.1)


def test_two_differences_have_no_limits() -> None:
    found = differences(np.array([1.0, 2.0]), np.array([1.0, 2.0]))

    assert found.bias.value is None
    assert "3" in found.bias.why_not


@given(
    st.lists(
        st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=3, max_size=20
    )
)
def test_swapping_the_readers_turns_the_bias_round_and_keeps_icc(
    values: list[tuple[float, float]],
) -> None:
    table = np.array(values)
    forward = differences(table[:, 0], table[:, 1])
    backward = differences(table[:, 1], table[:, 0])

    assert forward.bias.value == pytest.approx(-(backward.bias.value or 0.0))
    assert forward.limit_low.value == pytest.approx(
        -(backward.limit_high.value or 0.0), abs=1e-9
    )
    one, other = intraclass(table), intraclass(table[:, ::-1])
    assert (one.value is None) == (other.value is None)
    if one.value is not None:
        assert one.value == pytest.approx(other.value, abs=1e-6)
