"""Names of structures: what they say, in whatever way they are spelt."""

import pytest

from calcitrace.adapters.segmenters.known_tables import KNOWN_TABLES
from calcitrace.model.structures import Laterality, Region, StructureKind
from calcitrace.services.structure_names import structure_of

K, R, S = StructureKind, Region, Laterality


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("femur_left", (K.BONE, R.THIGH, S.LEFT)),
        ("Left Femur", (K.BONE, R.THIGH, S.LEFT)),
        ("Femur, right", (K.BONE, R.THIGH, S.RIGHT)),
        ("hip_right", (K.BONE, R.PELVIS, S.RIGHT)),
        ("rib_left_7", (K.BONE, R.TRUNK, S.LEFT)),
        ("vertebrae_C3", (K.BONE, R.HEAD_NECK, S.UNKNOWN)),
        ("vertebrae_L5", (K.BONE, R.TRUNK, S.UNKNOWN)),
        ("vertebrae_S1", (K.BONE, R.PELVIS, S.UNKNOWN)),
        ("phalanges_hand", (K.BONE, R.FINGER, S.UNKNOWN)),
        ("phalanges_feet", (K.BONE, R.FOOT, S.UNKNOWN)),
        ("Lunate bone", (K.BONE, R.WRIST, S.UNKNOWN)),
        ("aorta", (K.VESSEL, R.UNKNOWN, S.UNKNOWN)),
        ("iliac_vena_left", (K.VESSEL, R.UNKNOWN, S.LEFT)),
        ("Right femoral artery", (K.VESSEL, R.UNKNOWN, S.RIGHT)),
        ("prostate", (K.PROSTATE, R.UNKNOWN, S.UNKNOWN)),
        ("urinary_bladder", (K.URINARY, R.UNKNOWN, S.UNKNOWN)),
        ("small_bowel", (K.GUT, R.UNKNOWN, S.UNKNOWN)),
        ("lung_upper_lobe_left", (K.AIRWAY, R.UNKNOWN, S.LEFT)),
        ("costal_cartilages", (K.CARTILAGE, R.UNKNOWN, S.UNKNOWN)),
        ("hip_implant", (K.IMPLANT, R.UNKNOWN, S.UNKNOWN)),
        ("Tooth", (K.TOOTH, R.UNKNOWN, S.UNKNOWN)),
        ("gluteus_maximus_left", (K.OTHER, R.UNKNOWN, S.LEFT)),
        ("tumour", (K.OTHER, R.UNKNOWN, S.UNKNOWN)),
    ],
)
def test_a_name_says_kind_region_and_side(
    name: str, meaning: tuple[StructureKind, Region, Laterality]
) -> None:
    found = structure_of(5, name)

    assert (found.kind, found.region, found.laterality) == meaning
    assert (found.label, found.name) == (5, name)


def test_a_side_said_apart_counts_and_a_contradiction_does_not() -> None:
    assert structure_of(1, "femur", "left").laterality is S.LEFT
    assert structure_of(1, "femur_right", "left").laterality is S.UNKNOWN


def test_every_bone_of_the_known_tables_has_a_region_and_only_muscles_mean_nothing() -> (
    None
):
    found = [structure_of(1, name) for names in KNOWN_TABLES.values() for name in names]

    assert [s.name for s in found if s.kind is K.BONE and s.region is R.UNKNOWN] == []
    muscles = ("gluteus", "autochthon", "iliopsoas")
    other = {s.name for s in found if s.kind is K.OTHER}
    assert other == {s.name for s in found if s.name.startswith(muscles)}


def test_the_table_of_totalsegmentator_is_numbered_as_its_documentation_says() -> None:
    names = KNOWN_TABLES["totalsegmentator"]

    at = {1: "spleen", 22: "prostate", 26: "vertebrae_S1", 50: "vertebrae_C1"}
    at |= {52: "aorta", 75: "femur_left", 91: "skull", 92: "rib_left_1"}
    at |= {115: "rib_right_12", 117: "costal_cartilages"}
    assert len(names) == 117
    assert {n: names[n - 1] for n in at} == at
