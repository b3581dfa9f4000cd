"""`edits.json`: what is written is read, and nothing else is."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.adapters.edits_json import (
    edits_from,
    edits_text,
    read_edits,
    write_edits,
)
from calcitrace.errors import EditsError, OutputError
from calcitrace.model.edits import N_POINTS, Edit, Edits, Operation
from tests.fakes.edits import TIME, edit

HERE, THERE = (1.25, -2.0, 300.5), (0.0, 4.0, 5.0)
EDITS = Edits(
    (
        edit(Operation.INCLUDE, HERE),
        edit(Operation.MERGE, HERE, THERE, author="R2"),
        Edit(Operation.ADD_BOX, (HERE, THERE), "R1", TIME, "près du coude"),
    ),
    input_hash="ab" * 32,
    order_seed=7,
)
coordinates = st.integers(-900_000, 900_000).map(lambda micro: micro / 1000)


@st.composite
def some_edits(draw: st.DrawFn) -> Edits:
    """Any operations, with coordinates to the micrometre."""
    operations = draw(st.lists(st.sampled_from(Operation), max_size=6))
    point = st.tuples(coordinates, coordinates, coordinates)
    comments = st.text(st.characters(categories=["L", "N", "P"]), max_size=20)
    return Edits(
        tuple(
            Edit(
                operation,
                tuple(draw(point) for _ in range(N_POINTS[operation])),
                draw(st.from_regex(r"[A-Z][A-Za-z0-9_-]{0,15}", fullmatch=True)),
                draw(st.datetimes(timezones=st.just(TIME.tzinfo))),
                draw(comments),
            )
            for operation in operations
        ),
        draw(st.none() | st.just("ab" * 32)),
        draw(st.none() | st.integers(0, 2**31)),
    )


@given(some_edits())
def test_what_is_written_is_read(edits: Edits) -> None:
    again = edits_from(json.loads(edits_text(edits)))

    assert again == edits
    assert again.hash == edits.hash


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "reader" / "edits.json"

    write_edits(Edits(), path)
    write_edits(EDITS, path)

    assert read_edits(path) == EDITS
    assert [p.name for p in path.parent.iterdir()] == ["edits.json"]


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match="Could not write") as told:
        write_edits(EDITS, tmp_path / "file" / "edits.json")

    assert "\n" not in str(told.value)


def document(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON value
    """A good document with keys of its first operation, or of the top, replaced."""
    good: dict[str, Any] = json.loads(edits_text(EDITS))
    for key, value in changes.items():
        table = good["operations"][0] if key in good["operations"][0] else good
        table[key] = value
    return good


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"operation": "inclde"}, 'did you mean "include"'),
        ({"operation": 3}, "one of include, exclude"),
        ({"points_mm": []}, r"operations\[1\].*1 point"),
        ({"points_mm": [[1, 2]]}, "three numbers"),
        ({"points_mm": [[1, 2, True]]}, "three numbers"),
        ({"points_mm": "here"}, "list of points"),
        ({"time": "yesterday"}, "time with its zone"),
        ({"time": "2026-01-31T14:05:00"}, "zone"),
        ({"author": "Jane Doe"}, "code"),
        ({"author": 1}, "a text"),
        ({"comment": None}, "a text"),
        ({"format": "calcitrace edits 9"}, "format"),
        ({"operations": {}}, "a list"),
        ({"input_hash": 1}, "SHA-256"),
        ({"order_seed": "x"}, "whole number"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(
    changes: dict[str, object], words: str
) -> None:
    with pytest.raises(EditsError, match=words) as told:
        edits_from(document(**changes))

    assert "\n" not in str(told.value)


def test_a_key_that_is_missing_is_named() -> None:
    bad = document()
    del bad["operations"][1]["time"]

    with pytest.raises(EditsError, match=r"time in operations\[2\]"):
        edits_from(bad)


@pytest.mark.parametrize("content", [b"not json", b"\xff\xfe", b"[]"])
def test_a_file_that_is_no_json_object_is_refused(
    content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "edits.json"
    path.write_bytes(content)

    with pytest.raises(EditsError) as told:
        read_edits(path)

    assert "\n" not in str(told.value)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(EditsError, match="--edits"):
        read_edits(tmp_path / "none.json")
