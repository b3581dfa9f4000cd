"""`--segmenter`: from what a user wrote to what names structures."""

import importlib.metadata
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from calcitrace.adapters.nifti import write_nifti
from calcitrace.adapters.segmenters import GROUP, segmenter_of
from calcitrace.errors import CalcitraceError, SegmentationError
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume, LabelVolume

EXAMPLE = Path(__file__).parents[3] / "example_segmenter"
GRID = Grid((4, 6, 8), (2.0, 1.5, 1.0), (-10.0, 20.0, 300.0))
HU = HuVolume(np.zeros(GRID.shape, np.int16), GRID)


@pytest.fixture
def label_map(tmp_path: Path) -> Path:
    labels = np.arange(np.prod(GRID.shape)).reshape(GRID.shape) % 118
    path = tmp_path / "anything"
    write_nifti(LabelVolume(labels.astype(np.uint8), GRID), path)
    return path


def test_builtin_is_no_segmenter_beside_the_built_in_search() -> None:
    assert segmenter_of("builtin") is None


def test_a_nifti_map_comes_back_voxel_by_voxel(label_map: Path) -> None:
    segmenter = segmenter_of(str(label_map), "totalsegmentator")

    assert segmenter is not None
    found = segmenter.segment(HU)
    expected = np.arange(np.prod(GRID.shape)).reshape(GRID.shape) % 118
    np.testing.assert_array_equal(found.labels.labels, expected)
    np.testing.assert_allclose(found.labels.grid.affine, GRID.affine, atol=1e-5)
    assert segmenter.name == "TotalSegmentator"


def test_another_file_has_another_version(label_map: Path) -> None:
    first = segmenter_of(str(label_map), "totalsegmentator")
    assert first is not None
    before = first.version
    write_nifti(LabelVolume(np.ones(GRID.shape, np.uint8), GRID), label_map)
    after = first.version

    assert before != after
    assert before.startswith("file ")


def test_a_nifti_map_needs_its_labels_explained(label_map: Path) -> None:
    with pytest.raises(SegmentationError, match="Expected --segmenter-labels"):
        segmenter_of(str(label_map))


@pytest.mark.parametrize("given", ["builtin", "totalsegmentator"])
def test_labels_without_a_map_are_refused(given: str) -> None:
    with pytest.raises(SegmentationError, match="NIfTI label map only"):
        segmenter_of(given, "totalsegmentator")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no image", encoding="utf-8")

    with pytest.raises(SegmentationError, match="NIfTI label map or a DICOM SEG"):
        segmenter_of(str(path))


def test_a_ct_is_no_label_map(tmp_path: Path) -> None:
    path = tmp_path / "ct.nii.gz"
    values = np.full(GRID.shape, -1000, np.int32)
    write_nifti(LabelVolume(values, GRID), path)
    segmenter = segmenter_of(str(path), "totalsegmentator")

    assert segmenter is not None
    with pytest.raises(CalcitraceError, match="Give the label map, not the CT"):
        segmenter.segment(HU)


def test_what_ships_with_the_program_is_an_entry_point_too() -> None:
    names = {point.name for point in importlib.metadata.entry_points(group=GROUP)}

    assert "totalsegmentator" in names


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Folder with the example plug-in as an installer would leave it."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))
    about, site = project["project"], tmp_path / "site"
    info = site / f"example_segmenter-{about['version']}.dist-info"
    info.mkdir(parents=True)
    head = (
        f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n"
    )
    (info / "METADATA").write_text(head, encoding="utf-8")
    points = about["entry-points"][GROUP]
    lines = [f"[{GROUP}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    module = (EXAMPLE / "example_segmenter.py").read_text(encoding="utf-8")
    (site / "example_segmenter.py").write_text(module, encoding="utf-8")
    return site


CHECK = """
import numpy as np
from calcitrace import Grid, HuVolume, segmenter
made = segmenter("example:300")
volume = HuVolume(np.array([[[100, 301]]], np.int16), Grid((1, 1, 2), (1.0, 1.0, 1.0)))
print(made.name, made.version, made.segment(volume).labels.labels.tolist())
try:
    segmenter("example:much")
except Exception as error:
    print(type(error).__name__)
try:
    segmenter("examples")
except Exception as error:
    print(error)
"""


def test_the_example_plug_in_is_found_called_and_refused(installed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )

    labels, error, unknown = done.stdout.splitlines()
    assert labels == "example 1.0 [[[0, 1]]]"
    assert error == "SegmentationError"
    assert "builtin, example, totalsegmentator, or a file, got 'examples'" in unknown
