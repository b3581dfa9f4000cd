"""Body, skeleton and skin of simulated limbs."""

import numpy as np
import pytest

from calcitrace.analysis.anatomy import SegmentedSkeleton, find_anatomy
from calcitrace.errors import GridMismatchError
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.grid import Grid
from calcitrace.model.protocol import AnatomySettings
from calcitrace.model.volume import Coverage, HuVolume, Tissue
from tests.fakes.limb import (
    AIR,
    CORTEX,
    FAT,
    MARROW,
    MUSCLE,
    Limb,
    Shape,
    ball,
    plate,
    rod,
    thigh,
)

AXIS_ROW, AXIS_COLUMN = 55, 43  # of the thigh's bone
FOOT_ROW = 100


def anatomy_of(limb: Limb) -> Anatomy:
    return find_anatomy(limb.image(), limb.coverage, AnatomySettings())


def is_skeleton(anatomy: Anatomy) -> np.ndarray:
    return np.equal(anatomy.tissue.labels, Tissue.SKELETON)


def volume_mm3(mask: np.ndarray, limb: Limb) -> float:
    return float(mask.sum()) * limb.grid.voxel_volume_mm3


class TestBody:
    def test_table_under_the_limb_is_no_body(self) -> None:
        limb = thigh()
        table = Limb(parts=[(plate(74.2, 76.2), 150.0), *limb.parts])

        anatomy = anatomy_of(table)

        assert not anatomy.body[:, 106:, :].any()
        assert anatomy.body[:, AXIS_ROW, AXIS_COLUMN].all()

    def test_two_limbs_are_both_kept(self) -> None:
        parts: list[tuple[Shape, float]] = []
        for column in (18.0, 58.0):
            parts += [
                (rod((38.5, column), 15.0), FAT),
                (rod((38.5, column), 12.0), MUSCLE),
                (rod((38.5, column), 5.0), CORTEX),
                (rod((38.5, column), 3.0), MARROW),
            ]

        anatomy = anatomy_of(Limb(parts=parts))

        assert anatomy.body[:, 55, 26].all()
        assert anatomy.body[:, 55, 83].all()
        assert not anatomy.body[:, 55, 54].any()

    def test_fingers_eight_millimetres_thick_are_kept(self) -> None:
        parts: list[tuple[Shape, float]] = []
        for column in (8.0, 20.0, 32.0):
            parts += [
                (rod((20.0, column), 4.0), MUSCLE),
                (rod((20.0, column), 2.0), CORTEX),
                (rod((20.0, column), 1.1), 150.0),
            ]
        limb = Limb((60, 133, 133), (0.5, 0.3, 0.3), 0.25, 15.0, parts=parts)

        anatomy = anatomy_of(limb)

        for column in (8.0, 20.0, 32.0):
            inside = anatomy.body[:, 66, round(column / 0.3)]
            assert inside.all()
        assert not anatomy.body[:, 66, round(14.0 / 0.3)].any()

    def test_gas_inside_is_part_of_the_body_and_air(self) -> None:
        limb = thigh((ball((24.0, 45.0, 52.0), 6.0), AIR))

        anatomy = anatomy_of(limb)

        assert anatomy.body[24, 64, 74]
        assert anatomy.tissue.labels[24, 64, 74] == Tissue.AIR

    def test_its_width_is_right_within_a_pixel(self) -> None:
        limb = thigh()

        body = anatomy_of(limb).body

        width_mm = body[24, AXIS_ROW].sum() * limb.spacing_mm[2]
        assert width_mm == pytest.approx(70.0, abs=1.4)

    def test_empty_image_has_no_body_and_no_diameter(self) -> None:
        anatomy = anatomy_of(Limb(parts=[]))

        assert not anatomy.body.any()
        assert np.isnan(anatomy.body_diameter_mm).all()
        assert anatomy.skin_mm.shape == (0, 3)


class TestSurface:
    def test_water_equivalent_diameter_of_a_water_cylinder_is_its_diameter(
        self,
    ) -> None:
        limb = Limb(parts=[(rod((38.5, 38.5), 30.0), 0.0)], noise_hu=5.0)

        diameter_mm = anatomy_of(limb).body_diameter_mm

        assert diameter_mm == pytest.approx(60.0, abs=0.7)

    def test_cut_faces_are_no_skin(self) -> None:
        limb = thigh()

        skin_mm = anatomy_of(limb).skin_mm

        index = limb.grid.to_index(skin_mm)
        from_axis_mm = np.hypot(
            (index[:, 1] + 0.5) * 0.7 - 38.5, (index[:, 2] + 0.5) * 0.7 - 38.5
        )
        assert from_axis_mm == pytest.approx(35.0, abs=1.2)

    def test_edge_of_the_field_of_view_is_no_skin_but_truncates(self) -> None:
        limb = thigh()
        plane = np.ones(limb.shape[1:], bool)
        plane[:, 80:] = False
        coverage = Coverage(np.ones(limb.shape[0], bool), plane)

        anatomy = find_anatomy(limb.image(), coverage, AnatomySettings())

        assert anatomy.is_truncated
        assert not anatomy.body[:, :, 80:].any()
        columns = limb.grid.to_index(anatomy.skin_mm)[:, 2]
        rows = limb.grid.to_index(anatomy.skin_mm)[:, 1]
        assert not ((columns > 79) & (np.abs(rows - AXIS_ROW) < 20)).any()

    def test_whole_limb_is_not_truncated(self) -> None:
        assert not anatomy_of(thigh()).is_truncated


