"""The DICOM segmentation: right voxels, right places, valid, the same every time."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]  # no stubs
from pydicom.dataset import Dataset

from calcitrace.adapters.dicom_seg import DicomSeg, why_no_seg
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.model.grid import Grid
from calcitrace.model.result import ScanResult
from tests.fakes.results import (
    PATIENT_NAME,
    made_up_deposit,
    made_up_deposits,
    made_up_result,
    made_up_scan,
)

OBLIQUE = Grid(
    (9, 20, 24),
    (1.5, 0.5, 0.5),
    (3.0, -4.0, 50.0),
    ((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0)),
)
FEET_FIRST = Grid(
    (9, 20, 24),
    (1.5, 0.5, 0.5),
    (3.0, -4.0, 50.0),
    ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
)


def written(result: ScanResult, folder: Path) -> Dataset:
    (path,) = DicomSeg().write(result, folder, lang="en")
    return cast("Dataset", dcmread(path))


def voxels_of(seg: Dataset, segment: int) -> NDArray[np.float64]:
    """Patient positions of all voxels of a segment, from the file alone."""
    frames: NDArray[np.uint8] = seg.pixel_array
    shared = seg.SharedFunctionalGroupsSequence[0]
    axes = np.array(
        shared.PlaneOrientationSequence[0].ImageOrientationPatient, float
    ).reshape(2, 3)
    spacing = [float(v) for v in shared.PixelMeasuresSequence[0].PixelSpacing]
    points: list[NDArray[np.float64]] = []
    for frame, group in zip(frames, seg.PerFrameFunctionalGroupsSequence, strict=True):
        number = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        if number != segment:
            continue
        corner = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
        row, column = np.nonzero(frame)
        steps = np.stack([column * spacing[1], row * spacing[0]], axis=-1)
        points.append(np.asarray(corner + steps @ axes, np.float64))
    return np.concatenate(points)


def sorted_rows(points: NDArray[np.float64]) -> NDArray[np.float64]:
    rounded = points.round(3) + 0.0
    return rounded[np.lexsort(rounded.T)]


@pytest.mark.parametrize("grid", [made_up_scan().volume.grid, OBLIQUE, FEET_FIRST])
def test_every_segment_has_its_voxels_at_their_place_in_the_patient(
    grid: Grid, tmp_path: Path
) -> None:
    result = made_up_result(made_up_deposits(), made_up_scan(grid))
    seg = written(result, tmp_path)

    for deposit in result.deposits:
        index = np.argwhere(result.deposit_labels.labels == deposit.deposit_id)
        expected = grid.to_world_mm(index)
        found = voxels_of(seg, deposit.deposit_id)
        np.testing.assert_allclose(sorted_rows(found), sorted_rows(expected), atol=2e-3)


def test_segments_say_what_they_are_and_how_they_are_followed(tmp_path: Path) -> None:
    result = made_up_result()

    segments = written(result, tmp_path).SegmentSequence

    assert [s.TrackingUID for s in segments] == [
        d.tracking_uid for d in result.deposits
    ]
    kind = segments[0].SegmentedPropertyTypeCodeSequence[0]
    assert (kind.CodeValue, kind.CodingSchemeDesignator) == ("18115005", "SCT")
    assert segments[0].SegmentAlgorithmType == "AUTOMATIC"
    assert [s.SegmentLabel for s in segments][-1] == "Deposit 3 (in review)"


def test_a_rerun_writes_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()

    (one,) = DicomSeg().write(made_up_result(), first, lang="en")
    (two,) = DicomSeg().write(made_up_result(), second, lang="fr")

    assert one.read_bytes() == two.read_bytes()


def test_dates_are_those_of_the_acquisition(tmp_path: Path) -> None:
    seg = written(made_up_result(), tmp_path)

    assert (seg.ContentDate, seg.InstanceCreationDate) == ("20210304", "20210304")
    assert str(seg.ContentTime).startswith("050607")


def test_other_settings_or_another_version_make_another_instance(
    tmp_path: Path,
) -> None:
    result = made_up_result()
    newer = replace(result, provenance=replace(result.provenance, version="9.9.9"))

    assert written(result, tmp_path).SOPInstanceUID != (
        written(newer, tmp_path).SOPInstanceUID
    )


def test_more_than_200_deposits_fit(tmp_path: Path) -> None:
    grid = Grid((30, 60, 200), (1.0, 1.0, 1.0))
    deposits = tuple(made_up_deposit(n) for n in range(1, 301))
    result = made_up_result(deposits, made_up_scan(grid))

    seg = written(result, tmp_path)

    assert len(seg.SegmentSequence) == 300
    for number in (1, 256, 300):
        n_voxels = int((result.deposit_labels.labels == number).sum())
        assert len(voxels_of(seg, number)) == n_voxels


def test_headers_without_optional_identity_are_enough(tmp_path: Path) -> None:
    scan = made_up_scan()
    for header in scan.headers:
        assert isinstance(header, Dataset)
        for keyword in ("PatientName", "PatientSex", "AccessionNumber", "StudyID"):
            delattr(header, keyword)
    scan = replace(scan, acquisition=replace(scan.acquisition, acquired=None))

    seg = written(made_up_result(scan=scan), tmp_path)

    assert seg.PatientName == ""
    assert seg.ContentDate == "20210304"  # the study's


def test_an_identifier_that_is_too_long_for_dicom_is_cut(tmp_path: Path) -> None:
    scan = made_up_scan()
    for header in scan.headers:
        assert isinstance(header, Dataset)
        with pytest.warns(UserWarning, match="maximum length"):
            header.StudyID = "A_STUDY_WITH_A_LONG_NAME"

    assert written(made_up_result(scan=scan), tmp_path).StudyID == "A_STUDY_WITH_A_L"


def test_slices_around_a_missing_one_keep_their_headers(tmp_path: Path) -> None:
    scan = made_up_scan()
    measured = np.ones(scan.volume.grid.shape[0], bool)
    measured[3] = False
    headers = tuple(h for i, h in enumerate(scan.headers) if measured[i])
    coverage = replace(scan.coverage, slices=measured)
    result = made_up_result(scan=replace(scan, coverage=coverage, headers=headers))

    seg = written(result, tmp_path)

    labels = np.where(measured[:, None, None], result.deposit_labels.labels, 0)
    for number in (2, 3):
        expected = scan.volume.grid.to_world_mm(np.argwhere(labels == number))
        found = voxels_of(seg, number)
        np.testing.assert_allclose(sorted_rows(found), sorted_rows(expected), atol=2e-3)


def test_a_name_that_libraries_warn_about_stays_out_of_the_warnings(
    tmp_path: Path,
    recwarn: pytest.WarningsRecorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    scan = made_up_scan()
    for header in scan.headers:
        assert isinstance(header, Dataset)
        header.PatientName = "Jane Doe"

    written(made_up_result(scan=scan), tmp_path)

    assert not [w for w in recwarn if "Doe" in str(w.message)]
    assert "Doe" not in caplog.text


def test_source_headers_are_left_as_they_were(tmp_path: Path) -> None:
    result = made_up_result()
    before = [str(h) for h in result.scan.headers]

    written(result, tmp_path)

    assert [str(h) for h in result.scan.headers] == before
    assert PATIENT_NAME in before[0]


@pytest.mark.parametrize("characters", ["", "ISO 2022 IR 100", ["", "ISO 2022 IR 87"]])
def test_any_character_set_of_the_source_will_do(
    characters: str | list[str], tmp_path: Path
) -> None:
    result = made_up_result()
    for header in result.scan.headers:
        header.SpecificCharacterSet = characters  # type: ignore[attr-defined]  # a header is opaque here

    seg = written(result, tmp_path)

    assert seg.SpecificCharacterSet == "ISO_IR 192"
    assert str(seg.PatientName) == PATIENT_NAME


def no_headers() -> ScanResult:
    return made_up_result(scan=replace(made_up_scan(), headers=()))


def resampled() -> ScanResult:
    return made_up_result(scan=replace(made_up_scan(), is_resampled=True))


def from_nifti() -> ScanResult:
    return made_up_result(scan=replace(made_up_scan(), source_kind="nifti", headers=()))


def out_of_order() -> ScanResult:
    scan = made_up_scan()
    return made_up_result(scan=replace(scan, headers=scan.headers[::-1]))


def without_frame_of_reference() -> ScanResult:
    scan = made_up_scan()
    del scan.headers[3].FrameOfReferenceUID  # type: ignore[attr-defined]  # a header is opaque here
    return made_up_result(scan=scan)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (no_headers(), "resampled"),
        (resampled(), "resampled"),
        (from_nifti(), "not DICOM"),
        (out_of_order(), "one by one"),
        (without_frame_of_reference(), "frame of reference"),
        (made_up_result(deposits=()), "no deposit"),
    ],
)
def test_no_file_is_written_where_it_would_be_wrong_and_the_reason_is_told(
    result: ScanResult, reason: str, tmp_path: Path
) -> None:
    assert DicomSeg().write(result, tmp_path, lang="en") == ()
    assert reason in str(why_no_seg(result))
    assert not list(tmp_path.iterdir())


def test_dciodvfy_finds_no_error(dciodvfy: Path, tmp_path: Path) -> None:
    (path,) = DicomSeg().write(made_up_result(), tmp_path, lang="en")

    done = subprocess.run([dciodvfy, path], capture_output=True, text=True, check=False)

    said = (done.stdout + done.stderr).splitlines()
    assert not [line for line in said if line.startswith("Error")], said


def test_dciodvfy_finds_no_error_where_the_source_is_real(
    real_data: Path, dciodvfy: Path, tmp_path: Path
) -> None:
    scan = FileScanReader().read(real_data / "sts" / "STS_006_CT.zip")
    (path,) = DicomSeg().write(made_up_result(scan=scan), tmp_path, lang="en")

    done = subprocess.run([dciodvfy, path], capture_output=True, text=True, check=False)

    said = (done.stdout + done.stderr).splitlines()
    assert not [line for line in said if line.startswith("Error")], said
