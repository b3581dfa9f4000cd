"""Read back what `measure` wrote: deposits, and how the scan was measured."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from calcitrace.adapters.protocol_file import protocol_from
from calcitrace.errors import InputError
from calcitrace.model.deposit import Reason, Status
from calcitrace.model.grid import Direction, Grid
from calcitrace.model.protocol import Protocol
from calcitrace.services.reviewing import ReviewItem

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class EarlierResult:
    """A result folder, as far as it is needed to correct or compare it.

    Attributes
    ----------
    masses_mg
        Mass of every accepted deposit by its tracking UID; one that is not
        quantifiable has none and is left out.
    total_mg
        Over accepted deposits; `None` where nothing was measured.
    """

    items: tuple[ReviewItem, ...]
    grid: Grid
    protocol: Protocol
    input_hash: str
    edits_hash: str | None
    calibration_hash: str | None
    segmenter: str
    series_uid: str | None
    masses_mg: dict[str, float]
    total_mg: float | None


def read_result(folder: Path) -> EarlierResult:
    """Read `scan.json` and `deposits.csv`.

    Raises
    ------
    InputError
        If the folder holds no result, or one of another version.
    """
    try:
        document = json.loads((folder / "scan.json").read_text(encoding="utf-8"))
        with (folder / "deposits.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        return _result(document, rows)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        msg = (
            f"Expected a folder that `calcitrace measure` wrote, got {folder}: "
            f"{reason}. Name one."
        )
        raise InputError(msg) from error
    except (KeyError, TypeError, ValueError) as error:
        msg = (
            f"Expected a result of this version in {folder}, got another "
            f"({type(error).__name__}: {error}). Measure the scan again."
        )
        raise InputError(msg) from error


def _result(document: dict[str, Any], rows: list[Row]) -> EarlierResult:
    coverage, provenance = document["coverage"], document["provenance"]
    accepted = [row for row in rows if row["status"] == Status.ACCEPTED]
    return EarlierResult(
        items=tuple(_item(row) for row in rows),
        grid=Grid(
            tuple(coverage["shape"]),
            tuple(coverage["spacing_mm"]),
            tuple(coverage["origin_mm"]),
            cast("Direction", tuple(tuple(axis) for axis in coverage["direction"])),
        ),
        protocol=protocol_from(document["protocol"]),
        input_hash=provenance["input_hash"],
        edits_hash=provenance["edits_hash"],
        calibration_hash=provenance["calibration_hash"],
        segmenter=provenance["segmenter"],
        series_uid=document["acquisition"]["series_uid"] or None,
        masses_mg={
            row["tracking_uid"]: float(row["mass_mg"])
            for row in accepted
            if row["mass_mg"]
        },
        total_mg=document["total"]["mass_mg"],
    )


def _item(row: Row) -> ReviewItem:
    return ReviewItem(
        number=int(row["deposit_id"]),
        deposit_id=int(row["deposit_id"]),
        seed_mm=(
            float(row["seed_x_mm"]),
            float(row["seed_y_mm"]),
            float(row["seed_z_mm"]),
        ),
        status=Status(row["status"]),
        probability=row["probability"],
        reason=Reason(row["reason"]),
        region=row["region"],
        laterality=row["laterality"],
        mass=_mass(row),
        diameter_mm=row["diameter_max_mm"],
        depth_mm=row["depth_mm"],
        bone_distance_mm=row["bone_distance_mm"],
        hu_max=row["hu_max"],
        shape_class=row["shape_class"],
        flags=tuple(code for code in row["flags"].split(";") if code),
    )


def _mass(row: Row) -> str:
    """Mass with its error, or the bound that stands for it."""
    if not row["mass_mg"]:
        high = row["mass_ci95_high_mg"]
        return f"not quantifiable (< {float(high):.2g} mg)" if high else "unknown"
    text = f"{float(row['mass_mg']):.3g} +- {float(row['mass_std_mg']):.2g} mg"
    return f">= {text}" if row["is_lower_bound"] == "true" else text
