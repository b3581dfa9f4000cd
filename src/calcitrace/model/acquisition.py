"""How an image was made. Only what measuring and comparing need; no identity."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Acquisition:
    """What the header says of the scan; `None` is "the header does not say".

    Attributes
    ----------
    acquired
        Date and time of the acquisition, as written (no time zone is assumed).
    is_contrast_enhanced
        True, False, or None where the header has no contrast attribute at all.
    body_part_words
        Words of body parts and sides in the names of protocol, series and study; no
        other word of them is kept.
    gantry_tilt_deg
        Angle between the slice normal and the direction in which slices were stacked.
    """

    modality: str = "CT"
    kvp: float | None = None
    kernel: str | None = None
    slice_thickness_mm: float | None = None
    manufacturer: str | None = None
    model_name: str | None = None
    acquired: datetime | None = None
    tube_current_time_mas: float | None = None
    ctdi_vol_mgy: float | None = None
    field_of_view_mm: float | None = None
    is_contrast_enhanced: bool | None = None
    body_part: str | None = None
    body_part_words: tuple[str, ...] = ()
    laterality: str | None = None
    patient_position: str | None = None
    gantry_tilt_deg: float = 0.0
    series_uid: str | None = None
    study_uid: str | None = None
    frame_of_reference_uid: str | None = None
