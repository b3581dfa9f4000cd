"""DICOM segmentations as other programs write them."""

from collections.abc import Sequence
from typing import Any

import highdicom as hd
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

ORGAN = Code("123037004", "SCT", "Anatomical Structure")
FEMUR = Code("71341001", "SCT", "Femur")
FEMORAL_ARTERY = Code("7657000", "SCT", "Femoral artery")
TISSUE = Code("85756007", "SCT", "Tissue")
LEFT = Code("7771000", "SCT", "Left")


def described(number: int, label: str, kind: Code, side: Code | None = None) -> Any:  # noqa: ANN401 -- highdicom has no type for it
    """One segment, its side as a modifier of its type."""
    segment: Any = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=ORGAN,
        segmented_property_type=kind,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
    )
    if side is not None:
        coded = hd.sr.CodedConcept(side.value, side.scheme_designator, side.meaning)
        kind_item = segment.SegmentedPropertyTypeCodeSequence[0]
        kind_item.SegmentedPropertyTypeModifierCodeSequence = [coded]
    return segment


def segmentation(
    headers: Sequence[Dataset],
    masks: NDArray[np.bool_],
    segments: Sequence[Any],
    kind: hd.seg.SegmentationTypeValues = hd.seg.SegmentationTypeValues.BINARY,
) -> Any:  # noqa: ANN401 -- highdicom has no type for it
    """A SEG of masks, shape (slice, row, column, segment), on the slices of headers."""
    pixels: NDArray[Any] = masks.astype(np.uint8)
    if kind is hd.seg.SegmentationTypeValues.FRACTIONAL:
        pixels = masks.astype(np.float64)
    return hd.seg.Segmentation(
        source_images=list(headers),
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=list(segments),
        series_instance_uid="1.2.826.0.1.3680043.8.498.77",
        series_number=7,
        sop_instance_uid="1.2.826.0.1.3680043.8.498.78",
        instance_number=1,
        manufacturer="Maker",
        manufacturer_model_name="Model",
        software_versions="1",
        device_serial_number="1",
    )
