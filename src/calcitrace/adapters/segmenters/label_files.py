"""Label maps in files, as segmenters: NIfTI with a table of labels, DICOM SEG."""

import hashlib
from pathlib import Path

from calcitrace.adapters.archive import FileMember
from calcitrace.adapters.nifti import read_label_nifti
from calcitrace.adapters.segmentation_reader import read_segmentation
from calcitrace.adapters.segmenters.label_table import LabelTable
from calcitrace.model.structures import LabelMap
from calcitrace.model.volume import HuVolume

HASH_LENGTH = 12


def content_hash(path: Path) -> str:
    """Start of the SHA-256 of a file: it stands for the version of a map."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:HASH_LENGTH]


class NiftiLabelMap:
    """A NIfTI label map that belongs to the scan."""

    def __init__(self, path: Path, table: LabelTable) -> None:
        self._path, self._table = path, table

    @property
    def name(self) -> str:
        """What made the map, as far as its table says."""
        return self._table.name or "label map"

    @property
    def version(self) -> str:
        """As the table says, with a hash of the file."""
        said = f"{self._table.version} " if self._table.version else ""
        return f"{said}file {content_hash(self._path)}"

    @property
    def licence(self) -> str:
        """As the table says."""
        return self._table.licence

    def segment(self, volume: HuVolume) -> LabelMap:
        """Read the map; the scan is not looked at."""
        del volume
        member = FileMember(self._path, self._path.stat().st_size)
        return LabelMap(
            read_label_nifti(member),
            self._table.structures,
            self._table.has_whole_skeleton,
        )


class DicomSegmentation:
    """A DICOM SEG that belongs to the scan; its segments say what they are."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """What kind of file it is; who made it may be a person."""
        return "DICOM SEG"

    @property
    def version(self) -> str:
        """Hash of the file."""
        return f"file {content_hash(self._path)}"

    @property
    def licence(self) -> str:
        """A DICOM SEG does not say."""
        return ""

    def segment(self, volume: HuVolume) -> LabelMap:
        """Read the object; the scan is not looked at."""
        del volume
        return read_segmentation(self._path)
