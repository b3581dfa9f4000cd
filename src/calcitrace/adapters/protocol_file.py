"""`--protocol FILE.toml`: settings of an analysis, read strictly.

The tables and names are those of `model.protocol`; what is left out keeps its default.
A name that does not exist, a value of another type or out of its range is refused: a
setting that silently does nothing is worse than none.
"""

import difflib
import math
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NoReturn, cast

from calcitrace.errors import ProtocolError
from calcitrace.model.protocol import Protocol

# What a number may be, by the unit at the end of its name. Both ends are allowed.
RANGE_OF_UNIT: dict[str, tuple[float, float]] = {
    "hu": (-1024.0, 4000.0),
    "mm": (0.0, 100.0),
    "mm3": (0.0, 1e6),
    "sigmas": (0.0, 20.0),
    "fraction": (0.0, 1.0),
    "probability": (0.0, 1.0),
    "percentile": (50.0, 99.9),
}
# Pairs (table, smaller, larger) that must stand in this order.
ORDERED: tuple[tuple[str, str, str], ...] = (
    ("detection", "review_probability", "accept_probability"),
    ("detection", "learned_review_probability", "accept_probability"),
    ("quantification", "shell_inner_mm", "shell_outer_mm"),
    ("anatomy", "body_threshold_hu", "fat_threshold_hu"),
    ("anatomy", "fat_threshold_hu", "skeleton_threshold_hu"),
)


def read_protocol(path: Path) -> Protocol:
    """Read a protocol file.

    Raises
    ------
    ProtocolError
        If the file is no TOML, or names a table, a setting, a type or a value that
        does not exist; the message names it.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        msg = f"Expected a protocol file, got {path}: {reason}. Check --protocol."
        raise ProtocolError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        msg = (
            f"Expected a protocol file in TOML, got {path.name}: {reason}. Correct it."
        )
        raise ProtocolError(msg) from error
    return protocol_from(document)


def protocol_from(document: dict[str, Any]) -> Protocol:
    """Protocol with the settings of a document, and defaults for all others.

    Raises
    ------
    ProtocolError
        As `read_protocol`.
    """
    protocol = Protocol()
    for table, settings in document.items():
        _check_name(table, [f.name for f in fields(protocol)], "table")
        if not isinstance(settings, dict):
            msg = (
                f"Expected a table [{table}] in the protocol, got {settings!r}. Put its "
                f"settings below a line [{table}]."
            )
            raise ProtocolError(msg)
        section = _section(
            table, cast("dict[str, object]", settings), getattr(protocol, table)
        )
        protocol = replace(protocol, **{table: section})
    _check_order(protocol)
    return protocol


def _section(table: str, settings: dict[str, object], default: Any) -> Any:  # noqa: ANN401 -- any of the settings classes
    """Settings of one table, in the class of their defaults."""
    known = [f.name for f in fields(default)]
    values: dict[str, object] = {}
    for name, value in settings.items():
        _check_name(name, known, f"setting of [{table}]")
        values[name] = _checked(f"{table}.{name}", value, getattr(default, name))
    return replace(default, **values)


def _check_name(name: str, known: list[str], kind: str) -> None:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(known)}."
    msg = f'Expected a {kind} of the protocol, got "{name}". {hint}'
    raise ProtocolError(msg)


def _checked(name: str, value: object, default: object) -> object:
    """Return the value as the type of its default, within the range of its unit."""
    if isinstance(default, bool) or not isinstance(default, int | float):
        if type(value) is not type(default):
            _refuse(name, f"a {type(default).__name__}", value)
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(name, "a number", value)
    if isinstance(default, int) and not isinstance(value, int):
        _refuse(name, "a whole number", value)
    low, high = RANGE_OF_UNIT.get(name.rsplit("_", 1)[-1], (-math.inf, math.inf))
    if not (math.isfinite(value) and low <= value <= high):
        _refuse(name, f"a value from {low:g} to {high:g}", value)
    return int(value) if isinstance(default, int) else float(value)


def _refuse(name: str, expected: str, value: object) -> NoReturn:
    msg = (
        f"Expected {expected} for {name} in the protocol, got {value!r}. Correct it or "
        "leave it out for the default."
    )
    raise ProtocolError(msg)


def _check_order(protocol: Protocol) -> None:
    for table, smaller, larger in ORDERED:
        section = getattr(protocol, table)
        low, high = getattr(section, smaller), getattr(section, larger)
        if not low <= high:
            msg = (
                f"Expected {table}.{smaller} <= {table}.{larger} in the protocol, got "
                f"{low:g} and {high:g}. Correct one of them."
            )
            raise ProtocolError(msg)
