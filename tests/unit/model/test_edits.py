"""Operations of a reader as values."""

from dataclasses import replace
from datetime import datetime

import pytest

from calcitrace.errors import EditsError
from calcitrace.model.edits import Edit, Edits, Operation
from tests.fakes.edits import TIME, edit

HERE = (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("operation", "n"), [(Operation.INCLUDE, 2), (Operation.MERGE, 1)]
)
def test_each_operation_takes_its_number_of_points(
    operation: Operation, n: int
) -> None:
    with pytest.raises(EditsError, match="point"):
        edit(operation, *[HERE] * n)


@pytest.mark.parametrize("author", ["", "Dr Jane Doe", "a" * 17, "é"])
def test_a_reader_is_a_code_and_no_name(author: str) -> None:
    with pytest.raises(EditsError, match="code"):
        edit(Operation.INCLUDE, HERE, author=author)


def test_coordinates_are_finite_times_have_zones_comments_are_one_line() -> None:
    with pytest.raises(EditsError, match="finite"):
        edit(Operation.INCLUDE, (float("nan"), 0.0, 0.0))
    with pytest.raises(EditsError, match="zone"):
        Edit(Operation.INCLUDE, (HERE,), "R1", datetime(2026, 1, 1))  # noqa: DTZ001 -- naive, as in DICOM
    with pytest.raises(EditsError, match="one line"):
        Edit(Operation.INCLUDE, (HERE,), "R1", TIME, "two\nlines")


def test_the_hash_hangs_on_everything() -> None:
    edits = Edits((edit(Operation.INCLUDE, HERE),), "ab" * 32)
    others = [
        Edits(),
        edits.with_edit(edit(Operation.EXCLUDE, HERE)),
        replace(edits, input_hash=None),
        replace(edits, order_seed=1),
        replace(edits, edits=(edit(Operation.EXCLUDE, HERE),)),
        replace(edits, edits=(edit(Operation.INCLUDE, HERE, author="R2"),)),
        replace(edits, edits=(replace(edits.edits[0], comment="sure"),)),
    ]

    assert len({e.hash for e in (edits, *others)}) == len(others) + 1
    assert edits.hash == replace(edits).hash
