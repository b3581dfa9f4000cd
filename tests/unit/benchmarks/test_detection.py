"""The benchmark of detection: folds, matching, false ones, clicks, calibration."""

import numpy as np
import pytest
from benchmarks.detection.cases import Case
from benchmarks.detection.figures import (
    calibration_error,
    clicks,
    mean,
    ratio,
    reliability,
    sensitivity,
)
from benchmarks.detection.places import lies_in
from benchmarks.detection.running import Burden, Outcome
from benchmarks.detection.scoring import JudgedCandidate, Score, score
from benchmarks.detection.tables import tables

from calcitrace.analysis.detection import Detection
from calcitrace.analysis.noise import measure_noise
from calcitrace.insertion import explained, insert_deposits, overlaps
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.insertion import Gap, InsertionSettings, Morphology
from calcitrace.model.volume import LabelVolume
from calcitrace.services.learning.collection import FOLDS, PATIENTS, KnownCalcium
from calcitrace.services.learning.example import Example
from tests.fakes.insertion import known, thigh_scan


@pytest.fixture(scope="module")
def case() -> Case:
    scan = thigh_scan()
    seen = known(scan)
    settings = InsertionSettings(
        3, (Morphology.NODULE,), (60.0, 200.0), gaps=(Gap.FIVE,), seed=1010
    )
    insertion = insert_deposits(scan, seen, settings)
    noise, _ = measure_noise(scan.volume, seen.anatomy)
    example = Example("024", 1, insertion.scan, insertion, seen.anatomy, noise)
    return Case(example, seen)


def candidate(label: int, status: Status, probability: float = 0.9) -> Candidate:
    return Candidate(
        label,
        status,
        Reason.SOFT_TISSUE_CALCIUM,
        probability,
        (0.0, 0.0, 0.0),
        1.0,
        300.0,
        touches_bone=False,
        is_cut=False,
    )


def detection(case: Case, *statuses: Status) -> Detection:
    """First the inserted deposits as candidates, then a false one in a corner."""
    assert case.insertion is not None
    labels = case.insertion.labels.labels.astype(np.int32)
    labels[0, 60:64, 60:64] = len(case.insertion.deposits) + 1
    return Detection(
        tuple(candidate(k, s) for k, s in enumerate(statuses, start=1)),
        LabelVolume(labels, case.scan.volume.grid),
    )


def test_every_patient_is_in_one_fold() -> None:
    assert len(PATIENTS) == len(set(PATIENTS)) == sum(map(len, FOLDS)) == 22


def test_a_deposit_is_found_by_a_fifth_of_its_mass_or_its_centre(case: Case) -> None:
    assert case.insertion is not None
    truth = case.insertion.labels.labels
    mass = case.insertion.mass.mg
    inside = np.argwhere(truth == 1)
    # From the edge inwards: the centre comes last.
    far = np.linalg.norm(inside - inside.mean(axis=0), axis=1)
    labels = np.zeros(truth.shape, np.int32)
    held = 0.0
    for index in inside[np.argsort(-far)]:
        here = tuple(index)
        labels[here] = 7
        held += float(mass[here]) / case.insertion.deposits[0].mass_mg
        if 0.05 < held < 0.15:
            assert not overlaps(case.insertion, labels)[0].is_found({7})
        if held > 0.21:
            break
    assert overlaps(case.insertion, labels)[0].is_found({7})
    assert not overlaps(case.insertion, labels)[0].is_found({8})
    assert explained(case.insertion, labels) == {7}


def test_scores_tell_found_from_missed_and_true_from_false(case: Case) -> None:
    seen = score(
        case,
        detection(
            case, Status.ACCEPTED, Status.REVIEW, Status.DROPPED, Status.ACCEPTED
        ),
    )

    assert [(d.is_accepted, d.is_shown) for d in seen.deposits] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert [c.is_true for c in seen.candidates] == [True, True, True, False]
    # One deposit to accept and one to add; the false one weighs almost nothing.
    assert clicks(seen).accept == 1
    assert clicks(seen).add == 1
    assert clicks(seen).total <= 3


def test_clicks_stop_where_less_than_a_twentieth_is_left(case: Case) -> None:
    every = score(case, detection(case, *[Status.ACCEPTED] * 4))
    total = sum(d.truth.mass_in_scan_mg for d in every.deposits)

    def with_false(*masses_mg: float) -> Score:
        false = tuple(
            JudgedCandidate("024", 1, Status.ACCEPTED, 0.9, is_true=False, mass_mg=m)
            for m in masses_mg
        )
        return Score("024", 1, every.deposits, false)

    assert clicks(with_false(0.04 * total)).total == 0
    assert clicks(with_false(0.04 * total, 0.04 * total)).exclude == 1
    assert clicks(with_false(0.3 * total, 0.3 * total, 0.01 * total)).exclude == 2


def test_real_calcium_is_left_out_by_place() -> None:
    grid = Grid((10, 10, 10), (1.0, 1.0, 1.0))
    ball = KnownCalcium("006", (5.0, 5.0, 5.0), 2.0, is_mimic=False, what="test")

    assert lies_in(np.array([[5, 5, 5], [5, 5, 6], [5, 5, 9]]), grid, (ball,))
    assert not lies_in(np.array([[5, 5, 5], [5, 5, 8], [5, 5, 9]]), grid, (ball,))
    assert not lies_in(np.array([[5, 5, 5]]), grid, ())


def test_calibration_error_by_hand() -> None:
    said = [(0.95, True)] * 8 + [(0.95, False)] * 2 + [(0.05, False)] * 10
    rows = reliability(
        [JudgedCandidate("024", 1, Status.REVIEW, p, t, 1.0) for p, t in said]
    )

    assert [(row.n, row.true) for row in rows] == [(10, 0.0), (10, 0.8)]
    assert calibration_error(rows) == pytest.approx((0.05 + 0.15) / 2)


def test_intervals_are_over_patients() -> None:
    alike = dict.fromkeys(PATIENTS, 1.0)
    mixed = {p: float(k % 2) for k, p in enumerate(PATIENTS)}

    same = ratio(alike, alike, 22)
    other = ratio(mixed, alike, 22)

    assert (same.value, same.low, same.high) == (1.0, 1.0, 1.0)
    assert other.value == 0.5
    assert other.low == pytest.approx(0.5 - 1.96 * 0.5 / 22**0.5, abs=0.03)
    assert mean({"001": [1.0, 3.0]}).value == 2.0


def test_the_tables_can_be_written(case: Case) -> None:
    plain = Score("024", 0, (), ())
    seen = score(case, detection(case, *[Status.ACCEPTED] * 4))

    text = tables(Outcome((plain, seen), (Burden("024", 1.5, 2.0, 1, 1),)), "a test")

    assert "| all | 3 | 100 (3 to 100) | 100 (3 to 100) |" in text
    assert "| STS_024 | 1 | 1.5 | 1 | 2.0 |" in text
    assert "Simulated" not in text
    both = tables(Outcome((plain, seen), (), (seen,)), "a test")
    assert both.index("#### Simulated") > both.index("Expected calibration error")
    assert both.count("| all | 3 | 100 (3 to 100) | 100 (3 to 100) |") == 2
    assert sensitivity(seen.deposits, lambda d: d.is_accepted).value == 1.0
