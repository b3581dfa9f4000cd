"""Where files that a use case wrote are, and results as text."""

from dataclasses import dataclass
from pathlib import Path

from calcitrace.adapters.response_json import response_document
from calcitrace.adapters.scan_json import json_text, scan_document

__all__ = ["WrittenResult", "json_text", "response_document", "scan_document"]


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
