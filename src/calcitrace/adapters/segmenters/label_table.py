"""`--segmenter-labels`: what the numbers of a label map mean, read strictly.

A table known by name, or a file: TOML or CSV, described in docs/segmenters.md.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from calcitrace.adapters.segmenters.known_tables import KNOWN_TABLES
from calcitrace.errors import SegmentationError
from calcitrace.model.structures import Laterality, Region, Structure, StructureKind
from calcitrace.services.structure_names import structure_of

TOP_KEYS = {"name", "version", "licence", "whole_skeleton", "structure"}
KEYS = {"label", "name", "kind", "region", "laterality"}


class LabelTableError(SegmentationError):
    """A table of labels that cannot be used."""

    def __init__(self, *, expected: str, got: str) -> None:
        super().__init__(
            f"Expected {expected} in the table of labels, got {got}. Correct the file "
            "that --segmenter-labels names."
        )


@dataclass(frozen=True, slots=True)
class LabelTable:
    """Meaning of labels, and who made them.

    Attributes
    ----------
    name, version, licence
        Of what made the map; empty where not said.
    has_whole_skeleton
        See `model.structures.LabelMap`.
    """

    structures: tuple[Structure, ...]
    name: str = ""
    version: str = ""
    licence: str = ""
    has_whole_skeleton: bool = False


def label_table(given: str) -> LabelTable:
    """Table known by name, or that of a file.

    Raises
    ------
    SegmentationError
        If the name is not known, or the file is missing or says what cannot be; the
        message names the key, what was expected and what came.
    """
    if given.lower() in KNOWN_TABLES:
        names = KNOWN_TABLES[given.lower()]
        return LabelTable(
            tuple(structure_of(i, name) for i, name in enumerate(names, start=1)),
            name="TotalSegmentator",
        )
    path = Path(given)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        known = ", ".join(KNOWN_TABLES)
        msg = (
            f"Expected a table of labels ({known}, or a TOML or CSV file), got "
            f"'{given}': {reason}. Check --segmenter-labels."
        )
        raise SegmentationError(msg) from error
    except UnicodeDecodeError as error:
        raise LabelTableError(expected="text in UTF-8", got="other bytes") from error
    return _from_csv(text) if path.suffix.lower() == ".csv" else _from_toml(text)


def _from_toml(text: str) -> LabelTable:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = " ".join(str(error).split())
        raise LabelTableError(expected="TOML", got=reason) from error
    _check_keys(document, TOP_KEYS)
    rows = document.get("structure", [])
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):  # pyright: ignore[reportUnknownVariableType]  # a file holds anything
        raise LabelTableError(
            expected="tables named [[structure]]", got="something else"
        )
    is_whole = document.get("whole_skeleton", False)
    if not isinstance(is_whole, bool):
        raise LabelTableError(
            expected="whole_skeleton = true or false", got=repr(is_whole)
        )
    said = {k: str(document.get(k, "")) for k in ("name", "version", "licence")}
    structures = _structures(cast("list[dict[str, Any]]", rows))
    return LabelTable(structures, **said, has_whole_skeleton=is_whole)


def _from_csv(text: str) -> LabelTable:
    rows = csv.DictReader(io.StringIO(text), restkey="(too many cells)")
    return LabelTable(
        _structures(
            {k: v for k, v in row.items() if v not in {"", None}} for row in rows
        )
    )


def _structures(rows: Iterable[Mapping[str, Any]]) -> tuple[Structure, ...]:
    structures = tuple(_structure(row) for row in rows)
    labels = [s.label for s in structures]
    if not labels or len(set(labels)) != len(labels):
        got = "none" if not labels else "a label twice"
        raise LabelTableError(expected="each label once", got=got)
    return structures


def _structure(row: Mapping[str, Any]) -> Structure:
    """One row; what it does not say is taken from the name, if that is known."""
    _check_keys(row, KEYS)
    try:
        label = int(str(row["label"]))
        name = str(row["name"])
    except (KeyError, ValueError) as error:
        raise LabelTableError(
            expected="a whole number 'label' and a 'name'", got=repr(dict(row))
        ) from error
    if label < 1:
        raise LabelTableError(expected="labels from 1", got=str(label))
    by_name = structure_of(label, name)
    try:
        return replace(
            by_name,
            kind=StructureKind(row.get("kind", by_name.kind)),
            region=Region(row.get("region", by_name.region)),
            laterality=Laterality(row.get("laterality", by_name.laterality)),
        )
    except ValueError as error:
        words = [*StructureKind, *Region, *Laterality]
        allowed = ", ".join(dict.fromkeys(word.value for word in words))
        word = str(error).split(" is ")[0]
        raise LabelTableError(expected=f"one of: {allowed}", got=word) from error


def _check_keys(row: Mapping[str, Any], allowed: set[str]) -> None:
    odd = sorted(set(row) - allowed)
    if odd:
        listed = ", ".join(sorted(allowed))
        raise LabelTableError(expected=f"keys {listed}", got=f"'{odd[0]}'")
