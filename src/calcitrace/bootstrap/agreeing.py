"""`calcitrace agreement`: find what two readers both have read, and compare it."""

from pathlib import Path

from calcitrace.adapters.agreement_table import (
    agreement_rows,
    check_table,
    write_agreement,
)
from calcitrace.adapters.earlier_result import read_result
from calcitrace.adapters.edits_json import FILE_NAME, read_edits
from calcitrace.errors import EditsError
from calcitrace.services.agreement import Agreement, Reading, agreement

__all__ = ["Agreement", "agree_into", "agreement_rows"]


def agree_into(first: Path, second: Path, out: Path) -> Agreement:
    """Compare two readers and write the table.

    Parameters
    ----------
    first, second
        A file of operations, a folder that holds one, or a folder of such folders, one
        for each scan. Masses are compared where a result measured with just these
        operations lies beside them.
    out
        Table to write (CSV).

    Raises
    ------
    CalcitraceError
        If there is nothing in common, or something cannot be read or written.
    """
    check_table(out)
    one, other = _readings(first), _readings(second)
    found = agreement([(one[h], other[h]) for h in sorted(one.keys() & other.keys())])
    write_agreement(found, out)
    return found


def _readings(place: Path) -> dict[str, Reading]:
    """Readings of one reader by the hash of the scan."""
    if place.is_dir():
        own = place / FILE_NAME
        files = [own] if own.is_file() else sorted(place.glob(f"*/{FILE_NAME}"))
    else:
        files = [place]
    if not files:
        msg = f"Expected {FILE_NAME} in {place} or in its folders, got none."
        raise EditsError(msg)
    readings: dict[str, Reading] = {}
    for file in files:
        reading = _reading(file)
        key = reading.edits.input_hash
        if key is None:
            msg = f"Expected the input_hash of a scan in {file}, got null. Add it."
            raise EditsError(msg)
        if key in readings:
            msg = f"Expected one reading of each scan in {place}, got two of one."
            raise EditsError(msg)
        readings[key] = reading
    return readings


def _reading(file: Path) -> Reading:
    """Operations, with the masses of a result that was measured with them."""
    edits = read_edits(file)
    if not (file.parent / "scan.json").is_file():
        return Reading(edits)
    result = read_result(file.parent)
    if result.edits_hash != edits.hash:
        return Reading(edits)
    return Reading(edits, result.masses_mg, result.total_mg)
