"""`calcitrace review`: step through deposits in the terminal."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calcitrace.cli.agreement import agreement
from calcitrace.cli.options import (
    EPILOG,
    DebugOption,
    ExitCode,
    JsonOption,
    Lang,
    LangOption,
    QuietOption,
)
from calcitrace.errors import EditsError
from calcitrace.model.edits import Operation

if TYPE_CHECKING:
    from calcitrace.bootstrap.reviewing import Review


EditsOption = Annotated[
    Path | None,
    typer.Option(help="File of the corrections; else edits.json in the result."),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Show accepted deposits as well.")
]
BlindedOption = Annotated[
    bool,
    typer.Option("--blinded", help="Hide what the program decided; shuffle all."),
]
SeedOption = Annotated[
    int, typer.Option(min=0, help="Seed of the order of a blinded reading.")
]
IncludeOption = Annotated[
    list[int] | None, typer.Option(help="Include a deposit and ask nothing.")
]
ExcludeOption = Annotated[
    list[int] | None, typer.Option(help="Exclude a deposit and ask nothing.")
]
CommentOption = Annotated[
    str, typer.Option(help="Comment on what --include and --exclude decide.")
]
SourceOption = Annotated[
    Path | None,
    typer.Option(help="The scan: measured again with the corrections at the end."),
]
CalibrationOption = Annotated[
    Path | None, typer.Option(help="Calibration file of the earlier result.")
]
CorrectedOption = Annotated[
    Path | None,
    typer.Option(help="Folder for the corrected result; else that of --edits."),
]


def add_commands(app: typer.Typer) -> None:
    """Add the commands of readers."""
    app.command(epilog=EPILOG)(review)
    app.command(epilog=EPILOG)(agreement)


def review(  # noqa: PLR0913 -- one parameter per option
    folder: Annotated[Path, typer.Argument(help="Result of an earlier `measure`.")],
    *,
    reader: Annotated[str, typer.Option(help="Code of the reader, not a name.")],
    edits: EditsOption = None,
    show_all: AllOption = False,
    blinded: BlindedOption = False,
    order_seed: SeedOption = 1,
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    comment: CommentOption = "",
    source: SourceOption = None,
    calibration: CalibrationOption = None,
    out: CorrectedOption = None,
    lang: LangOption = Lang.EN,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Decide on deposits one by one; every decision is saved at once."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import reviewing
    from calcitrace.cli.progress import shown_progress
    from calcitrace.cli.summary import json_summary, print_summary

    reading = reviewing.open_review(
        reviewing.ReviewRequest(
            folder, reader, edits, show_all, order_seed if blinded else None
        )
    )
    if include or exclude:
        decisions = [(Operation.INCLUDE, n) for n in include or []]
        decisions += [(Operation.EXCLUDE, n) for n in exclude or []]
        reading = reviewing.with_decisions(reading, decisions, comment)
    else:
        reading = _read(reading, is_quiet=quiet)
    if source is None:
        _say_what_is_next(reading, as_json=as_json, is_quiet=quiet)
        return ExitCode.DONE
    with shown_progress(is_quiet=quiet) as progress:
        result, written = reviewing.measure_again(
            reading,
            source,
            out,
            calibration_file=calibration,
            lang=lang.value,
            progress=progress,
        )
    if as_json:
        typer.echo(json_summary(result, written), nl=False)
    elif not quiet:
        print_summary(result, written)
    return ExitCode.BLOCKED if result.is_blocked else ExitCode.DONE


def _read(reading: "Review", *, is_quiet: bool) -> "Review":
    """Show one deposit after the other until the reader quits, or lines end.

    After the last one commands are still heard: to undo, or to add what was not found.
    """
    from calcitrace.bootstrap import reviewing
    from calcitrace.cli.review_display import Display

    display = Display(is_quiet=is_quiet)
    is_terminal = sys.stdin.isatty()
    lines = _keys() if is_terminal else iter(sys.stdin)
    display.begin(reading)
    while True:
        display.show(reading)
        line = next(lines, None)
        if line is None:
            break
        if not line.strip():
            continue
        try:
            after = reviewing.advanced(reading, line)
        except EditsError as error:
            if not is_terminal:
                raise
            display.complain(str(error))
            continue
        if after is None:
            break
        reading = after
    display.end(reading)
    return reading


WITH_WORDS = "cgmkab"  # keys that a line follows


def _keys() -> Iterator[str]:
    """Single keys of a terminal; those that need more words take a line."""
    while True:
        key = typer.getchar()
        if key in {"\x03", "\x04"}:
            return
        yield key + input(f"{key} ") if key in WITH_WORDS else key


def _say_what_is_next(reading: "Review", *, as_json: bool, is_quiet: bool) -> None:
    from calcitrace.bootstrap.written import json_text

    session = reading.session
    if as_json:
        typer.echo(
            json_text(
                {
                    "edits": str(reading.edits_file),
                    "n_shown": len(session.items),
                    "n_decided": session.n_decided,
                    "n_operations": len(session.edits.edits),
                }
            ),
            nl=False,
        )
    elif not is_quiet:
        typer.echo(f"{session.n_decided} of {len(session.items)} deposits decided.")
        typer.echo(f"Corrections: {reading.edits_file}")
        typer.echo(
            "The result is as it was. To correct it: calcitrace measure SCAN --out "
            f"{reading.edits_file.parent} --edits {reading.edits_file}"
        )
