"""`--calibration FILE.toml`: rods of known density, read strictly.

The format is described in docs/calibration.md. Every name is checked: a key that
silently does nothing is worse than none.
"""

import hashlib
import math
import tomllib
from pathlib import Path
from typing import Any, NoReturn, cast

from calcitrace.errors import CalibrationError
from calcitrace.model.rods import HYDROXYAPATITE, PlacedRod, Rod, RodReference

TOP_KEYS = frozenset({"kvp", "rods"})
SHARED_KEYS = frozenset({"name", "material", "density_mg_cm3", "density_std_mg_cm3"})
GIVEN_KEYS = frozenset({"mean_hu", "hu_std", "diameter_mm"})
PLACED_KEYS = frozenset({"start_mm", "end_mm", "radius_mm"})
N_AXES = 3
# Densest rod sold is about 1600 mg/cm3; the mineral itself has 3160.
DENSITY_MAX_MG_CM3 = 3160.0
KVP_RANGE = (40.0, 200.0)
RADIUS_RANGE_MM = (0.5, 200.0)
HU_RANGE = (-1024.0, 30000.0)


def read_calibration(path: Path) -> RodReference:
    """Read a calibration file.

    Raises
    ------
    CalibrationError
        If the file is missing, no TOML, or has a key too many, too few or out of range;
        the message names the key, what was expected and what came.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        msg = f"Expected a calibration file, got {path}: {reason}. Check --calibration."
        raise CalibrationError(msg) from error
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        msg = f"Expected a calibration file in TOML, got {path.name}: {reason}."
        raise CalibrationError(msg) from error
    return calibration_from(document, hashlib.sha256(content).hexdigest())


def calibration_from(document: dict[str, Any], file_hash: str) -> RodReference:
    """Rods of a document.

    Raises
    ------
    CalibrationError
        As `read_calibration`.
    """
    _check_keys("the file", document, TOP_KEYS, {"rods"})
    kvp = _number("kvp", document["kvp"], KVP_RANGE) if "kvp" in document else None
    tables = _list("rods", "tables that each begin with [[rods]]", document["rods"])
    rods = tuple(_rod(f"rods[{n}]", table) for n, table in enumerate(tables, start=1))
    names = [rod.name for rod in rods]
    if len(set(names)) < len(names):
        _refuse("rods.name", "a different name for every rod", names)
    return RodReference(rods, kvp, file_hash)


def _rod(place: str, value: object) -> Rod | PlacedRod:
    """Read one rod, of the kind that its keys say."""
    if not isinstance(value, dict):
        _refuse(place, "a table that begins with [[rods]]", value)
    table = cast("dict[str, Any]", value)
    is_placed = bool(PLACED_KEYS & table.keys())
    own = PLACED_KEYS if is_placed else GIVEN_KEYS
    needed = {"name", "density_mg_cm3", "density_std_mg_cm3"}
    needed |= own - {"diameter_mm"}
    _check_keys(place, table, SHARED_KEYS | own, needed)
    name = _text(f"{place}.name", table["name"])
    material = _text(f"{place}.material", table.get("material", HYDROXYAPATITE))
    densities = (0.0, DENSITY_MAX_MG_CM3)
    density = _number(f"{place}.density_mg_cm3", table["density_mg_cm3"], densities)
    density_std = _number(
        f"{place}.density_std_mg_cm3", table["density_std_mg_cm3"], densities
    )
    if is_placed:
        return PlacedRod(
            name=name,
            density_mg_cm3=density,
            density_std_mg_cm3=density_std,
            start_mm=_point(f"{place}.start_mm", table["start_mm"]),
            end_mm=_point(f"{place}.end_mm", table["end_mm"]),
            radius_mm=_number(
                f"{place}.radius_mm", table["radius_mm"], RADIUS_RANGE_MM
            ),
            material=material,
        )
    diameter = table.get("diameter_mm")
    return Rod(
        name=name,
        density_mg_cm3=density,
        density_std_mg_cm3=density_std,
        hu_mean=_number(f"{place}.mean_hu", table["mean_hu"], HU_RANGE),
        hu_std=_number(f"{place}.hu_std", table["hu_std"], (0.0, 1000.0)),
        diameter_mm=None
        if diameter is None
        else _number(f"{place}.diameter_mm", diameter, RADIUS_RANGE_MM),
        material=material,
    )


def _check_keys(
    place: str, table: dict[str, Any], known: frozenset[str], needed: set[str]
) -> None:
    unknown, missing = sorted(table.keys() - known), sorted(needed - table.keys())
    if unknown:
        _refuse(place, f"only the keys {', '.join(sorted(known))}", unknown)
    if missing:
        _refuse(place, f"the keys {', '.join(missing)} too", sorted(table))


def _number(place: str, value: object, limits: tuple[float, float]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(place, "a number", value)
    low, high = limits
    if not (math.isfinite(value) and low <= value <= high):
        _refuse(place, f"a number from {low:g} to {high:g}", value)
    return float(value)


def _text(place: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        _refuse(place, "a text", value)
    return value.strip()


def _point(place: str, value: object) -> tuple[float, float, float]:
    parts = _list(place, "three numbers [x, y, z]", value)
    if len(parts) != N_AXES:
        _refuse(place, "three numbers [x, y, z]", value)
    x, y, z = (_number(place, part, (-1e4, 1e4)) for part in parts)
    return x, y, z


def _list(place: str, expected: str, value: object) -> list[object]:
    if not isinstance(value, list):
        _refuse(place, expected, value)
    return cast("list[object]", value)


def _refuse(place: str, expected: str, value: object) -> NoReturn:
    msg = f"Calibration file, {place}: expected {expected}, got {value!r}."
    raise CalibrationError(msg)
