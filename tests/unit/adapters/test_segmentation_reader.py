"""DICOM SEG objects of other programs: same voxels, same place, meaning understood."""

from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest

from calcitrace.adapters.segmentation_reader import read_segmentation
from calcitrace.analysis.structures import on_grid
from calcitrace.errors import SegmentationError
from calcitrace.model.grid import Grid
from calcitrace.model.structures import Laterality, Region, StructureKind
from tests.fakes.results import ct_header, made_up_scan
from tests.fakes.segmentations import (
    FEMORAL_ARTERY,
    FEMUR,
    LEFT,
    TISSUE,
    described,
    segmentation,
)

OBLIQUE = Grid(
    (9, 20, 24),
    (1.5, 0.5, 0.75),
    (3.0, -4.0, 50.0),
    ((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0)),
)
FEET_FIRST = Grid(
    (9, 20, 24),
    (1.5, 0.5, 0.75),
    (3.0, -4.0, 50.0),
    ((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
)
KINDS = hd.seg.SegmentationTypeValues


def masks_on(grid: Grid) -> np.ndarray:
    """A femur and an artery, away from each other and from the first slices."""
    masks = np.zeros((*grid.shape, 2), bool)
    masks[3:, 4:9, 5:11, 0] = True
    masks[4:7, 14:16, 2:9, 1] = True
    return masks


SEGMENTS = [
    described(1, "bone", FEMUR, LEFT),
    described(2, "calcified?", FEMORAL_ARTERY),
]


def written(folder: Path, seg: Any) -> Path:  # noqa: ANN401 -- highdicom has no type for it
    path = folder / "seg.dcm"
    seg.save_as(path)
    return path


@pytest.mark.parametrize("kind", [KINDS.BINARY, KINDS.FRACTIONAL])
@pytest.mark.parametrize("grid", [made_up_scan().volume.grid, OBLIQUE, FEET_FIRST])
def test_every_voxel_comes_back_where_it_was(
    tmp_path: Path, grid: Grid, kind: hd.seg.SegmentationTypeValues
) -> None:
    headers = [ct_header(i, grid) for i in range(grid.shape[0])]
    masks = masks_on(grid)

    found = read_segmentation(
        written(tmp_path, segmentation(headers, masks, SEGMENTS, kind))
    )

    labels = on_grid(found, grid).labels.labels
    np.testing.assert_array_equal(labels == 1, masks[..., 0])
    np.testing.assert_array_equal(labels == 2, masks[..., 1])


def test_codes_and_their_modifiers_say_what_a_segment_is(tmp_path: Path) -> None:
    grid = OBLIQUE
    headers = [ct_header(i, grid) for i in range(grid.shape[0])]

    found = read_segmentation(
        written(tmp_path, segmentation(headers, masks_on(grid), SEGMENTS))
    )

    femur, artery = found.structures
    assert (femur.kind, femur.region) == (StructureKind.BONE, Region.THIGH)
    assert femur.laterality is Laterality.LEFT
    assert artery.kind is StructureKind.VESSEL
    assert found.frame_of_reference_uid == headers[0].FrameOfReferenceUID
    assert not found.has_whole_skeleton


def test_where_the_code_is_vague_the_label_counts(tmp_path: Path) -> None:
    grid = OBLIQUE
    headers = [ct_header(i, grid) for i in range(grid.shape[0])]
    segments = [
        described(1, "Tibia right", TISSUE),
        described(2, "Something", TISSUE),
    ]

    found = read_segmentation(
        written(tmp_path, segmentation(headers, masks_on(grid), segments))
    )

    tibia, unknown = found.structures
    assert (tibia.region, tibia.laterality) == (Region.LEG, Laterality.RIGHT)
    assert unknown.kind is StructureKind.OTHER


def test_bone_stays_on_top_where_segments_overlap(tmp_path: Path) -> None:
    grid = OBLIQUE
    headers = [ct_header(i, grid) for i in range(grid.shape[0])]
    masks = masks_on(grid)
    masks[..., 1] |= masks[..., 0]

    found = read_segmentation(written(tmp_path, segmentation(headers, masks, SEGMENTS)))

    labels = on_grid(found, grid).labels.labels
    np.testing.assert_array_equal(labels == 1, masks[..., 0])


def test_what_is_no_segmentation_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "ct.dcm"
    header = ct_header(0)
    header.save_as(path, enforce_file_format=True)

    with pytest.raises(SegmentationError, match="Expected a DICOM SEG") as caught:
        read_segmentation(path)

    assert "\n" not in str(caught.value)
