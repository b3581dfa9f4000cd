"""Documents become scenes, or are refused in one line."""

import math
from datetime import date, datetime
from typing import Any

import pytest

from calcitrace.errors import SceneError
from calcitrace.services.scene_document import scene_from
from calcitrace.services.scene_document.keys import (
    BODY,
    CHANGE,
    DEPOSIT,
    MACHINE,
    MEASURES,
    SCAN,
    SCENE,
    VISIT,
)
from calcitrace.simulation.bodies.hand import HandShape
from calcitrace.simulation.bodies.limb import LimbShape
from calcitrace.simulation.scenes.scene import Scene, Visit
from calcitrace.simulation.scenes.shapes import Heap, Round, Sheet
from calcitrace.simulation.tomography.machine import Kernel, Machine

BALL = {
    "name": "a",
    "shape": "sphere",
    "density_mg_cm3": 400,
    "mass_mg": 12,
    "tissue": "fat",
}


def with_deposit(**changed: object) -> dict[str, Any]:
    """Return a document with one deposit; None leaves a key out."""
    table = {**BALL, **changed}
    return {"deposit": [{k: v for k, v in table.items() if v is not None}]}


def with_change(**change: object) -> dict[str, Any]:
    return {
        **with_deposit(),
        "visit": [{"days": 0}, {"days": 5, "change": [change]}],
    }


def test_an_empty_document_is_the_usual_scene() -> None:
    scene = scene_from({})

    assert scene == Scene()
    assert scene.visits == (Visit(),)
    assert scene.machine == Machine()


def test_what_is_said_is_kept_and_the_rest_is_usual() -> None:
    scene = scene_from(
        {
            "name": "mine",
            "seed": 5,
            "date": date(2022, 2, 3),
            "body": {"kind": "limb", "fat_mm": 7, "side": "L", "has_table": False},
            "machine": {"kvp": 80, "kernel": "sharp", "slice_thickness_mm": 3},
            "scan": {"z_mm": [-9, 9], "centre_mm": [3, 4]},
            "position": {"shift_mm": [1, 2, 3], "bend_deg": {"knee": 25}},
        }
    )

    assert (scene.name, scene.seed, scene.first_day) == ("mine", 5, date(2022, 2, 3))
    assert scene.body.shape == LimbShape(fat_mm=7.0)
    assert (scene.body.side, scene.has_table) == ("L", False)
    assert (scene.machine.kvp, scene.machine.kernel) == (80.0, Kernel.SHARP)
    assert scene.machine.slice_step_mm == 3.0
    assert scene.scan.z_mm == (-9.0, 9.0)
    assert scene.position.shift_mm == (1.0, 2.0, 3.0)
    assert scene.position.bend_deg == (("knee", 25.0),)
    assert scene.position.rotation_deg == Scene().position.rotation_deg


def test_a_body_has_the_usual_measures_of_its_kind() -> None:
    assert scene_from({"body": {"kind": "hand"}}).body.shape == HandShape()
    child = scene_from({"body": {"kind": "child_limb", "fat_mm": 5}}).body.shape
    assert isinstance(child, LimbShape)
    assert (child.fat_mm, child.marrow) == (5.0, "red_marrow")


@pytest.mark.parametrize(
    ("changed", "volume"),
    [
        ({}, 30.0),
        ({"mass_mg": None, "volume_mm3": 5}, 5.0),
        ({"mass_mg": None, "diameter_mm": 2}, math.pi / 6 * 8),
        ({"shape": "ellipsoid", "mass_mg": None, "size_mm": [1, 2, 3]}, math.pi),
        ({"shape": "sheet", "mass_mg": None, "size_mm": [1, 9, 9]}, 81.0),
        ({"shape": "cluster", "parts": 4}, 30.0),
        ({"shape": "punctate", "mass_mg": 1}, 2.5),
    ],
)
def test_size_follows_from_mass_or_is_given(
    changed: dict[str, object], volume: float
) -> None:
    (deposit,) = scene_from(with_deposit(**changed)).deposits

    assert deposit.volume_mm3 == pytest.approx(volume)
    assert deposit.mass_mg == pytest.approx(volume * 0.4)


def test_shapes_are_those_that_are_named() -> None:
    def shape(**changed: object) -> object:
        return scene_from(with_deposit(**changed)).deposits[0].shape

    assert shape() == Round()
    assert shape(shape="punctate", mass_mg=1) == Round(kind="punctate")
    assert shape(shape="ellipsoid", proportions=[1, 2, 3]) == Round((1.0, 2.0, 3.0))
    assert shape(shape="sheet") == Sheet()
    heap = shape(shape="cluster", parts=4)
    assert isinstance(heap, Heap)
    assert (heap.kind, len(heap.balls)) == ("cluster", 4)
    assert shape(shape="cluster", parts=4) == heap
    assert shape(shape="cluster", parts=4, name="b") != heap
    lump = shape(shape="lobulated")
    assert isinstance(lump, Heap)
    assert lump.kind == "lobulated"


def test_a_matrix_is_fibrous_only_if_it_is_said() -> None:
    assert not scene_from(with_deposit()).deposits[0].is_fibrous
    assert not scene_from(with_deposit(matrix="tissue")).deposits[0].is_fibrous
    assert scene_from(with_deposit(matrix="fibrous")).deposits[0].is_fibrous


