"""What a key may hold: numbers in a range, words of a list, and so on."""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn, Protocol, cast

from calcitrace.errors import SceneError

SHOWN_LENGTH = 60


class NotAllowedError(Exception):
    """A value is of another type or out of range; `checked` says it to the user."""


class Value(Protocol):
    """What one key may hold."""

    @property
    def says(self) -> str:
        """What is expected, as in "a number from 70 to 140"."""
        ...

    def read(self, given: object) -> object:
        """Return the value in the type of the code.

        Raises
        ------
        NotAllowedError
            If it is another type or out of range.
        """
        ...


@dataclass(frozen=True, slots=True)
class Number:
    """Number between two ends, both allowed."""

    low: float
    high: float

    @property
    def says(self) -> str:
        """Range in words."""
        return f"a number from {self.low:g} to {self.high:g}"

    def read(self, given: object) -> float:
        """Return a float."""
        if isinstance(given, bool) or not isinstance(given, int | float):
            raise NotAllowedError
        if not (math.isfinite(given) and self.low <= given <= self.high):
            raise NotAllowedError
        return float(given)


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole number between two ends, both allowed."""

    low: int
    high: int

    @property
    def says(self) -> str:
        """Range in words."""
        return f"a whole number from {self.low} to {self.high}"

    def read(self, given: object) -> int:
        """Return an int."""
        if isinstance(given, bool) or not isinstance(given, int):
            raise NotAllowedError
        if not self.low <= given <= self.high:
            raise NotAllowedError
        return given


@dataclass(frozen=True, slots=True)
class Vector:
    """List of so many numbers, each between two ends."""

    n: int
    low: float
    high: float

    @property
    def says(self) -> str:
        """Length and range in words."""
        return f"a list of {self.n} numbers from {self.low:g} to {self.high:g}"

    def read(self, given: object) -> tuple[float, ...]:
        """Return a tuple of floats."""
        if not isinstance(given, list):
            raise NotAllowedError
        items = cast("list[object]", given)
        if len(items) != self.n:
            raise NotAllowedError
        each = Number(self.low, self.high)
        return tuple(each.read(item) for item in items)


@dataclass(frozen=True, slots=True)
class Named:
    """Table of numbers by name, each between two ends."""

    low: float
    high: float

    @property
    def says(self) -> str:
        """Range in words."""
        return f"a table of numbers from {self.low:g} to {self.high:g} by name"

    def read(self, given: object) -> tuple[tuple[str, float], ...]:
        """Return pairs of name and number."""
        if not isinstance(given, dict):
            raise NotAllowedError
        each = Number(self.low, self.high)
        items = cast("dict[str, object]", given)
        return tuple((name, each.read(value)) for name, value in items.items())


@dataclass(frozen=True, slots=True)
class Word:
    """One of a list of words."""

    words: tuple[str, ...]

    @property
    def says(self) -> str:
        """The list."""
        return "one of " + ", ".join(f'"{w}"' for w in self.words)

    def read(self, given: object) -> str:
        """Return the word."""
        if not isinstance(given, str) or given not in self.words:
            raise NotAllowedError
        return given


@dataclass(frozen=True, slots=True)
class Text:
    """Short printable text of ASCII without some characters."""

    without: str = '"'
    length: int = 40

    @property
    def says(self) -> str:
        """Length and what is not allowed."""
        return f"1 to {self.length} ASCII characters without {' '.join(self.without)}"

    def read(self, given: object) -> str:
        """Return the text."""
        if not isinstance(given, str) or not 0 < len(given) <= self.length:
            raise NotAllowedError
        is_plain = given.isascii() and given.isprintable() and given == given.strip()
        if not is_plain or any(c in given for c in self.without):
            raise NotAllowedError
        return given


@dataclass(frozen=True, slots=True)
class Texts:
    """List of names, at least two."""

    @property
    def says(self) -> str:
        """Length and type."""
        return "a list of at least two different names"

    def read(self, given: object) -> tuple[str, ...]:
        """Return a tuple."""
        if not isinstance(given, list):
            raise NotAllowedError
        names = [Text().read(item) for item in cast("list[object]", given)]
        if len(names) < 2 or len(set(names)) < len(names):  # noqa: PLR2004 -- as said
            raise NotAllowedError
        return tuple(names)


@dataclass(frozen=True, slots=True)
class Switch:
    """True or false."""

    @property
    def says(self) -> str:
        """The two."""
        return "true or false"

    def read(self, given: object) -> bool:
        """Return a bool."""
        if not isinstance(given, bool):
            raise NotAllowedError
        return given


@dataclass(frozen=True, slots=True)
class Day:
    """Date without a time."""

    @property
    def says(self) -> str:
        """An example."""
        return "a date such as 2020-03-01"

    def read(self, given: object) -> date:
        """Return a date."""
        if not isinstance(given, date) or isinstance(given, datetime):
            raise NotAllowedError
        return given


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables of their own, one or several; they are read by their own keys."""

    is_list: bool = False

    @property
    def says(self) -> str:
        """How it is written."""
        return "tables in double brackets" if self.is_list else "a table in brackets"

    def read(self, given: object) -> object:
        """Return what was given, if it is made of tables."""
        if self.is_list:
            if not isinstance(given, list):
                raise NotAllowedError
            rows = cast("list[object]", given)
            if not all(isinstance(row, dict) for row in rows):
                raise NotAllowedError
            return rows
        if not isinstance(given, dict):
            raise NotAllowedError
        return cast("dict[str, object]", given)


Keys = Mapping[str, Value]


def checked(table: Mapping[str, object], keys: Keys, where: str) -> dict[str, object]:
    """Values of a table, each checked by its key.

    Parameters
    ----------
    table
        As written.
    keys
        All that it may hold.
    where
        Name of the table, for the message; empty at the top.

    Raises
    ------
    SceneError
        Naming the first key that does not exist or whose value is not allowed.
    """
    values: dict[str, object] = {}
    for name, given in table.items():
        full = f"{where}.{name}" if where else name
        if name not in keys:
            near = difflib.get_close_matches(name, keys, n=1)
            hint = (
                f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(keys)}."
            )
            place = f"[{where}] of the scene" if where else "the scene"
            msg = f'Expected a key of {place}, got "{name}". {hint}'
            raise SceneError(msg)
        try:
            values[name] = keys[name].read(given)
        except NotAllowedError:
            refuse(full, keys[name].says, given)
    return values


def refuse(name: str, expected: str, given: object) -> NoReturn:
    """Say in one line what was expected, what came and what to do."""
    shown = repr(given)
    if len(shown) > SHOWN_LENGTH:
        shown = shown[:SHOWN_LENGTH] + "..."
    msg = f"Expected {expected} for {name} in the scene, got {shown}. Correct it."
    raise SceneError(msg)
