"""Tables of labels: what is known by name, what a file says, what is refused."""

from pathlib import Path

import pytest

from calcitrace.adapters.segmenters.label_table import label_table
from calcitrace.errors import SegmentationError
from calcitrace.model.structures import Laterality, Region, StructureKind

TOML = """
name = "our network"
version = "3"
licence = "CC BY 4.0"
whole_skeleton = true

[[structure]]
label = 1
name = "os trapezium"
kind = "bone"
region = "wrist"
laterality = "left"

[[structure]]
label = 7
name = "femur_right"
"""
CSV = "label,name,kind,region,laterality\n1,femur_left,,,\n3,screw,implant,thigh,left\n"


def table(folder: Path, text: str, name: str = "labels.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_table_known_by_name_has_all_its_labels() -> None:
    found = label_table("TotalSegmentator")

    assert [s.label for s in found.structures] == list(range(1, 118))
    assert not found.has_whole_skeleton


def test_toml_says_who_made_the_map_and_what_its_labels_mean(tmp_path: Path) -> None:
    found = label_table(table(tmp_path, TOML))

    assert (found.name, found.version, found.licence) == (
        "our network",
        "3",
        "CC BY 4.0",
    )
    assert found.has_whole_skeleton
    wrist, femur = found.structures
    assert (wrist.label, wrist.kind, wrist.region, wrist.laterality) == (
        1,
        StructureKind.BONE,
        Region.WRIST,
        Laterality.LEFT,
    )
    assert (femur.label, femur.region, femur.laterality) == (
        7,
        Region.THIGH,
        Laterality.RIGHT,
    )


def test_csv_leaves_to_the_name_what_its_cells_leave_out(tmp_path: Path) -> None:
    femur, screw = label_table(table(tmp_path, CSV, "labels.csv")).structures

    assert (femur.kind, femur.laterality) == (StructureKind.BONE, Laterality.LEFT)
    assert (screw.kind, screw.region) == (StructureKind.IMPLANT, Region.THIGH)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "TOML"),
        ("colour = 3", "keys"),
        ("structure = 3", r"\[\[structure\]\]"),
        ("", "each label once"),
        ("[[structure]]\nlabel = 1\nname = 'a'\n" * 2, "a label twice"),
        ("[[structure]]\nlabel = 0\nname = 'a'", "labels from 1"),
        ("[[structure]]\nlabel = 'x'\nname = 'a'", "whole number"),
        ("[[structure]]\nlabel = 1", "'name'"),
        ("[[structure]]\nlabel = 1\nname = 'a'\nkind = 'bonee'", "one of: bone"),
        ("[[structure]]\nlabel = 1\nname = 'a'\nside = 'left'", "'side'"),
        ("whole_skeleton = 'yes'\n[[structure]]\nlabel = 1\nname = 'a'", "true or"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(SegmentationError, match=said) as caught:
        label_table(table(tmp_path, text))

    assert "\n" not in str(caught.value)


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(SegmentationError, match="totalsegmentator, totalsegmentator-"):
        label_table("no-such-table")
