"""Small CT series written with pydicom: good ones, odd ones and broken ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openjpeg.utils import encode_array
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as Items
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    EnhancedCTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

PATIENT = "Nobody^Really"
PLAIN = frozenset(
    {
        DeflatedExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
    }
)
Vector = tuple[float, float, float]


@dataclass(frozen=True)
class CtSeries:
    """What to write.

    Attributes
    ----------
    hu
        CT numbers, shape (slice, row, column).
    places
        Position of each slice, in steps.
    step_mm
        From slice to slice in patient space; along the normal where it is `None`.
    slope, intercept
        One pair for all slices, or one for each.
    tags
        Further attributes; `None` takes one out.
    """

    hu: NDArray[Any]
    spacing_mm: Vector = (1.5, 0.75, 0.5)
    origin_mm: Vector = (-12.5, 20.25, 100.0)
    orientation: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    places: tuple[float, ...] | None = None
    step_mm: Vector | None = None
    slope: float | tuple[float, ...] = 1.0
    intercept: float | tuple[float, ...] = -1024.0
    is_signed: bool = False
    bits_stored: int = 16
    transfer_syntax: str = ExplicitVRLittleEndian
    uid: str = "1.2.826.0.1"
    tags: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def positions_mm(self) -> NDArray[np.float64]:
        """Position of the first pixel of each slice, shape (slice, 3)."""
        across, down = np.array(self.orientation).reshape(2, 3)
        step = self.step_mm
        if step is None:
            step = tuple(np.cross(across, down) * self.spacing_mm[0])
        places = np.arange(len(self.hu)) if self.places is None else self.places
        along = np.outer(np.asarray(places, np.float64), np.asarray(step, np.float64))
        return np.asarray(self.origin_mm, np.float64) + along


def limb(
    shape: tuple[int, int, int] = (12, 24, 20), seed: int = 0
) -> NDArray[np.int16]:
    """Air, a soft cylinder with a fat rim, and a bright deposit, with noise."""
    rng = np.random.default_rng(seed)
    n_slices, n_rows, n_columns = shape
    rows, columns = np.mgrid[:n_rows, :n_columns]
    radius = np.hypot(rows - n_rows / 2, columns - n_columns / 2)
    plane = np.select([radius < 6, radius < 8], [50, -100], -1000)
    hu = np.repeat(plane[None], n_slices, axis=0) + rng.integers(-9, 10, shape)
    hu[n_slices // 2, n_rows // 2 + 1, n_columns // 2] = 600
    return np.clip(hu, -1024, None).astype(np.int16)


def datasets(series: CtSeries) -> list[Dataset]:
    """One data set for each slice, in the order given."""
    return [_slice(series, i) for i in range(len(series.hu))]


def write_series(
    folder: Path, series: CtSeries, names: Sequence[str] | None = None
) -> Path:
    """Write one file for each slice; names are numbers unless given."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, data in enumerate(datasets(series)):
        name = names[i] if names else f"{i:04d}.dcm"
        save(data, folder / name, series.transfer_syntax)
    return folder


def save(data: Dataset, path: Path, transfer_syntax: str) -> None:
    """Write one data set in a transfer syntax, compressing if it asks for it."""
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = data.get("SOPClassUID", "")
    data.file_meta.MediaStorageSOPInstanceUID = data.get("SOPInstanceUID", "")
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if transfer_syntax in PLAIN:
        data.file_meta.TransferSyntaxUID = UID(transfer_syntax)
        if transfer_syntax == ExplicitVRBigEndian:
            swapped = np.frombuffer(data.PixelData, "<u2").astype(">u2")
            data.PixelData = swapped.tobytes()
    elif transfer_syntax == JPEG2000Lossless:
        _pack_jpeg_2000(data)
    else:
        data.compress(transfer_syntax, generate_instance_uid=False)
    data.save_as(
        path,
        implicit_vr=transfer_syntax == ImplicitVRLittleEndian,
        little_endian=transfer_syntax != ExplicitVRBigEndian,
        enforce_file_format=True,
    )


