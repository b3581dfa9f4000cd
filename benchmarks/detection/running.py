"""Judge a detector on patients that it has not seen, fold by fold."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.detection.cases import Case, cases, simulated_case
from benchmarks.detection.detectors import DetectorForFold
from benchmarks.detection.scoring import Score, score
from calcitrace.analysis.quantification import Context, measure_deposits
from calcitrace.model.deposit import Status
from calcitrace.model.protocol import Protocol
from calcitrace.services.detecting import Detected
from calcitrace.services.imaging import bystanders
from calcitrace.services.learning.collection import DEPOSIT_FREE, FOLDS
from calcitrace.services.learning.inserted import N_REPEATS
from calcitrace.services.learning.simulated import plans


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
    """Scores of all cases, and the burden of deposit-free scans.

    Attributes
    ----------
    simulated
        Scores of simulated bodies, apart: what they show is another thing.
    """

    scores: tuple[Score, ...]
    burdens: tuple[Burden, ...]
    simulated: tuple[Score, ...] = ()


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
        the patients of the fold.
    report
        Hears one line for each case.
    """
    scores: list[Score] = []
    burdens: list[Burden] = []
    simulated: list[Score] = []
    for number, fold in enumerate(FOLDS):
        detect = detector_for_fold(number)
        for name, own_fold, plan in plans():
            if own_fold == number:
                case = simulated_case(plan)
                simulated.append(score(case, detect(case).detection))
                report(name)
        for case in cases(folder, fold, n_repeats):
            found = detect(case)
            scores.append(score(case, found.detection))
            if case.repeat == 0 and case.patient in DEPOSIT_FREE:
                burdens.append(burden(case, found))
            n_found = sum(d.is_accepted for d in scores[-1].deposits)
            n = len(scores[-1].deposits)
            report(f"STS_{case.patient} {case.repeat}: {n_found} of {n} accepted")
    return Outcome(tuple(scores), tuple(burdens), tuple(simulated))


def burden(case: Case, found: Detected) -> Burden:
    """Measure what was found, as `calcitrace measure` does."""
    detection = found.detection
    kept = [c for c in detection.candidates if c.status is not Status.DROPPED]
    measured = measure_deposits(
        Context(
            volume=case.scan.volume,
            coverage=case.scan.coverage,
            anatomy=found.anatomy,
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
