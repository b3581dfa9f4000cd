"""Where a point lies: what the images show of it, and nothing that they do not."""

import numpy as np
import pytest

from calcitrace.analysis.regions import Place, labelled_place, side_by_position
from calcitrace.model.grid import Grid
from calcitrace.model.structures import (
    LabelMap,
    Laterality,
    Region,
    Structure,
    StructureKind,
)
from calcitrace.model.volume import LabelVolume, Mask

# x grows to the left of the patient: column 100 is x = 0.
GRID = Grid((60, 120, 201), (2.0, 2.0, 2.0), (-200.0, -120.0, 0.0))
EVERYWHERE = np.ones(GRID.shape[1:], bool)
UNKNOWN = Laterality.UNKNOWN


def box(
    x_mm: tuple[float, float],
    y_mm: tuple[float, float],
    z_mm: tuple[float, float] = (0, 118),
) -> Mask:
    """Voxels between two planes on each axis."""
    mask = np.zeros(GRID.shape, bool)
    low = GRID.to_index(np.array([x_mm[0], y_mm[0], z_mm[0]]))
    high = GRID.to_index(np.array([x_mm[1], y_mm[1], z_mm[1]])) + 1
    s, r, c = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    mask[s, r, c] = True
    return mask


RIGHT_LEG, LEFT_LEG = box((-150, -30), (-60, 60)), box((30, 150), (-60, 60))
LEGS = RIGHT_LEG | LEFT_LEG


def side(
    x_mm: float, region: Region, body: Mask, covered: Mask = EVERYWHERE
) -> Laterality:
    return side_by_position((x_mm, 0.0, 50.0), region, body, covered, GRID)


class TestPosition:
    def test_two_legs_in_a_slice_are_a_left_and_a_right_one(self) -> None:
        assert side(100.0, Region.THIGH, LEGS) is Laterality.LEFT
        assert side(-40.0, Region.THIGH, LEGS) is Laterality.RIGHT

    @pytest.mark.parametrize("x_mm", [-100.0, -40.0, 40.0, 100.0])
    def test_a_single_limb_has_no_side(self, x_mm: float) -> None:
        assert side(x_mm, Region.THIGH, box((-150, 150), (-60, 60))) is UNKNOWN

    def test_a_small_thing_beside_a_leg_is_no_second_leg(self) -> None:
        body = LEFT_LEG | box((-60, -20), (-20, 20))

        assert side(100.0, Region.THIGH, body) is UNKNOWN

    def test_a_calf_behind_its_own_thigh_is_no_second_leg(self) -> None:
        body = box((30, 150), (-110, -10)) | box((-20, 100), (10, 110))

        assert side(100.0, Region.KNEE, body) is UNKNOWN

    def test_a_trunk_has_halves_and_a_midline_that_is_neither(self) -> None:
        trunk = box((-130, 170), (-80, 80))  # its middle lies at x = 20

        assert side(60.0, Region.TRUNK, trunk) is Laterality.LEFT
        assert side(-60.0, Region.TRUNK, trunk) is Laterality.RIGHT
        assert side(30.0, Region.TRUNK, trunk) is UNKNOWN

    def test_a_body_that_the_field_of_view_cuts_has_no_known_middle(self) -> None:
        wide = box((-200, 150), (-80, 80))
        covered = EVERYWHERE.copy()
        covered[:, :40] = False

        assert side(80.0, Region.TRUNK, wide) is UNKNOWN
        assert side(80.0, Region.TRUNK, box((-121, 150), (-80, 80)), covered) is UNKNOWN

    def test_where_the_region_is_unknown_so_is_the_side(self) -> None:
        assert side(100.0, Region.UNKNOWN, LEGS) is UNKNOWN

    def test_slices_that_do_not_cut_across_say_nothing(self) -> None:
        axes = ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
        coronal = Grid(GRID.shape, GRID.spacing_mm, GRID.origin_mm, axes)
        point = tuple(float(v) for v in coronal.to_world_mm(np.array([25, 60, 150])))

        found = side_by_position(point, Region.THIGH, LEGS, EVERYWHERE, coronal)  # type: ignore[arg-type]  # values by name

        assert found is UNKNOWN


def structures(**bones: tuple[Mask, Region, Laterality]) -> LabelMap:
    labels = np.zeros(GRID.shape, np.uint8)
    named: list[Structure] = []
    for n, (name, (mask, region, laterality)) in enumerate(bones.items(), start=1):
        labels[mask] = n
        named.append(Structure(n, name, StructureKind.BONE, region, laterality))
    return LabelMap(LabelVolume(labels, GRID), tuple(named))


LEFT, RIGHT = Laterality.LEFT, Laterality.RIGHT
FEMUR = (box((80, 100), (-10, 10), (30, 118)), Region.THIGH, LEFT)
TIBIA = (box((80, 100), (-10, 10), (0, 26)), Region.LEG, LEFT)
HIP = (box((40, 70), (-10, 10), (100, 118)), Region.PELVIS, LEFT)


class TestLabels:
    def test_the_nearest_bone_names_the_place(self) -> None:
        found = labelled_place((120.0, 0.0, 80.0), structures(femur=FEMUR), LEFT_LEG)

        assert found == Place(Region.THIGH, LEFT)

    def test_near_both_bones_of_a_joint_it_is_the_joint(self) -> None:
        bones = structures(femur=FEMUR, tibia=TIBIA)

        at_knee = labelled_place((110.0, 0.0, 35.0), bones, LEFT_LEG)
        in_thigh = labelled_place((110.0, 0.0, 85.0), bones, LEFT_LEG)

        assert at_knee == Place(Region.KNEE, LEFT)
        assert in_thigh == Place(Region.THIGH, LEFT)

    def test_pelvis_and_femur_make_a_hip(self) -> None:
        bones = structures(femur=FEMUR, hip=HIP)

        found = labelled_place((75.0, 0.0, 105.0), bones, LEFT_LEG)

        assert found == Place(Region.HIP, LEFT)

    def test_bones_of_two_sides_make_no_joint(self) -> None:
        other = (TIBIA[0], Region.LEG, RIGHT)
        bones = structures(femur=FEMUR, tibia=other)

        found = labelled_place((110.0, 0.0, 32.0), bones, LEFT_LEG)

        assert found.region is not Region.KNEE

    def test_a_bone_farther_than_60_mm_says_nothing(self) -> None:
        body = box((-150, 150), (-60, 60))
        bones = structures(femur=FEMUR)

        assert labelled_place((25.0, 0.0, 80.0), bones, body).region is Region.THIGH
        assert labelled_place((15.0, 0.0, 80.0), bones, body) == Place()

    def test_a_hand_beside_the_hip_is_not_the_hip(self) -> None:
        hand = box((110, 140), (-20, 20))
        body = box((30, 104), (-60, 60)) | hand

        assert (
            labelled_place((115.0, 0.0, 80.0), structures(femur=FEMUR), body) == Place()
        )

    def test_vessels_and_organs_name_no_place(self) -> None:
        femur = structures(femur=FEMUR)
        artery = LabelMap(
            femur.labels, (Structure(1, "artery", StructureKind.VESSEL, Region.THIGH),)
        )

        assert labelled_place((110.0, 0.0, 80.0), artery, LEFT_LEG) == Place()
