"""Folders that appear whole or not at all.

Files are written into a folder beside the target, which takes the target's name when
all is done. Whatever stops the run before that leaves an earlier result as it was; a
folder that a killed run left behind is removed by the next run for the same target.
"""

import contextlib
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from calcitrace.errors import OutputError

MARK = ".calcitrace"  # in the name of every folder that we make beside a target
LOCK_NAME = ".calcitrace-lock"


@dataclass(frozen=True, slots=True)
class Kind:
    """What tells our own earlier folder from somebody else's.

    Attributes
    ----------
    names
        All that it may hold; any other name protects a folder.
    mark
        What it always holds.
    before
        What may be in the place before any result is.
    """

    names: frozenset[str]
    mark: str
    before: frozenset[str] = frozenset()


RESULT = Kind(
    frozenset(
        {
            "deposits.csv",
            "candidates.csv",
            "scan.json",
            "labels.nii.gz",
            "anatomy.nii.gz",
            "deposits.seg.dcm",
            "measurements.sr.dcm",
            "report.html",
            "key_images",
            "edits.json",
            "blinded",
        }
    ),
    "scan.json",
    frozenset({"edits.json", "blinded"}),
)
DEMO = Kind(frozenset({"scan", "result", "truth.csv"}), "truth.csv")
SIMULATION = Kind(
    frozenset({"scan", "truth.csv", "truth_mass_mg.nii.gz"})
    | {f"visit-{number}" for number in range(1, 100)},
    "truth.csv",
)
INSERTION = Kind(
    frozenset({"scan", "truth.csv", "truth_mass_mg.nii.gz", "truth_labels.nii.gz"}),
    "truth.csv",
)
DETECTION_LIMIT = Kind(frozenset({"detection-limit.csv", "trials.csv"}), "trials.csv")
COMPARISON = Kind(
    frozenset(
        {
            "tracks.csv",
            "changes.csv",
            "sums.csv",
            "response.json",
            "report.html",
            "links.json",
        }
    )
    | {f"visit-{number}" for number in range(1, 100)},
    "response.json",
    frozenset({"links.json"}),
)
VALIDATION = Kind(
    frozenset({"validation.html", "accuracy.csv", "readings.csv", "summary.md"}),
    "accuracy.csv",
)
SHOWN_NAMES = 3
_MESSAGES = {
    errno.ENOSPC: "there is no space left on the disk. Free some or choose another",
    errno.EDQUOT: "the disk quota is used up. Free some space or choose another",
    errno.EACCES: "you may not write there. Choose another",
    errno.EPERM: "you may not write there. Choose another",
    errno.EROFS: "the disk is read-only. Choose another",
}


@contextlib.contextmanager
def replaced_folder(target: Path, kind: Kind = RESULT) -> Generator[Path, None, None]:
    """Give a new folder to fill; it becomes `target` when the block ends well.

    Parameters
    ----------
    target
        Folder to create, or to replace if it holds an earlier result.
    kind
        What an earlier folder of this kind looks like.

    Yields
    ------
    Path
        Empty folder on the same file system. Do not keep its path: it is renamed.

    Raises
    ------
    OutputError
        If the target is no folder, holds other files, or cannot be written.
    """
    target = target.absolute()
    with _told_as_output_error(target):
        check_replaceable(target, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        _recover(target)
        work = Path(tempfile.mkdtemp(prefix=_prefix(target, "new"), dir=target.parent))
        release = _lock(work)
        try:
            work.chmod(0o777 & ~_umask())
            yield work
            check_replaceable(target, kind)  # it may have come meanwhile
            _swap(work, target)
        finally:
            release()
            shutil.rmtree(work, ignore_errors=True)


def check_replaceable(target: Path, kind: Kind = RESULT) -> None:
    """Refuse a target that is somebody's own; call it before a long computation.

    Raises
    ------
    OutputError
        With one line that says what was found and what to do.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        msg = (
            f"Expected a folder for the results, got something else: {target}. Choose "
            "another with --out."
        )
        raise OutputError(msg)
    if not target.is_dir():
        return
    if Path.cwd().is_relative_to(target.resolve()):
        msg = (
            "Expected a folder of its own for the results, got the current folder or "
            "one above it. Name a new folder with --out."
        )
        raise OutputError(msg)
    names = sorted(p.name for p in target.iterdir() if p.name != LOCK_NAME)
    foreign = [name for name in names if name not in kind.names]
    is_ours = kind.mark in names or kind.before.issuperset(names)
    if foreign or not is_ours:
        shown = ", ".join((foreign or names)[:SHOWN_NAMES])
        msg = (
            f"Expected a new folder or an earlier result, but {target} holds other "
            f"files ({shown}). Name a new folder with --out."
        )
        raise OutputError(msg)


def _swap(work: Path, target: Path) -> None:
    """Put `work` in the place of `target`; the old one stays whole until then."""
    (work / LOCK_NAME).unlink(missing_ok=True)
    old = target.with_name(_prefix(target, "old").rstrip("-"))
    if target.exists():
        target.rename(old)
    try:
        work.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _recover(target: Path) -> None:
    """Undo what a killed run left: bring an old result back, remove unfinished ones."""
    old = target.with_name(_prefix(target, "old").rstrip("-"))
    if old.is_dir():
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(target)
    for work in target.parent.glob(_glob_escape(_prefix(target, "new")) + "*"):
        if work.is_dir() and _is_abandoned(work):
            shutil.rmtree(work, ignore_errors=True)


def _prefix(target: Path, role: str) -> str:
    """Start of the name of a folder beside the target; hidden, and plainly ours."""
    return f".{target.name}{MARK}-{role}-"


def _glob_escape(text: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)


def _lock(work: Path) -> Callable[[], None]:
    """Hold a lock on `work` that the system lets go however this process ends."""
    descriptor = os.open(work / LOCK_NAME, os.O_CREAT | os.O_RDWR, 0o600)
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 -- POSIX only

        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return lambda: os.close(descriptor)


def _is_abandoned(work: Path) -> bool:
    """Whether no living process holds the lock of an unfinished folder."""
    if sys.platform == "win32":
        return False  # no such lock there: leave it to the user
    import fcntl  # noqa: PLC0415 -- POSIX only

    try:
        descriptor = os.open(work / LOCK_NAME, os.O_RDWR)
    except OSError:
        return False  # not ours, or being made or finished at this moment
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def _umask() -> int:
    """Permissions that new folders of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _told_as_output_error(target: Path) -> Generator[None, None, None]:
    """Turn errors of the file system into one line for the user."""
    try:
        yield
    except OSError as error:
        if error.errno not in _MESSAGES:
            raise
        reason = _MESSAGES[error.errno]
        msg = f"Could not write the results to {target}: {reason} folder with --out."
        raise OutputError(msg) from error
