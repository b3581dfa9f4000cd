"""Region and side of a deposit: what said so, and no word where they contradict."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.scan import Scan
from calcitrace.model.structures import (
    LabelMap,
    Laterality,
    PlaceSource,
    Region,
    Structure,
    StructureKind,
)
from calcitrace.model.volume import LabelVolume
from calcitrace.services.body_parts import known_words
from calcitrace.services.places import NamedPlace, place_of, truly_deep
from tests.fakes.results import made_up_anatomy, made_up_scan

GRID = Grid((12, 40, 100), (2.0, 2.0, 2.0), (-100.0, -40.0, 0.0))
POINT = (50.0, 0.0, 10.0)
NOTHING = NamedPlace(
    Region.UNKNOWN, PlaceSource.NONE, Laterality.UNKNOWN, PlaceSource.NONE
)


def scan(**acquisition: object) -> Scan:
    made_up = made_up_scan(GRID)
    return replace(made_up, acquisition=Acquisition(**acquisition))  # type: ignore[arg-type]  # values by name


def place(made: Scan, *bones: Structure) -> NamedPlace:
    """Place of a point in the left of two limbs, 10 mm from a bone if one is given."""
    anatomy = made_up_anatomy(GRID)
    body = np.zeros(GRID.shape, bool)
    body[:, 5:35, 5:45] = body[:, 5:35, 55:95] = True
    labels = np.zeros(GRID.shape, np.uint8)
    labels[:, 18:22, 80:84] = 1
    structures = LabelMap(LabelVolume(labels, GRID), bones) if bones else None
    return place_of(POINT, made, replace(anatomy, body=body, structures=structures))


FEMUR = Structure(1, "femur", StructureKind.BONE, Region.THIGH, Laterality.LEFT)
RIGHT_FEMUR = replace(FEMUR, laterality=Laterality.RIGHT)


def test_nothing_is_said_where_nothing_says_it() -> None:
    assert place(scan()) == NOTHING


def test_the_header_names_region_and_side() -> None:
    found = place(scan(body_part="KNEE", laterality="L"))

    assert (found.region, found.region_source) == ("knee", PlaceSource.HEADER)
    assert (found.laterality, found.laterality_source) == ("left", PlaceSource.HEADER)


def test_words_of_the_protocol_name_them_where_the_body_part_does_not() -> None:
    words = known_words("Hand links 0.6", "Doe Hand")

    found = place(scan(body_part="EXTREMITY", body_part_words=words))

    assert words == ("hand", "links")
    assert (found.region, found.laterality) == ("hand", "left")


def test_header_fields_that_contradict_each_other_name_nothing() -> None:
    found = place(scan(body_part="CHEST", body_part_words=("hand",)))

    assert found == NOTHING


def test_a_labelled_bone_knows_better_than_the_header() -> None:
    found = place(scan(body_part="KNEE"), FEMUR)

    assert (found.region, found.region_source) == ("thigh", PlaceSource.SEGMENTER)
    assert found.laterality_source is PlaceSource.SEGMENTER


@pytest.mark.parametrize(
    ("made", "bones"),
    [
        (scan(laterality="L"), (RIGHT_FEMUR,)),
        (scan(laterality="R", body_part="THIGH", patient_position="HFS"), ()),
        (scan(patient_position="FFS"), (RIGHT_FEMUR,)),
    ],
)
def test_sides_that_contradict_each_other_are_not_said(
    made: Scan, bones: tuple[Structure, ...]
) -> None:
    found = place(made, *bones)

    assert found.laterality is Laterality.UNKNOWN
    assert found.laterality_source is PlaceSource.CONTRADICTION


def test_position_tells_a_side_only_where_the_patients_position_is_known() -> None:
    known = place(scan(body_part="THIGH", patient_position="HFS"))
    unknown = place(scan(body_part="THIGH"))

    assert (known.laterality, known.laterality_source) == ("left", PlaceSource.POSITION)
    assert unknown.laterality is Laterality.UNKNOWN


@pytest.mark.parametrize(
    ("body_part", "reason"),
    [
        ("PELVIS", Reason.DEEP_IN_TRUNK),
        ("CHEST", Reason.DEEP_IN_TRUNK),
        ("THIGH", Reason.DEEP_INSIDE_BODY),
        (None, Reason.DEEP_INSIDE_BODY),
    ],
)
def test_a_trunk_is_named_only_where_there_is_one(
    body_part: str | None, reason: Reason
) -> None:
    deep = Candidate(
        label=1,
        status=Status.REVIEW,
        reason=Reason.DEEP_IN_TRUNK,
        probability=0.4,
        centroid_mm=POINT,
        volume_mm3=10.0,
        hu_max=400.0,
        touches_bone=False,
        is_cut=False,
    )
    metal = replace(deep, label=2, reason=Reason.METAL)

    found = truly_deep((deep, metal), scan(body_part=body_part), made_up_anatomy(GRID))

    assert [c.reason for c in found] == [reason, Reason.METAL]
