"""`links.json`: what a reader linked and unlinked, to be replayed.

A deposit is named by the hash of its scan and a place in it (DICOM LPS, mm), so links
hold when the scans are measured again, with another version too.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

from calcitrace.adapters.numbers import POSITION_DECIMALS
from calcitrace.errors import ComparisonError
from calcitrace.model.edits import Point
from calcitrace.model.following import Node, ReaderLink
from calcitrace.model.visit import Visit
from calcitrace.services.comparing.pointing import check_named, deposit_at

FILE_NAME = "links.json"
FORMAT = "calcitrace links 1"
OPERATIONS = {"link": True, "unlink": False}


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A reader's link between places of two scans."""

    before_hash: str
    before_mm: Point
    after_hash: str
    after_mm: Point
    is_same: bool


def placed_links(
    links: tuple[ReaderLink, ...], visits: tuple[Visit, ...]
) -> tuple[PlacedLink, ...]:
    """Name deposits by places, not by numbers.

    Raises
    ------
    ComparisonError
        If a number is none of a deposit.
    """
    check_named([n for link in links for n in (link.before, link.after)], visits)
    by_number = {visit.number: visit for visit in visits}

    def place(node: Node) -> tuple[str, Point]:
        visit = by_number[node.visit]
        deposits = {d.deposit_id: d for d in visit.deposits}
        return visit.provenance.input_hash, deposits[node.deposit_id].seed_mm

    return tuple(
        PlacedLink(*place(link.before), *place(link.after), link.is_same)
        for link in links
    )


def links_at(
    links: tuple[PlacedLink, ...], visits: tuple[Visit, ...]
) -> tuple[ReaderLink, ...]:
    """Links between deposits that now lie at the places; of other scans none.

    Raises
    ------
    ComparisonError
        If there is no deposit at a place any more.
    """
    by_hash = {visit.provenance.input_hash: visit for visit in visits}
    return tuple(
        ReaderLink(
            deposit_at(by_hash[link.before_hash], link.before_mm),
            deposit_at(by_hash[link.after_hash], link.after_mm),
            link.is_same,
        )
        for link in links
        if {link.before_hash, link.after_hash} <= set(by_hash)
    )


def links_text(links: tuple[PlacedLink, ...]) -> str:
    """Text of the file."""
    document = {
        "format": FORMAT,
        "operations": [
            {
                "operation": "link" if link.is_same else "unlink",
                "before": _place(link.before_hash, link.before_mm),
                "after": _place(link.after_hash, link.after_mm),
            }
            for link in links
        ],
    }
    return json.dumps(document, sort_keys=True, indent=2) + "\n"


def read_links(path: Path) -> tuple[PlacedLink, ...]:
    """Read a file of links.

    Raises
    ------
    ComparisonError
        If it is missing or is no such file.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            _refuse(path, f"format {document['format']!r}")
        return tuple(_link(value) for value in document["operations"])
    except OSError as error:
        _refuse(path, (error.strerror or "unreadable").lower(), error)
    except (KeyError, TypeError, ValueError) as error:
        _refuse(path, f"{type(error).__name__}: {error}", error)


def _link(value: dict[str, Any]) -> PlacedLink:
    before, after = value["before"], value["after"]
    return PlacedLink(
        str(before["input_hash"]),
        _point(before["point_mm"]),
        str(after["input_hash"]),
        _point(after["point_mm"]),
        OPERATIONS[value["operation"]],
    )


def _point(value: object) -> Point:
    x, y, z = (float(v) for v in cast("list[float]", value))
    return x, y, z


def _place(input_hash: str, point_mm: Point) -> dict[str, object]:
    return {
        "input_hash": input_hash,
        "point_mm": [round(v, POSITION_DECIMALS) for v in point_mm],
    }


def _refuse(path: Path, got: str, error: Exception | None = None) -> NoReturn:
    msg = f"Expected a file of links (links.json), got {path.name}: {got}."
    raise ComparisonError(msg) from error
