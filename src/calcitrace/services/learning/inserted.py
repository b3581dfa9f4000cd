"""Real scans with inserted deposits, to learn from and to judge by."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.noise import measure_noise
from calcitrace.insertion import Known, insert_deposits
from calcitrace.model.insertion import InsertionSettings
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from calcitrace.services.inserting import known_of
from calcitrace.services.learning.collection import FOLDS, unsure_in
from calcitrace.services.learning.example import Example

N_REPEATS, N_DEPOSITS = 3, 16
MASS_MG = (0.25, 2000.0)
SEEDS_PER_PATIENT = 100


def planned() -> Iterator[tuple[str, int, int]]:
    """Patient, repeat and fold of every scan, in the order of training.

    Repeat 0 is the scan as it is.
    """
    for number, fold in enumerate(FOLDS):
        for patient in fold:
            for repeat in range(N_REPEATS + 1):
                yield patient, repeat, number


def plain_example(patient: str, read: Callable[[str], Scan]) -> tuple[Example, Known]:
    """A scan as it is, and what inserting deposits into it needs.

    Parameters
    ----------
    patient
        Number of the patient in the collection.
    read
        Reads the scan of a patient.
    """
    scan = read(patient)
    known = known_of(scan, Protocol())
    noise, _ = measure_noise(scan.volume, known.anatomy)
    unsure = unsure_in(patient, scan.volume.grid)
    plain = _without_headers(scan)
    return Example(patient, 0, plain, None, known.anatomy, noise, unsure), known


def with_deposits(plain: Example, known: Known, repeat: int) -> Example:
    """The same scan with deposits; each `repeat`, from 1, has others."""
    settings = InsertionSettings(
        n_deposits=N_DEPOSITS,
        mass_mg=MASS_MG,
        seed=int(plain.patient) * SEEDS_PER_PATIENT + repeat,
    )
    insertion = insert_deposits(plain.scan, known, settings)
    scan = insertion.scan
    anatomy = find_anatomy(scan.volume, scan.coverage, Protocol().anatomy)
    noise, _ = measure_noise(scan.volume, anatomy)
    return replace(
        plain,
        repeat=repeat,
        scan=scan,
        insertion=insertion,
        anatomy=anatomy,
        noise=noise,
    )


def _without_headers(scan: Scan) -> Scan:
    """The scan without what it says of the patient."""
    return replace(scan, headers=(), series=(), source_kind="array")
