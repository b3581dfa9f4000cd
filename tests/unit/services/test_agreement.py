"""Two readings of the same scans: what is compared with what."""

from datetime import timedelta

import pytest

from calcitrace.errors import EditsError
from calcitrace.model.edits import Edit, Edits, Operation, Point
from calcitrace.services.agreement import (
    Agreement,
    AgreementRow,
    Reading,
    agreement,
    decisions,
)
from tests.fakes.edits import TIME

A, B, C, D = ((10.0 * n, 0.0, 0.0) for n in range(4))
INCLUDE, EXCLUDE = Operation.INCLUDE, Operation.EXCLUDE


def said(*what: tuple[Operation, Point], scan: str = "s") -> Edits:
    return Edits(
        tuple(
            Edit(operation, (place,), "R1", TIME + timedelta(minutes=n))
            for n, (operation, place) in enumerate(what)
        ),
        scan,
    )


def row(found: Agreement, name: str) -> AgreementRow:
    (one,) = [r for r in found.rows if r.name == name]
    return one


def test_the_last_word_on_a_place_counts_and_other_operations_are_no_decision() -> None:
    edits = said((INCLUDE, A), (EXCLUDE, B), (EXCLUDE, A))
    merge = Edit(Operation.MERGE, (A, B), "R1", TIME)

    assert decisions(edits.with_edit(merge)) == [(B, False), (A, False)]


def test_decisions_are_matched_by_place_and_lone_ones_counted() -> None:
    x, y, z = B
    first = said((INCLUDE, A), (INCLUDE, B), (EXCLUDE, C))
    second = said((EXCLUDE, (x + 0.5, y, z)), (INCLUDE, A), (EXCLUDE, D))

    found = agreement([(Reading(first), Reading(second))])

    assert (found.both, found.first_only, found.second_only, found.neither) == (
        1, 1, 0, 0,
    )  # fmt: skip
    assert found.n_undecided == 2
    assert row(found, "percent_agreement").number.value == 50.0


def test_without_masses_their_rows_say_why_they_are_empty() -> None:
    found = agreement([(Reading(said((INCLUDE, A))), Reading(said((INCLUDE, A))))])

    number = row(found, "icc_2_1_total_mass").number
    assert (number.value, number.n) == (None, 0)
    assert number.why_not


def test_an_excluded_deposit_has_no_mass_for_that_reader() -> None:
    one = Reading(said(), {"a": 10.0, "b": 20.0, "c": 30.0}, 60.0)
    other = Reading(said(), {"a": 10.0, "c": 36.0}, 46.0)

    found = agreement([(one, other)])

    assert row(found, "bias_deposit_mass").number.value == pytest.approx(-14 / 3)
    assert row(found, "icc_2_1_total_mass").number.value is None  # one scan alone


def test_totals_are_compared_over_scans() -> None:
    pairs = [
        (Reading(said(scan=str(n)), {}, 10.0 * n), Reading(said(scan=str(n)), {}, 11.0 * n))
        for n in range(1, 5)
    ]  # fmt: skip

    found = agreement(pairs)

    assert found.n_scans == 4
    assert row(found, "bias_total_mass").number.value == pytest.approx(2.5)
    icc = row(found, "icc_2_1_total_mass").number.value
    assert icc is not None
    assert 0.95 < icc < 1.0


def test_two_scans_are_no_pair_and_none_is_nothing() -> None:
    with pytest.raises(EditsError, match="two scans"):
        agreement([(Reading(said(scan="s")), Reading(said(scan="t")))])
    with pytest.raises(EditsError, match="in common"):
        agreement([])
