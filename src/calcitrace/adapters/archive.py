"""What a source holds: a file, a folder at any depth, or a zip, listed safely.

Members of a zip are read in memory one by one and never unpacked to disk. Names of files
may hold names of people, so no message quotes one.
"""

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from calcitrace.errors import UnreadableSourceError

MAX_MEMBERS = 200_000
MAX_UNPACKED_BYTES = 16 * 2**30
# CT compresses 2- to 6-fold. Deflate reaches 1032-fold, but on constant data only.
MAX_RATIO = 100
RATIO_COUNTS_FROM_BYTES = 256 * 2**20
MAX_MEMBER_BYTES = 8 * 2**30
BUFFER_BYTES = 64 * 1024
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
HIDDEN_PREFIXES = (".", "__MACOSX")
SKIPPED_NAMES = frozenset({"DICOMDIR", "THUMBS.DB", "DESKTOP.INI"})
ENCRYPTED = 0x1


class Member(Protocol):
    """One file of a source."""

    @property
    def size(self) -> int:
        """Bytes, unpacked."""
        ...

    def open(self) -> BinaryIO:
        """Open for reading; seekable."""
        ...


@dataclass(frozen=True, slots=True)
class FileMember:
    """A file on disk."""

    path: Path
    size: int

    def open(self) -> BinaryIO:
        """Open for reading; seekable."""
        return self.path.open("rb", buffering=BUFFER_BYTES)


@dataclass(frozen=True, slots=True)
class ZipMember:
    """A file in an open zip."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    @property
    def size(self) -> int:
        """Bytes, unpacked, as declared; reading stops there whatever follows."""
        return self.info.file_size

    def open(self) -> BinaryIO:
        """Open for reading; seeking back beyond the buffer unpacks anew."""
        raw = self.archive.open(self.info)
        return io.BufferedReader(raw, BUFFER_BYTES)  # type: ignore[type-var]  # a stub gap


@contextmanager
def reading_members() -> Generator[None]:
    """Turn what a broken file raises on reading into an error of ours."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        msg = (
            "Expected a sound zip, but a file in it cannot be unpacked "
            f"({type(error).__name__}). Copy or export it again."
        )
        raise UnreadableSourceError(msg) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        msg = (
            f"Expected readable files, but the system refused one ({reason}). "
            "Check its permissions and the disk."
        )
        raise UnreadableSourceError(msg) from error


@contextmanager
def members(source: Path) -> Generator[tuple[Member, ...]]:
    """List all files of a source, sorted; a zip stays open inside the context.

    Parameters
    ----------
    source
        A file, a folder (searched at any depth) or a zip.

    Raises
    ------
    UnreadableSourceError
        If there is no such source, nothing in it, or if it is a trap: a zip in a zip, an
        encrypted one, one that unpacks to too much.
    """
    with reading_members():
        source = source.resolve()
        if source.is_dir():
            found = tuple(_in_folder(source))
            archive = None
        elif source.is_file():
            archive = zipfile.ZipFile(source) if is_zip(source) else None
            found = () if archive else (FileMember(source, source.stat().st_size),)
        else:
            msg = "Expected a file or a folder, found nothing there. Check the path."
            raise UnreadableSourceError(msg)
    if archive is None:
        yield _not_empty(found)
        return
    with archive:
        yield _not_empty(tuple(_in_zip(archive)))


def is_zip(path: Path) -> bool:
    """Whether a file begins like a zip."""
    with path.open("rb") as stream:
        return stream.read(4) in ZIP_MAGICS


def _not_empty(found: tuple[Member, ...]) -> tuple[Member, ...]:
    if not found:
        msg = "Expected image files, found none. Check the path."
        raise UnreadableSourceError(msg)
    return found


def _is_skipped(name: str) -> bool:
    """Whether a name is that of an index or of a file that systems leave behind."""
    return name.startswith(HIDDEN_PREFIXES) or name.upper() in SKIPPED_NAMES


def _in_folder(folder: Path) -> Iterator[FileMember]:
    """Files below a folder; links count only where they stay inside it."""
    n_found = 0
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not _is_skipped(name))
        for name in sorted(names):
            path = Path(root, name)
            if _is_skipped(name) or not _stays_inside(path, folder):
                continue
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):  # pipes and devices would hang us
                continue
            n_found += 1
            _check_count(n_found)
            yield FileMember(path, status.st_size)


def _stays_inside(path: Path, folder: Path) -> bool:
    if not path.is_symlink():
        return True
    target = path.resolve()
    return target.is_file() and target.is_relative_to(folder)


def _in_zip(archive: zipfile.ZipFile) -> Iterator[ZipMember]:
    """Files of a zip, after checks that cost nothing."""
    infos = [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not any(_is_skipped(part) for part in Path(info.filename).parts)
    ]
    _check_count(len(infos))
    _check_sizes(infos)
    if any(info.flag_bits & ENCRYPTED for info in infos):
        msg = "Expected an open zip, got one with a password. Unpack it first."
        raise UnreadableSourceError(msg)
    for info in sorted(infos, key=lambda info: info.filename):
        if info.filename.lower().endswith(".zip"):
            raise_nested_zip()
        yield ZipMember(archive, info)


def raise_nested_zip() -> None:
    """Refuse a zip inside a zip."""
    msg = "Expected images in the zip, got a zip in it. Unpack the outer one first."
    raise UnreadableSourceError(msg)


def _check_count(n: int) -> None:
    if n > MAX_MEMBERS:
        msg = (
            f"Expected at most {MAX_MEMBERS} files, got more. Point at the folder of one "
            "examination."
        )
        raise UnreadableSourceError(msg)


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip that unpacks to more than a scan can be."""
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    is_huge = unpacked > MAX_UNPACKED_BYTES or any(
        info.file_size > MAX_MEMBER_BYTES for info in infos
    )
    is_bomb = unpacked > RATIO_COUNTS_FROM_BYTES and unpacked > MAX_RATIO * packed
    if is_huge or is_bomb:
        msg = (
            f"Expected a zip of at most {MAX_UNPACKED_BYTES / 2**30:.0f} GiB that packs "
            f"at most {MAX_RATIO}-fold, got one that unpacks from {packed / 2**20:.0f} "
            f"to {unpacked / 2**20:.0f} MiB. Point at the folder of one examination."
        )
        raise UnreadableSourceError(msg)
