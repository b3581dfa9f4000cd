"""A series becomes the volume it was written from, however it was stored."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.errors import UnreadableSourceError
from calcitrace.model.flags import FlagKind
from calcitrace.model.grid import AXIAL
from calcitrace.model.scan import Scan
from tests.fakes.dicom_series import (
    CtSeries,
    datasets,
    enhanced,
    limb,
    save,
    write_series,
)

HU = limb()
PLAIN = CtSeries(HU)
LARGE = CtSeries(limb((3, 64, 64)))  # JPEG 2000 wants some pixels


def read(folder: Path) -> Scan:
    return FileScanReader().read(folder)


def headers(scan: Scan) -> list[Dataset]:
    return [h for h in scan.headers if isinstance(h, Dataset)]


def kinds(scan: Scan) -> set[FlagKind]:
    return {flag.kind for flag in scan.flags}


def test_ct_numbers_and_geometry_are_those_written(tmp_path: Path) -> None:
    scan = read(write_series(tmp_path, PLAIN))

    np.testing.assert_array_equal(scan.volume.hu, HU)
    assert scan.volume.hu.dtype.name == "int16"
    assert scan.volume.grid.spacing_mm == pytest.approx(PLAIN.spacing_mm)
    assert scan.volume.grid.origin_mm == pytest.approx(PLAIN.origin_mm)
    assert scan.volume.grid.direction == AXIAL
    assert not scan.flags
    assert len(scan.headers) == len(HU)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEG2000Lossless,
        JPEGLSLossless,
    ],
)
@pytest.mark.parametrize("is_signed", [False, True])
def test_every_encoding_gives_the_same_volume(
    tmp_path: Path, syntax: str, is_signed: bool
) -> None:
    series = replace(LARGE, transfer_syntax=syntax, is_signed=is_signed)

    scan = read(write_series(tmp_path / "encoded", series))

    np.testing.assert_array_equal(scan.volume.hu, LARGE.hu)
    plain = read(write_series(tmp_path / "plain", LARGE))
    assert scan.input_hash == plain.input_hash


def test_slices_stored_from_head_to_feet_are_turned_to_run_to_the_head(
    tmp_path: Path,
) -> None:
    series = replace(PLAIN, hu=HU[::-1], places=tuple(range(len(HU)))[::-1])

    scan = read(write_series(tmp_path, series))

    np.testing.assert_array_equal(scan.volume.hu, HU)
    assert [h.InstanceNumber for h in headers(scan)] == [*range(len(HU), 0, -1)]


def test_a_prone_scan_keeps_its_pixels_and_turns_its_axes(tmp_path: Path) -> None:
    series = replace(PLAIN, orientation=(-1.0, 0, 0, 0, -1.0, 0))

    scan = read(write_series(tmp_path, series))

    np.testing.assert_array_equal(scan.volume.hu, HU)
    assert scan.volume.grid.direction == ((0, 0, 1), (0, -1, 0), (-1, 0, 0))


def test_each_slice_lies_where_its_header_says(tmp_path: Path) -> None:
    oblique = (1.0, 0.0, 0.0, 0.0, 0.8, -0.6)

    scan = read(write_series(tmp_path, replace(PLAIN, orientation=oblique)))

    first = np.zeros((len(HU), 3))
    first[:, 0] = np.arange(len(HU))
    said = [list(h.ImagePositionPatient) for h in headers(scan)]
    np.testing.assert_allclose(scan.volume.grid.to_world_mm(first), said, atol=1e-5)


def test_slope_and_intercept_of_every_slice_count(tmp_path: Path) -> None:
    n = len(HU)
    series = replace(
        PLAIN,
        hu=HU // 2 * 2,
        slope=tuple(1.0 + i % 2 for i in range(n)),
        intercept=tuple(-1024.0 - 2 * i for i in range(n)),
    )

    scan = read(write_series(tmp_path, series))

    np.testing.assert_array_equal(scan.volume.hu, HU // 2 * 2)
    assert kinds(scan) == {FlagKind.RESCALE_PER_SLICE}


def test_a_slope_that_is_not_whole_gives_float_ct_numbers(tmp_path: Path) -> None:
    scan = read(write_series(tmp_path, replace(PLAIN, slope=0.25)))

    assert scan.volume.hu.dtype == np.float32
    np.testing.assert_array_equal(scan.volume.hu, HU)


def test_numbers_beyond_sixteen_bits_give_float_ct_numbers(tmp_path: Path) -> None:
    hu = HU.astype(np.int32)
    hu[3, 4, 5] = 40_000

    scan = read(write_series(tmp_path, replace(PLAIN, hu=hu)))

    assert scan.volume.hu.dtype == np.float32
    np.testing.assert_array_equal(scan.volume.hu, hu)


def test_bits_above_those_stored_are_dropped(tmp_path: Path) -> None:
    for i, data in enumerate(datasets(replace(PLAIN, bits_stored=12))):
        junk = np.frombuffer(data.PixelData, "<u2") | 0xF000
        data.PixelData = junk.tobytes()
        save(data, tmp_path / f"{i}", ExplicitVRLittleEndian)

    np.testing.assert_array_equal(read(tmp_path).volume.hu, HU)


def test_a_multi_frame_file_gives_the_same_scan(tmp_path: Path) -> None:
    order = list(np.random.default_rng(1).permutation(len(HU)))
    save(enhanced(PLAIN, order), tmp_path / "all.dcm", ExplicitVRLittleEndian)

    scan = read(tmp_path)

    np.testing.assert_array_equal(scan.volume.hu, HU)
    assert scan.volume.grid.spacing_mm == pytest.approx(PLAIN.spacing_mm)
    assert (scan.acquisition.kvp, scan.acquisition.kernel) == (120, "STANDARD")
    assert len(scan.headers) == 1


def test_a_compressed_multi_frame_file_gives_the_same_scan(tmp_path: Path) -> None:
    save(enhanced(PLAIN), tmp_path / "all.dcm", RLELossless)

    np.testing.assert_array_equal(read(tmp_path).volume.hu, HU)


def test_missing_slices_are_left_out_and_nothing_is_put_across(tmp_path: Path) -> None:
    kept = [i for i in range(12) if i not in {4, 5, 9}]
    series = replace(PLAIN, hu=HU[kept], places=tuple(kept))

    scan = read(write_series(tmp_path, series))

    np.testing.assert_array_equal(np.flatnonzero(~scan.coverage.slices), [4, 5, 9])
    np.testing.assert_array_equal(scan.volume.hu[kept], HU[kept])
    assert (scan.volume.hu[[4, 5, 9]] == -1024).all()
    assert kinds(scan) == {FlagKind.MISSING_SLICES, FlagKind.FEW_SLICES}
    assert not scan.is_resampled


def test_uneven_slices_are_interpolated_at_their_true_places(tmp_path: Path) -> None:
    places = (0, 1, 2, 3, 4.3, 5.6, 6.6, 7.6, 8.6, 9.6, 10.6, 11.6)
    ramp = np.zeros(HU.shape)
    ramp += 100 * np.array(places)[:, None, None] - 500
    series = replace(PLAIN, hu=ramp, places=places)

    scan = read(write_series(tmp_path, series))

    where = np.arange(scan.volume.grid.shape[0])
    np.testing.assert_allclose(scan.volume.hu[:, 0, 0], 100 * where - 500, atol=0.51)
    assert kinds(scan) == {FlagKind.UNEVEN_SLICES}
    assert scan.is_resampled
    assert scan.headers == ()


def test_a_tilted_stack_is_straightened(tmp_path: Path) -> None:
    rows, columns = np.mgrid[:30, :20]
    step = (0.0, 0.9, 2.0)  # down the rows by 0.9 mm a slice: 1.2 pixels
    # A rod along the patient's z: it moves up the rows from slice to slice.
    rod = [
        np.rint(900 * np.exp(-((rows - 20 + 1.2 * i) ** 2 + (columns - 9) ** 2) / 8))
        for i in range(10)
    ]
    series = replace(PLAIN, hu=np.array(rod) - 1000, step_mm=step)

    scan = read(write_series(tmp_path, series))

    grid = scan.volume.grid
    weight = np.clip(scan.volume.hu + 1000, 0, None).sum(axis=2, dtype=np.float64)
    row = weight @ np.arange(grid.shape[1]) / weight.sum(axis=1)
    index = np.zeros((10, 3))
    index[:, 0], index[:, 1] = np.arange(10), row
    np.testing.assert_allclose(
        grid.to_world_mm(index)[:, 1], 20.25 + 20 * 0.75, atol=0.02
    )
    assert scan.acquisition.gantry_tilt_deg == pytest.approx(24.23, abs=0.01)
    assert scan.is_resampled
    assert FlagKind.GANTRY_TILT in kinds(scan)
    assert grid.shape[1] == 30 + 11
    assert not scan.coverage.plane[:10].any()
    assert scan.coverage.plane[11:30].all()


def test_copies_of_a_slice_count_once(tmp_path: Path) -> None:
    write_series(tmp_path / "a", PLAIN)
    write_series(tmp_path / "b", PLAIN, [f"copy{i}" for i in range(12)])

    scan = read(tmp_path)

    np.testing.assert_array_equal(scan.volume.hu, HU)
    assert [f.detail for f in scan.flags] == ["12"]
    assert kinds(scan) == {FlagKind.DUPLICATE_SLICES}


def test_two_different_images_at_one_place_are_refused(tmp_path: Path) -> None:
    write_series(tmp_path / "a", PLAIN)
    other = datasets(replace(PLAIN, hu=HU + 1))[3]
    other.SOPInstanceUID = "1.2.3.4"
    save(other, tmp_path / "b", ExplicitVRLittleEndian)

    with pytest.raises(UnreadableSourceError, match="two that differ"):
        read(tmp_path)


def test_pixels_outside_the_disc_of_padding_are_not_covered(tmp_path: Path) -> None:
    hu = np.repeat(limb((1, 24, 24)), 12, axis=0)
    rows, columns = np.mgrid[:24, :24]
    outside = np.hypot(rows - 11.5, columns - 11.5) > 12
    hu[:, outside] = -2000
    series = replace(PLAIN, hu=hu, is_signed=True, intercept=0.0)
    series = replace(series, tags={"PixelPaddingValue": -2000})

    scan = read(write_series(tmp_path, series))

    np.testing.assert_array_equal(scan.coverage.plane, ~outside)
    assert scan.volume.hu[:, outside].max() == -1024


def test_a_padding_value_that_is_also_a_tissue_changes_nothing(tmp_path: Path) -> None:
    series = replace(
        PLAIN, is_signed=True, intercept=0.0, tags={"PixelPaddingValue": 50}
    )

    scan = read(write_series(tmp_path, series))

    np.testing.assert_array_equal(scan.volume.hu, HU)
    assert scan.coverage.is_full


def test_cut_off_pixel_data_are_refused(tmp_path: Path) -> None:
    write_series(tmp_path, PLAIN)
    path = tmp_path / "0003.dcm"
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(UnreadableSourceError, match="cut off"):
        read(tmp_path)
