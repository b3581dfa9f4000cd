"""Patients of the benchmark, their folds, and calcium that they really have."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.grid import Grid

# Fixed for good: a learned detector is trained on the other folds. Each holds thighs, and
# the scans with calcium or without any are spread out.
FOLDS: tuple[tuple[str, ...], ...] = (
    ("001", "006", "015", "024", "034"),
    ("007", "010", "018", "033", "040"),
    ("008", "013", "023", "042"),
    ("012", "022", "026", "043"),
    ("030", "037", "046", "050"),
)
PATIENTS = tuple(sorted(name for fold in FOLDS for name in fold))
DEPOSIT_FREE = ("024", "033", "042", "043")
TABLE = Path(__file__).parent / "known_calcium.csv"
INSIDE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class KnownCalcium:
    """A ball around calcium that is really there.

    Attributes
    ----------
    is_mimic
        No calcinosis (vessel wall, phlebolith): to accept it is an error, to ask a
        reader is not. Other calcium is neither true nor false here.
    """

    patient: str
    centre_mm: tuple[float, float, float]
    radius_mm: float
    is_mimic: bool
    what: str


def fold_of(patient: str) -> int:
    """Number of the fold that a patient belongs to."""
    return next(k for k, fold in enumerate(FOLDS) if patient in fold)


def source(folder: Path, patient: str) -> Path:
    """The CT scan of a patient below the folder of scans."""
    return folder / f"STS_{patient}_CT.zip"


def known_calcium(patient: str) -> tuple[KnownCalcium, ...]:
    """Rows of the table for one patient."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return tuple(
            KnownCalcium(
                row["patient"],
                (float(row["x_mm"]), float(row["y_mm"]), float(row["z_mm"])),
                float(row["radius_mm"]),
                row["is_mimic"] == "true",
                row["what"],
            )
            for row in csv.DictReader(file)
            if row["patient"] == patient
        )


def lies_in(
    index: NDArray[np.integer], grid: Grid, balls: tuple[KnownCalcium, ...]
) -> bool:
    """Whether half of some voxels, shape (n, 3), lie in any of the balls."""
    if not balls:
        return False
    points = grid.to_world_mm(index)
    inside = np.zeros(len(points), bool)
    for ball in balls:
        away = np.linalg.norm(points - np.array(ball.centre_mm), axis=1)
        inside |= away <= ball.radius_mm
    return not math.isclose(inside.mean(), 0) and bool(inside.mean() >= INSIDE_SHARE)
