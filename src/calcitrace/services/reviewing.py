"""Step through deposits, decide on each, and keep every decision as an operation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from calcitrace.errors import EditsError
from calcitrace.model.deposit import Reason, Status
from calcitrace.model.edits import Edit, Edits, Operation, Point, check_author

# A decision is on a deposit if it was made this near to its seed.
SAME_PLACE_MM = 0.1
DECISIONS = frozenset({Operation.INCLUDE, Operation.EXCLUDE})


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One deposit as a reader is asked about it.

    Attributes
    ----------
    number
        As shown: that of the table, or the place in a shuffled order.
    deposit_id
        That of the table, and of its picture.
    mass
        In words: "12.3 +- 1.1 mg", "< 0.2 mg", ">= 30 +- 3 mg".
    flags
        Codes of its flags.
    """

    number: int
    deposit_id: int
    seed_mm: Point
    status: Status
    probability: str
    reason: Reason
    region: str
    laterality: str
    mass: str
    diameter_mm: str
    depth_mm: str
    bone_distance_mm: str
    hu_max: str
    shape_class: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A reading as it stands; every step gives a new one.

    Attributes
    ----------
    items
        Deposits to decide on, in the order in which they are shown.
    edits
        Every operation so far, those of earlier sessions first.
    author
        Code of the reader.
    position
        Of the item that is shown; past the last one the reading is finished.
    n_before
        Operations that were there before: they cannot be undone here.
    comment
        For the next operation.
    """

    items: tuple[ReviewItem, ...]
    edits: Edits
    author: str
    position: int = 0
    n_before: int = 0
    comment: str = ""

    @property
    def current(self) -> ReviewItem | None:
        """What is to be decided on; `None` when the reading is finished."""
        return self.items[self.position] if self.position < len(self.items) else None

    @property
    def n_decided(self) -> int:
        """Items that this reader decided on."""
        return sum(decision(self, item) is not None for item in self.items)


def opened(
    items: Sequence[ReviewItem], edits: Edits, author: str, *, has_all: bool
) -> Session:
    """Begin a reading, or go on with one at its first undecided deposit.

    Parameters
    ----------
    items
        Every deposit of the result.
    edits
        What the file holds already; with a seed of the order the reading is blinded.
    author
        Code of the reader.
    has_all
        Whether accepted deposits are shown as well; a blinded reading shows all.

    Raises
    ------
    EditsError
        If the code is none, or a blinded reading holds decisions of somebody else.
    """
    check_author(author)
    if edits.order_seed is None:
        shown = [i for i in items if has_all or i.status is Status.REVIEW]
    else:
        others = {e.author for e in edits.edits} - {author}
        if others:
            msg = (
                "Expected a blinded reading of one reader, but the file holds one of "
                f"{', '.join(sorted(others))}. Name another file with --edits."
            )
            raise EditsError(msg)
        order = np.random.default_rng(edits.order_seed).permutation(len(items))
        shown = [replace(items[int(k)], number=n) for n, k in enumerate(order, start=1)]
    session = Session(tuple(shown), edits, author, n_before=len(edits.edits))
    return replace(session, position=_undecided_from(session, 0))


def decision(session: Session, item: ReviewItem) -> Operation | None:
    """Last word of this reader on a deposit."""
    for edit in reversed(session.edits.edits):
        is_mine = edit.author == session.author and edit.operation in DECISIONS
        if is_mine and _is_at(edit.points_mm[0], item.seed_mm):
            return edit.operation
    return None


def _is_at(one: Point, other: Point) -> bool:
    return bool(np.linalg.norm(np.subtract(one, other)) <= SAME_PLACE_MM)


def _undecided_from(session: Session, position: int) -> int:
    """Next undecided item at or after a position, or the end."""
    for k in range(position, len(session.items)):
        if decision(session, session.items[k]) is None:
            return k
    return len(session.items)


def decided(session: Session, operation: Operation, now: datetime) -> Session:
    """Include or exclude the deposit that is shown, and show the next one.

    Raises
    ------
    EditsError
        If no deposit is shown.
    """
    item = session.current
    if item is None:
        msg = "Expected a deposit to decide on, but all were shown. Undo, or quit."
        raise EditsError(msg)
    after = added(session, operation, (item.seed_mm,), now)
    return replace(after, position=_undecided_from(after, session.position + 1))


def added(
    session: Session, operation: Operation, points_mm: tuple[Point, ...], now: datetime
) -> Session:
    """Add any operation, with the comment that waits for one.

    Raises
    ------
    EditsError
        If it takes another number of points.
    """
    edit = Edit(operation, points_mm, session.author, now, session.comment)
    return replace(session, edits=session.edits.with_edit(edit), comment="")


def skipped(session: Session) -> Session:
    """Leave the deposit undecided and show the next one."""
    start = min(session.position + 1, len(session.items))
    return replace(session, position=_undecided_from(session, start))


def undone(session: Session) -> Session:
    """Take back the last operation of this session and show its deposit.

    Raises
    ------
    EditsError
        If there is none: what was there before is not taken back here.
    """
    edits = session.edits.edits
    if len(edits) <= session.n_before:
        msg = "Expected a decision of this session to undo, got none."
        raise EditsError(msg)
    place = edits[-1].points_mm[0]
    after = replace(
        session,
        edits=replace(session.edits, edits=edits[:-1]),
        comment=edits[-1].comment,
    )
    at = [k for k, i in enumerate(session.items) if _is_at(place, i.seed_mm)]
    return replace(after, position=at[0] if at else session.position)


def moved_to(session: Session, number: int) -> Session:
    """Show the deposit of a number.

    Raises
    ------
    EditsError
        If there is none of that number.
    """
    item = numbered(session, number)
    return replace(session, position=session.items.index(item))


def numbered(session: Session, number: int) -> ReviewItem:
    """Item of a number as shown.

    Raises
    ------
    EditsError
        If there is none of that number.
    """
    for item in session.items:
        if item.number == number:
            return item
    known = ", ".join(str(i.number) for i in session.items[:20]) or "none"
    msg = f"Expected the number of a deposit that is shown ({known}), got {number}."
    raise EditsError(msg)
