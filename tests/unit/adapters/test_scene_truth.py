import csv
from pathlib import Path

import numpy as np
import pytest

from calcitrace.adapters.scene_truth import (
    SCENE_TRUTH_COLUMNS,
    MassImage,
    write_scene_truth,
)
from calcitrace.errors import GridMismatchError
from calcitrace.model.grid import Grid
from calcitrace.model.volume import MassVolume
from calcitrace.services.simulating import SimulatedVisit, TruthRow
from tests.fakes.mass_image import read_mass

GRID = Grid((3, 4, 5), (2.0, 0.5, 0.7), (10.0, -20.0, 30.0))


def row(visit: int, **changed: object) -> TruthRow:
    known: dict[str, object] = {
        "visit": visit,
        "name": "a/1",
        "parent": "a",
        "kind": "nodule",
        "tissue": "fat",
        "mass_mg": 12.0,
        "mass_in_scan_mg": 8.0,
        "volume_mm3": 30.0,
        "density_mean_mg_cm3": 400.0,
        "centroid_mm": (1.0, -2.0, 3.5),
        "gap_to_bone_mm": 0.0,
        "depth_mm": 2.25,
        "is_cut": True,
    }
    return TruthRow(**{**known, **changed})  # type: ignore[arg-type]  # values by name


def test_the_table_has_a_row_for_each_deposit_and_visit(tmp_path: Path) -> None:
    visits = [
        SimulatedVisit(1, 0, Path(), (row(1),)),
        SimulatedVisit(
            2, 90, Path(), (row(2, parent=None, gap_to_bone_mm=None, depth_mm=None),)
        ),
    ]

    path = write_scene_truth(visits, tmp_path)

    with path.open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert path.name == "truth.csv"
    assert tuple(first) == SCENE_TRUTH_COLUMNS
    assert first["centroid_y_mm"] == "-2"
    assert (first["gap_to_bone_mm"], first["depth_mm"]) == ("0", "2.25")
    assert (first["is_cut"], first["parent"]) == ("true", "a")
    unknown = [second[c] for c in ("parent", "gap_to_bone_mm", "depth_mm")]
    assert unknown == ["", "", ""]
    assert second["visit"] == "2"


def test_the_mass_image_lies_where_the_scan_does_and_keeps_its_values(
    tmp_path: Path,
) -> None:
    mg = np.random.default_rng(1).uniform(0, 3, GRID.shape).astype(np.float32)

    path = MassImage().write(MassVolume(mg, GRID), tmp_path)

    again, affine = read_mass(path)
    assert path.name == "truth_mass_mg.nii.gz"
    assert np.array_equal(again, mg)
    assert np.allclose(affine, GRID.affine, atol=1e-5)
    before = path.read_bytes()
    assert MassImage().write(MassVolume(mg, GRID), tmp_path).read_bytes() == before


def test_a_mass_image_has_the_shape_of_its_grid() -> None:
    with pytest.raises(GridMismatchError):
        MassVolume(np.zeros((2, 2, 2), np.float32), GRID)
