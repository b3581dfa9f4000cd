"""What is wrong with a series is said by a flag."""

from dataclasses import replace
from pathlib import Path

from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.model.flags import FlagKind
from calcitrace.model.scan import Scan
from tests.fakes.dicom_series import CtSeries, limb, write_series

HU = limb()
PLAIN = CtSeries(HU)


def read(folder: Path) -> Scan:
    return FileScanReader().read(folder)


def kinds(scan: Scan) -> set[FlagKind]:
    return {flag.kind for flag in scan.flags}


def test_a_plateau_at_the_top_of_the_scale_is_flagged(tmp_path: Path) -> None:
    hu = HU.copy()
    hu[5, 8:12, 8:12] = 3071

    scan = read(write_series(tmp_path, replace(PLAIN, hu=hu, bits_stored=12)))

    assert [f.detail for f in scan.flags] == ["3071 HU, 16 voxels"]
    assert kinds(scan) == {FlagKind.HU_CLIPPED}


def test_thick_slices_with_gaps_are_flagged(tmp_path: Path) -> None:
    series = replace(PLAIN, spacing_mm=(10.0, 0.75, 0.5), tags={"SliceThickness": 5.0})

    scan = read(write_series(tmp_path, series))

    assert kinds(scan) == {FlagKind.THICK_SLICES, FlagKind.SLICE_GAPS}


def test_contrast_lossy_and_spectral_series_are_flagged(tmp_path: Path) -> None:
    tags = {
        "ContrastBolusAgent": "Agent 300",
        "LossyImageCompression": "01",
        "ImageType": ["DERIVED", "PRIMARY", "AXIAL", "VMI"],
    }

    scan = read(write_series(tmp_path, replace(PLAIN, tags=tags)))

    assert kinds(scan) == {
        FlagKind.CONTRAST_AGENT,
        FlagKind.LOSSY_COMPRESSION,
        FlagKind.VIRTUAL_MONOENERGETIC,
    }


def test_one_slice_of_known_thickness_is_a_volume(tmp_path: Path) -> None:
    scan = read(write_series(tmp_path, replace(PLAIN, hu=HU[:1])))

    assert scan.volume.grid.shape == (1, 24, 20)
    assert scan.volume.grid.spacing_mm[0] == 1.5
    assert kinds(scan) == {FlagKind.FEW_SLICES}
