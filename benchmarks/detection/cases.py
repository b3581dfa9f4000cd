"""Scans with inserted deposits, made once and kept in a temporary folder."""

import gzip
import hashlib
import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import calcitrace
from benchmarks.detection.patients import source
from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.noise import measure_noise
from calcitrace.insertion import Known, insert_deposits
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.image_quality import Noise
from calcitrace.model.insertion import Insertion, InsertionSettings
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from calcitrace.services.inserting import known_of

N_REPEATS, N_DEPOSITS = 3, 16
MASS_MG = (0.25, 2000.0)
SEEDS_PER_PATIENT = 100
SOURCE = Path(calcitrace.__file__).parent
# Code that a case depends on: another version makes other cases.
MADE_BY = ("analysis/anatomy", "analysis/noise", "analysis/psf", "analysis/calibration",
           "insertion", "model")  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One scan to look for deposits in.

    Attributes
    ----------
    repeat
        0 is the scan as it is, without inserted deposits.
    insertion
        Truth, None where nothing was inserted.
    anatomy, noise
        Found on `scan`, inserted deposits included, as when measuring it.
    known
        Found on the scan as it is.
    """

    patient: str
    repeat: int
    scan: Scan
    insertion: Insertion | None
    anatomy: Anatomy
    noise: Noise
    known: Known


def cases(
    folder: Path, patients: tuple[str, ...], n_repeats: int = N_REPEATS
) -> Iterator[Case]:
    """Cases of each patient: the scan as it is, then with deposits."""
    for patient in patients:
        for repeat in range(n_repeats + 1):
            yield case(folder, patient, repeat)


def case(folder: Path, patient: str, repeat: int) -> Case:
    """One case, from the temporary folder if it was made before."""
    kept = cache() / f"{patient}-{repeat}.pickle.gz"
    if kept.exists():
        with gzip.open(kept, "rb") as file:
            found: Case = pickle.load(file)  # noqa: S301 -- our own file
        return found
    made = _made(folder, patient, repeat)
    with gzip.open(kept, "wb", compresslevel=1) as file:
        pickle.dump(made, file)
    return made


def cache() -> Path:
    """Temporary folder of this version of the code, created if need be."""
    digest = hashlib.sha256(f"{N_DEPOSITS} {MASS_MG} {Protocol().hash}".encode())
    for part in MADE_BY:
        for path in sorted((SOURCE / part).rglob("*.py")):
            digest.update(path.read_bytes())
    digest.update(Path(__file__).read_bytes())
    folder = Path(tempfile.gettempdir()) / f"calcitrace-cases-{digest.hexdigest()[:12]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _made(folder: Path, patient: str, repeat: int) -> Case:
    if repeat == 0:
        scan = calcitrace.read_scan(source(folder, patient))
        known = known_of(scan, Protocol())
        noise, _ = measure_noise(scan.volume, known.anatomy)
        return Case(
            patient, 0, _without_headers(scan), None, known.anatomy, noise, known
        )
    blank = case(folder, patient, 0)
    settings = InsertionSettings(
        n_deposits=N_DEPOSITS,
        mass_mg=MASS_MG,
        seed=int(patient) * SEEDS_PER_PATIENT + repeat,
    )
    insertion = insert_deposits(blank.scan, blank.known, settings)
    scan = insertion.scan
    anatomy = find_anatomy(scan.volume, scan.coverage, Protocol().anatomy)
    noise, _ = measure_noise(scan.volume, anatomy)
    return Case(patient, repeat, scan, insertion, anatomy, noise, blank.known)


def _without_headers(scan: Scan) -> Scan:
    """The scan without what it says of the patient."""
    return replace(scan, headers=(), series=(), source_kind="array")
