"""Options that commands share, and what their exit codes say."""

from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ExitCode(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    BLOCKED = 1  # done, but the result carries a blocking flag
    UNUSABLE = 2  # wrong usage, unusable input, or a place that cannot be written
    INTERNAL = 70  # our own fault (EX_SOFTWARE of sysexits.h)
    INTERRUPTED = 130  # 128 + SIGINT
    TERMINATED = 143  # 128 + SIGTERM


class Lang(StrEnum):
    """Languages of the report."""

    EN = "en"
    FR = "fr"


EPILOG = (
    "Exit codes: 0 done; 1 done, but the result carries a blocking flag; 2 wrong usage "
    "or unusable input; 70 internal error; 130 interrupted. Research use only: not a "
    "medical device."
)

OutOption = Annotated[
    Path,
    typer.Option("--out", help="Folder for the results; replaces an earlier result."),
]
LangOption = Annotated[Lang, typer.Option(help="Language of the report.")]
QuietOption = Annotated[
    bool, typer.Option("--quiet", help="Print nothing but errors and --json.")
]
SegmenterOption = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help="Names bones, vessels, organs: builtin, totalsegmentator, "
        "totalsegmentator:fast, another plug-in, a NIfTI label map or a DICOM SEG.",
    ),
]
SegmenterLabelsOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FILE",
        help="What the numbers of a NIfTI label map mean: totalsegmentator, or a file "
        "(TOML, CSV).",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON on standard output.")
]
DebugOption = Annotated[
    bool,
    typer.Option(
        "--debug",
        help="Show tracebacks and warnings; they can quote headers of the images.",
    ),
]
