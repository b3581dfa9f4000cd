"""A label map on the grid of the scan: nearest label, coverage, bone where bone is."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.structures import bone_fit, covered_fraction, on_grid
from calcitrace.errors import InputError
from calcitrace.model.grid import Grid
from calcitrace.model.structures import LabelMap, Structure, StructureKind
from calcitrace.model.volume import HuVolume, LabelVolume

CUBE = Grid((6, 8, 10), (1.0, 1.0, 1.0), (5.0, -3.0, 40.0))
TURNED = Grid(
    (7, 9, 8),
    (1.5, 1.1, 1.3),
    (4.03, -4.07, 41.01),  # so that no two labels are equally near
    ((0.0, -0.6, 0.8), (0.0, 0.8, 0.6), (1.0, 0.0, 0.0)),
)
BONE = Structure(1, "femur", StructureKind.BONE)


def random_map(grid: Grid) -> LabelMap:
    labels = np.random.default_rng(3).integers(0, 4, grid.shape).astype(np.uint8)
    return LabelMap(LabelVolume(labels, grid), (BONE,))


@pytest.mark.parametrize(("source", "target"), [(CUBE, TURNED), (TURNED, CUBE)])
def test_each_voxel_takes_the_label_whose_centre_is_nearest(
    source: Grid, target: Grid
) -> None:
    found = random_map(source)

    moved = on_grid(found, target).labels.labels

    for index in np.ndindex(target.shape):
        point = target.to_world_mm(np.array(index))
        there = np.rint(source.to_index(point)).astype(int)
        inside = bool((there >= 0).all() and (there < source.shape).all())
        expected = found.labels.labels[tuple(there)] if inside else 0
        assert moved[index] == expected


def test_on_its_own_grid_a_map_stays_as_it_is() -> None:
    found = random_map(CUBE)

    assert on_grid(found, replace(CUBE)) is found


def test_half_a_slab_beyond_the_map_is_half_covered() -> None:
    shifted = replace(CUBE, origin_mm=(10.0, -3.0, 40.0))
    everything = np.ones(CUBE.shape, bool)

    assert covered_fraction(CUBE, everything, CUBE) == 1.0
    assert covered_fraction(CUBE, everything, shifted) == pytest.approx(0.5)
    assert covered_fraction(CUBE, ~everything, CUBE) != 0  # nothing to cover: NaN


def rod_scan() -> tuple[LabelMap, HuVolume]:
    """A rod of 500 HU in flesh along the slices, 8 mm wide, and its label."""
    grid = Grid((20, 60, 60), (1.0, 1.0, 1.0))
    hu = np.full(grid.shape, 40, np.int16)
    hu[:, 26:34, 26:34] = 500
    labels = np.zeros(grid.shape, np.uint8)
    labels[:, 26:34, 26:34] = 1
    return LabelMap(LabelVolume(labels, grid), (BONE,)), HuVolume(hu, grid)


def test_a_map_in_its_place_gains_nothing_by_being_moved() -> None:
    fit = bone_fit(*rod_scan())

    assert fit is not None
    assert fit.mean_hu == 500
    assert fit.moved_hu <= 500


def test_a_map_twenty_millimetres_off_gains_by_being_moved_back() -> None:
    found, volume = rod_scan()
    labels = np.roll(found.labels.labels, 20, axis=2)

    fit = bone_fit(LabelMap(LabelVolume(labels, volume.grid), (BONE,)), volume)

    assert fit is not None
    assert (fit.mean_hu, fit.moved_hu, fit.moved_mm) == (40, 500, 20)


def test_a_map_without_bone_says_nothing_of_bone() -> None:
    found, volume = rod_scan()
    soft = Structure(1, "liver", StructureKind.ORGAN)

    assert bone_fit(LabelMap(found.labels, (soft,)), volume) is None


@pytest.mark.parametrize("labels", [(1, 1), (0,)])
def test_a_label_must_be_there_once_and_not_be_nothing(labels: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="each label once"):
        LabelMap(random_map(CUBE).labels, tuple(Structure(n, "x") for n in labels))


def test_a_mask_holds_the_kinds_that_are_asked_for() -> None:
    found = replace(
        random_map(CUBE),
        structures=(BONE, Structure(3, "aorta", StructureKind.VESSEL)),
    )

    both = found.mask(StructureKind.BONE, StructureKind.VESSEL)

    np.testing.assert_array_equal(both, np.isin(found.labels.labels, [1, 3]))
