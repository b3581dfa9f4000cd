"""One image plane: the facts of its header that sorting, choosing and reading need.

A plane is one file, or one frame of a multi-frame file (PS3.3 A.38, functional groups).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset, FileDataset

from calcitrace.adapters.archive import Member
from calcitrace.adapters.dicom_reader.header import (
    BROKEN,
    Lookup,
    number,
    numbers,
    text,
    texts,
    whole,
)

Vector = tuple[float, float, float]

# Functional group macros whose content we use; a keyword is looked up in the frame's
# own groups, then in the shared ones, then in the data set.
MACROS = (
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "PixelMeasuresSequence",
    "PixelValueTransformationSequence",
    "FrameContentSequence",
    "FrameAnatomySequence",
    "CTImageFrameTypeSequence",
    "CTReconstructionSequence",
    "CTXRayDetailsSequence",
    "CTExposureSequence",
    "UnassignedSharedConvertedAttributesSequence",
    "UnassignedPerFrameConvertedAttributesSequence",
)
MAX_FRAMES = 100_000


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How pixels are stored; `None` and empty are "the header does not say".

    Attributes
    ----------
    offset
        Where the pixel data element begins in the file.
    padding, padding_limit
        Stored values that say "nothing was reconstructed here", as a range.
    """

    rows: int
    columns: int
    samples: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    transfer_syntax: str
    offset: int
    padding: int | None
    padding_limit: int | None


@dataclass(frozen=True, slots=True)
class Rescale:
    """From stored value to CT number (PS3.3 C.11.1)."""

    slope: float | None
    intercept: float | None
    unit: str
    has_table: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the plane lies; each part `None` where the header does not say.

    Attributes
    ----------
    orientation
        Direction of a row (in which the column index grows), then of a column.
    spacing_mm
        Between rows, between columns.
    """

    position_mm: Vector | None
    orientation: tuple[float, ...] | None
    spacing_mm: tuple[float, float] | None
    thickness_mm: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One image plane and the file that holds it.

    Attributes
    ----------
    frame
        Number of the frame, from 0; `None` in a file of one image.
    header
        Data set without pixels; it holds identity.
    moments
        What may tell apart planes at one place: acquisition, temporal position...
    """

    member: Member
    frame: int | None
    header: Dataset
    sop_class: str
    sop_uid: str
    series_uid: str
    modality: str
    image_type: tuple[str, ...]
    frame_of_reference: str
    pixels: PixelFormat
    rescale: Rescale
    place: Placement
    kvp: float | None
    kernel: str
    moments: tuple[str, ...]
    is_lossy: bool
    lookup: Lookup


# In the order in which they are tried for telling apart planes at one place.
MOMENT_KEYWORDS = (
    ("AcquisitionNumber", "FrameAcquisitionNumber"),
    ("TemporalPositionIdentifier", "TemporalPositionIndex"),
    ("EchoNumbers", "StackID"),
    ("AcquisitionTime", "FrameAcquisitionDateTime"),
    ("ContentTime",),
)


def planes_of(member: Member, header: FileDataset, offset: int) -> Iterator[Plane]:
    """All planes of one file; a file that is no image counts as one plane.

    Raises
    ------
    BROKEN
        Where values cannot be made sense of.
    """
    n_frames = whole(_root(header), "NumberOfFrames") or 1
    groups = header.get("PerFrameFunctionalGroupsSequence")
    if groups is None or n_frames > MAX_FRAMES:
        # Also many frames without a place each: refused later, for want of a place.
        frame = None if n_frames == 1 else 0
        yield _plane(member, header, _root(header), frame, offset)
        return
    shared = _flat(header.get("SharedFunctionalGroupsSequence"))
    for frame, group in enumerate(groups):
        own = _flat([group])
        yield _plane(member, header, _layered(own, shared, header), frame, offset)


def _flat(items: Any) -> dict[str, Any]:  # noqa: ANN401 -- a sequence or nothing
    """Content of the macros of one functional group item, by keyword."""
    found: dict[str, Any] = {}
    for item in list(items or [])[:1]:
        for macro in MACROS:
            for inner in list(item.get(macro) or [])[:1]:
                for element in inner:
                    found.setdefault(element.keyword, element.value)
    return found


