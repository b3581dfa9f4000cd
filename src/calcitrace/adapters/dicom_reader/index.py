"""Index of a source: the header of every file, pixels left alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calcitrace.adapters.archive import (
    ZIP_MAGICS,
    Member,
    ZipMember,
    raise_nested_zip,
    reading_members,
)
from calcitrace.adapters.dicom_reader.header import (
    BROKEN,
    looks_like_dicom,
    read_header,
)
from calcitrace.adapters.dicom_reader.planes import Plane, planes_of

DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
START_BYTES = 132


@dataclass(frozen=True, slots=True)
class Index:
    """What a source holds.

    Attributes
    ----------
    planes
        Of all DICOM files.
    others
        Files that are no DICOM.
    n_zips
        Of these, zips (in a folder: a zip in a zip is refused).
    n_broken
        Files that begin like DICOM and cannot be parsed.
    """

    planes: tuple[Plane, ...]
    others: tuple[Member, ...]
    n_zips: int
    n_broken: int


def index_members(
    members: Sequence[Member], report: Callable[[float], None] = lambda _: None
) -> Index:
    """Read the headers of all members.

    Raises
    ------
    UnreadableSourceError
        If a zip holds a zip or cannot be unpacked.
    """
    planes: list[Plane] = []
    others: list[Member] = []
    n_zips = n_broken = 0
    for i, member in enumerate(members):
        if i % 64 == 0:
            report(i / len(members))
        found, is_zip = _planes_in(member)
        n_zips += is_zip
        if found is None:
            others.append(member)
        elif not found:
            n_broken += 1
        planes.extend(found or [])
    return Index(tuple(planes), tuple(others), n_zips, n_broken)


def _planes_in(member: Member) -> tuple[list[Plane] | None, bool]:
    """Planes of a file (`None`: no DICOM; empty: broken), and whether it is a zip."""
    with reading_members(), member.open() as stream:
        start = stream.read(START_BYTES)
        if start[:4] in ZIP_MAGICS:
            if isinstance(member, ZipMember):
                raise_nested_zip()
            return None, True
        if not looks_like_dicom(start):
            return None, False
        stream.seek(0)
        try:
            header = read_header(stream)
            planes = list(planes_of(member, header, stream.tell()))
        except BROKEN:
            return [], False
    if planes[0].sop_class == DICOMDIR_CLASS:
        return None, False
    return planes, False
