"""Judge a detector on patients that it has not seen, fold by fold."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.detection.cases import N_REPEATS, Case, cases
from benchmarks.detection.detectors import DetectorForFold
from benchmarks.detection.patients import DEPOSIT_FREE, FOLDS, PATIENTS
from benchmarks.detection.scoring import Score, score
from calcitrace.analysis.detection.finding import Detection
from calcitrace.analysis.quantification import Context, measure_deposits
from calcitrace.model.deposit import Status
from calcitrace.model.protocol import Protocol
from calcitrace.services.imaging import bystanders


@dataclass(frozen=True, slots=True)
class Burden:
    """What is reported on a scan that holds no deposit, in mg, as `measure` would."""

    patient: str
    accepted_mg: float
    with_review_mg: float
    n_accepted: int
    n_review: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Scores of all cases, and the burden of deposit-free scans."""

    scores: tuple[Score, ...]
    burdens: tuple[Burden, ...]


def training_patients(fold: int) -> tuple[str, ...]:
    """Patients that the detector of a fold may learn from."""
    return tuple(p for p in PATIENTS if p not in FOLDS[fold])


def judged(
    folder: Path,
    detector_for_fold: DetectorForFold,
    *,
    n_repeats: int = N_REPEATS,
    report: Callable[[str], None],
) -> Outcome:
    """Run a detector on every case of every fold.

    Parameters
    ----------
    folder
        Folder of the STS scans.
    detector_for_fold
        Called once for each fold, with its number; what it returns must not have seen
        the patients of the fold (`training_patients`).
    report
        Hears one line for each case.
    """
    scores: list[Score] = []
    burdens: list[Burden] = []
    for number, fold in enumerate(FOLDS):
        detect = detector_for_fold(number)
        for case in cases(folder, fold, n_repeats):
            detection = detect(case)
            scores.append(score(case, detection))
            if case.repeat == 0 and case.patient in DEPOSIT_FREE:
                burdens.append(burden(case, detection))
            n_found = sum(d.is_accepted for d in scores[-1].deposits)
            n = len(scores[-1].deposits)
            report(f"STS_{case.patient} {case.repeat}: {n_found} of {n} accepted")
    return Outcome(tuple(scores), tuple(burdens))


def burden(case: Case, detection: Detection) -> Burden:
    """Measure what was found, as `calcitrace measure` does."""
    kept = [c for c in detection.candidates if c.status is not Status.DROPPED]
    measured = measure_deposits(
        Context(
            volume=case.scan.volume,
            coverage=case.scan.coverage,
            anatomy=case.anatomy,
            labels=detection.labels,
            kept=tuple(c.label for c in kept),
            bystanders=bystanders(detection.candidates),
            cut=frozenset(c.label for c in detection.candidates if c.is_cut),
            kvp=case.scan.acquisition.kvp,
            psf=case.known.psf,
            noise=case.noise,
            calibration=case.known.calibration,
        ),
        Protocol().quantification,
        lambda _: None,
    )
    accepted = {c.label for c in kept if c.status is Status.ACCEPTED}
    return Burden(
        patient=case.patient,
        accepted_mg=sum(m.mass.value for m in measured if m.label in accepted),
        with_review_mg=sum(m.mass.value for m in measured),
        n_accepted=len(accepted),
        n_review=len(kept) - len(accepted),
    )
