"""Of several series the fittest is measured, and the others are listed with a reason."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.errors import CalcitraceError, NoMeasurableSeriesError
from tests.fakes.dicom_series import (
    PATIENT,
    CtSeries,
    datasets,
    enhanced,
    limb,
    save,
    write_series,
)

HU = limb()
PLAIN = CtSeries(HU, uid="1.2.826.0.1")
RIVAL = replace(PLAIN, uid="1.2.826.0.2")
PLAIN_UID, RIVAL_UID = "1.2.826.0.1.2", "1.2.826.0.2.2"


def chosen(folder: Path, series_uid: str | None = None) -> tuple[str, dict[str, str]]:
    scan = FileScanReader().read(folder, series_uid=series_uid)
    uids = [s.series_uid for s in scan.series if s.is_chosen]
    assert len(uids) == 1
    assert scan.acquisition.series_uid == uids[0]
    return uids[0], {s.series_uid: s.reason for s in scan.series}


def refusal(folder: Path) -> str:
    with pytest.raises(CalcitraceError) as caught:
        FileScanReader().read(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert PATIENT.split("^", maxsplit=1)[0] not in message
    assert str(folder) not in message
    return message


def worse(**changes: Any) -> CtSeries:  # noqa: ANN401 -- any field
    return replace(RIVAL, **changes)


@pytest.mark.parametrize(
    ("rival", "reason"),
    [
        (worse(tags={"ImageType": ["DERIVED", "PRIMARY", "AXIAL"]}), "derived"),
        (worse(tags={"ConvolutionKernel": "BONE"}), "sharper kernel"),
        (worse(spacing_mm=(5.0, 0.75, 0.5), hu=HU[:4]), "thicker slices"),
        (worse(spacing_mm=(3.0, 0.75, 0.5), hu=HU[::2]), "thicker slices"),
        (worse(hu=HU[:4]), "covers less"),
        (worse(tags={"SliceThickness": 0.6}), "gaps"),
        (worse(tags={"ContrastBolusAgent": "Agent"}), "contrast"),
        (worse(tags={"LossyImageCompression": "01"}), "lossy"),
        (worse(orientation=(1.0, 0, 0, 0, 0, -1.0)), "not axial"),
        (worse(tags={"MonoenergeticEnergyEquivalent": 70.0}), "monoenergetic"),
    ],
)
def test_a_less_fit_series_is_listed_with_its_reason(
    tmp_path: Path, rival: CtSeries, reason: str
) -> None:
    write_series(tmp_path / "a", PLAIN)
    write_series(tmp_path / "b", rival)

    uid, reasons = chosen(tmp_path)

    assert uid == PLAIN_UID
    assert reason in reasons[RIVAL_UID]


def test_a_soft_kernel_at_three_mm_is_preferred_to_a_sharp_one_at_one(
    tmp_path: Path,
) -> None:
    sharp = worse(tags={"ConvolutionKernel": "Br64h"})
    soft = replace(PLAIN, spacing_mm=(3.0, 0.75, 0.5), hu=HU[:6])
    write_series(tmp_path / "a", soft)
    write_series(tmp_path / "b", sharp)

    assert chosen(tmp_path)[0] == PLAIN_UID


def test_the_series_asked_for_is_read_though_another_is_fitter(tmp_path: Path) -> None:
    write_series(tmp_path / "a", PLAIN)
    write_series(tmp_path / "b", worse(tags={"ConvolutionKernel": "BONE"}))

    uid, reasons = chosen(tmp_path, series_uid=RIVAL_UID)

    assert uid == RIVAL_UID
    assert reasons[PLAIN_UID] == "another series was asked for"


def test_a_series_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write_series(tmp_path, PLAIN)

    with pytest.raises(NoMeasurableSeriesError, match="found 1 other series"):
        FileScanReader().read(tmp_path, series_uid="1.2.3")


def test_two_acquisitions_in_one_series_are_two_volumes(tmp_path: Path) -> None:
    write_series(tmp_path / "a", PLAIN)
    second = replace(PLAIN, hu=limb(seed=1), tags={"AcquisitionNumber": 2})
    for i, data in enumerate(datasets(second)):
        data.SOPInstanceUID = f"1.2.826.0.1.10.{i + 1}"
        save(data, tmp_path / f"{i}", ExplicitVRLittleEndian)

    scan = FileScanReader().read(tmp_path)

    assert [s.n_images for s in scan.series] == [12, 12]
    assert scan.flags == ()


def test_a_stray_image_in_a_series_is_left_out(tmp_path: Path) -> None:
    write_series(tmp_path / "a", PLAIN)
    scout = replace(PLAIN, hu=limb((1, 30, 30)), uid="1.2.826.0.1")
    data = datasets(scout)[0]
    data.SOPInstanceUID = "1.2.3.4"
    save(data, tmp_path / "b", ExplicitVRLittleEndian)

    scan = FileScanReader().read(tmp_path)

    np.testing.assert_array_equal(scan.volume.hu, HU)
    assert "lone image" in next(s.reason for s in scan.series if not s.is_chosen)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"Modality": "MR"}, "not CT images"),
        ({"SOPClassUID": SecondaryCaptureImageStorage}, "Secondary Capture"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "localizer"),
        ({"ImageType": ["DERIVED", "SECONDARY", "OTHER", "VRT"]}, "rendering"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "report"),
        ({"ImageType": ["DERIVED", "PRIMARY", "PERFUSION", "CBF"]}, "map of another"),
        ({"RescaleType": "MGML"}, "values in MGML"),
        ({"RescaleType": "US"}, "values in US"),
        ({"RescaleSlope": None}, "no Rescale Slope"),
        ({"RescaleSlope": 0}, "Rescale Slope is 0"),
        ({"PixelSpacing": None}, "Pixel Spacing"),
        ({"PixelSpacing": [0, 0.5]}, "Pixel Spacing"),
        ({"ImageOrientationPatient": None}, "Image Orientation"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "Image Orientation"),
        ({"ImagePositionPatient": None}, "Image Position"),
        ({"SamplesPerPixel": 3}, "colour"),
        ({"Rows": 65535, "Columns": 65535}, "65535 x 65535 pixels"),
        ({"Rows": 0}, "no Rows"),
        ({"BitsAllocated": 64}, "64 bits"),
    ],
)
def test_what_is_no_ct_scan_is_refused_in_one_line(
    tmp_path: Path, tags: dict[str, Any], expected: str
) -> None:
    write_series(tmp_path, replace(PLAIN, tags=tags))

    assert expected in refusal(tmp_path)


def test_not_a_number_as_position_is_refused(tmp_path: Path) -> None:
    write_series(tmp_path, PLAIN)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        path.write_bytes(content.replace(b"-12.5\\", b"  nan\\"))

    assert "Image Position" in refusal(tmp_path)


def test_more_frames_than_fit_in_memory_are_refused_unread(tmp_path: Path) -> None:
    data = enhanced(PLAIN)
    data.Rows = data.Columns = 16_000
    save(data, tmp_path / "huge", ExplicitVRLittleEndian)

    assert "million voxels" in refusal(tmp_path)


def test_one_slice_of_unknown_thickness_is_refused(tmp_path: Path) -> None:
    series = replace(PLAIN, hu=HU[:1], tags={"SliceThickness": None})
    write_series(tmp_path, series)

    assert "Slice Thickness" in refusal(tmp_path)


def test_slices_shifted_against_each_other_are_refused(tmp_path: Path) -> None:
    for i, data in enumerate(datasets(PLAIN)):
        data.ImagePositionPatient[0] += 10 * (i % 2)
        save(data, tmp_path / f"{i}", ExplicitVRLittleEndian)

    assert "shifted against each other by up to" in refusal(tmp_path)


def test_slices_scattered_over_the_body_are_refused(tmp_path: Path) -> None:
    places = (0, 1, 2, 50, 51, 52, 200, 201, 202, 300, 301, 302)
    write_series(tmp_path, replace(PLAIN, places=places))

    assert "far apart" in refusal(tmp_path)


def test_each_image_in_an_orientation_of_its_own_is_refused(tmp_path: Path) -> None:
    for i, data in enumerate(datasets(PLAIN)):
        angle = 0.1 * i
        down = [0.0, np.cos(angle), np.sin(angle)]
        data.ImageOrientationPatient = [1.0, 0.0, 0.0, *down]
        save(data, tmp_path / f"{i}", ExplicitVRLittleEndian)

    assert "orientation" in refusal(tmp_path)


def test_a_file_cut_off_in_its_header_is_listed_and_left_out(tmp_path: Path) -> None:
    write_series(tmp_path, PLAIN)
    broken = (tmp_path / "0003.dcm").read_bytes()[:400]
    (tmp_path / "broken").write_bytes(broken)

    scan = FileScanReader().read(tmp_path)

    np.testing.assert_array_equal(scan.volume.hu, HU)
    assert sum(s.n_images for s in scan.series) == 13
    assert [s.n_images for s in scan.series if not s.is_chosen] == [1]


def test_no_name_of_a_person_leaves_the_reader(tmp_path: Path) -> None:
    folder = tmp_path / PATIENT
    scan = FileScanReader().read(write_series(folder, PLAIN))

    shown = repr(scan.acquisition) + repr(scan.series) + repr(scan.flags)
    assert PATIENT.split("^", maxsplit=1)[0] not in shown
    assert PATIENT not in repr(replace(scan, volume=scan.volume))