class TestTissues:
    @pytest.mark.parametrize("noise_hu", [10.0, 25.0])
    def test_fat_and_muscle_are_told_apart(self, noise_hu: float) -> None:
        labels = anatomy_of(thigh(noise_hu=noise_hu)).tissue.labels

        fat, muscle = labels[:, AXIS_ROW, 101:103], labels[5:40, 50:60, 60:90]
        assert (fat == Tissue.FAT).mean() > 0.9
        assert (muscle == Tissue.SOFT).mean() > 0.95


class TestSkeleton:
    def test_bone_is_filled_with_its_marrow_through_both_scan_ends(self) -> None:
        limb = thigh()

        bone = is_skeleton(anatomy_of(limb))

        assert bone[:, AXIS_ROW, AXIS_COLUMN].all()
        whole_mm3 = np.pi * 7.5**2 * 48
        assert volume_mm3(bone, limb) == pytest.approx(whole_mm3, rel=0.2)

    def test_solid_mass_of_seven_grams_is_no_bone(self) -> None:
        limb = thigh((ball((24.0, 38.5, 54.0), 13.0), 1000.0))

        bone = is_skeleton(anatomy_of(limb))

        assert not bone[:, :, 62:].any()

    def test_deposit_that_touches_is_not_swallowed(self) -> None:
        limb = thigh((ball((24.0, 38.5, 41.5), 4.0), 600.0))

        bone = is_skeleton(anatomy_of(limb))

        row, column = round(38.5 / 0.7), round(42.0 / 0.7)
        assert not bone[24, row, column]

    def test_small_finger_bones_with_thin_cortex_are_found(self) -> None:
        limb, centres = hand()

        bone = is_skeleton(anatomy_of(limb))

        for row_mm, column_mm in centres:
            middle = bone[20:80, round(row_mm / 0.3), round(column_mm / 0.3)]
            assert middle.mean() > 0.9

    def test_a_block_that_fills_its_box_is_no_bone_and_no_error(self) -> None:
        hu = np.full((40, 70, 70), AIR, np.int16)
        hu[:, 10:60, 10:60] = 50
        hu[10:30, 25:45, 25:45] = 600  # no voxel of its box lies outside it
        grid = Grid(hu.shape, (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))

        anatomy = find_anatomy(
            HuVolume(hu, grid), Coverage.full(grid), AnatomySettings()
        )

        assert anatomy.body[20, 35, 35]
        assert not is_skeleton(anatomy).any()

    def test_a_given_skeleton_takes_its_place(self) -> None:
        limb = thigh()
        given = np.zeros(limb.shape, bool)
        given[10:20, 50:60, 70:80] = True

        anatomy = find_anatomy(
            limb.image(),
            limb.coverage,
            AnatomySettings(),
            SegmentedSkeleton(given, "reader 1"),
        )

        np.testing.assert_array_equal(is_skeleton(anatomy), given)
        assert anatomy.segmenter == "reader 1"

    def test_a_given_skeleton_of_another_shape_is_refused(self) -> None:
        limb = thigh()
        given = SegmentedSkeleton(np.zeros((2, 3, 4), bool), "reader 1")

        with pytest.raises(GridMismatchError):
            find_anatomy(limb.image(), limb.coverage, AnatomySettings(), given)


def hand() -> tuple[Limb, list[tuple[float, float]]]:
    """Three finger bones, 1 mm cortex, cancellous inside, on 0.3 mm pixels."""
    centres = [(18.0, 9.0), (18.0, 20.0), (18.0, 31.0)]
    parts = [(rod((18.0, c), 8.0), MUSCLE) for _, c in centres]
    for centre in centres:
        parts.append((rod(centre, 4.0, (5.0, 45.0)), 1000.0))
        parts.append((rod(centre, 3.0, (6.0, 44.0)), 200.0))
    return Limb((100, 120, 133), (0.5, 0.3, 0.3), 0.3, 20.0, parts=parts), centres
