"""What a detector made of one case, deposit by deposit and candidate by candidate."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from benchmarks.detection.cases import Case
from benchmarks.detection.places import lies_in
from calcitrace.analysis.detection import Detection
from calcitrace.insertion import explained, overlaps
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.insertion import InsertedDeposit
from calcitrace.services.learning.collection import KnownCalcium, known_calcium

TISSUE_HU = 50.0
MM3_PER_CM3 = 1000.0


@dataclass(frozen=True, slots=True)
class FoundDeposit:
    """One inserted deposit and what was made of it."""

    patient: str
    repeat: int
    truth: InsertedDeposit
    is_accepted: bool
    is_shown: bool  # accepted or in review


@dataclass(frozen=True, slots=True)
class JudgedCandidate:
    """One candidate that is not known as a bone.

    Attributes
    ----------
    is_true
        Holds an inserted deposit; None where it is real calcium that is neither true
        nor false here.
    mass_mg
        Rough: what is brighter than muscle in its voxels.
    """

    patient: str
    repeat: int
    status: Status
    probability: float
    is_true: bool | None
    mass_mg: float


@dataclass(frozen=True, slots=True)
class Score:
    """All of one case."""

    patient: str
    repeat: int
    deposits: tuple[FoundDeposit, ...]
    candidates: tuple[JudgedCandidate, ...]


def score(case: Case, detection: Detection) -> Score:
    """Compare what was found in a case with what is true."""
    labels = detection.labels.labels
    kept = [c for c in detection.candidates if c.status is not Status.DROPPED]
    accepted = {c.label for c in kept if c.status is Status.ACCEPTED}
    shown = {c.label for c in kept}
    holds: frozenset[int] = frozenset()
    deposits: tuple[FoundDeposit, ...] = ()
    if case.insertion is not None:
        holds = explained(case.insertion, labels)
        deposits = tuple(
            FoundDeposit(
                case.patient,
                case.repeat,
                truth,
                overlap.is_found(accepted),
                overlap.is_found(shown),
            )
            for truth, overlap in zip(
                case.insertion.deposits,
                overlaps(case.insertion, labels),
                strict=True,
            )
        )
    judged = tuple(_judged(case, detection, holds))
    return Score(case.patient, case.repeat, deposits, judged)


def _judged(
    case: Case, detection: Detection, holds: frozenset[int]
) -> Iterable[JudgedCandidate]:
    labels = detection.labels.labels
    grid = case.scan.volume.grid
    known = known_calcium(case.patient)
    slope = case.known.calibration.slope_mg_cm3_per_hu
    boxes = ndimage.find_objects(labels)
    for candidate in detection.candidates:
        if candidate.reason is Reason.SKELETON:
            continue
        box = boxes[candidate.label - 1]
        inside = labels[box] == candidate.label
        index = np.argwhere(inside) + [part.start for part in box]
        excess_hu = float((case.scan.volume.hu[box][inside] - TISSUE_HU).sum())
        yield JudgedCandidate(
            patient=case.patient,
            repeat=case.repeat,
            status=candidate.status,
            probability=candidate.probability,
            is_true=(
                True
                if candidate.label in holds
                else _real(candidate, index, grid, known)
            ),
            mass_mg=max(0.0, excess_hu * slope * grid.voxel_volume_mm3 / MM3_PER_CM3),
        )


def _real(
    candidate: Candidate,
    index: np.ndarray,
    grid: Grid,
    known: tuple[KnownCalcium, ...],
) -> bool | None:
    """False, or None for real calcium: a mimic only as long as a reader is asked."""
    if lies_in(index, grid, tuple(ball for ball in known if not ball.is_mimic)):
        return None
    is_asked = candidate.status is Status.REVIEW
    is_mimic = lies_in(index, grid, tuple(ball for ball in known if ball.is_mimic))
    return None if is_mimic and is_asked else False
