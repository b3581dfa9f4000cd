"""Commands of a reader: one line each, typed or from a file."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

import numpy as np

from calcitrace.errors import EditsError
from calcitrace.model.edits import N_POINTS, Operation, Point
from calcitrace.model.grid import Grid
from calcitrace.services.reviewing import (
    Session,
    added,
    decided,
    moved_to,
    numbered,
    skipped,
    undone,
)

Clock = Callable[[], datetime]

N_AXES = 3
HELP = (
    "i include · e exclude · s skip · u undo · c TEXT comment on the next decision · "
    "g N go to deposit N · m N merge with deposit N · k x y z x y z cut between two "
    "points · a x y z add at a point · b x y z x y z add in a box · q quit"
)
# Commands without words after them, with a number, with points.
_DECISIONS = {"i": Operation.INCLUDE, "e": Operation.EXCLUDE}
_MOVES: dict[str, Callable[[Session], Session]] = {"s": skipped, "u": undone}
_POINTS = {"k": Operation.CUT, "a": Operation.ADD_SEED, "b": Operation.ADD_BOX}


def step(session: Session, line: str, grid: Grid, clock: Clock) -> Session | None:
    """Do what one line asks for; `None` is "quit".

    Parameters
    ----------
    session
        The reading as it stands.
    line
        A command of `HELP`.
    grid
        Of the scan: points outside of it are refused.
    clock
        Gives the time of a decision.

    Raises
    ------
    EditsError
        If the line is no command, or its place or number cannot be used; nothing has
        changed then.
    """
    key, rest = _parts(line)
    if key == "c":
        return replace(session, comment=rest)
    if rest:
        return _with_words(session, line, grid, clock)
    if key in _DECISIONS:
        return decided(session, _DECISIONS[key], clock())
    if key in _MOVES:
        return _MOVES[key](session)
    if key != "q":
        _refuse(line)
    return None


def _parts(line: str) -> tuple[str, str]:
    """Key of a command, and the words after it."""
    text = line.strip()
    return text[:1].lower(), text[1:].strip()


def _with_words(session: Session, line: str, grid: Grid, clock: Clock) -> Session:
    """Do what a command with a number or with points asks for."""
    key, rest = _parts(line)
    if key in _POINTS:
        operation = _POINTS[key]
        return added(session, operation, points_in(rest, operation, grid), clock())
    if key not in {"g", "m"} or not rest.isdecimal():
        _refuse(line)
    number = int(rest)
    if key == "g":
        return moved_to(session, number)
    return _merged(session, number, clock())


def _refuse(line: str) -> NoReturn:
    msg = f"Expected a command, got {line.strip()!r}. {HELP}"
    raise EditsError(msg)


def _merged(session: Session, number: int, now: datetime) -> Session:
    item, other = session.current, numbered(session, number)
    if item is None or item == other:
        msg = "Expected two deposits to merge: go to one with g, name the other."
        raise EditsError(msg)
    return added(session, Operation.MERGE, (item.seed_mm, other.seed_mm), now)


def points_in(text: str, operation: Operation, grid: Grid) -> tuple[Point, ...]:
    """Points of an operation in a line of numbers: x y z, in mm, for each.

    Raises
    ------
    EditsError
        If there are more or fewer numbers, or a point lies outside of the scan.
    """
    n = N_POINTS[operation]
    try:
        values = [float(word) for word in re.split(r"[\s,;]+", text.strip()) if word]
    except ValueError:
        values = []
    if len(values) != N_AXES * n:
        msg = (
            f"Expected {N_AXES * n} numbers (x y z in mm, {n} point(s)) for "
            f"{operation.value}, got {text.strip()!r}."
        )
        raise EditsError(msg)
    points = tuple(
        (values[k], values[k + 1], values[k + 2]) for k in range(0, N_AXES * n, N_AXES)
    )
    for point in points:
        index = np.rint(grid.to_index(np.asarray(point)))
        if (index < 0).any() or (index >= grid.shape).any():
            msg = (
                f"Expected points inside of the scan, got {point} mm. Points are "
                "patient coordinates (DICOM LPS)."
            )
            raise EditsError(msg)
    return points