def _pack_jpeg_2000(data: Dataset) -> None:
    encode: Any = encode_array  # from a package without types
    kind = "<i2" if data.PixelRepresentation else "<u2"
    stored = np.frombuffer(data.PixelData, kind).reshape(data.Rows, data.Columns)
    packed = encode(stored, data.BitsStored, photometric_interpretation=2)
    data.PixelData = encapsulate([packed])
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    data.file_meta.TransferSyntaxUID = JPEG2000Lossless


def enhanced(series: CtSeries, order: Sequence[int] | None = None) -> Dataset:
    """One multi-frame data set of the whole series, frames in any order."""
    order = list(range(len(series.hu))) if order is None else order
    singles = datasets(series)
    data = Dataset()
    data.update(singles[0])
    for keyword in (
        "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing",
        "SliceThickness", "RescaleSlope", "RescaleIntercept", "RescaleType",
        "ConvolutionKernel", "KVP", "ImageType",
    ):  # fmt: skip
        if keyword in data:
            del data[keyword]
    data.SOPClassUID = EnhancedCTImageStorage
    data.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    data.NumberOfFrames = len(order)
    data.PixelData = b"".join(singles[i].PixelData for i in order)
    first = singles[0]
    data.SharedFunctionalGroupsSequence = _one(
        PlaneOrientationSequence=_one(
            ImageOrientationPatient=first.ImageOrientationPatient
        ),
        PixelMeasuresSequence=_one(
            PixelSpacing=first.PixelSpacing, SliceThickness=first.SliceThickness
        ),
        CTReconstructionSequence=_one(ConvolutionKernel=first.ConvolutionKernel),
        CTXRayDetailsSequence=_one(KVP=first.KVP),
        CTImageFrameTypeSequence=_one(
            FrameType=["ORIGINAL", "PRIMARY", "AXIAL", "NONE"]
        ),
    )
    data.PerFrameFunctionalGroupsSequence = Items(
        [
            _one(
                PlanePositionSequence=_one(
                    ImagePositionPatient=singles[i].ImagePositionPatient
                ),
                PixelValueTransformationSequence=_one(
                    RescaleSlope=singles[i].RescaleSlope,
                    RescaleIntercept=singles[i].RescaleIntercept,
                    RescaleType="HU",
                ),
            )[0]
            for i in order
        ]
    )
    return data


def _one(**values: Any) -> Items:  # noqa: ANN401 -- any DICOM value
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return Items([item])


def _each(value: float | tuple[float, ...], i: int) -> float:
    return value[i] if isinstance(value, tuple) else value


def _slice(series: CtSeries, i: int) -> Dataset:
    slope, intercept = _each(series.slope, i), _each(series.intercept, i)
    stored = np.rint((series.hu[i].astype(np.float64) - intercept) / slope)
    data = Dataset()
    values: dict[str, Any] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": f"{series.uid}.9.{i + 1}",
        "StudyInstanceUID": f"{series.uid}.1",
        "SeriesInstanceUID": f"{series.uid}.2",
        "FrameOfReferenceUID": f"{series.uid}.3",
        "PatientName": PATIENT,
        "PatientID": "nobody-0",
        "Modality": "CT",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "InstanceNumber": i + 1,
        "AcquisitionNumber": 1,
        "AcquisitionDate": "20200131",
        "AcquisitionTime": "101112.5",
        "KVP": 120,
        "ConvolutionKernel": "STANDARD",
        "SliceThickness": series.spacing_mm[0],
        "PixelSpacing": list(series.spacing_mm[1:]),
        "ImageOrientationPatient": list(series.orientation),
        "ImagePositionPatient": [round(float(v), 6) for v in series.positions_mm()[i]],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": series.hu.shape[1],
        "Columns": series.hu.shape[2],
        "BitsAllocated": 16,
        "BitsStored": series.bits_stored,
        "HighBit": series.bits_stored - 1,
        "PixelRepresentation": int(series.is_signed),
        "RescaleSlope": slope,
        "RescaleIntercept": intercept,
        "RescaleType": "HU",
        **series.tags,
    }
    for keyword, value in values.items():
        if value is not None:
            setattr(data, keyword, value)
    kind = np.dtype("<i2" if series.is_signed else "<u2")
    data.PixelData = stored.astype(np.int64).astype(kind).tobytes()
    data["PixelData"].VR = "OW"
    return data