def _root(header: Dataset) -> Lookup:
    """Values of a data set; one that cannot be read counts as missing."""

    def get(keyword: str) -> Any:  # noqa: ANN401 -- a header holds anything
        try:
            return header.get(keyword)
        except BROKEN:
            return None

    return get


def _layered(own: dict[str, Any], shared: dict[str, Any], header: Dataset) -> Lookup:
    """Values of a frame: its own, else the shared ones, else those of the data set."""
    root = _root(header)

    def get(keyword: str) -> Any:  # noqa: ANN401 -- a header holds anything
        if keyword in own:
            return own[keyword]
        return shared[keyword] if keyword in shared else root(keyword)

    return get


def _plane(
    member: Member, header: FileDataset, get: Lookup, frame: int | None, offset: int
) -> Plane:
    spacing = numbers(get, "PixelSpacing")
    position = numbers(get, "ImagePositionPatient")
    orientation = numbers(get, "ImageOrientationPatient")
    frame_type = texts(get, "FrameType")
    return Plane(
        member=member,
        frame=frame,
        header=header,
        sop_class=text(get, "SOPClassUID") or _meta(header, "MediaStorageSOPClassUID"),
        sop_uid=text(get, "SOPInstanceUID"),
        series_uid=text(get, "SeriesInstanceUID"),
        modality=text(get, "Modality").upper(),
        image_type=tuple(
            part.upper() for part in (frame_type or texts(get, "ImageType"))
        ),
        frame_of_reference=text(get, "FrameOfReferenceUID"),
        pixels=_pixel_format(header, get, offset),
        rescale=Rescale(
            number(get, "RescaleSlope"),
            number(get, "RescaleIntercept"),
            text(get, "RescaleType").upper(),
            bool(get("ModalityLUTSequence")),
        ),
        place=Placement(
            _triple(position),
            orientation if orientation and len(orientation) == 6 else None,  # noqa: PLR2004 -- two directions (DICOM C.7.6.2)
            (spacing[0], spacing[1]) if spacing and len(spacing) == 2 else None,  # noqa: PLR2004 -- rows and columns
            number(get, "SliceThickness"),
        ),
        kvp=number(get, "KVP"),
        kernel=text(get, "ConvolutionKernel"),
        moments=tuple(_moment(get, keywords) for keywords in MOMENT_KEYWORDS),
        is_lossy=text(get, "LossyImageCompression") == "01",
        lookup=get,
    )


def _pixel_format(header: FileDataset, get: Lookup, offset: int) -> PixelFormat:
    syntax = _meta(header, "TransferSyntaxUID")
    if not syntax:  # bare data sets: pydicom found out the encoding by trying
        implicit, little = header.original_encoding
        syntax = "1.2.840.10008.1.2" + ("" if implicit else ".1" if little else ".2")
    allocated = whole(get, "BitsAllocated") or 0
    stored = whole(get, "BitsStored") or allocated
    high = whole(get, "HighBit")
    return PixelFormat(
        rows=whole(get, "Rows") or 0,
        columns=whole(get, "Columns") or 0,
        samples=whole(get, "SamplesPerPixel") or 1,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=stored - 1 if high is None else high,
        is_signed=whole(get, "PixelRepresentation") == 1,
        transfer_syntax=syntax,
        offset=offset,
        padding=whole(get, "PixelPaddingValue"),
        padding_limit=whole(get, "PixelPaddingRangeLimit"),
    )


def _meta(header: FileDataset, keyword: str) -> str:
    """Value of the file meta information; empty where it is missing."""
    meta = getattr(header, "file_meta", None)
    return "" if meta is None else str(meta.get(keyword) or "")


def _triple(values: tuple[float, ...] | None) -> Vector | None:
    if values is None or len(values) != 3:  # noqa: PLR2004 -- x, y, z
        return None
    return values[0], values[1], values[2]


def _moment(get: Lookup, keywords: tuple[str, ...]) -> str:
    return next((found for k in keywords if (found := text(get, k))), "")
