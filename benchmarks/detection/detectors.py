"""Detectors that the benchmark can judge: a case in, candidates with labels out."""

from collections.abc import Callable

from benchmarks.detection.cases import Case
from calcitrace.analysis.detection import find_candidates
from calcitrace.analysis.detection.finding import Detection
from calcitrace.model.protocol import Protocol

Detector = Callable[[Case], Detection]
# Fold to the detector that has not seen its patients.
DetectorForFold = Callable[[int], Detector]


def classical(case: Case) -> Detection:
    """The detector of `calcitrace measure`; it is not trained, so every fold's."""
    return find_candidates(
        case.scan.volume,
        case.scan.coverage,
        case.anatomy,
        case.noise,
        case.scan.acquisition,
        Protocol().detection,
    )


DETECTORS: dict[str, DetectorForFold] = {"classical": lambda _fold: classical}
