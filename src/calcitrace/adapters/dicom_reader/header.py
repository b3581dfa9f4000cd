"""DICOM headers: which tags are read, and how a value is got out of them.

Only what measuring needs is read, and what a segmentation object must repeat of its
source (PS3.3 A.51: patient, study and frame of reference). The rest, private tags
included, is skipped while parsing.
"""

import logging
import math
import struct
import warnings
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, BinaryIO

from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]  # no stubs
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.tag import BaseTag, Tag

Lookup = Callable[[str], Any]

IMAGE_KEYWORDS = (
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesInstanceUID",
    "Modality",
    "ImageType",
    "SeriesDescription",
    "SeriesNumber",
    "InstanceNumber",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PlanarConfiguration",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "RescaleSlope",
    "RescaleIntercept",
    "RescaleType",
    "ModalityLUTSequence",
    "LossyImageCompression",
    "BurnedInAnnotation",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)
ACQUISITION_KEYWORDS = (
    "AcquisitionNumber",
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    "SeriesDate",
    "SeriesTime",
    "ContentDate",
    "ContentTime",
    "TemporalPositionIdentifier",
    "EchoNumbers",
    "KVP",
    "ConvolutionKernel",
    "Manufacturer",
    "ManufacturerModelName",
    "Exposure",
    "CTDIvol",
    "ReconstructionDiameter",
    "ContrastBolusAgent",
    "ContrastBolusAgentSequence",
    "ContrastBolusVolume",
    "BodyPartExamined",
    "ProtocolName",
    "Laterality",
    "ImageLaterality",
    "PatientPosition",
    "MultienergyCTAcquisition",
    "MonoenergeticEnergyEquivalent",
)
# Repeated by a segmentation of these images; never printed.
IDENTITY_KEYWORDS = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "StudyInstanceUID",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "StudyDescription",
    "AccessionNumber",
    "ReferringPhysicianName",
    "ClinicalTrialSponsorName",
    "ClinicalTrialProtocolID",
    "ClinicalTrialProtocolName",
    "ClinicalTrialSiteID",
    "ClinicalTrialSiteName",
    "ClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID",
    "ClinicalTrialTimePointID",
    "FrameOfReferenceUID",
    "PositionReferenceIndicator",
)
TAGS: tuple[BaseTag | int, ...] = tuple(
    Tag(keyword)
    for keyword in IMAGE_KEYWORDS + ACQUISITION_KEYWORDS + IDENTITY_KEYWORDS
)
# What pydicom raises for values and files that break the standard.
BROKEN = (
    InvalidDicomError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
    NotImplementedError,
    EOFError,
    RecursionError,
    struct.error,
    zlib.error,
)
PREAMBLE_BYTES = 128
DICOM_MAGIC = b"DICM"
# First group of a data set stored without preamble, either byte order.
BARE_STARTS = (b"\x02\x00", b"\x08\x00", b"\x00\x08")


@contextmanager
def quiet_pydicom() -> Generator[None]:
    """Silence pydicom: its warnings and log lines may quote values of the header."""
    logger = logging.getLogger("pydicom")
    was_disabled = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = was_disabled


def looks_like_dicom(start: bytes) -> bool:
    """Whether the first 132 bytes are those of a DICOM file, with preamble or bare."""
    if start[PREAMBLE_BYTES : PREAMBLE_BYTES + 4] == DICOM_MAGIC:
        return True
    # A bare data set: a group that files begin with, a small even element number.
    return len(start) > 8 and start[:2] in BARE_STARTS and max(start[2:4]) <= 0x80  # noqa: PLR2004 -- group, element and length


def read_header(stream: BinaryIO) -> FileDataset:
    """Header of one file; the stream is left where the pixel data begin.

    Raises
    ------
    BROKEN
        Any of these, where the file breaks the standard too badly.
    """
    return dcmread(stream, stop_before_pixels=True, force=True, specific_tags=[*TAGS])


def text(lookup: Lookup, keyword: str) -> str:
    """Value as text; empty where it is missing."""
    values = texts(lookup, keyword)
    return values[0] if values else ""


def texts(lookup: Lookup, keyword: str) -> tuple[str, ...]:
    """All values as text, upper and lower case as stored."""
    value = lookup(keyword)
    if value is None:
        return ()
    parts: list[Any] = [value] if isinstance(value, str) else _as_list(value)
    return tuple(str(part).strip() for part in parts)


def number(lookup: Lookup, keyword: str) -> float | None:
    """First value as a finite number; `None` where there is none."""
    values = numbers(lookup, keyword)
    return values[0] if values else None


def numbers(lookup: Lookup, keyword: str) -> tuple[float, ...] | None:
    """All values as numbers; `None` where they are missing, no numbers or not finite."""
    value = lookup(keyword)
    if value is None:
        return None
    try:
        found = tuple(float(part) for part in _as_list(value))
    except (TypeError, ValueError):
        return None
    return found if found and all(math.isfinite(part) for part in found) else None


def whole(lookup: Lookup, keyword: str) -> int | None:
    """First value as a whole number; `None` where there is none."""
    value = number(lookup, keyword)
    return None if value is None else int(value)


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401 -- a header holds anything
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return [value]
    return list(value)
