"""`edits.json`: a reader's operations, read strictly and written whole or not at all.

The format is described in docs/correct.md. Every name is checked: an operation that
silently does nothing is worse than none.
"""

import difflib
import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, cast

from calcitrace.adapters.numbers import POSITION_DECIMALS
from calcitrace.errors import EditsError, OutputError
from calcitrace.model.edits import Edit, Edits, Operation, Point
from calcitrace.model.result import ScanResult

FILE_NAME = "edits.json"
FORMAT = "calcitrace edits 1"
TOP_KEYS = frozenset({"format", "input_hash", "order_seed", "operations"})
EDIT_KEYS = frozenset({"operation", "points_mm", "author", "time", "comment"})
N_AXES = 3


class EditsJson:
    """Writes `edits.json` beside a result that was corrected."""

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write the operations; the language changes nothing."""
        del lang
        if result.correction is None:
            return ()
        path = folder / FILE_NAME
        path.write_text(edits_text(result.correction.edits), encoding="utf-8")
        return (path,)


def read_edits(path: Path) -> Edits:
    """Read a file of operations.

    Raises
    ------
    EditsError
        If the file is missing, no JSON, or has a key, an operation or a value that is
        none of ours; the message is one line.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        msg = f"Expected a file of corrections, got {path}: {reason}. Check --edits."
        raise EditsError(msg) from error
    except ValueError as error:  # no JSON, or no UTF-8
        reason = " ".join(str(error).split())
        msg = f"Expected corrections in JSON, got {path.name}: {reason}."
        raise EditsError(msg) from error
    return edits_from(document)


def edits_from(document: object) -> Edits:
    """Operations of a document.

    Raises
    ------
    EditsError
        As `read_edits`.
    """
    top = _table("the file", document, TOP_KEYS, {"format", "operations"})
    if top["format"] != FORMAT:
        _refuse("format", repr(FORMAT), top["format"])
    input_hash, order_seed = top.get("input_hash"), top.get("order_seed")
    if not isinstance(input_hash, str | None):
        _refuse("input_hash", "the SHA-256 of the scan, or null", input_hash)
    if isinstance(order_seed, bool) or not isinstance(order_seed, int | None):
        _refuse("order_seed", "a whole number, or null", order_seed)
    operations = top["operations"]
    if not isinstance(operations, list):
        _refuse("operations", "a list", operations)
    return Edits(
        edits=tuple(
            _edit(f"operations[{number}]", value)
            for number, value in enumerate(cast("list[object]", operations), start=1)
        ),
        input_hash=input_hash,
        order_seed=order_seed,
    )


def _edit(place: str, value: object) -> Edit:
    table = _table(place, value, EDIT_KEYS, EDIT_KEYS - {"comment"})
    name = table["operation"]
    known = [operation.value for operation in Operation]
    if not isinstance(name, str) or name not in known:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        _refuse(f"{place}.operation", f"one of {', '.join(known)}{hint}", name)
    author, comment = table["author"], table.get("comment", "")
    for key, text in (("author", author), ("comment", comment)):
        if not isinstance(text, str):
            _refuse(f"{place}.{key}", "a text", text)
    try:
        return Edit(
            operation=Operation(name),
            points_mm=_points(f"{place}.points_mm", table["points_mm"]),
            author=author,
            time=_time(f"{place}.time", table["time"]),
            comment=comment,
        )
    except EditsError as error:
        raise EditsError(f"{place}: {error}") from error  # noqa: EM102, TRY003 -- the place goes before the message


def _points(place: str, value: object) -> tuple[Point, ...]:
    """Points of a list [[x, y, z], ...]."""
    if not isinstance(value, list):
        _refuse(place, "a list of points [x, y, z]", value)
    points: list[Point] = []
    for point in cast("list[object]", value):
        numbers = cast("list[object]", point) if isinstance(point, list) else []
        found = [
            float(v)
            for v in numbers
            if isinstance(v, int | float) and not isinstance(v, bool)
        ]
        if len(found) != N_AXES or len(numbers) != N_AXES:
            _refuse(place, "three numbers x, y, z in mm for each point", numbers)
        x, y, z = found
        points.append((x, y, z))
    return tuple(points)


def _time(place: str, value: object) -> datetime:
    try:
        return datetime.fromisoformat(value)  # type: ignore[arg-type]  # checked by the call
    except (TypeError, ValueError):
        _refuse(place, "a time with its zone, as 2026-01-31T14:05:00+00:00", value)


def _table(
    place: str, value: object, known: frozenset[str], needed: set[str] | frozenset[str]
) -> dict[str, Any]:
    """Object with known keys and none missing."""
    if not isinstance(value, dict):
        _refuse(place, "an object {...}", value)
    table = cast("dict[str, Any]", value)
    for key in sorted(table.keys() - known):
        _refuse(place, f"no keys but {', '.join(sorted(known))}", key)
    for key in sorted(needed - table.keys()):
        msg = f"Expected {key} in {place} of the corrections, got none. Add it."
        raise EditsError(msg)
    return table


def _refuse(place: str, expected: str, value: object) -> NoReturn:
    shown = json.dumps(value, default=str)[:80]
    msg = (
        f"Expected {expected} for {place} of the corrections, got {shown}. Correct it."
    )
    raise EditsError(msg)


def edits_text(edits: Edits) -> str:
    """Text of the file; the same operations give the same text."""
    document = {
        "format": FORMAT,
        "input_hash": edits.input_hash,
        "order_seed": edits.order_seed,
        "operations": [edit_document(edit) for edit in edits.edits],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def edit_document(edit: Edit) -> dict[str, object]:
    """One operation as plain values."""
    return {
        "operation": edit.operation.value,
        "points_mm": [
            [round(v, POSITION_DECIMALS) + 0.0 for v in point]
            for point in edit.points_mm
        ],
        "author": edit.author,
        "time": edit.time.isoformat(),
        "comment": edit.comment,
    }


def write_edits(edits: Edits, path: Path) -> None:
    """Write a file that appears whole, or stays as it was.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(
            prefix=f".{path.name}-", dir=path.parent, text=False
        )
        work = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(edits_text(edits))
                file.flush()
                os.fsync(file.fileno())
            work.chmod(0o644)
            work.replace(path)
        finally:
            work.unlink(missing_ok=True)
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        msg = f"Could not write corrections to {path}: {reason}. Choose another place."
        raise OutputError(msg) from error
