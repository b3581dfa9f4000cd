"""`measure --segmenter` as a user meets it: a scan and a label map in files."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]  # no stubs

import calcitrace
from calcitrace.adapters.nifti import write_nifti
from calcitrace.adapters.seg_sources import MAY_BE_EMPTY
from calcitrace.cli import run
from calcitrace.model.volume import LabelVolume, Mask, Tissue
from tests.fakes.dicom_series import CtSeries, write_series
from tests.fakes.limbs import GRID, limb_scan
from tests.fakes.segmentations import FEMUR, LEFT, described, segmentation


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A limb with a bone in its axis, as a DICOM series."""
    hu = limb_scan().volume.hu.copy()
    points = GRID.to_world_mm(np.moveaxis(np.indices(GRID.shape), 0, -1))
    radius_mm = np.hypot(points[..., 0], points[..., 1])
    hu[radius_mm < 7.0] = 1000
    hu[radius_mm < 4.5] = -40
    series = CtSeries(hu=hu, spacing_mm=GRID.spacing_mm, origin_mm=GRID.origin_mm)
    return write_series(tmp_path_factory.mktemp("limb") / "scan", series)


@pytest.fixture(scope="module")
def bone(source: Path) -> Mask:
    result = calcitrace.measure(calcitrace.read_scan(source))
    assert result.anatomy.tissue.grid == calcitrace.read_scan(source).volume.grid
    return np.asarray(result.anatomy.tissue.labels == Tissue.SKELETON)


def results(out: Path) -> tuple[str, list[dict[str, str]]]:
    """Who found the skeleton, and the table of deposits."""
    scan = json.loads((out / "scan.json").read_text(encoding="utf-8"))
    with (out / "deposits.csv").open(newline="", encoding="utf-8") as file:
        return scan["provenance"]["segmenter"], list(csv.DictReader(file))


def test_a_dicom_seg_names_bone_region_and_side(
    source: Path, bone: Mask, tmp_path: Path
) -> None:
    # Slices of the grid run to the head, as the reader sorts them.
    read = [dcmread(path) for path in source.iterdir()]
    headers = sorted(read, key=lambda h: float(h.ImagePositionPatient[2]))
    for header in headers:
        for keyword in MAY_BE_EMPTY:
            setattr(header, keyword, getattr(header, keyword, ""))
    seg = segmentation(headers, bone[..., None], [described(1, "x", FEMUR, LEFT)])
    seg.save_as(tmp_path / "seg.dcm")
    out = tmp_path / "out"
    args = ["measure", str(source), "--out", str(out), "--quiet"]

    assert run([*args, "--segmenter", str(tmp_path / "seg.dcm")]) == 0

    segmenter, rows = results(out)
    assert segmenter.startswith("DICOM SEG file ")
    assert segmenter.endswith(" + calcitrace classical 1")
    assert {row["region"] for row in rows} == {"thigh"}
    assert {row["region_source"] for row in rows} == {"segmenter"}


def test_a_label_map_with_a_table_of_its_own(
    source: Path, bone: Mask, tmp_path: Path
) -> None:
    write_nifti(LabelVolume(bone.astype(np.uint8), GRID), tmp_path / "map.nii.gz")
    table = 'name = "by hand"\nwhole_skeleton = true\n[[structure]]\nlabel = 1\n'
    (tmp_path / "map.toml").write_text(table + 'name = "tibia"\n', encoding="utf-8")
    out = tmp_path / "out"
    args = ["measure", str(source), "--out", str(out), "--quiet"]
    args += ["--segmenter", str(tmp_path / "map.nii.gz")]

    assert run([*args, "--segmenter-labels", str(tmp_path / "map.toml")]) == 0

    segmenter, rows = results(out)
    assert segmenter.startswith("by hand file ")
    assert "classical" not in segmenter
    assert {row["region"] for row in rows} == {"leg"}


def test_a_map_without_a_table_is_refused_before_anything_is_written(
    source: Path, bone: Mask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "map.nii.gz"
    write_nifti(LabelVolume(bone.astype(np.uint8), GRID), path)
    out = tmp_path / "out"

    code = run(["measure", str(source), "--out", str(out), "--segmenter", str(path)])

    assert code == 2
    assert "--segmenter-labels" in capsys.readouterr().err
    assert not out.exists()
