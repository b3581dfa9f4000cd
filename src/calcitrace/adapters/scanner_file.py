"""Calibration files of grade B: what `calcitrace calibrate` writes, and reads again."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from calcitrace.adapters.calibration_keys import (
    check_keys,
    listed,
    number,
    refuse,
    text,
)
from calcitrace.errors import OutputError
from calcitrace.model.rods import Rod, ScannerReference

KVP_RANGE = (40.0, 200.0)
SLOPE_RANGE = (0.1, 10.0)
SIZE_RANGE_MM = (10.0, 1000.0)
DENSITY_RANGE = (0.0, 3160.0)
HU_RANGE = (-1024.0, 30000.0)
TOP_KEYS = frozenset({"grade", "scanner", "phantom", "response", "rods"})
SCANNER_KEYS = frozenset({"manufacturer", "model", "kvp", "kernel", "date"})
RESPONSE_KEYS = frozenset(
    {"slope_mg_cm3_per_hu", "std_random", "std_systematic", "hardening_cm2_per_mg"}
)
ROD_KEYS = frozenset(
    {
        "name",
        "density_mg_cm3",
        "density_std_mg_cm3",
        "mean_hu",
        "hu_std",
        "diameter_mm",
    }
)


def scanner_from(document: dict[str, Any], file_hash: str) -> ScannerReference:
    """Scanner of a document.

    Raises
    ------
    CalibrationError
        If a key is too many, too few or out of range; the message names it.
    """
    check_keys("the file", document, TOP_KEYS, set(TOP_KEYS))
    scanner = _table("scanner", document["scanner"], SCANNER_KEYS, {"kernel", "date"})
    phantom = _table("phantom", document["phantom"], frozenset({"diameter_mm"}))
    response = _table("response", document["response"], RESPONSE_KEYS)
    rods = listed("rods", "tables that each begin with [[rods]]", document["rods"])
    slope = number(
        "response.slope_mg_cm3_per_hu", response["slope_mg_cm3_per_hu"], SLOPE_RANGE
    )
    kernel = scanner.get("kernel")
    return ScannerReference(
        manufacturer=text("scanner.manufacturer", scanner["manufacturer"]),
        model_name=text("scanner.model", scanner["model"]),
        kvp=number("scanner.kvp", scanner["kvp"], KVP_RANGE),
        kernel=None if kernel is None else text("scanner.kernel", kernel),
        measured=_day(scanner.get("date")),
        body_diameter_mm=number(
            "phantom.diameter_mm", phantom["diameter_mm"], SIZE_RANGE_MM
        ),
        slope_mg_cm3_per_hu=slope,
        std_random=number("response.std_random", response["std_random"], (0.0, slope)),
        std_systematic=number(
            "response.std_systematic", response["std_systematic"], (0.0, slope)
        ),
        hardening_cm2_per_mg=number(
            "response.hardening_cm2_per_mg",
            response["hardening_cm2_per_mg"],
            (0.0, 0.01),
        ),
        rods=tuple(_rod(f"rods[{n}]", rod) for n, rod in enumerate(rods, start=1)),
        hash=file_hash,
    )


def _table(
    place: str,
    value: object,
    known: frozenset[str],
    optional: set[str] | None = None,
) -> dict[str, Any]:
    if not isinstance(value, dict):
        refuse(place, f"a table [{place}]", value)
    table = cast("dict[str, Any]", value)
    check_keys(place, table, known, set(known - (optional or set())))
    return table


def _rod(place: str, value: object) -> Rod:
    table = _table(place, value, ROD_KEYS)
    return Rod(
        name=text(f"{place}.name", table["name"]),
        density_mg_cm3=number(
            f"{place}.density_mg_cm3", table["density_mg_cm3"], DENSITY_RANGE
        ),
        density_std_mg_cm3=number(
            f"{place}.density_std_mg_cm3", table["density_std_mg_cm3"], DENSITY_RANGE
        ),
        hu_mean=number(f"{place}.mean_hu", table["mean_hu"], HU_RANGE),
        hu_std=number(f"{place}.hu_std", table["hu_std"], (0.0, 1000.0)),
        diameter_mm=number(f"{place}.diameter_mm", table["diameter_mm"], (0.5, 200.0)),
    )


def _day(value: object) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime) or not isinstance(value, date):
        refuse("scanner.date", "a day like 2026-03-01", value)
    return value


def write_scanner(reference: ScannerReference, path: Path) -> None:
    """Write a calibration file; an earlier one in its place is replaced.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        path.write_text(scanner_text(reference), encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "not writable").lower()
        msg = f"Expected to write {path}: {reason}. Check --out."
        raise OutputError(msg) from error


def scanner_text(reference: ScannerReference) -> str:
    """Text of a calibration file."""
    lines = [
        "# Made by `calcitrace calibrate`; for scans on the same scanner model and kVp.",
        'grade = "B"',
        "",
        "[scanner]",
        f"manufacturer = {_quoted(reference.manufacturer)}",
        f"model = {_quoted(reference.model_name)}",
        f"kvp = {reference.kvp:g}",
    ]
    if reference.kernel:
        lines.append(f"kernel = {_quoted(reference.kernel)}")
    if reference.measured:
        lines.append(f"date = {reference.measured.isoformat()}")
    lines += [
        "",
        "[phantom]",
        f"diameter_mm = {reference.body_diameter_mm:.1f} # water-equivalent",
        "",
        "[response]",
        f"slope_mg_cm3_per_hu = {reference.slope_mg_cm3_per_hu:.5f}",
        f"std_random = {reference.std_random:.5f} # reading of the rods",
        f"std_systematic = {reference.std_systematic:.5f} # their nominal densities",
        f"hardening_cm2_per_mg = {reference.hardening_cm2_per_mg:.3e} # taken out",
    ]
    for rod in reference.rods:
        lines += [
            "",
            "[[rods]] # for the record",
            f"name = {_quoted(rod.name)}",
            f"density_mg_cm3 = {rod.density_mg_cm3:g}",
            f"density_std_mg_cm3 = {rod.density_std_mg_cm3:g}",
            f"mean_hu = {rod.hu_mean:.2f}",
            f"hu_std = {rod.hu_std:.3f}",
            f"diameter_mm = {rod.diameter_mm or 0.0:.1f}",
        ]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    """Return a TOML string: JSON's escapes are among TOML's."""
    return json.dumps(value, ensure_ascii=False)
