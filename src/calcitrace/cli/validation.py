"""What `calcitrace validate` says: the summary, and where the tables are."""

from typing import TYPE_CHECKING

from calcitrace.bootstrap.written import json_text

if TYPE_CHECKING:
    from calcitrace.bootstrap.validating import Validation


def validation_lines(validation: "Validation") -> list[str]:
    """Summary, failures first, and the files."""
    return [
        "",
        *validation.summary,
        "",
        f"Report: {validation.written.folder / 'validation.html'}",
        "Research use only: not a medical device.",
    ]


def validation_json(validation: "Validation") -> str:
    """Summary and files for other programs."""
    return json_text(
        {
            "folder": str(validation.written.folder),
            "files": [path.name for path in validation.written.files],
            "n_readings": validation.n_readings,
            "summary": list(validation.summary),
        }
    )
