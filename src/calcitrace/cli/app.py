"""Commands, exit codes, and how errors reach the user.

Nothing heavy is imported here: `--help` has to answer at once, so commands import what
they need when they run.
"""

import logging
import signal
import sys
import traceback
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from calcitrace.cli import comparison, research, review
from calcitrace.cli.calibrate import calibrate
from calcitrace.cli.options import (
    EPILOG,
    DebugOption,
    ExitCode,
    JsonOption,
    Lang,
    LangOption,
    OutOption,
    QuietOption,
    SegmenterLabelsOption,
    SegmenterOption,
)
from calcitrace.errors import CalcitraceError

# Typer carries its own copy of click from some version on; the root of usage errors is
# reached through one that it exports in every version.
USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]

app = typer.Typer(
    name="calcitrace",
    help="Measure calcinosis on CT: the mass of every deposit, with its uncertainty.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(value: bool) -> None:  # noqa: FBT001 -- typer's callback
    if value:
        from calcitrace.services.version import version

        typer.echo(f"calcitrace {version()}")
        raise typer.Exit


@app.callback()
def about(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Measure calcinosis on CT: the mass of every deposit, with its uncertainty."""
    del version


@app.command(epilog=EPILOG)
def measure(  # noqa: PLR0913 -- one parameter per option
    source: Annotated[
        Path,
        typer.Argument(help="Folder of DICOM files (any depth), zip, file or NIfTI."),
    ],
    out: OutOption,
    *,
    series: Annotated[
        str | None,
        typer.Option(help="Series Instance UID to measure, not the best CT series."),
    ] = None,
    protocol: Annotated[
        Path | None, typer.Option(help="Settings of the analysis (TOML).")
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option(help="Rods in the scan, or what `calibrate` wrote (TOML)."),
    ] = None,
    edits: Annotated[
        Path | None,
        typer.Option(help="A reader's corrections to replay (edits.json)."),
    ] = None,
    segmenter: SegmenterOption = "builtin",
    segmenter_labels: SegmenterLabelsOption = None,
    lang: LangOption = Lang.EN,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Measure every deposit of one CT scan and write tables, images and a report."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import measuring
    from calcitrace.cli.progress import shown_progress
    from calcitrace.cli.summary import json_summary, print_summary

    request = measuring.MeasureRequest(
        source=source,
        out=out,
        series_uid=series,
        protocol_file=protocol,
        calibration_file=calibration,
        edits_file=edits,
        segmenter=segmenter,
        segmenter_labels=segmenter_labels,
        lang=lang.value,
    )
    with shown_progress(is_quiet=quiet) as progress:
        result, written = measuring.measure_into(request, progress)
    if as_json:
        typer.echo(json_summary(result, written), nl=False)
    elif not quiet:
        print_summary(result, written)
    return ExitCode.BLOCKED if result.is_blocked else ExitCode.DONE


app.command(epilog=EPILOG)(calibrate)


@app.command(epilog=EPILOG)
def demo(
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder for the demo; replaces an earlier one."),
    ] = Path("calcitrace-demo"),
    *,
    lang: LangOption = Lang.EN,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Simulate a limb with known deposits, measure it, and set found beside true."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import demonstrating
    from calcitrace.cli.demonstration import demo_json, demo_lines
    from calcitrace.cli.progress import shown_progress

    with shown_progress(is_quiet=quiet) as progress:
        shown = demonstrating.demo_into(out, lang=lang.value, progress=progress)
    if as_json:
        typer.echo(demo_json(shown), nl=False)
    elif not quiet:
        typer.echo("\n".join(demo_lines(shown)))
    return ExitCode.BLOCKED if shown.result.is_blocked else ExitCode.DONE


comparison.add_commands(app)
review.add_commands(app)
research.add_commands(app)


def main() -> NoReturn:
    """Entry point of the `calcitrace` program."""
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str], program: typer.Typer = app) -> int:
    """Run one command and return its exit code; never raises for a user's error."""
    is_debug = "--debug" in args
    try:
        with _quiet_libraries(is_on=not is_debug), _terminates_cleanly():
            code = program(list(args), prog_name="calcitrace", standalone_mode=False)
    except CalcitraceError as error:
        return _failed(ExitCode.UNUSABLE, str(error), error, is_debug=is_debug)
    except USAGE_ERROR as error:
        return _failed(ExitCode.UNUSABLE, _usage_line(error), error, is_debug=False)
    except (KeyboardInterrupt, typer.Abort):
        code = ExitCode.INTERRUPTED
    except SystemExit as stop:
        code = stop.code
    except MemoryError as error:
        line = "The scan does not fit into memory. Use a machine with more of it."
        return _failed(ExitCode.UNUSABLE, line, error, is_debug=is_debug)
    except Exception as error:  # noqa: BLE001 -- the last place before the user
        kind = type(error).__name__
        line = f"Internal error ({kind}). Run again with --debug and report it."
        return _failed(ExitCode.INTERNAL, line, error, is_debug=is_debug)
    if code in {ExitCode.INTERRUPTED, ExitCode.TERMINATED}:
        typer.echo("Interrupted. Nothing was written.", err=True)
    return int(code or 0)


@contextmanager
def _quiet_libraries(*, is_on: bool) -> Generator[None, None, None]:
    """Keep warnings and logs of libraries from the user: they quote image headers."""
    if not is_on:
        yield
        return
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


@contextmanager
def _terminates_cleanly() -> Generator[None, None, None]:
    """Let SIGTERM end the run as an error would, so that unfinished files go."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(ExitCode.TERMINATED)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _failed(code: ExitCode, line: str, error: Exception, *, is_debug: bool) -> ExitCode:
    """Say in one line what went wrong; the traceback only when asked for."""
    typer.echo(f"calcitrace: {' '.join(line.split())}", err=True)
    if is_debug:
        traceback.print_exception(error)
    return code


def _usage_line(error: Exception) -> str:
    """One line on wrong usage, as the parser words it."""
    message = getattr(error, "format_message", error.__str__)()
    return f"{message} Run with --help for all options."
