"""The page on scenes holds a scene that works, and every key."""

import re
import tomllib
from pathlib import Path

import pytest

from calcitrace.adapters.scene_truth import SCENE_TRUTH_COLUMNS
from calcitrace.services.scene_document import scene_from
from calcitrace.services.scene_document.keys import (
    ACTIONS,
    BODY,
    CHANGE,
    DEPOSIT,
    MACHINE,
    MEASURES,
    POSITION,
    SCAN,
    SCENE,
    SHAPES,
    VISIT,
)
from calcitrace.simulation.bodies.plans import BodyPlan, built, usual_shape
from calcitrace.simulation.scenes.building import built_visits
from calcitrace.simulation.scenes.scene import Position, ScanRange
from calcitrace.simulation.tomography.machine import Machine

PAGE = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text(encoding="utf-8")
KEYS = (
    SCENE,
    BODY,
    MACHINE,
    SCAN,
    POSITION,
    DEPOSIT,
    VISIT,
    CHANGE,
    *MEASURES.values(),
)


def test_the_example_can_be_simulated() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)

    scene = scene_from(tomllib.loads(example))
    first, second = built_visits(scene)

    names = [{d.name for d in v.phantom.deposits} for v in (first, second)]
    assert names[0] == {"near bone", "in the skin", "plate", "crumbs", "lump"}
    assert names[1] == {"near bone", "in the skin", "crumbs", "lump/1", "lump/2",
                        "new one"}  # fmt: skip
    assert second.machine.kvp == 80.0


@pytest.mark.parametrize("key", sorted({key for keys in KEYS for key in keys}))
def test_every_key_is_explained(key: str) -> None:
    assert re.search(rf"`{key}`|\[{key}\]|\.{key}\]", PAGE)


def test_every_word_and_column_is_explained() -> None:
    words = [f'"{word}"' for word in (*SHAPES, *ACTIONS, *MEASURES)]
    columns = [f"`{column}`" for column in SCENE_TRUTH_COLUMNS]

    assert [word for word in (*words, *columns) if word not in PAGE] == []


def test_bones_that_can_be_named_are_listed() -> None:
    for kind in ("limb", "hand", "leg"):
        names = [b.name for b in built(BodyPlan(kind, usual_shape(kind))).bones]
        assert [n for n in names if n.split(" ")[0] not in PAGE] == []


def test_defaults_are_those_of_the_code() -> None:
    machine, scan, position = Machine(), ScanRange(), Position()

    assert f"| `kvp` | {machine.kvp:g} |" in PAGE
    assert f"| `dose_mas` | {machine.dose_mas:g} |" in PAGE
    assert f"| `scatter_fraction` | {machine.scatter_fraction:g} |" in PAGE
    assert f"| `pixel_mm` | {machine.pixel_mm:g} |" in PAGE
    assert f"| `slice_thickness_mm` | {machine.slice_thickness_mm:g} |" in PAGE
    assert f"| `electronic_photons` | {machine.electronic_photons:g} |" in PAGE
    filters = f"{machine.aluminium_mm:g}, {machine.copper_mm:g}"
    assert f"| `aluminium_mm`, `copper_mm` | {filters} |" in PAGE
    low, high = scan.z_mm
    assert f"| `z_mm` | `[{low:g}, {high:g}]` |" in PAGE
    assert f"| `field_of_view_mm` | {scan.field_of_view_mm:g} |" in PAGE
    a, b, c = position.rotation_deg
    assert f"| `rotation_deg` | `[{a:g}, {b:g}, {c:g}]` |" in PAGE
