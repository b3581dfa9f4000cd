"""Deposits of a scene: shape, exact size, and where they should lie."""

import math
import zlib
from collections.abc import Mapping
from typing import NoReturn, cast

import numpy as np

from calcitrace.errors import SceneError
from calcitrace.services.scene_document.keys import DEPOSIT
from calcitrace.services.scene_document.values import checked
from calcitrace.simulation.forms import Point
from calcitrace.simulation.phantom import MM3_PER_CM3
from calcitrace.simulation.scenes.placing import Rule
from calcitrace.simulation.scenes.scene import Deposit
from calcitrace.simulation.scenes.shapes import (
    Round,
    Shape,
    Sheet,
    cluster,
    lobulated,
)

PUNCTATE_MAX_MM = 3.0
USUAL_PARTS = {"cluster": 6, "lobulated": 5}
# Of a deposit exactly one of these says how large it is; the second two by shape.
SIZES = ("mass_mg", "volume_mm3", "diameter_mm", "size_mm")
SHAPES_WITH = {
    "diameter_mm": ("sphere", "punctate"),
    "size_mm": ("ellipsoid", "sheet"),
    "proportions": ("ellipsoid", "sheet"),
    "parts": ("cluster", "lobulated"),
}
RULE_KEYS = ("tissue", "gap_to_bone_mm", "depth_mm", "z_mm", "angle_deg", "bone")


def deposit_from(table: Mapping[str, object], number: int, seed: int) -> Deposit:
    """Deposit of one table.

    Parameters
    ----------
    table
        As written.
    number
        Place in the list, from 1, for messages.
    seed
        Of the scene; decides random shapes, with the name.

    Raises
    ------
    SceneError
        Naming what is missing, too much or not allowed.
    """
    name = table.get("name")
    where = f'deposit "{name}"' if isinstance(name, str) else f"deposit {number}"
    values = checked(table, DEPOSIT, where)
    for key in ("name", "shape", "density_mg_cm3"):
        if key not in values:
            _refuse(where, f"{key}", "nothing", "Add it")
    word = str(values["shape"])
    for key, words in SHAPES_WITH.items():
        if key in values and word not in words:
            _refuse(where, f"no {key} for a {word}", "one", "Leave it out")
    sizes = [key for key in SIZES if key in values]
    if len(sizes) != 1:
        got = " and ".join(sizes) or "none"
        _refuse(where, f"one of {', '.join(SIZES)}", got, "Give exactly one")
    density = _number(values, "density_mg_cm3")
    volume = _volume_mm3(values, word, density)
    if word == "punctate" and volume > _ball_mm3(PUNCTATE_MAX_MM) * (1 + 1e-9):
        at_most = f"at most {PUNCTATE_MAX_MM:g} mm across for a punctate one"
        _refuse(where, at_most, f"{volume:.3g} mm3", 'Make it smaller or a "sphere"')
    return Deposit(
        name=str(values["name"]),
        shape=_shape(values, word, seed),
        volume_mm3=volume,
        density_mg_cm3=density,
        rule=_rule(values, where),
        is_fibrous=values.get("matrix") == "fibrous",
    )


def _volume_mm3(values: Mapping[str, object], word: str, density: float) -> float:
    if "mass_mg" in values:
        return _number(values, "mass_mg") / density * MM3_PER_CM3
    if "volume_mm3" in values:
        return _number(values, "volume_mm3")
    if "diameter_mm" in values:
        return _ball_mm3(_number(values, "diameter_mm"))
    box = math.prod(_point(values, "size_mm"))
    return box if word == "sheet" else box * math.pi / 6


def _shape(values: Mapping[str, object], word: str, seed: int) -> Shape:
    if word == "sphere":
        return Round()
    if word == "punctate":
        return Round(kind="punctate")
    if word in {"cluster", "lobulated"}:
        rng = np.random.default_rng(
            (seed, zlib.crc32(f"shape {values['name']}".encode()))
        )
        parts = values.get("parts", USUAL_PARTS[word])
        make = cluster if word == "cluster" else lobulated
        return make(cast("int", parts), rng)
    given = "size_mm" if "size_mm" in values else "proportions"
    kind = Sheet if word == "sheet" else Round
    return kind(_point(values, given)) if given in values else kind()


def _rule(values: Mapping[str, object], where: str) -> Rule:
    rule_keys = [key for key in RULE_KEYS if key in values]
    if "at_mm" in values:
        if rule_keys:
            _refuse(where, f"no {rule_keys[0]} beside at_mm", "both", "Leave one out")
        along = cast("str | None", values.get("along"))
        return Rule(at_mm=_point(values, "at_mm"), along=along)
    if "tissue" not in values:
        _refuse(where, "at_mm or tissue", "neither", "Say where it lies")
    if "along" in values:
        others = [key for key in ("gap_to_bone_mm", "depth_mm") if key in values]
        if others:
            _refuse(where, f"no {others[0]} beside along", "both", "Leave one out")
        if values["along"] == "skin" and values["tissue"] != "fat":
            _refuse(where, 'tissue "fat" along the skin', "muscle", "Change one")
    return Rule(**{key: cast("float", values[key]) for key in (*rule_keys, "along")
                   if key in values})  # type: ignore[arg-type]  # fmt: skip


def _refuse(where: str, expected: str, came: str, advice: str) -> NoReturn:
    msg = f"Expected {expected} in {where} of the scene, got {came}. {advice}."
    raise SceneError(msg)


def _ball_mm3(diameter_mm: float) -> float:
    return math.pi / 6 * diameter_mm**3


def _number(values: Mapping[str, object], key: str) -> float:
    return cast("float", values[key])


def _point(values: Mapping[str, object], key: str) -> Point:
    x, y, z = cast("tuple[float, float, float]", values[key])
    return x, y, z
