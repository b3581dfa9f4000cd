"""Writes a real scan with synthetic deposits as a DICOM CT series.

Headers say that the images are derived and in part synthetic. How the scan was made is
kept, for measuring needs it; of the patient nothing is, and all UIDs are new.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.dicom_writer import label_series, place_slice, series_header
from calcitrace.errors import InputError
from calcitrace.model.scan import Scan
from calcitrace.model.volume import HuVolume
from calcitrace.services.ports import SeriesLabels

# Stored values are without sign; 0 is left for pixels that were not measured.
PADDING_HU = -8192
MAX_HU = 32767
HASH_LENGTH = 12


def write_derived_series(scan: Scan, folder: Path, *, derivation: str) -> None:
    """Write one file for each measured slice.

    Parameters
    ----------
    scan
        Its `input_hash` names it, so that the same scan gives the same files.
    folder
        Existing folder to write into.
    derivation
        Sentence on what was done to the images.

    Raises
    ------
    InputError
        If values cannot be stored.
    """
    stored = _stored(scan)
    grid = scan.volume.grid
    volume = HuVolume(np.zeros(grid.shape, np.int16), grid)
    name = f"derived {scan.input_hash}"
    # The date of the acquisition is the patient's, and nothing here needs it.
    acquisition = replace(scan.acquisition, acquired=None)
    header = series_header(volume, acquisition, name)
    patient_id = f"SYNTHETIC-{scan.input_hash[:HASH_LENGTH]}"
    label_series(
        header,
        acquisition,
        SeriesLabels("Deposits", patient_id, "Synthetic deposits in a real scan"),
    )
    header.PatientName = "Synthetic^Deposits"
    header.PatientSex = ""
    header.StudyDescription = "Synthetic deposits: not for diagnosis"
    header.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
    header.DerivationDescription = derivation
    header.BurnedInAnnotation = "NO"
    header.RescaleIntercept = PADDING_HU
    header.PixelPaddingValue = 0
    if acquisition.is_contrast_enhanced:
        header.ContrastBolusAgent = "UNSPECIFIED"
    for index in np.flatnonzero(scan.coverage.slices):
        place_slice(header, volume, int(index), name)
        header.PixelData = stored[index].tobytes()
        path = folder / f"image{index + 1:04d}.dcm"
        header.save_as(path, enforce_file_format=True)


def _stored(scan: Scan) -> NDArray[np.uint16]:
    """Stored values of all voxels, shape of the scan."""
    hu = scan.volume.hu
    low, high = float(hu.min()), float(hu.max())
    if low <= PADDING_HU or high > MAX_HU:
        msg = (
            f"Expected HU above {PADDING_HU} and at most {MAX_HU} to write as DICOM, "
            f"got {low:g} to {high:g}."
        )
        raise InputError(msg)
    stored = (np.rint(hu).astype(np.int32) - PADDING_HU).astype("<u2")
    stored[:, ~scan.coverage.plane] = 0
    return np.asarray(stored, np.uint16)
