"""A reading as a chain of values: what each command makes of it."""

from dataclasses import replace
from datetime import datetime

import pytest

from calcitrace.errors import EditsError
from calcitrace.model.deposit import Reason, Status
from calcitrace.model.edits import Edits, Operation
from calcitrace.services.review_commands import step
from calcitrace.services.reviewing import ReviewItem, Session, decision, opened
from tests.fakes.edits import GRID, TIME, at, edit

N = 6


def item(number: int, status: Status = Status.REVIEW) -> ReviewItem:
    return ReviewItem(
        number=number,
        deposit_id=number,
        seed_mm=at(number, 10, 10),
        status=status,
        probability="0.5",
        reason=Reason.TOUCHES_BONE,
        region="hand",
        laterality="left",
        mass="12 +- 1 mg",
        diameter_mm="3",
        depth_mm="2",
        bone_distance_mm="",
        hu_max="400",
        shape_class="compact",
        flags=(),
    )


ITEMS = (item(1, Status.ACCEPTED), *(item(n) for n in range(2, N + 1)))


def session(order_seed: int | None = None, *, has_all: bool = False) -> Session:
    return opened(ITEMS, Edits((), None, order_seed), "R1", has_all=has_all)


def clock() -> datetime:
    return TIME


def after(start: Session, *lines: str) -> Session:
    for line in lines:
        stepped = step(start, line, GRID, clock)
        assert stepped is not None
        start = stepped
    return start


def operations(reading: Session) -> list[Operation]:
    return [edit.operation for edit in reading.edits.edits]


def shown(reading: Session) -> int | None:
    return None if reading.current is None else reading.current.number


def test_only_what_waits_is_shown_unless_all_is_asked_for() -> None:
    assert [i.number for i in session().items] == [2, 3, 4, 5, 6]
    assert [i.number for i in session(has_all=True).items] == [1, 2, 3, 4, 5, 6]


def test_a_blinded_order_holds_every_deposit_and_hangs_on_its_seed_alone() -> None:
    one, again, other = session(1), session(1), session(2)

    assert one == again
    assert [i.number for i in one.items] == list(range(1, N + 1))
    assert {i.deposit_id for i in one.items} == {i.deposit_id for i in ITEMS}
    assert [i.deposit_id for i in one.items] != [i.deposit_id for i in other.items]


def test_deciding_moves_on_and_the_last_decision_ends_the_reading() -> None:
    reading = after(session(), "i", "e", "I", " e ")

    assert shown(reading) == 6
    assert shown(after(reading, "i")) is None
    assert operations(after(reading, "i")) == [
        Operation.INCLUDE,
        Operation.EXCLUDE,
        Operation.INCLUDE,
        Operation.EXCLUDE,
        Operation.INCLUDE,
    ]


def test_skip_leaves_undecided_and_quit_is_none() -> None:
    reading = after(session(), "s", "i")

    assert shown(reading) == 4
    assert decision(reading, ITEMS[1]) is None
    assert decision(reading, ITEMS[2]) is Operation.INCLUDE
    assert step(reading, "q", GRID, clock) is None


def test_going_back_shows_a_deposit_again_and_the_last_word_counts() -> None:
    reading = after(session(), "i", "g 2", "e")

    assert decision(reading, ITEMS[1]) is Operation.EXCLUDE
    assert shown(reading) == 3


def test_undo_reaches_back_to_the_start_of_the_session_and_no_further() -> None:
    before = Edits((edit(Operation.INCLUDE, ITEMS[1].seed_mm),))
    start = opened(ITEMS, before, "R1", has_all=False)

    reading = after(start, "e", "u")

    assert shown(start) == shown(reading) == 3
    assert reading.edits == before
    with pytest.raises(EditsError, match="undo"):
        after(reading, "u")


def test_what_another_reader_decided_is_still_asked() -> None:
    before = Edits((edit(Operation.INCLUDE, ITEMS[1].seed_mm, author="R2"),))

    assert shown(opened(ITEMS, before, "R1", has_all=False)) == 2


def test_a_blinded_file_belongs_to_one_reader() -> None:
    before = Edits((edit(Operation.INCLUDE, ITEMS[1].seed_mm, author="R2"),), None, 1)

    with pytest.raises(EditsError, match="R2"):
        opened(ITEMS, before, "R1", has_all=False)


def test_a_comment_goes_with_the_next_operation_only() -> None:
    first, second = after(session(), "c at the tendon", "i", "e").edits.edits

    assert (first.comment, second.comment) == ("at the tendon", "")


def test_undo_gives_the_comment_back() -> None:
    reading = after(session(), "c at the tendon", "i", "u")

    assert reading.comment == "at the tendon"


def test_merge_cut_and_add_are_operations_at_places() -> None:
    x, y, z = at(20, 30, 30)
    reading = after(
        session(), "m 4", f"k {x} {y} {z} {x + 1} {y} {z}", f"a {x},{y},{z}",
        f"b {x} {y} {z} {x + 2} {y + 2} {z + 2}",
    )  # fmt: skip

    merge, cut, seed, box = reading.edits.edits
    assert merge.points_mm == (ITEMS[1].seed_mm, ITEMS[3].seed_mm)
    assert cut.points_mm == ((x, y, z), (x + 1, y, z))
    assert seed.points_mm == ((x, y, z),)
    assert box.operation is Operation.ADD_BOX
    assert shown(reading) == 2  # still to be decided on


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x", "command"),
        ("include", "command"),
        ("g 1", "number of a deposit"),
        ("g two", "command"),
        ("m 2", "two deposits"),
        ("a 1 2", "3 numbers"),
        ("a 1 2 x", "3 numbers"),
        ("a 900 0 0", "inside of the scan"),
        ("k 1 2 3", "6 numbers"),
    ],
)
def test_what_is_no_command_changes_nothing(line: str, words: str) -> None:
    with pytest.raises(EditsError, match=words) as told:
        step(session(), line, GRID, clock)

    assert "\n" not in str(told.value)


def test_nothing_can_be_decided_past_the_end() -> None:
    start = session()
    finished = replace(start, position=len(start.items))

    with pytest.raises(EditsError, match="all were shown"):
        after(finished, "i")
