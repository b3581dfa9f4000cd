"""Read back what `measure` wrote as a visit to be compared.

Images are not stored: CT numbers of a stored visit are those typical of its tissues, which
is enough to lay one visit on another, and nothing can be measured in it again.
"""

import csv
import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.archive import FileMember
from calcitrace.adapters.nifti import read_label_nifti
from calcitrace.errors import ComparisonError
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.deposit import Deposit, Reason, ShapeClass, Status
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.result import Provenance
from calcitrace.model.structures import PlaceSource
from calcitrace.model.visit import Visit
from calcitrace.model.volume import Coverage, LabelVolume
from calcitrace.services.comparing.stored import stored_visit

Row = dict[str, str]
NAMES = ("scan.json", "deposits.csv", "labels.nii.gz", "anatomy.nii.gz")
# The 95th percentile of blanks is a detection limit; so one sigma is this much of it.
BLANK_Z = 1.6448536269514722


def is_result(source: Path) -> bool:
    """Whether a source is a folder that `measure` wrote."""
    return (source / "scan.json").is_file() and (source / "deposits.csv").is_file()


def read_visit(folder: Path) -> Visit:
    """Read a result folder; number and order come later.

    Raises
    ------
    ComparisonError
        If it lacks a file, or was written by another version.
    """
    try:
        document = json.loads((folder / "scan.json").read_text(encoding="utf-8"))
        with (folder / "deposits.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        labels, anatomy = (_image(folder / name) for name in NAMES[2:])
        return _visit(document, rows, labels, anatomy)
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        msg = (
            f"Expected a folder that `calcitrace measure` wrote, got {folder}: "
            f"{reason}. Measure the scan again, or give the scan itself."
        )
        raise ComparisonError(msg) from error
    except (KeyError, TypeError, ValueError) as error:
        msg = (
            f"Expected a result of this version in {folder}, got another "
            f"({type(error).__name__}: {error}). Give the scan itself."
        )
        raise ComparisonError(msg) from error


def stored_protocol(folder: Path) -> dict[str, Any]:
    """Settings that a stored result was measured with, as plain values."""
    document = json.loads((folder / "scan.json").read_text(encoding="utf-8"))
    protocol: dict[str, Any] = document["protocol"]
    return protocol


def _image(path: Path) -> LabelVolume:
    return read_label_nifti(FileMember(path, path.stat().st_size))


def _visit(
    document: dict[str, Any], rows: list[Row], labels: LabelVolume, tissue: LabelVolume
) -> Visit:
    coverage = document["coverage"]
    grid = labels.grid
    if tuple(coverage["shape"]) != grid.shape:
        msg = f"images of {grid.shape}, table of {tuple(coverage['shape'])}"
        raise ValueError(msg)
    return stored_visit(
        deposits=tuple(_deposit(row) for row in rows),
        labels=labels,
        tissue=LabelVolume(tissue.labels.astype(np.uint8), grid),
        coverage=_coverage(coverage, grid),
        acquisition=_acquisition(document["acquisition"]),
        calibration=_calibration(document["calibration"]),
        provenance=Provenance(**document["provenance"]),
        flags=_flags(document["flags"]),
    )


def _coverage(document: dict[str, Any], grid: Grid) -> Coverage:
    """What was measured; of a round field of view only its area is stored."""
    slices = np.ones(grid.shape[0], bool)
    slices[document["missing_slices"]] = False
    plane: NDArray[np.bool_] = np.ones(grid.shape[1:], bool)
    fraction = float(document["plane_fraction"])
    if fraction < 1:
        n_rows, n_columns = plane.shape
        row, column = np.ogrid[:n_rows, :n_columns]
        square = (row - (n_rows - 1) / 2) ** 2 + (column - (n_columns - 1) / 2) ** 2
        plane = np.asarray(square <= fraction * n_rows * n_columns / math.pi, np.bool_)
    return Coverage(slices, plane)


def _acquisition(document: dict[str, Any]) -> Acquisition:
    fields = {
        name: document[name]
        for name in Acquisition.__dataclass_fields__
        if name in document
    }
    acquired = fields["acquired"]
    fields["acquired"] = datetime.fromisoformat(acquired) if acquired else None
    fields["body_part_words"] = tuple(fields.get("body_part_words", ()))
    return Acquisition(**fields)


def _calibration(document: dict[str, Any]) -> Calibration:
    return Calibration(
        slope_mg_cm3_per_hu=document["slope_mg_cm3_per_hu"],
        std_systematic=document["std_systematic"],
        std_random=document["std_random"],
        grade=Grade(document["grade"]),
        kvp=document["kvp"],
        body_diameter_mm=document["body_diameter_mm"],
        hardening_cm2_per_mg=document["hardening_cm2_per_mg"],
        source=document["source"],
    )


def _flags(documents: list[dict[str, Any]]) -> tuple[Flag, ...]:
    return tuple(Flag(_KINDS[d["code"]], d["detail"]) for d in documents)


def _deposit(row: Row) -> Deposit:
    return Deposit(
        deposit_id=int(row["deposit_id"]),
        tracking_uid=row["tracking_uid"],
        label=int(row["deposit_id"]),
        status=Status(row["status"]),
        reason=Reason(row["reason"]),
        probability=float(row["probability"]),
        region=row["region"],
        laterality=row["laterality"],
        centroid_mm=_point(row, "centroid"),
        seed_mm=_point(row, "seed"),
        mass=_mass(row),
        detection_limit_mg=float(row["detection_limit_mg"]),
        volume=_estimate(row, "volume_mm3", "volume_std_mm3", Unit.MM3),
        density_mean=_estimate(
            row, "density_mean_mg_cm3", "density_std_mg_cm3", Unit.MG_PER_CM3
        ),
        hu_max=float(row["hu_max"]),
        diameter_max_mm=float(row["diameter_max_mm"]),
        agatston=_number(row["agatston"]),
        depth_mm=_number(row["depth_mm"]),
        bone_distance_mm=_number(row["bone_distance_mm"]),
        shape_class=ShapeClass(row["shape_class"]),
        is_lower_bound=row["is_lower_bound"] == "true",
        is_quantifiable=row["is_quantifiable"] == "true",
        flags=tuple(Flag(_KINDS[code]) for code in row["flags"].split(";") if code),
        region_source=PlaceSource(row["region_source"]),
        laterality_source=PlaceSource(row["laterality_source"]),
        mass_std_noise_mg=_number(row["mass_std_noise_mg"]),
    )


def _mass(row: Row) -> Estimate:
    """Mass; below the detection limit no number is stored: nothing, give or take it."""
    if not row["mass_mg"]:
        limit = float(row["detection_limit_mg"])
        return Estimate(0.0, limit / BLANK_Z, 0.0, Unit.MG)
    random, systematic = row["mass_std_random_mg"], row["mass_std_systematic_mg"]
    return Estimate(float(row["mass_mg"]), float(random), float(systematic), Unit.MG)


def _estimate(row: Row, value: str, std: str, unit: Unit) -> Estimate | None:
    """Value whose errors were stored as one: taken as new in each scan."""
    if not row[value]:
        return None
    return Estimate(float(row[value]), float(row[std]), 0.0, unit)


def _point(row: Row, name: str) -> tuple[float, float, float]:
    x, y, z = (float(row[f"{name}_{axis}_mm"]) for axis in "xyz")
    return x, y, z


def _number(text: str) -> float | None:
    return float(text) if text else None


_KINDS = {kind.code: kind for kind in FlagKind}
