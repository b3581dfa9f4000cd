"""`Acquisition` out of a header: what was said of how the image was made."""

from collections.abc import Sequence
from datetime import date, datetime, time
from statistics import median
from typing import Any

from pydicom.valuerep import DA, DT, TM

from calcitrace.adapters.dicom_reader.header import BROKEN, Lookup, number, text
from calcitrace.adapters.dicom_reader.planes import Plane
from calcitrace.model.acquisition import Acquisition
from calcitrace.services.body_parts import known_words

CONTRAST_KEYWORDS = ("ContrastBolusAgent", "ContrastBolusAgentSequence")
NO_AGENT = frozenset({"", "NONE", "NO", "N", "N/A", "NOT GIVEN", "WITHOUT", "NATIVE"})
DATED_BY = (("AcquisitionDate", "AcquisitionTime"), ("SeriesDate", "SeriesTime"),
            ("StudyDate", "StudyTime"))  # fmt: skip


def acquisition_of(planes: Sequence[Plane], tilt_deg: float) -> Acquisition:
    """How a stack was made; what differs between planes is the median or the first."""
    get = planes[0].lookup
    exposures = [
        value
        for p in planes
        for k in ("Exposure", "ExposureInmAs")
        if (value := number(p.lookup, k)) is not None
    ]
    return Acquisition(
        modality=planes[0].modality or "CT",
        kvp=_positive(planes[0].kvp),
        kernel=planes[0].kernel or None,
        slice_thickness_mm=_thickness(planes),
        manufacturer=text(get, "Manufacturer") or None,
        model_name=text(get, "ManufacturerModelName") or None,
        acquired=_earliest(planes),
        tube_current_time_mas=_positive(median(exposures)) if exposures else None,
        ctdi_vol_mgy=_positive(number(get, "CTDIvol")),
        field_of_view_mm=_positive(number(get, "ReconstructionDiameter")),
        is_contrast_enhanced=is_contrast_enhanced(planes[0]),
        body_part=text(get, "BodyPartExamined") or None,
        body_part_words=_body_part_words(get),
        laterality=_laterality(get),
        patient_position=text(get, "PatientPosition") or None,
        gantry_tilt_deg=tilt_deg,
        series_uid=planes[0].series_uid or None,
        study_uid=text(get, "StudyInstanceUID") or None,
        frame_of_reference_uid=planes[0].frame_of_reference or None,
    )


def is_contrast_enhanced(plane: Plane) -> bool | None:
    """Whether a contrast agent is named; `None` without any contrast attribute."""
    values = [plane.lookup(keyword) for keyword in CONTRAST_KEYWORDS]
    if all(value is None for value in values):
        return None
    agent = text(plane.lookup, "ContrastBolusAgent").upper()
    return agent not in NO_AGENT or bool(values[1])


def _positive(value: float | None) -> float | None:
    return value if value is not None and value > 0 else None


def _thickness(planes: Sequence[Plane]) -> float | None:
    said = [p.place.thickness_mm for p in planes]
    known = [value for value in said if value is not None and value > 0]
    return median(known) if known else None


def _body_part_words(get: Lookup) -> tuple[str, ...]:
    keywords = ("ProtocolName", "SeriesDescription", "StudyDescription")
    return known_words(*(text(get, keyword) for keyword in keywords))


def _laterality(get: Lookup) -> str | None:
    keywords = ("Laterality", "ImageLaterality", "FrameLaterality")
    found = (text(get, keyword).upper() for keyword in keywords)
    return next((side for side in found if side in {"L", "R", "B"}), None)


def _earliest(planes: Sequence[Plane]) -> datetime | None:
    moments = [moment for p in planes if (moment := _moment(p.lookup)) is not None]
    return min(moments) if moments else None


def _moment(get: Lookup) -> datetime | None:
    """Date and time as written; the content date is left out, a re-export changes it."""
    for keyword in ("FrameAcquisitionDateTime", "AcquisitionDateTime"):
        written = text(get, keyword)
        if written and (moment := _datetime(written)) is not None:
            return moment
    for day, clock in DATED_BY:
        found = _date(text(get, day))
        if found is not None:
            # Without a time the day still tells which of two visits came first.
            return datetime.combine(found, _time(text(get, clock)) or time())
    return None


def _datetime(written: str) -> datetime | None:
    try:
        value: Any = DT(written)
    except BROKEN:
        return None
    return datetime.combine(value.date(), value.time())


def _date(written: str) -> date | None:
    try:
        value: Any = DA(written)
        return date(value.year, value.month, value.day)
    except BROKEN:  # empty text too: it has no year
        return None


def _time(written: str) -> time | None:
    try:
        value: Any = TM(written)
        return time(value.hour, value.minute, value.second, value.microsecond)
    except BROKEN:
        return None
