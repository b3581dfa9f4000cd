"""Strict reading of the values of a calibration file."""

import math
from typing import Any, NoReturn, cast

from calcitrace.errors import CalibrationError

N_AXES = 3


def check_keys(
    place: str, table: dict[str, Any], known: frozenset[str], needed: set[str]
) -> None:
    """Refuse keys too many and too few."""
    unknown, missing = sorted(table.keys() - known), sorted(needed - table.keys())
    if unknown:
        refuse(place, f"only the keys {', '.join(sorted(known))}", unknown)
    if missing:
        refuse(place, f"the keys {', '.join(missing)} too", sorted(table))


def number(place: str, value: object, limits: tuple[float, float]) -> float:
    """A finite number within limits, both ends allowed."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(place, "a number", value)
    low, high = limits
    if not (math.isfinite(value) and low <= value <= high):
        refuse(place, f"a number from {low:g} to {high:g}", value)
    return float(value)


def text(place: str, value: object) -> str:
    """A text that says something."""
    if not isinstance(value, str) or not value.strip():
        refuse(place, "a text", value)
    return value.strip()


def point(place: str, value: object) -> tuple[float, float, float]:
    """Three coordinates in mm."""
    parts = listed(place, "three numbers [x, y, z]", value)
    if len(parts) != N_AXES:
        refuse(place, "three numbers [x, y, z]", value)
    x, y, z = (number(place, part, (-1e4, 1e4)) for part in parts)
    return x, y, z


def listed(place: str, expected: str, value: object) -> list[object]:
    """A list of anything."""
    if not isinstance(value, list):
        refuse(place, expected, value)
    return cast("list[object]", value)


def refuse(place: str, expected: str, value: object) -> NoReturn:
    """Raise one line: the key, what was expected, what came."""
    msg = f"Calibration file, {place}: expected {expected}, got {value!r}."
    raise CalibrationError(msg)
