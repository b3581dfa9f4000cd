"""NIfTI comes in as LPS, whatever the order of its axes, and goes out the same."""

import gzip
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from calcitrace.adapters.nifti import write_nifti
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.errors import UnreadableSourceError
from calcitrace.model.flags import FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume
from tests.fakes.dicom_series import CtSeries, limb, write_series

HU = limb()
SERIES = CtSeries(HU)
# (i, j, k) = (column, row, slice); RAS: x and y of the DICOM series change sign.
AFFINE = np.array(
    [
        [-0.5, 0, 0, 12.5],
        [0, -0.75, 0, -20.25],
        [0, 0, 1.5, 100.0],
        [0, 0, 0, 1],
    ]
)
make: Any = nib.Nifti1Image  # from a package without types
load: Any = nib.load  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # no stubs


def save(path: Path, data: NDArray[Any], affine: NDArray[Any] = AFFINE) -> Path:
    image = make(data, affine)
    image.header.set_xyzt_units("mm")
    image.to_filename(path)
    return path


def read(path: Path) -> Scan:
    return FileScanReader().read(path)


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableSourceError) as caught:
        read(path)
    assert path.name not in str(caught.value)
    return str(caught.value)


def test_the_same_scan_from_dicom_and_nifti_is_one_scan(tmp_path: Path) -> None:
    dicom = read(write_series(tmp_path / "dicom", SERIES))

    scan = read(save(tmp_path / "scan.nii.gz", HU.T))

    np.testing.assert_array_equal(scan.volume.hu, dicom.volume.hu)
    assert scan.volume.hu.dtype == dicom.volume.hu.dtype
    np.testing.assert_allclose(scan.volume.grid.affine, dicom.volume.grid.affine)
    assert scan.input_hash == dicom.input_hash
    assert scan.source_kind == "nifti"
    assert scan.headers == ()


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.float32, np.float64])
def test_whole_numbers_are_int16_however_they_were_stored(
    tmp_path: Path, kind: type[np.number[Any]]
) -> None:
    scan = read(save(tmp_path / "scan.nii", HU.T.astype(kind)))

    assert scan.volume.hu.dtype == np.int16
    np.testing.assert_array_equal(scan.volume.hu, HU)


def test_slope_and_intercept_count(tmp_path: Path) -> None:
    path = save(tmp_path / "scan.nii", (HU.T + 1024).astype(np.uint16))
    content = bytearray(path.read_bytes())
    content[112:120] = np.array([0.5, -1024], "<f4").tobytes()
    path.write_bytes(content)

    scan = read(path)

    np.testing.assert_array_equal(scan.volume.hu, (HU + 1024.0) / 2 - 1024)
    assert scan.volume.hu.dtype == np.float32


def test_a_second_version_image_under_another_name_is_read(tmp_path: Path) -> None:
    second: Any = nib.Nifti2Image
    second(HU.T, AFFINE).to_filename(tmp_path / "scan.nii.gz")
    (tmp_path / "scan.nii.gz").rename(tmp_path / "scan.dat")

    np.testing.assert_array_equal(read(tmp_path / "scan.dat").volume.hu, HU)


def test_a_fourth_axis_of_one_is_dropped_and_of_two_refused(tmp_path: Path) -> None:
    one = read(save(tmp_path / "one.nii", HU.T[..., None]))

    np.testing.assert_array_equal(one.volume.hu, HU)
    two = np.stack([HU.T, HU.T], axis=-1)
    assert "three axes" in refusal(save(tmp_path / "two.nii", two))


def test_lengths_in_metres_become_millimetres(tmp_path: Path) -> None:
    image = make(HU.T, np.diag([1e-3, 1e-3, 1e-3, 1]) @ AFFINE)
    image.header.set_xyzt_units("meter")
    image.to_filename(tmp_path / "scan.nii")

    grid = read(tmp_path / "scan.nii").volume.grid

    assert grid.spacing_mm == pytest.approx(SERIES.spacing_mm)
    assert grid.origin_mm == pytest.approx(SERIES.origin_mm)


