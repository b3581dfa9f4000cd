"""Numbers survive the way through a table."""

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.adapters.numbers import number_text, position_text
from calcitrace.adapters.tabular import DEPOSIT_COLUMNS, deposit_row
from calcitrace.model.estimate import Estimate, Unit
from tests.fakes.results import made_up_deposit

sizes = st.floats(1e-9, 1e9) | st.floats(-1e9, -1e-9) | st.just(0.0)


@given(sizes)
def test_a_number_comes_back_to_six_digits(value: float) -> None:
    assert float(number_text(value)) == pytest.approx(value, rel=5e-6)


@given(sizes)
def test_text_has_no_exponent_no_negative_zero_and_no_idle_digit(value: float) -> None:
    text = number_text(value)

    assert "e" not in text
    assert text != "-0"
    assert not ("." in text and text.endswith(("0", ".")))


@given(st.floats(-2000, 2000))
def test_a_position_comes_back_to_the_micrometre(value: float) -> None:
    assert float(position_text(value)) == pytest.approx(value, abs=5.1e-4)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_an_empty_cell(value: float | None) -> None:
    assert number_text(value) == ""


@given(sizes, st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_row_comes_back_from_a_table(
    value: float, random: float, shared: float
) -> None:
    mass = Estimate(value, random, shared, Unit.MG)
    buffer = io.StringIO()
    writer: csv.DictWriter[str] = csv.DictWriter(
        buffer, DEPOSIT_COLUMNS, lineterminator="\n"
    )
    writer.writeheader()
    writer.writerow(deposit_row(made_up_deposit(1, mass=mass)))
    buffer.seek(0)

    (row,) = csv.DictReader(buffer)

    assert float(row["mass_mg"]) == pytest.approx(value, rel=5e-6)
    assert float(row["mass_std_mg"]) == pytest.approx(mass.std, rel=5e-6)
    assert float(row["mass_ci95_low_mg"]) == pytest.approx(mass.ci95[0], rel=5e-6)
