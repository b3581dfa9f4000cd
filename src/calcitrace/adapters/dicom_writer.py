"""Writes a simulated volume as a DICOM CT series.

Headers say that nothing of it is real: Synthetic Data is YES, and patient, manufacturer
and description name the simulation. UIDs follow from a name, so the same simulation
gives the same files.
"""

from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from calcitrace.errors import InputError
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.identity import derived_uid
from calcitrace.model.volume import HuVolume
from calcitrace.services.ports import LIMB_LABELS, SeriesLabels

DECIMALS = 6
UAS_PER_MAS = 1000
INTERCEPT = -1024  # stored values are then 12 bits without sign, as on scanners
IMPLEMENTATION_NAME = "CALCITRACE"
NO_DATE = datetime(2000, 1, 1, 12, 0)  # noqa: DTZ001 -- DICOM dates have no zone


class DicomSeries:
    """The `SeriesWriter` of simulated scans."""

    def write(
        self,
        volume: HuVolume,
        acquisition: Acquisition,
        folder: Path,
        *,
        name: str,
        labels: SeriesLabels = LIMB_LABELS,
    ) -> tuple[Path, ...]:
        """Write one file for each slice.

        Parameters
        ----------
        volume
            Whole HU between -1024 and 3071, shape (slice, row, column).
        acquisition
            What the headers say of how the image was made.
        folder
            Existing folder to write into.
        name
            What tells this simulation from all others; UIDs follow from it.
        labels
            Who the patient is called, and what else is known of the scanner.

        Returns
        -------
        tuple
            Files in slice order.

        Raises
        ------
        InputError
            If values cannot be stored as they are.
        """
        if volume.hu.dtype != np.int16 or volume.hu.min() < INTERCEPT:
            msg = (
                "Expected whole HU of at least -1024 to write as DICOM, got "
                f"{volume.hu.dtype} from {volume.hu.min():g}. Round and clip them."
            )
            raise InputError(msg)
        header = series_header(volume, acquisition, name)
        label_series(header, acquisition, labels)
        paths: list[Path] = []
        for index, image in enumerate(volume.hu):
            place_slice(header, volume, index, name)
            stored = (image.astype(np.int32) - INTERCEPT).astype("<u2")
            header.PixelData = stored.tobytes()
            path = folder / f"image{index + 1:04d}.dcm"
            header.save_as(path, enforce_file_format=True)
            paths.append(path)
        return tuple(paths)


def series_header(volume: HuVolume, acquisition: Acquisition, name: str) -> Dataset:
    """Header with what all slices share (CT Image IOD, DICOM PS3.3 A.3)."""
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.MediaStorageSOPClassUID = CTImageStorage
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.ImplementationClassUID = UID(derived_uid("calcitrace", "writer"))
    header.file_meta.ImplementationVersionName = IMPLEMENTATION_NAME
    header.SOPClassUID = CTImageStorage
    header.SyntheticData = "YES"
    # Original: not computed from other images, which is what DERIVED would say.
    header.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    _describe(header, acquisition, name)
    _size(header, volume)
    return header


def _describe(header: Dataset, acquisition: Acquisition, name: str) -> None:
    """Patient, study, series and acquisition."""
    header.PatientBirthDate = ""
    header.PatientSex = "O"
    header.StudyInstanceUID = derived_uid("simulation", name, "study")
    header.SeriesInstanceUID = derived_uid("simulation", name, "series")
    header.FrameOfReferenceUID = derived_uid("simulation", name, "frame")
    header.PositionReferenceIndicator = ""
    header.StudyID = "1"
    header.AccessionNumber = ""
    header.ReferringPhysicianName = ""
    header.StudyDescription = "Simulated: not a patient"
    header.SeriesNumber = 1
    header.AcquisitionNumber = 1
    header.Modality = "CT"
    moment = acquisition.acquired or NO_DATE
    for part in ("Study", "Series", "Acquisition", "Content"):
        setattr(header, f"{part}Date", moment.strftime("%Y%m%d"))
        setattr(header, f"{part}Time", moment.strftime("%H%M%S"))
    header.Manufacturer = acquisition.manufacturer or ""
    header.ManufacturerModelName = acquisition.model_name or ""
    header.KVP = _text(acquisition.kvp)
    header.ConvolutionKernel = acquisition.kernel or ""
    header.SliceThickness = _text(acquisition.slice_thickness_mm)
    header.ReconstructionDiameter = _text(acquisition.field_of_view_mm)
    header.BodyPartExamined = acquisition.body_part or ""
    header.Laterality = acquisition.laterality or ""
    if acquisition.is_contrast_enhanced is False:
        header.ContrastBolusAgent = "NONE"
    header.PatientPosition = acquisition.patient_position or ""


def label_series(
    header: Dataset, acquisition: Acquisition, labels: SeriesLabels
) -> None:
    """Add names, and what the scanner did to make the images."""
    header.PatientName = f"Simulated^{labels.patient}"
    header.PatientID = labels.patient_id
    header.SeriesDescription = labels.description
    if acquisition.tube_current_time_mas is not None:
        header.Exposure = round(acquisition.tube_current_time_mas)
        header.ExposureInuAs = round(acquisition.tube_current_time_mas * UAS_PER_MAS)
    if labels.has_bowtie is not None:
        header.FilterType = "BOWTIE" if labels.has_bowtie else "FLAT"
    if labels.filters_mm:
        header.FilterMaterial = [material for material, _ in labels.filters_mm]
        thickness = [_text(mm) for _, mm in labels.filters_mm]
        header.FilterThicknessMinimum = thickness
        header.FilterThicknessMaximum = thickness
    if labels.gantry_tilt_deg is not None:
        header.GantryDetectorTilt = _text(labels.gantry_tilt_deg)


def _size(header: Dataset, volume: HuVolume) -> None:
    """Geometry of a slice, and how its pixels are stored."""
    _, row_mm, column_mm = volume.grid.spacing_mm
    _, down, across = volume.grid.direction
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.Rows, header.Columns = volume.hu.shape[1:]
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, 16, 15
    header.PixelRepresentation = 0
    header.RescaleIntercept, header.RescaleSlope = INTERCEPT, 1
    header.RescaleType = "HU"
    header.PixelSpacing = [_text(row_mm), _text(column_mm)]
    header.ImageOrientationPatient = [_text(v) for v in (*across, *down)]


def place_slice(header: Dataset, volume: HuVolume, index: int, name: str) -> None:
    """Say what tells one slice from the next."""
    normal = np.array(volume.grid.direction[0])
    position = np.array(volume.grid.origin_mm)
    position = position + index * volume.grid.spacing_mm[0] * normal
    header.InstanceNumber = index + 1
    header.ImagePositionPatient = [_text(float(v)) for v in position]
    header.SOPInstanceUID = UID(derived_uid("simulation", name, "image", str(index)))
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID


def _text(value: float | None) -> str:
    """Decimal string of at most 16 characters (DICOM PS3.5 table 6.2-1); empty: none."""
    return "" if value is None else f"{round(value, DECIMALS) + 0.0:.10g}"
