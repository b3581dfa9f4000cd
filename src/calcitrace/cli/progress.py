"""Progress on standard error: bars on a terminal, plain lines otherwise."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import typer

from calcitrace.services.ports import Progress, no_progress

STAGES = {
    "place": "Placing deposits",
    "simulate": "Simulating the scan",
    "tune": "Scanning tuning bodies",
    "validate": "Scanning and reading bodies",
    "learn": "Training the detector",
    "read": "Reading images",
    "limit": "Inserting and measuring",
    "anatomy": "Finding body and bones",
    "detect": "Finding candidates",
    "measure": "Measuring deposits",
    "align": "Aligning visits",
    "follow": "Following deposits",
    "write": "Writing results",
}


@contextmanager
def shown_progress(
    *, is_quiet: bool, is_terminal: bool | None = None
) -> Generator[Progress, None, None]:
    """Give what stages report to; it draws as fits standard error, or as it is told."""
    if is_quiet:
        yield no_progress
    elif sys.stderr.isatty() if is_terminal is None else is_terminal:
        with _bars() as progress:
            yield progress
    else:
        yield _plain_lines()


@contextmanager
def _bars() -> Generator[Progress, None, None]:
    """One bar per stage, with the time it took."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Bars(*columns, console=Console(stderr=True, force_terminal=True)) as bars:

        def show(stage: str, fraction: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGES.get(stage, stage), total=1.0)
            bars.update(tasks[stage], completed=fraction)

        yield show


def _plain_lines() -> Callable[[str, float], None]:
    """One line when a stage begins."""
    begun: set[str] = set()

    def show(stage: str, _fraction: float) -> None:
        if stage not in begun:
            begun.add(stage)
            typer.echo(f"{STAGES.get(stage, stage)} ...", err=True)

    return show
