"""`calcitrace calibrate`: a calibration file from a phantom scan."""

from pathlib import Path
from typing import Annotated

import typer

from calcitrace.cli.options import DebugOption, ExitCode, JsonOption, QuietOption


def calibrate(  # noqa: PLR0913 -- one parameter per option
    source: Annotated[
        Path, typer.Argument(help="Scan of a phantom: folder, zip or file of DICOM.")
    ],
    densities: Annotated[
        str,
        typer.Option(help="Hydroxyapatite in each rod, mg/cm3: 0,50,100,200,400."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Calibration file to write.")],
    *,
    diameters_mm: Annotated[
        str | None,
        typer.Option(help="Of the rods: one, or one for each density; else measured."),
    ] = None,
    series: Annotated[
        str | None,
        typer.Option(help="Series Instance UID to read, not the best CT series."),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Measure a scanner with a phantom, for scans on the same model and kVp (grade B)."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import calibrating
    from calcitrace.cli.calibration import (
        numbers,
        phantom_json,
        phantom_lines,
    )
    from calcitrace.cli.progress import shown_progress

    request = calibrating.CalibrateRequest(
        source=source,
        out=out,
        densities_mg_cm3=numbers("--densities", densities),
        diameters_mm=numbers("--diameters-mm", diameters_mm) if diameters_mm else (),
        series_uid=series,
    )
    with shown_progress(is_quiet=quiet) as progress:
        measured = calibrating.calibrate_into(request, progress)
    if as_json:
        typer.echo(phantom_json(measured, out), nl=False)
    elif not quiet:
        typer.echo("\n".join(phantom_lines(measured, out)))
    return ExitCode.DONE
