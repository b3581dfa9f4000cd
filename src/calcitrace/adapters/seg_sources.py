"""Source images of a segmentation, with what it repeats of them."""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

from calcitrace.model.result import ScanResult

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

UNICODE = "ISO_IR 192"
# A segmentation repeats these of its source; where the source lacks one it stays empty.
MAY_BE_EMPTY = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "PositionReferenceIndicator",
)
# Some sources carry longer values than DICOM allows (PS3.5 table 6.2-1, SH); a PACS may
# refuse those. The study is known by its UID, so nothing hangs on them.
LONGEST = {"StudyID": 16, "AccessionNumber": 16}
# A segmentation takes the patient and the study from its first source, and these from
# each: which image it is, and where.
OF_EACH_SOURCE = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
)


def source_images(headers: "Sequence[Dataset]", result: ScanResult) -> "list[Dataset]":
    """Source images as far as a segmentation reads them: whole copies are slow."""
    from pydicom.dataset import Dataset  # noqa: PLC0415 -- loaded on use

    first, *others = headers
    sources = [_source(first, result)]
    for header in others:
        source = Dataset()
        for keyword in OF_EACH_SOURCE:
            if keyword in header:
                source[keyword] = header[keyword]
        _, source.Rows, source.Columns = result.scan.volume.grid.shape
        sources.append(source)
    return sources


def _source(header: "Dataset", result: ScanResult) -> "Dataset":
    """Copy a header and fill what a segmentation must repeat, empty where unknown."""
    source = copy.deepcopy(header)
    source.decode()
    source.SpecificCharacterSet = UNICODE  # odd and empty character sets end here
    for keyword in MAY_BE_EMPTY:
        if keyword not in source:
            setattr(source, keyword, "")
    for keyword, longest in LONGEST.items():
        setattr(source, keyword, str(source[keyword].value or "")[:longest])
    if source.PatientSex not in {"M", "F", "O", ""}:
        source.PatientSex = ""
    _, source.Rows, source.Columns = result.scan.volume.grid.shape
    return source