def test_visits_change_machine_position_and_deposits() -> None:
    scene = scene_from(
        {
            **with_deposit(),
            "machine": {"kvp": 100},
            "visit": [
                {},
                {
                    "days": 30,
                    "shift_mm": [1, 0, 0],
                    "machine": {"dose_mas": 50},
                    "change": [{"name": "a", "action": "split", "parts": 3}],
                },
            ],
        }
    )

    first, second = scene.visits
    assert scene.machine_of(first) == scene.machine
    assert scene.machine_of(second).kvp == 100.0
    assert scene.machine_of(second).dose_mas == 50.0
    assert scene.position_of(second).shift_mm == (1.0, 0.0, 0.0)
    assert scene.position_of(second).rotation_deg == scene.position.rotation_deg
    (change,) = second.changes
    assert (change.name, change.action, change.parts, change.factor) == (
        "a", "split", 3, 1.0,
    )  # fmt: skip


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"bodi": {}}, 'Did you mean "body"'),
    ({"body": []}, "a table in brackets for body"),
    ({"deposit": {}}, "double brackets for deposit"),
    ({"body": {"kind": "tail"}}, '"child_limb"'),
    ({"body": {"kind": 3}}, "body.kind"),
    ({"body": {"kind": "hand", "cortex_mm": 2}}, "key of \\[body\\]"),
    ({"machine": {"kvp": 30}}, "a number from 70 to 140 for machine.kvp"),
    ({"machine": {"kvp": "120"}}, "got '120'"),
    ({"machine": {"kvp": True}}, "machine.kvp"),
    ({"machine": {"kvp": math.nan}}, "machine.kvp"),
    ({"machine": {"kernel": "B30f"}}, '"soft"'),
    ({"machine": {"has_bowtie": 1}}, "true or false"),
    ({"machine": {"slice_thickness_mm": 0.5}}, "from 0.6 to 5"),
    ({"scan": {"z_mm": [5, -5]}}, "lower end first"),
    ({"scan": {"z_mm": [0, 0.5]}}, "at least one slice"),
    ({"scan": {"z_mm": [1, 2, 3]}}, "a list of 2 numbers"),
    ({"scan": {"z_mm": "all"}}, "a list of 2 numbers"),
    ({"scan": {"field_of_view_mm": 700}}, "at most 1024 pixels"),
    (
        {"scan": {"z_mm": [-900, 900]}, "machine": {"slice_step_mm": 0.3}},
        "at most 3000 slices",
    ),
    ({"seed": 1.5}, "a whole number"),
    ({"seed": -1}, "a whole number"),
    ({"date": "yesterday"}, "a date"),
    ({"date": datetime(2020, 1, 1, 5)}, "a date"),  # noqa: DTZ001 -- TOML
    ({"name": "a\nb"}, "1 to 40 ASCII characters"),
    ({"name": "Zoë"}, "ASCII"),
    ({"name": " "}, "ASCII"),
    (with_deposit(name="a/1"), "name"),
    (with_deposit(name=None), "Expected name in deposit 1"),
    (with_deposit(shape=None), 'Expected shape in deposit "a"'),
    (with_deposit(shape="star"), '"lobulated"'),
    (with_deposit(density_mg_cm3=20), "from 50 to 1200"),
    (with_deposit(mass_mg=None), "got none"),
    (with_deposit(diameter_mm=3), "got mass_mg and diameter_mm"),
    (with_deposit(parts=3), "no parts for a sphere"),
    (with_deposit(proportions=[1, 1, 1]), "no proportions for a sphere"),
    (with_deposit(shape="punctate"), "at most 3 mm"),
    (with_deposit(tissue=None), "at_mm or tissue"),
    (with_deposit(at_mm=[0, 0, 0]), "no tissue beside at_mm"),
    (with_deposit(along="skin", depth_mm=3), "no depth_mm beside along"),
    (with_deposit(along="skin", tissue="muscle"), 'tissue "fat" along the skin'),
    ({"visit": [{}, {}]}, "more than 0 days"),
    ({"visit": [{"days": k} for k in range(100)]}, "at most 99 visits"),
    (
        {"visit": [{"change": [{"name": "a", "action": "vanish"}]}]},
        "no change at the first visit",
    ),
    (with_change(name="a"), 'the key "action"'),
    (with_change(name="a", action="melt"), '"vanish"'),
    (with_change(name="a", action="grow"), "a factor above 1"),
    (with_change(name="a", action="shrink", factor=2), "a factor below 1"),
    (with_change(name="a", action="split", of=["a", "b"]), "nothing with action"),
    (with_change(name="a", action="merge"), "names of what merges"),
    (with_change(name="a", action="merge", of=["b"]), "at least two"),
    (with_change(name="a", action="merge", of=["b", "b"]), "at least two"),
    (with_change(name="a", action="merge", of="b"), "at least two"),
]


@pytest.mark.parametrize(("document", "words"), WRONG)
def test_what_is_wrong_is_refused_in_one_line(
    document: dict[str, Any], words: str
) -> None:
    with pytest.raises(SceneError, match=words) as caught:
        scene_from(document)

    line = str(caught.value)
    assert line.startswith("Expected ")
    assert "\n" not in line
    assert line.endswith((".", "?"))


def test_long_values_are_not_repeated_in_full() -> None:
    with pytest.raises(SceneError) as caught:
        scene_from({"name": "x" * 5000})

    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "keys",
    [SCENE, BODY, MACHINE, SCAN, DEPOSIT, VISIT, CHANGE, *MEASURES.values()],
)
def test_every_key_says_what_it_expects(keys: Any) -> None:  # noqa: ANN401 -- a mapping
    assert all(value.says for value in keys.values())
