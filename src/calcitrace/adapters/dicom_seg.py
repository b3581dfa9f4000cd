"""`deposits.seg.dcm`: the deposits as a DICOM Segmentation.

One binary segment per deposit, tied to the slices of the source. UIDs follow from the
input and the protocol, dates from the acquisition, so that a rerun writes the same
file. The object carries the identity of its source images, as DICOM asks; nothing else
that we write does.
"""

import importlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.dicom_reader import quiet_pydicom
from calcitrace.adapters.seg_sources import source_images
from calcitrace.model.deposit import Deposit, Status
from calcitrace.model.identity import derived_uid
from calcitrace.model.result import ScanResult

if TYPE_CHECKING:  # highdicom takes a second to load: only who writes a SEG pays
    import highdicom as hd
    from pydicom.dataset import Dataset

FILE_NAME = "deposits.seg.dcm"
SERIES_NUMBER = 9000  # far from what scanners number
CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
# Content Date is mandatory. Where the header has been stripped of every date, a date
# that nobody can take for a real one stands in.
NO_DATE = datetime(1900, 1, 1)  # noqa: DTZ001 -- DICOM dates have no zone
# Between a header and the grid.
POSITION_TOLERANCE_MM = 1e-2

# CIELab: orange for accepted, blue for those in review; told apart by the colour-blind.
ACCEPTED_COLOUR = (67.0, 43.0, 74.0)
REVIEW_COLOUR = (60.0, -5.0, -40.0)

Code = tuple[str, str, str]  # value, scheme, meaning
CATEGORY: Code = ("49755003", "SCT", "Morphologically Abnormal Structure")  # CID 7150
PROPERTY: Code = ("18115005", "SCT", "Pathologic calcification")
ALGORITHM_FAMILY: Code = ("123101", "DCM", "Neighborhood Analysis")  # CID 7162
# Our words for regions; "head/neck" and "trunk" are not one place: they have no code.
REGION_CODES: dict[str, Code] = {
    "finger": ("7569003", "SCT", "Finger"),
    "hand": ("85562004", "SCT", "Hand"),
    "forearm": ("14975008", "SCT", "Forearm"),
    "upper arm": ("40983000", "SCT", "Upper arm"),
    "shoulder": ("16982005", "SCT", "Shoulder"),
    "hip": ("29836001", "SCT", "Hip"),
    "thigh": ("68367000", "SCT", "Thigh"),
    "knee": ("72696002", "SCT", "Knee"),
    "leg": ("30021000", "SCT", "Lower leg"),
    "foot": ("56459004", "SCT", "Foot"),
}


class DicomSeg:
    """Writes the segmentation of a result that came from plain CT images."""

    @staticmethod
    def load() -> None:
        """Load what writing needs beforehand, while something else computes."""
        importlib.import_module("highdicom")

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write the file, or nothing where `why_no_seg` gives a reason."""
        del lang
        if why_no_seg(result) is not None:
            return ()
        path = folder / FILE_NAME
        segmentation(result).save_as(path)
        return (path,)


def why_no_seg(result: ScanResult) -> str | None:
    """Say in one line why a result has no segmentation object; `None` if it has one."""
    scan = result.scan
    if scan.source_kind != "dicom":
        return "No DICOM SEG: the source is not DICOM."
    if scan.is_resampled or not scan.headers:
        return "No DICOM SEG: the slices were resampled, so they are not the source's."
    if not result.deposits:
        return "No DICOM SEG: there is no deposit to outline."
    return _why_not_aligned(result)


def _why_not_aligned(result: ScanResult) -> str | None:
    """Say why headers and slices do not belong together, one by one."""
    headers = _headers(result)
    if any(str(h.get("SOPClassUID", "")) != CT_IMAGE_STORAGE for h in headers):
        return "No DICOM SEG: the source is not stored as one CT image per slice."
    if any("FrameOfReferenceUID" not in h for h in headers):
        return "No DICOM SEG: the source has no frame of reference."
    measured = np.flatnonzero(result.scan.coverage.slices)
    if len(headers) != len(measured) or not _are_in_place(headers, measured, result):
        return "No DICOM SEG: the slices are not, one by one, those of the source."
    return None


def segmentation(result: ScanResult) -> "hd.seg.Segmentation":
    """Build the segmentation object; `why_no_seg` says when there is none."""
    import highdicom as hd  # noqa: PLC0415 -- loaded on use, see above

    labels = np.asarray(result.deposit_labels.labels)
    # Slices without a label would cost time and add nothing; a missing slice has none.
    has_label = labels.any(axis=(1, 2)) & result.scan.coverage.slices
    used = [int(i) for i in np.flatnonzero(has_label)]
    measured = np.flatnonzero(result.scan.coverage.slices)
    headers = dict(zip(measured.tolist(), _headers(result), strict=True))
    version = result.provenance.version
    when = _when(result, headers[used[0]])
    with quiet_pydicom():  # some warnings quote the patient's name
        seg = hd.seg.Segmentation(
            source_images=source_images([headers[i] for i in used], result),
            pixel_array=_frames(labels, used, len(result.deposits)),
            segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
            segment_descriptions=[_segment(d, version) for d in result.deposits],
            pixel_measures=_pixel_measures(result),
            series_instance_uid=_uid("series", result),
            series_number=SERIES_NUMBER,
            series_description="Calcinosis deposits (research use only)",
            sop_instance_uid=_uid("instance", result),
            instance_number=1,
            manufacturer="Calcitrace",
            manufacturer_model_name="Calcitrace",
            software_versions=version,
            device_serial_number=result.provenance.protocol_hash[:16],
            content_label="CALCINOSIS",
            content_description="Calcinosis deposits. Research use only.",
            content_date=when.date(),
            content_time=when.time(),
            series_date=when.date(),
            series_time=when.time(),
        )
    seg.InstanceCreationDate = seg.ContentDate
    seg.InstanceCreationTime = seg.ContentTime
    for equipment in seg.ContributingEquipmentSequence:
        equipment.pop("ContributionDateTime", None)  # optional, and today's
    _set_dimension_uid(seg, _uid("dimensions", result))
    return seg


def _headers(result: ScanResult) -> "list[Dataset]":
    """Headers of the measured slices, in slice order, as the data sets they are."""
    from pydicom.dataset import Dataset  # noqa: PLC0415 -- loaded on use

    return [h for h in result.scan.headers if isinstance(h, Dataset)]


def _are_in_place(
    headers: "Sequence[Dataset]", measured: NDArray[np.intp], result: ScanResult
) -> bool:
    """Whether each header says that its slice lies where the grid has it."""
    index = np.zeros((len(headers), 3))
    index[:, 0] = measured
    said_mm = np.array([[float(v) for v in h.ImagePositionPatient] for h in headers])
    apart_mm = np.abs(said_mm - result.scan.volume.grid.to_world_mm(index)).max()
    return bool(apart_mm < POSITION_TOLERANCE_MM)


def _frames(
    labels: NDArray[np.generic], used: list[int], n_deposits: int
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Slices that hold a label, in the smallest type: they are compared many times."""
    if n_deposits <= np.iinfo(np.uint8).max:
        return labels[used].astype(np.uint8)
    return labels[used].astype(np.uint16)


