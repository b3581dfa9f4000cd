"""`calcitrace train`: the detector that comes with the program, made again."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from calcitrace.adapters.boosting import fit
from calcitrace.adapters.detector_file import write_detector
from calcitrace.bootstrap.measuring import read_scan
from calcitrace.bootstrap.shelf import kept
from calcitrace.errors import DetectorError
from calcitrace.insertion import Known
from calcitrace.model.learned import LearnedDetector
from calcitrace.model.scan import Scan
from calcitrace.services.learning.collection import (
    PATIENTS,
    file_name,
)
from calcitrace.services.learning.example import Example
from calcitrace.services.learning.format import from_bytes, to_bytes
from calcitrace.services.learning.inserted import (
    plain_example,
    planned,
    with_deposits,
)
from calcitrace.services.learning.training import Source, Trainer
from calcitrace.services.ports import Progress, no_progress

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """What a user asked `train` for.

    Attributes
    ----------
    scans
        Folder with the CT scans of the collection.
    out
        File to write.
    """

    scans: Path
    out: Path


def train_into(
    request: TrainRequest, progress: Progress = no_progress
) -> LearnedDetector:
    """Train on all folds and write the detector.

    Raises
    ------
    DetectorError
        If a scan of the collection is missing.
    InputError
        If LightGBM is not installed.
    OutputError
        If the file cannot be written.
    """
    missing = [p for p in PATIENTS if not (request.scans / file_name(p)).exists()]
    if missing:
        msg = (
            f"Expected {len(PATIENTS)} scans named like {file_name(PATIENTS[0])}, "
            f"got {len(PATIENTS) - len(missing)}: {file_name(missing[0])} is missing. "
            "Give the folder that holds them with --scans."
        )
        raise DetectorError(msg)
    with TemporaryDirectory(prefix="calcitrace-train-") as folder:
        shelf = _Shelf(Path(folder), request.scans)
        trainer = Trainer((*shelf.real(), *shelf.simulated()), fit, progress)
        content = to_bytes(trainer.detector(trainer.folds))
    write_detector(content, request.out)
    return from_bytes(content)


class _Shelf:
    """Makes examples, and keeps them in a folder for the next time."""

    def __init__(self, folder: Path, scans: Path) -> None:
        self._folder, self._scans = folder, scans

    def real(self) -> list[Source]:
        """Scans of the collection, as they are and with deposits."""
        return [
            Source(patient, repeat, fold, partial(self._example, patient, repeat))
            for patient, repeat, fold in planned()
        ]

    def simulated(self) -> list[Source]:
        """Simulated bodies; the simulator is loaded on use, for it is compiled."""
        from calcitrace.services.learning.simulated import (  # noqa: PLC0415 -- loaded on use
            example_of,
            plans,
        )

        return [
            Source(name, 1, fold, partial(self._kept, name, partial(example_of, plan)))
            for name, fold, plan in plans()
        ]

    def _example(self, patient: str, repeat: int) -> Example:
        return self._real(patient, repeat)[0]

    def _real(self, patient: str, repeat: int) -> tuple[Example, Known]:
        if repeat == 0:
            return self._kept(
                f"{patient}-0", lambda: plain_example(patient, self._read)
            )
        plain, known = self._real(patient, 0)
        return self._kept(
            f"{patient}-{repeat}",
            lambda: (with_deposits(plain, known, repeat), known),
        )

    def _read(self, patient: str) -> Scan:
        return read_scan(self._scans / file_name(patient))

    def _kept(self, name: str, make: Callable[[], T]) -> T:
        return kept(self._folder / f"{name}.pickle.gz", make)
