"""What a reader sees in the terminal: one deposit at a time, on standard error."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from calcitrace.model.flags import FlagKind
from calcitrace.services.reporting.words import (
    REASON_WORDS,
    SHORT_FLAGS,
    STATUS_WORDS,
)
from calcitrace.services.review_commands import HELP
from calcitrace.services.reviewing import ReviewItem, decision

if TYPE_CHECKING:
    from calcitrace.bootstrap.reviewing import Review

UNKNOWN = "unknown"
KIND_OF = {kind.code: kind for kind in FlagKind}


class Display:
    """Panels on standard error; results alone go to standard output."""

    def __init__(self, *, is_quiet: bool, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, quiet=is_quiet)

    def begin(self, reading: "Review") -> None:
        """Say how many deposits wait and which keys there are."""
        session = reading.session
        left = len(session.items) - session.n_decided
        kind = "blinded reading" if reading.is_blinded else "review"
        self._say(
            f"{kind.capitalize()} by {session.author}: {left} of "
            f"{len(session.items)} deposits to decide on."
        )
        self._say(HELP)

    def show(self, reading: "Review") -> None:
        """Show the deposit that is to be decided on, or that all were shown."""
        session, item = reading.session, reading.session.current
        if item is None:
            self._say("All deposits were shown: u to undo the last, q to finish.")
            return
        facts = Table.grid(padding=(0, 2))
        for name, value in rows(item, is_blinded=reading.is_blinded):
            facts.add_row(Text(name, "dim"), Text(value))
        picture = reading.pictures[item.number]
        shown = str(picture) if picture.is_file() else "none was written"
        facts.add_row(Text("picture", "dim"), Text(shown, overflow="fold"))
        last = decision(session, item)
        if last is not None:
            facts.add_row(Text("so far", "dim"), Text(f"{last.value}d"))
        if session.comment:
            facts.add_row(Text("comment", "dim"), Text(session.comment))
        place = f"{session.position + 1} of {len(session.items)}"
        title = Text(f"Deposit {item.number} ({place})")
        self._console.print(Panel(facts, title=title, title_align="left"))

    def complain(self, line: str) -> None:
        """Say why a command was not done."""
        self._say(line)

    def end(self, reading: "Review") -> None:
        """Say what was decided."""
        session = reading.session
        self._say(f"{session.n_decided} of {len(session.items)} deposits decided.")

    def _say(self, line: str) -> None:
        self._console.print(Text(line))


def rows(item: ReviewItem, *, is_blinded: bool) -> list[tuple[str, str]]:
    """Name and value of what is known; what the program decided only if not blinded."""
    sides = [item.region, item.laterality]
    place = ", ".join(s for s in sides if s and s != UNKNOWN) or UNKNOWN
    lines = [
        ("mass", item.mass),
        ("region", place),
        ("depth below skin", _with_unit(item.depth_mm, "mm")),
        ("distance to bone", _with_unit(item.bone_distance_mm, "mm")),
        ("length", _with_unit(item.diameter_mm, "mm")),
        ("peak", f"{float(item.hu_max):.0f} HU"),
        ("shape", item.shape_class),
        ("at x, y, z", ", ".join(f"{v:.1f}" for v in item.seed_mm) + " mm"),
    ]
    if is_blinded:
        return lines
    why = [REASON_WORDS[item.reason]]
    why += [
        SHORT_FLAGS[kind]
        for code in item.flags
        if (kind := KIND_OF.get(code)) in SHORT_FLAGS
    ]
    return [
        *lines,
        ("status", STATUS_WORDS[item.status]),
        ("why", "; ".join(dict.fromkeys(why))),
        ("probability", item.probability),
    ]


def _with_unit(number: str, unit: str) -> str:
    return f"{float(number):.1f} {unit}" if number else UNKNOWN