def test_a_sheared_image_is_refused(tmp_path: Path) -> None:
    sheared = AFFINE.copy()
    sheared[1, 2] = 0.4

    assert "sheared by 14.9 degrees" in refusal(save(tmp_path / "s.nii", HU.T, sheared))


def test_an_image_without_orientation_is_refused(tmp_path: Path) -> None:
    image = make(HU.T, None)
    image.to_filename(tmp_path / "scan.nii")

    assert "orientation" in refusal(tmp_path / "scan.nii")


@pytest.mark.parametrize(
    "data",
    [
        np.zeros((5, 6, 7), np.int16),
        np.arange(210, dtype=np.int16).reshape(5, 6, 7),
        np.full((5, 6, 7), np.nan, np.float32),
    ],
)
def test_what_holds_no_hounsfield_units_is_refused(
    tmp_path: Path, data: NDArray[Any]
) -> None:
    assert "Hounsfield" in refusal(save(tmp_path / "labels.nii", data))


def test_voxels_without_a_number_count_as_not_measured(tmp_path: Path) -> None:
    hu = HU.astype(np.float32)
    hu[:, :3] = np.nan

    scan = read(save(tmp_path / "scan.nii", hu.T))

    assert not scan.coverage.plane[:3].any()
    assert scan.coverage.plane[3:].all()
    assert (scan.volume.hu[:, :3] == -1024).all()


def test_a_plateau_at_the_top_is_flagged(tmp_path: Path) -> None:
    hu = HU.copy()
    hu[3, 4:8, 4:8] = 3071

    scan = read(save(tmp_path / "scan.nii", hu.T))

    assert [flag.kind for flag in scan.flags] == [FlagKind.HU_CLIPPED]


def test_a_cut_off_image_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "scan.nii.gz", HU.T)
    path.write_bytes(path.read_bytes()[:-200])
    assert "broken" in refusal(path)

    plain = save(tmp_path / "scan.nii", HU.T)
    plain.write_bytes(plain.read_bytes()[:-200])
    assert "broken" in refusal(plain)


def test_an_image_too_large_for_memory_is_refused_unread(tmp_path: Path) -> None:
    path = save(tmp_path / "scan.nii", HU.T)
    content = bytearray(path.read_bytes())
    content[42:48] = np.array([30_000] * 3, "<i2").tobytes()
    path.write_bytes(content)

    assert "million" in refusal(path)


def test_dicom_is_preferred_to_nifti_in_one_source(tmp_path: Path) -> None:
    write_series(tmp_path, SERIES)
    save(tmp_path / "scan.nii.gz", HU.T)

    scan = read(tmp_path)

    assert scan.source_kind == "dicom"
    assert [s.is_chosen for s in scan.series] == [True, False]
    assert scan.series[1].reason.startswith("NIfTI")


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32])
def test_labels_lie_on_the_scan_they_were_drawn_on(
    tmp_path: Path, kind: type[np.number[Any]]
) -> None:
    grid = read(write_series(tmp_path / "dicom", SERIES)).volume.grid
    labels: NDArray[Any] = (HU > 300).astype(kind)

    write_nifti(LabelVolume(labels, grid), tmp_path / "labels.nii.gz")

    loaded = load(tmp_path / "labels.nii.gz")
    np.testing.assert_array_equal(np.asarray(loaded.dataobj), labels.T)
    assert loaded.get_data_dtype() == kind
    np.testing.assert_allclose(loaded.affine, AFFINE)
    assert loaded.header.get_xyzt_units()[0] == "mm"


def test_the_same_labels_give_the_same_bytes_under_any_name(tmp_path: Path) -> None:
    volume = LabelVolume((HU > 300).astype(np.uint8), Grid(HU.shape, (1.5, 0.75, 0.5)))

    write_nifti(volume, tmp_path / "a.nii.gz")
    write_nifti(volume, tmp_path / "b.nii.gz")

    one, other = ((tmp_path / f"{n}.nii.gz").read_bytes() for n in "ab")
    assert one == other
    assert one[4:8] == bytes(4)  # no time
    assert gzip.decompress(one)[148:228] == bytes(80)  # no comment
