"""The file of a trained detector."""

from pathlib import Path

from calcitrace.errors import OutputError


def write_detector(content: bytes, path: Path) -> None:
    """Write beside, then rename: an earlier file stays whole until this one is.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    beside = path.with_name(f".{path.name}.partial")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        reason = (error.strerror or "not writable").lower()
        msg = f"Expected to write {path}: {reason}. Check --out."
        raise OutputError(msg) from error
