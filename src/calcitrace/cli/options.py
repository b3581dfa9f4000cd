"""Exit codes, and options that several commands share."""

from enum import IntEnum
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


QuietOption = Annotated[
    bool, typer.Option("--quiet", help="Print nothing but errors and --json.")
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
