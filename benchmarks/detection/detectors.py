"""Detectors that the benchmark can judge: a case in, candidates with labels out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.detection.cases import Case, case, simulated_case
from calcitrace.adapters.boosting import fit
from calcitrace.model.learned import LearnedDetector
from calcitrace.model.protocol import Protocol
from calcitrace.services.detecting import Detected, detect
from calcitrace.services.learning.example import Example
from calcitrace.services.learning.inserted import planned
from calcitrace.services.learning.simulated import plans
from calcitrace.services.learning.training import Source, Trainer
from calcitrace.services.study.stock import Planned

Detector = Callable[[Case], Detected]
# Fold to the detector that has not seen its patients.
DetectorForFold = Callable[[int], Detector]


def rules(_fold: int) -> Detector:
    """Fixed rules; nobody trains them, so every fold's."""
    return with_trees(None)


def with_trees(detector: LearnedDetector | None) -> Detector:
    """The detector of `calcitrace measure` with these trees, or with none."""

    def find(seen: Case) -> Detected:
        settings = Protocol().detection
        return detect(seen.scan, seen.anatomy, seen.noise, settings, detector)

    return find


def trained(folder: Path) -> DetectorForFold:
    """Trees that learn from the other folds, as `calcitrace train` lets them."""
    trainer = Trainer(sources_in(folder), fit)

    def for_fold(fold: int) -> Detector:
        return with_trees(trainer.detector(trainer.folds - {fold}))

    return for_fold


def sources_in(folder: Path) -> tuple[Source, ...]:
    """Every scan of the collection, as it is and with deposits; simulated bodies."""
    real = tuple(
        Source(patient, repeat, fold, partial(_example, folder, patient, repeat))
        for patient, repeat, fold in planned()
    )
    simulated = tuple(
        Source(name, 1, fold, partial(_simulated, plan)) for name, fold, plan in plans()
    )
    return real + simulated


def _simulated(plan: Planned) -> Example:
    return simulated_case(plan).example


def _example(folder: Path, patient: str, repeat: int) -> Example:
    return case(folder, patient, repeat).example
