"""What a reader changed: operations at places of the patient, to be replayed.

Places are points in patient space (DICOM LPS, mm), not labels or voxels: they hold
when the scan is measured again, with another version, or at another visit.
"""

import hashlib
import json
import math
import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from calcitrace.errors import EditsError

Point = tuple[float, float, float]

AUTHOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,15}")
COMMENT_LENGTH = 500


class Operation(StrEnum):
    """What a reader can do; the value is its name in files."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    MERGE = "merge"
    CUT = "cut"
    ADD_SEED = "add_seed"
    ADD_BOX = "add_box"


# Points that each operation takes: the deposit; both deposits; the side that becomes a
# deposit and the side that stays; the seed; two opposite corners.
N_POINTS: dict[Operation, int] = {
    Operation.INCLUDE: 1,
    Operation.EXCLUDE: 1,
    Operation.MERGE: 2,
    Operation.CUT: 2,
    Operation.ADD_SEED: 1,
    Operation.ADD_BOX: 2,
}


@dataclass(frozen=True, slots=True)
class Edit:
    """One operation.

    Attributes
    ----------
    points_mm
        Points in patient space (DICOM LPS, mm), as many as `N_POINTS` says.
    author
        Code of the reader, never a name.
    time
        When, with its time zone.
    comment
        One line; may be empty. Nothing in it may identify the patient.
    """

    operation: Operation
    points_mm: tuple[Point, ...]
    author: str
    time: datetime
    comment: str = ""

    def __post_init__(self) -> None:
        needed = N_POINTS[self.operation]
        if len(self.points_mm) != needed:
            msg = (
                f"Expected {needed} point(s) for {self.operation.value}, got "
                f"{len(self.points_mm)}. Give x, y, z in mm for each."
            )
            raise EditsError(msg)
        if not all(math.isfinite(v) for point in self.points_mm for v in point):
            msg = f"Expected finite coordinates in mm, got {self.points_mm}."
            raise EditsError(msg)
        check_author(self.author)
        if self.time.tzinfo is None:
            msg = f"Expected a time with its zone, got {self.time.isoformat()}."
            raise EditsError(msg)
        if len(self.comment) > COMMENT_LENGTH or not self.comment.isprintable():
            msg = (
                f"Expected a comment of one line and at most {COMMENT_LENGTH} "
                f"characters, got {len(self.comment)} characters. Shorten it."
            )
            raise EditsError(msg)


def check_author(code: str) -> None:
    """Refuse what is no code.

    Raises
    ------
    EditsError
        If it is empty, too long, or holds anything but letters, digits, - and _.
    """
    if AUTHOR.fullmatch(code) is None:
        msg = (
            "Expected a reader code of 1 to 16 letters, digits, - or _, got "
            f"{code!r}. Use a code, not a name."
        )
        raise EditsError(msg)


@dataclass(frozen=True, slots=True)
class Edits:
    """Operations of one or more readers on one scan, in the order of their replay.

    Attributes
    ----------
    input_hash
        `Scan.input_hash` of the scan they were made on; `None` if not stated.
    order_seed
        Seed of the order in which deposits were shown; `None` unless the reading was
        blinded.
    """

    edits: tuple[Edit, ...] = ()
    input_hash: str | None = None
    order_seed: int | None = None

    @property
    def hash(self) -> str:
        """SHA-256 of everything in it, the same on every machine."""
        values = [
            self.input_hash,
            self.order_seed,
            [
                [e.operation, e.points_mm, e.author, e.time.isoformat(), e.comment]
                for e in self.edits
            ],
        ]
        text = json.dumps(values, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def with_edit(self, edit: Edit) -> "Edits":
        """Return the same with one more operation at the end."""
        return replace(self, edits=(*self.edits, edit))


class Remark(StrEnum):
    """What is to be said of an operation that was replayed."""

    OUTSIDE_SCAN = "outside_scan"
    NOTHING_THERE = "nothing_there"
    ON_BONE = "on_bone"
    ALREADY_ONE = "already_one"
    ALREADY_APART = "already_apart"
    ALREADY_THERE = "already_there"
    NOT_A_DEPOSIT = "not_a_deposit"
    NO_NECK = "no_neck"  # applied all the same


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What became of an operation.

    Attributes
    ----------
    label
        Candidate that it was applied to or that it made; `None` if not applied.
    remark
        Why it was not applied, or what is odd about how it was.
    """

    edit: Edit
    label: int | None
    remark: Remark | None = None

    @property
    def is_applied(self) -> bool:
        """Whether the place held what the operation needs."""
        return self.label is not None
