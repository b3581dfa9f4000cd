"""`--calibration FILE.toml`: rods, or a scanner measured before, read strictly.

The format is described in docs/calibration.md. Every name is checked: a key that
silently does nothing is worse than none.
"""

import hashlib
import tomllib
from pathlib import Path
from typing import Any, cast

from calcitrace.adapters.calibration_keys import (
    check_keys,
    listed,
    number,
    point,
    refuse,
    text,
)
from calcitrace.adapters.scanner_file import KVP_RANGE, scanner_from
from calcitrace.errors import CalibrationError
from calcitrace.model.rods import (
    HYDROXYAPATITE,
    PlacedRod,
    Reference,
    Rod,
    RodReference,
)

TOP_KEYS = frozenset({"grade", "kvp", "rods"})
SHARED_KEYS = frozenset({"name", "material", "density_mg_cm3", "density_std_mg_cm3"})
GIVEN_KEYS = frozenset({"mean_hu", "hu_std", "diameter_mm"})
PLACED_KEYS = frozenset({"start_mm", "end_mm", "radius_mm"})
# Densest rod sold is about 1600 mg/cm3; the mineral itself has 3160.
DENSITY_MAX_MG_CM3 = 3160.0
RADIUS_RANGE_MM = (0.5, 200.0)
HU_RANGE = (-1024.0, 30000.0)


def read_calibration(path: Path) -> Reference:
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


def calibration_from(document: dict[str, Any], file_hash: str) -> Reference:
    """Rods of a document (grade A), or a scanner measured before (grade B).

    Raises
    ------
    CalibrationError
        As `read_calibration`.
    """
    grade = text("grade", document.get("grade", "A"))
    if grade not in {"A", "B"}:
        refuse("grade", "A (rods in the scan) or B (a scanner measured before)", grade)
    if grade == "B":
        return scanner_from(document, file_hash)
    check_keys("the file", document, TOP_KEYS, {"rods"})
    kvp = number("kvp", document["kvp"], KVP_RANGE) if "kvp" in document else None
    tables = listed("rods", "tables that each begin with [[rods]]", document["rods"])
    rods = tuple(_rod(f"rods[{n}]", table) for n, table in enumerate(tables, start=1))
    names = [rod.name for rod in rods]
    if len(set(names)) < len(names):
        refuse("rods.name", "a different name for every rod", names)
    return RodReference(rods, kvp, file_hash)


def _rod(place: str, value: object) -> Rod | PlacedRod:
    """Read one rod, of the kind that its keys say."""
    if not isinstance(value, dict):
        refuse(place, "a table that begins with [[rods]]", value)
    table = cast("dict[str, Any]", value)
    is_placed = bool(PLACED_KEYS & table.keys())
    own = PLACED_KEYS if is_placed else GIVEN_KEYS
    needed = {"name", "density_mg_cm3", "density_std_mg_cm3"}
    needed |= own - {"diameter_mm"}
    check_keys(place, table, SHARED_KEYS | own, needed)
    name = text(f"{place}.name", table["name"])
    material = text(f"{place}.material", table.get("material", HYDROXYAPATITE))
    densities = (0.0, DENSITY_MAX_MG_CM3)
    density = number(f"{place}.density_mg_cm3", table["density_mg_cm3"], densities)
    density_std = number(
        f"{place}.density_std_mg_cm3", table["density_std_mg_cm3"], densities
    )
    if is_placed:
        return PlacedRod(
            name=name,
            density_mg_cm3=density,
            density_std_mg_cm3=density_std,
            start_mm=point(f"{place}.start_mm", table["start_mm"]),
            end_mm=point(f"{place}.end_mm", table["end_mm"]),
            radius_mm=number(f"{place}.radius_mm", table["radius_mm"], RADIUS_RANGE_MM),
            material=material,
        )
    diameter = table.get("diameter_mm")
    return Rod(
        name=name,
        density_mg_cm3=density,
        density_std_mg_cm3=density_std,
        hu_mean=number(f"{place}.mean_hu", table["mean_hu"], HU_RANGE),
        hu_std=number(f"{place}.hu_std", table["hu_std"], (0.0, 1000.0)),
        diameter_mm=None
        if diameter is None
        else number(f"{place}.diameter_mm", diameter, RADIUS_RANGE_MM),
        material=material,
    )
