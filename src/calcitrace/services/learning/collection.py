"""The patients that the detector learns from, their folds, and calcium they really have.

Soft-tissue-Sarcoma collection of The Cancer Imaging Archive (CC BY 3.0, Vallieres et al.
2015, doi 10.7937/K9/TCIA.2015.7GO2GSKS): no expert has marked calcium in it, so places
are listed here by what was seen.
"""

from dataclasses import dataclass

import numpy as np

from calcitrace.model.grid import Grid
from calcitrace.model.volume import Mask

# Fixed for good: a detector is judged on the fold that it was not trained on. Each holds
# thighs, and the scans with calcium or without any are spread out.
FOLDS: tuple[tuple[str, ...], ...] = (
    ("001", "006", "015", "024", "034"),
    ("007", "010", "018", "033", "040"),
    ("008", "013", "023", "042"),
    ("012", "022", "026", "043"),
    ("030", "037", "046", "050"),
)
PATIENTS = tuple(sorted(name for fold in FOLDS for name in fold))
DEPOSIT_FREE = ("024", "033", "042", "043")


@dataclass(frozen=True, slots=True)
class KnownCalcium:
    """A ball around calcium that is really there.

    Attributes
    ----------
    is_mimic
        No calcinosis (vessel wall, phlebolith): to accept it is an error, to ask a
        reader is not. Other calcium is neither true nor false.
    """

    patient: str
    centre_mm: tuple[float, float, float]
    radius_mm: float
    is_mimic: bool
    what: str


def file_name(patient: str) -> str:
    """Of the CT scan of a patient, as the collection is kept here."""
    return f"STS_{patient}_CT.zip"


def known_calcium(patient: str) -> tuple[KnownCalcium, ...]:
    """What one patient is known to have."""
    return tuple(ball for ball in KNOWN_CALCIUM if ball.patient == patient)


def unsure_in(patient: str, grid: Grid) -> Mask | None:
    """Voxels of calcium of which nobody knows whether it counts; `None` without any."""
    balls = [ball for ball in known_calcium(patient) if not ball.is_mimic]
    if not balls:
        return None
    out = np.zeros(grid.shape, bool)
    for ball in balls:
        low, high = (
            np.clip(np.rint(edge).astype(int), 0, np.array(grid.shape))
            for edge in _reach(grid, ball)
        )
        s, r, c = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
        index = np.stack(
            np.meshgrid(
                *(np.arange(p.start, p.stop) for p in (s, r, c)), indexing="ij"
            ),
            axis=-1,
        )
        away = np.linalg.norm(grid.to_world_mm(index) - ball.centre_mm, axis=-1)
        out[s, r, c] |= away <= ball.radius_mm
    return out


def _reach(grid: Grid, ball: KnownCalcium) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest index, plus one, of the box around a ball."""
    middle = grid.to_index(np.array(ball.centre_mm))
    half = ball.radius_mm / np.asarray(grid.spacing_mm) + 1
    return middle - half, middle + half + 1


_CALCIUM, _MIMIC = False, True
KNOWN_CALCIUM = (
    KnownCalcium("006", (95.3, -76.0, 873.8), 24, _CALCIUM, "calcification of the tumour"),
    KnownCalcium("006", (99.2, -86.8, 881.4), 10, _CALCIUM, "calcification of the tumour"),
    KnownCalcium("006", (136.9, -82.7, 890.4), 21, _CALCIUM, "calcification of the tumour"),
    KnownCalcium("006", (144.9, -85.7, 882.8), 8, _CALCIUM, "calcification of the tumour"),
    KnownCalcium("006", (139.4, -59.1, 884.5), 9, _CALCIUM, "calcification of the tumour"),
    KnownCalcium("006", (105.0, -82.0, 826.0), 20, _CALCIUM, "faint streaks below the tumour"),
    KnownCalcium("006", (70.6, -1.6, 714.3), 6, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("006", (62.5, -10.7, 745.9), 5, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("006", (66.9, -10.0, 752.5), 5, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("007", (27.3, 29.7, -716.9), 5, _MIMIC, "phlebolith"),
    KnownCalcium("007", (-12.5, 71.9, -700.4), 7, _MIMIC, "phlebolith"),
    KnownCalcium("007", (38.0, 55.4, -697.1), 7, _MIMIC, "phlebolith"),
    KnownCalcium("007", (20.7, 70.7, -693.5), 7, _MIMIC, "phlebolith"),
    KnownCalcium("007", (24.9, 64.3, -694.0), 5, _MIMIC, "phlebolith"),
    KnownCalcium("007", (40.2, 45.7, -651.5), 5, _MIMIC, "wall of an iliac artery"),
    KnownCalcium("007", (35.7, 63.0, -651.5), 4, _MIMIC, "wall of an iliac artery"),
    KnownCalcium("007", (-45.6, 12.5, -641.4), 8, _MIMIC, "wall of an iliac artery"),
    KnownCalcium("007", (33.5, 35.8, -636.8), 6, _MIMIC, "wall of an iliac artery"),
    KnownCalcium("007", (-18.9, 14.7, -607.5), 13, _MIMIC, "wall of an iliac artery"),
    KnownCalcium("007", (39.5, 22.1, -605.7), 5, _MIMIC, "wall of an iliac artery"),
    KnownCalcium("007", (32.0, 17.4, -598.5), 7, _MIMIC, "wall of an iliac artery"),
    KnownCalcium("007", (7.9, 4.4, -561.8), 10, _MIMIC, "wall of the aorta"),
    KnownCalcium("007", (17.5, 4.3, -554.5), 6, _MIMIC, "wall of the aorta"),
    KnownCalcium("007", (8.4, -5.2, -553.4), 5, _MIMIC, "wall of the aorta"),
    KnownCalcium("007", (18.8, -1.9, -553.4), 5, _MIMIC, "wall of the aorta"),
    KnownCalcium("013", (72.2, -23.4, 743.6), 8, _CALCIUM, "ring in the tumour"),
    KnownCalcium("013", (100.3, 1.9, 749.5), 8, _CALCIUM, "clump in the tumour"),
    KnownCalcium("013", (98.3, 55.7, 754.3), 23, _CALCIUM, "ossified shell of the tumour"),
    KnownCalcium("013", (45.5, 75.2, 694.3), 7, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("013", (44.6, 69.8, 707.2), 7, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("013", (45.5, 70.1, 720.7), 4, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("013", (39.1, 72.5, 722.5), 9, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("013", (31.6, 70.0, 737.0), 4, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("013", (27.3, 61.1, 759.7), 7, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("013", (35.6, 22.4, 834.9), 7, _MIMIC, "probably the femoral artery"),
    KnownCalcium("022", (62.0, 32.0, 779.0), 8, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (60.0, 30.0, 787.0), 8, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (57.6, 25.9, 791.5), 8, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (55.8, 19.4, 802.9), 8, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (54.2, 17.3, 815.0), 9, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (56.2, 7.4, 838.8), 7, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (46.7, 0.7, 865.7), 6, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (46.9, -3.4, 878.1), 5, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (52.0, -3.7, 891.2), 5, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (47.7, -11.2, 902.1), 6, _MIMIC, "wall of the femoral artery"),
    KnownCalcium("022", (49.4, -11.7, 923.9), 5, _MIMIC, "wall of the femoral artery"),
)  # fmt: skip
