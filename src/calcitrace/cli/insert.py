"""`calcitrace insert`: synthetic deposits in a real scan, or its detection limit."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calcitrace.cli.options import DebugOption, ExitCode, JsonOption, QuietOption
from calcitrace.model.insertion_settings import Gap, InsertionSettings, Morphology

if TYPE_CHECKING:
    from calcitrace.bootstrap.inserting import InsertRequest

DEFAULT = InsertionSettings()

KindOption = Annotated[
    list[Morphology], typer.Option(help="Form to draw from; may be repeated.")
]
MassOption = Annotated[
    tuple[float, float], typer.Option(help="Smallest and largest mass, mg.")
]
DensityOption = Annotated[
    tuple[float, float], typer.Option(help="Lowest and highest density, mg/cm3.")
]
EndsOption = Annotated[
    bool, typer.Option("--at-scan-ends", help="Cut deposits by the scan's ends.")
]
LimitOption = Annotated[
    bool,
    typer.Option(
        "--detection-limit",
        help="Measure what is found of the deposits; writes tables, no scan.",
    ),
]
GapOption = Annotated[
    list[Gap], typer.Option(help="Distance to bone, mm; may be repeated.")
]


def insert(  # noqa: PLR0913 -- one parameter per option
    source: Annotated[
        Path,
        typer.Argument(help="CT scan: folder of DICOM files, zip, file or NIfTI."),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", help="Folder for scan and truth; replaces earlier ones."),
    ],
    *,
    count: Annotated[
        int, typer.Option(help="Deposits to insert; fewer where there is no room.")
    ] = DEFAULT.n_deposits,
    kind: KindOption = list(DEFAULT.kinds),  # noqa: B006 -- typer reads it once
    mass: MassOption = DEFAULT.mass_mg,
    density: DensityOption = DEFAULT.density_mg_cm3,
    gap: GapOption = list(DEFAULT.gaps),  # noqa: B006 -- typer reads it once
    at_scan_ends: EndsOption = False,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same deposits.")
    ] = DEFAULT.seed,
    detection_limit: LimitOption = False,
    repeats: Annotated[
        int, typer.Option(help="How often to insert for --detection-limit.")
    ] = 8,
    series: Annotated[
        str | None,
        typer.Option(help="Series Instance UID to use, not the best CT series."),
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option(help="Rods in the scan, or what `calibrate` wrote (TOML)."),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Insert synthetic deposits of known mass into a real CT scan, or find its limit."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import inserting

    settings = InsertionSettings(
        n_deposits=count,
        kinds=tuple(dict.fromkeys(kind)),
        mass_mg=mass,
        density_mg_cm3=density,
        gaps=tuple(dict.fromkeys(gap)),
        at_scan_ends=at_scan_ends,
        seed=seed,
    )
    request = inserting.InsertRequest(source, out, settings, series, calibration)
    if detection_limit:
        _limit(request, repeats, quiet=quiet, as_json=as_json)
    else:
        _insert(request, quiet=quiet, as_json=as_json)
    return ExitCode.DONE


def _insert(request: "InsertRequest", *, quiet: bool, as_json: bool) -> None:
    from calcitrace.bootstrap import inserting
    from calcitrace.cli.insertion import (
        insertion_json,
        insertion_lines,
    )
    from calcitrace.cli.progress import shown_progress

    with shown_progress(is_quiet=quiet) as progress:
        insertion, written = inserting.insert_into(request, progress)
    if as_json:
        typer.echo(insertion_json(insertion, written), nl=False)
    elif not quiet:
        typer.echo("\n".join(insertion_lines(insertion, written)))


def _limit(
    request: "InsertRequest", n_repeats: int, *, quiet: bool, as_json: bool
) -> None:
    from calcitrace.bootstrap import inserting
    from calcitrace.cli.detection_limit import (
        limit_json,
        limit_lines,
    )
    from calcitrace.cli.progress import shown_progress

    with shown_progress(is_quiet=quiet) as progress:
        limit, written = inserting.limit_into(request, n_repeats, progress)
    if as_json:
        typer.echo(limit_json(limit, written), nl=False)
    elif not quiet:
        typer.echo("\n".join(limit_lines(limit, written)))
