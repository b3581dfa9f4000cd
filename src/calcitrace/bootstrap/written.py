"""Where files that a use case wrote are."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WrittenResult:
    """Where a result lies.

    Attributes
    ----------
    files
        In the order in which they were written.
    notes
        One line each on what was not written, and why.
    """

    folder: Path
    files: tuple[Path, ...]
    notes: tuple[str, ...]
