"""Commands for those who test the instrument: scans with known truth, and accuracy on them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from calcitrace.cli.insert import insert
from calcitrace.cli.options import (
    EPILOG,
    DebugOption,
    ExitCode,
    JsonOption,
    QuietOption,
)


class SuiteName(StrEnum):
    """How much is simulated."""

    QUICK = "quick"
    FULL = "full"


def add_commands(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog=EPILOG)(simulate)
    app.command(epilog=EPILOG)(insert)
    app.command(epilog=EPILOG)(validate)
    app.command(epilog=EPILOG)(train)


def simulate(
    scene: Annotated[Path, typer.Argument(help="Scene to scan (TOML).")],
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder for the scans; replaces earlier ones."),
    ],
    *,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Simulate CT scans of a scene with deposits of known mass."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import simulating
    from calcitrace.cli.progress import shown_progress
    from calcitrace.cli.simulation import (
        simulation_json,
        simulation_lines,
    )

    with shown_progress(is_quiet=quiet) as progress:
        simulation = simulating.simulate_into(scene, out, progress=progress)
    if as_json:
        typer.echo(simulation_json(simulation), nl=False)
    elif not quiet:
        typer.echo("\n".join(simulation_lines(simulation)))
    return ExitCode.DONE


def validate(  # noqa: PLR0913 -- one parameter per option
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder for the tables; replaces earlier ones."),
    ],
    *,
    suite: Annotated[
        SuiteName, typer.Option(help="How much to simulate.")
    ] = SuiteName.QUICK,
    scan: Annotated[
        Path | None,
        typer.Option(help="Scan of a phantom to compare with --truth; no simulation."),
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="Known inserts of that scan (CSV).")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="Calibration of that scan (TOML).")
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Measure the accuracy on simulated scans, or on the scan of a known phantom."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import validating
    from calcitrace.cli.progress import shown_progress
    from calcitrace.cli.validation import (
        validation_json,
        validation_lines,
    )

    request = validating.ValidationRequest(out, suite.value, scan, truth, calibration)
    with shown_progress(is_quiet=quiet) as progress:
        validation = validating.validate_into(request, progress=progress)
    if as_json:
        typer.echo(validation_json(validation), nl=False)
    elif not quiet:
        typer.echo("\n".join(validation_lines(validation)))
    return ExitCode.DONE


def train(
    scans: Annotated[
        Path,
        typer.Option(
            help="Folder with the CT scans of the Soft-tissue-Sarcoma patients."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Detector file to write.")],
    *,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> int:
    """Train the built-in detector again: the same scans give the same file."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import training
    from calcitrace.cli.progress import shown_progress

    with shown_progress(is_quiet=quiet) as progress:
        detector = training.train_into(training.TrainRequest(scans, out), progress)
    if not quiet:
        typer.echo(f"{detector.name}, SHA-256 {detector.digest}: {out}")
    return ExitCode.DONE
