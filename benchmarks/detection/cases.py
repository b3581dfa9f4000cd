"""Scans with inserted deposits, made once and kept in a temporary folder."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import calcitrace
from calcitrace.bootstrap.shelf import kept
from calcitrace.insertion import Known
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.image_quality import Noise
from calcitrace.model.insertion import Insertion
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from calcitrace.services.inserting import known_of
from calcitrace.services.learning.collection import file_name
from calcitrace.services.learning.example import Example
from calcitrace.services.learning.inserted import (
    N_REPEATS,
    plain_example,
    with_deposits,
)
from calcitrace.services.learning.simulated import example_of
from calcitrace.services.study.stock import Planned

SOURCE = Path(calcitrace.__file__).parent
# Code that a case depends on: another version makes other cases.
MADE_BY = ("analysis/anatomy", "analysis/noise", "analysis/psf", "analysis/calibration",
           "insertion", "simulation", "services/learning/inserted.py",
           "services/learning/simulated.py")  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One scan to look for deposits in.

    Attributes
    ----------
    known
        Found on the scan as it is, without deposits.
    """

    example: Example
    known: Known

    @property
    def patient(self) -> str:
        """Number in the collection."""
        return self.example.patient

    @property
    def repeat(self) -> int:
        """0 is the scan as it is, without inserted deposits."""
        return self.example.repeat

    @property
    def scan(self) -> Scan:
        """With its deposits."""
        return self.example.scan

    @property
    def insertion(self) -> Insertion | None:
        """Truth, None where nothing was inserted."""
        return self.example.insertion

    @property
    def anatomy(self) -> Anatomy:
        """Found on `scan`."""
        return self.example.anatomy

    @property
    def noise(self) -> Noise:
        """Measured on `scan`."""
        return self.example.noise


def cases(
    folder: Path, patients: tuple[str, ...], n_repeats: int = N_REPEATS
) -> Iterator[Case]:
    """Cases of each patient: the scan as it is, then with deposits."""
    for patient in patients:
        for repeat in range(n_repeats + 1):
            yield case(folder, patient, repeat)


def case(folder: Path, patient: str, repeat: int) -> Case:
    """One case, from the temporary folder if it was made before."""
    return _kept(f"{patient}-{repeat}", lambda: _made(folder, patient, repeat))


def simulated_case(plan: Planned) -> Case:
    """One simulated body, from the temporary folder if it was scanned before."""

    def made() -> Case:
        example = example_of(plan)
        return Case(example, known_of(example.scan, Protocol()))

    return _kept(f"simulated-{plan.scene}", made)


def _kept(name: str, make: Callable[[], Case]) -> Case:
    return kept(cache() / f"{name}.pickle.gz", make)


def cache() -> Path:
    """Temporary folder of this version of the code, created if need be."""
    digest = hashlib.sha256(Protocol().hash.encode())
    for part in MADE_BY:
        path = SOURCE / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else (path,):
            digest.update(file.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"calcitrace-cases-{digest.hexdigest()[:12]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _made(folder: Path, patient: str, repeat: int) -> Case:
    if repeat == 0:
        plain, known = plain_example(
            patient, lambda name: calcitrace.read_scan(folder / file_name(name))
        )
        return Case(plain, known)
    blank = case(folder, patient, 0)
    return Case(with_deposits(blank.example, blank.known, repeat), blank.known)
