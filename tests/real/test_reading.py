"""Real files of many makers are read rightly or refused in one line."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]  # no stubs

from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.errors import CalcitraceError
from calcitrace.model.flags import FlagKind
from calcitrace.model.scan import Scan

TEMPLATE = "cornerstone/testImages/CTImage.dcm"
LOSSLESS = (
    "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2",
    "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99",
    "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
    "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
    "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
    "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
    "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1",
    "LittleEndianImplicitTransferSyntax_1.2.840.10008.1.2",
    "RLELosslessTransferSyntax_1.2.840.10008.1.2.5",
)
LOSSY = {
    "JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91": 8,
    "JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81": 8,
    "JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50": 150,
}


def read(path: Path) -> Scan:
    return FileScanReader().read(path)


def kinds(scan: Scan) -> set[FlagKind]:
    return {flag.kind for flag in scan.flags}


def test_every_file_and_folder_is_read_or_refused_in_one_line(real_data: Path) -> None:
    sources = [p for p in real_data.rglob("*") if p.is_file() or any(p.iterdir())]
    answers = 0
    for source in sources:
        try:
            scan = read(source)
        except CalcitraceError as error:
            message = str(error)
            assert message.startswith("Expected ")
            assert "\n" not in message
            assert str(source) not in message
        else:
            answers += 1
            assert np.isfinite(scan.volume.hu).all()
            assert scan.volume.hu.min() < -50 or scan.volume.grid.shape[1] == 16
            assert sum(series.is_chosen for series in scan.series) == 1
    assert len(sources) > 400
    assert answers > 80


def test_all_lossless_encodings_give_the_same_voxels(real_data: Path) -> None:
    template = real_data / TEMPLATE
    hashes = {read(template).input_hash}
    for name in LOSSLESS:
        hashes.add(read(template.with_name(f"CTImage.dcm_{name}.dcm")).input_hash)

    assert len(hashes) == 1


def test_lossy_encodings_are_near_and_flagged(real_data: Path) -> None:
    template = real_data / TEMPLATE
    exact = read(template).volume.hu.astype(np.float64)
    for name, worst_hu in LOSSY.items():
        scan = read(template.with_name(f"CTImage.dcm_{name}.dcm"))
        assert FlagKind.LOSSY_COMPRESSION in kinds(scan)
        assert np.percentile(np.abs(scan.volume.hu - exact), 99) < worst_hu


def test_a_ct_with_a_disc_of_padding_is_covered_inside_the_disc(
    real_data: Path,
) -> None:
    scan = read(real_data / "dcmqi/data/segmentations/ct-3slice")

    assert scan.coverage.plane.mean() == pytest.approx(np.pi / 4, abs=0.01)
    assert scan.volume.hu.min() == -1024


def test_each_sarcoma_ct_has_air_fat_and_muscle_in_their_place(
    real_data: Path,
) -> None:
    scans = sorted((real_data / "sts").glob("*_CT.zip"))
    assert len(scans) == 22
    for path in scans:
        scan = read(path)
        hu = scan.volume.hu
        assert hu.dtype == np.int16
        assert scan.acquisition.kvp == 140
        assert scan.acquisition.kernel in {"SOFT", "STANDARD"}
        assert scan.volume.grid.spacing_mm == pytest.approx((3.27, 0.976562, 0.976562))
        assert {s.modality for s in scan.series} == {"CT", "RTSTRUCT"}
        assert kinds(scan) == {FlagKind.THICK_SLICES}
        counts, edges = np.histogram(hu[(hu > -200) & (hu < 150)], bins=70)
        middle = (edges[:-1] + edges[1:]) / 2
        fat = middle[middle < -40][counts[middle < -40].argmax()]
        muscle = middle[middle > 0][counts[middle > 0].argmax()]
        # Tumours of fat and streaks shift the fat peak of two of them.
        assert -120 < fat < -55
        assert 30 < muscle < 70
        assert hu.min() == -1000


def test_slices_lie_where_a_plain_reading_of_the_headers_puts_them(
    real_data: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(real_data / "sts/STS_006_CT.zip") as archive:
        archive.extractall(tmp_path)
    paths = [p for p in tmp_path.rglob("*.dcm") if p.parent.name == "image"]
    slices: dict[float, Any] = {}
    for path in paths:
        data = dcmread(path)
        slices[float(data.ImagePositionPatient[2])] = data

    scan = read(tmp_path)

    assert len(paths) == 68
    for i, z_mm in enumerate(sorted(slices)):
        data = slices[z_mm]
        np.testing.assert_array_equal(scan.volume.hu[i], data.pixel_array)
        corner = scan.volume.grid.to_world_mm(np.array([i, 0, 0]))
        np.testing.assert_allclose(corner, data.ImagePositionPatient, atol=1e-3)


def test_folder_zip_new_names_and_nifti_give_one_scan(
    real_data: Path, tmp_path: Path
) -> None:
    packed = read(real_data / "sts/STS_022_CT.zip")
    with zipfile.ZipFile(real_data / "sts/STS_022_CT.zip") as archive:
        archive.extractall(tmp_path / "plain")
    rng = np.random.default_rng(0)
    (tmp_path / "renamed").mkdir()
    files = sorted((tmp_path / "plain").rglob("*.dcm"))
    for number, path in zip(rng.permutation(len(files)), files, strict=True):
        shutil.copy(path, tmp_path / "renamed" / f"x{number}")
    grid = packed.volume.grid
    affine = np.diag([-1.0, -1, 1, 1]) @ grid.affine[:, [2, 1, 0, 3]]
    image: Any = nib.Nifti1Image  # type: ignore[attr-defined,unused-ignore]  # a header is opaque here
    image(packed.volume.hu.T, affine).to_filename(tmp_path / "scan.nii.gz")

    for source in ("plain", "renamed", "scan.nii.gz"):
        scan = read(tmp_path / source)
        np.testing.assert_array_equal(scan.volume.hu, packed.volume.hu)
        np.testing.assert_allclose(scan.volume.grid.affine, grid.affine, atol=1e-4)
        assert scan.input_hash == packed.input_hash


def test_a_tilted_gantry_is_straightened_to_its_true_angle(real_data: Path) -> None:
    scan = read(real_data / "dicom2nifti/tests/data/failing/gantrytilting/001")

    assert scan.acquisition.gantry_tilt_deg == pytest.approx(14.0, abs=0.05)
    assert FlagKind.GANTRY_TILT in kinds(scan)
    assert scan.is_resampled


def test_a_slice_missing_from_a_real_series_is_noticed(real_data: Path) -> None:
    scan = read(real_data / "dicom2nifti/tests/data/failing/sliceincrement/001")

    np.testing.assert_array_equal(scan.coverage.slices, [True] * 3 + [False, True])
    assert FlagKind.MISSING_SLICES in kinds(scan)


def test_pet_and_mr_beside_each_other_are_refused_by_name(real_data: Path) -> None:
    with pytest.raises(CalcitraceError, match=r"modality MR.*modality PT"):
        read(real_data / "sts/STS_022_PET_MR.zip")
