"""`--segmenter`: from what a user wrote to what names structures.

A plug-in is an entry point of the group `calcitrace.segmenters`: its name, and a function
that takes the options after the colon (empty without) and returns a `Segmenter`.
"""

import os
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from calcitrace.adapters.archive import FileMember
from calcitrace.adapters.dicom_reader.header import DICOM_MAGIC, PREAMBLE_BYTES
from calcitrace.adapters.nifti import is_nifti
from calcitrace.adapters.segmenters.label_files import DicomSegmentation, NiftiLabelMap
from calcitrace.adapters.segmenters.label_table import label_table
from calcitrace.adapters.segmenters.totalsegmentator import TotalSegmentator
from calcitrace.errors import CalcitraceError, SegmentationError
from calcitrace.services.ports import Segmenter

GROUP = "calcitrace.segmenters"
BUILTIN = "builtin"


def segmenter_of(given: str, labels: str | None = None) -> Segmenter | None:
    """Segmenter that was asked for; `None` is the built-in search alone.

    Parameters
    ----------
    given
        "builtin", a file (NIfTI label map or DICOM SEG), or the name of a plug-in, with
        options after a colon.
    labels
        For a NIfTI label map: a table known by name, or a TOML or CSV file.

    Raises
    ------
    SegmentationError
        If it cannot be used.
    """
    path = Path(given)
    if path.is_file():
        return _of_file(path, labels)
    if labels is not None:
        msg = (
            "Expected --segmenter-labels with a NIfTI label map only, got "
            f"'{given}'. Leave it out."
        )
        raise SegmentationError(msg)
    if given == BUILTIN:
        return None
    name, _, options = given.partition(":")
    return _of_plugin(name, options)


def totalsegmentator(options: str) -> Segmenter:
    """TotalSegmentator as this machine has it: the entry point of that name."""
    return TotalSegmentator(options, os.environ)


def _of_file(path: Path, labels: str | None) -> Segmenter:
    """Tell the kinds of files apart by content."""
    if is_nifti(FileMember(path, path.stat().st_size)):
        if labels is None:
            msg = (
                "Expected --segmenter-labels with a NIfTI label map, to say what its "
                "numbers mean. Give totalsegmentator, or a TOML or CSV file."
            )
            raise SegmentationError(msg)
        return NiftiLabelMap(path, label_table(labels))
    with path.open("rb") as file:
        start = file.read(PREAMBLE_BYTES + len(DICOM_MAGIC))
    if start[PREAMBLE_BYTES:] != DICOM_MAGIC:
        msg = "Expected a NIfTI label map or a DICOM SEG, got another file."
        raise SegmentationError(msg)
    if labels is not None:
        msg = "Expected no --segmenter-labels with a DICOM SEG: it says itself."
        raise SegmentationError(msg)
    return DicomSegmentation(path)


def _of_plugin(name: str, options: str) -> Segmenter:
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join([BUILTIN, *sorted(found)])
        msg = (
            f"Expected --segmenter to be one of {known}, or a file, got '{name}'. "
            "Check the spelling, or install the plug-in."
        )
        raise SegmentationError(msg)
    return _made(found[name], options)


def _made(point: EntryPoint, options: str) -> Segmenter:
    """Load and call a plug-in; whatever it raises ends in one line."""
    try:
        factory: Any = point.load()
        made: Segmenter = factory(options)
    except CalcitraceError:
        raise
    except Exception as error:
        msg = (
            f"Expected the segmenter '{point.name}' to start, got "
            f"{type(error).__name__}. Run again with --debug, and report it to its "
            "makers."
        )
        raise SegmentationError(msg) from error
    return made