def _pixel_measures(result: ScanResult) -> "hd.PixelMeasuresSequence":
    """Spacing of the scan's grid, which is finer than what few slices would tell."""
    import highdicom as hd  # noqa: PLC0415 -- loaded on use

    slice_mm, row_mm, column_mm = result.scan.volume.grid.spacing_mm
    thickness_mm = result.acquisition.slice_thickness_mm
    return hd.PixelMeasuresSequence(
        pixel_spacing=(_ds(row_mm), _ds(column_mm)),
        slice_thickness=_ds(thickness_mm or slice_mm),
        spacing_between_slices=_ds(slice_mm),
    )


def _ds(value: float) -> float:
    """Round to what a decimal string of 16 characters can hold."""
    return float(f"{value:.10g}")


def _segment(deposit: Deposit, version: str) -> "hd.seg.SegmentDescription":
    """Describe one deposit: what it is, how it was found, how it will be followed."""
    import highdicom as hd  # noqa: PLC0415 -- loaded on use

    is_accepted = deposit.status is Status.ACCEPTED
    region = REGION_CODES.get(deposit.region)
    name = f"Deposit {deposit.deposit_id}"
    return hd.seg.SegmentDescription(
        segment_number=deposit.deposit_id,
        segment_label=name if is_accepted else f"{name} (in review)",
        segmented_property_category=hd.sr.CodedConcept(*CATEGORY),
        segmented_property_type=hd.sr.CodedConcept(*PROPERTY),
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name="Calcitrace",
            version=version,
            family=hd.sr.CodedConcept(*ALGORITHM_FAMILY),
        ),
        tracking_uid=deposit.tracking_uid,
        tracking_id=name,
        anatomic_regions=[hd.sr.CodedConcept(*region)] if region else None,
        display_color=hd.color.CIELabColor(
            *(ACCEPTED_COLOUR if is_accepted else REVIEW_COLOUR)
        ),
    )


def _when(result: ScanResult, header: "Dataset") -> datetime:
    """Date and time of the acquisition, or the nearest thing that the header has."""
    if result.acquisition.acquired is not None:
        return result.acquisition.acquired
    for keyword in ("ContentDate", "SeriesDate", "StudyDate"):
        text = str(header.get(keyword) or "")
        if len(text) == len("YYYYMMDD") and text.isdigit():
            return datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 -- a DICOM date has no zone
    return NO_DATE


def _uid(what: str, result: ScanResult) -> str:
    """UID that changes when the input, the method or the program does, else never."""
    made_by = result.provenance
    return derived_uid(
        "seg",
        what,
        made_by.input_hash,
        made_by.protocol_hash,
        made_by.calibration_hash or "",
        made_by.segmenter,
        made_by.version,
    )


def _set_dimension_uid(seg: "hd.seg.Segmentation", uid: str) -> None:
    """Replace the random UID of the dimension organization."""
    for item in seg.DimensionOrganizationSequence:
        item.DimensionOrganizationUID = uid
    for item in seg.DimensionIndexSequence:
        item.DimensionOrganizationUID = uid
