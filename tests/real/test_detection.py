"""The built-in detector on real scans: what is accepted, and what must not be."""

from pathlib import Path

import numpy as np
import pytest

import calcitrace
from calcitrace.model.deposit import Reason, Status
from calcitrace.model.result import ScanResult
from calcitrace.services.learning.collection import (
    DEPOSIT_FREE,
    KnownCalcium,
    file_name,
    known_calcium,
)

MOST_MG = 100.0  # accepted in a scan without deposits


def measured(real_data: Path, patient: str) -> ScanResult:
    return calcitrace.measure(
        calcitrace.read_scan(real_data / "sts" / file_name(patient))
    )


def within(result: ScanResult, ball: KnownCalcium) -> list[Status]:
    """Decisions on candidates whose centre lies in a ball, bones left out."""
    return [
        c.status
        for c in result.candidates
        if c.reason is not Reason.SKELETON
        and np.linalg.norm(np.subtract(c.centroid_mm, ball.centre_mm)) <= ball.radius_mm
    ]


@pytest.mark.parametrize("patient", DEPOSIT_FREE)
def test_next_to_nothing_is_accepted_without_deposits(
    real_data: Path, patient: str
) -> None:
    assert measured(real_data, patient).total.mass.value <= MOST_MG


@pytest.mark.parametrize("patient", ["007", "013", "022"])
def test_vessel_walls_and_phleboliths_are_seen_and_not_accepted(
    real_data: Path, patient: str
) -> None:
    result = measured(real_data, patient)
    decisions = [
        within(result, ball) for ball in known_calcium(patient) if ball.is_mimic
    ]

    assert sum(bool(found) for found in decisions) >= 0.5 * len(decisions)
    assert not any(Status.ACCEPTED in found for found in decisions)


def test_calcium_of_a_tumour_is_shown_and_trees_decided(real_data: Path) -> None:
    result = measured(real_data, "006")
    large = [b for b in known_calcium("006") if not b.is_mimic and b.radius_mm > 9]

    assert result.provenance.detector.startswith("calcitrace trees")
    for ball in large[:3]:
        shown = [s for s in within(result, ball) if s is not Status.DROPPED]
        assert shown, ball.what


def test_calcium_of_the_prostate_is_not_accepted(real_data: Path) -> None:
    result = measured(real_data, "001")
    assert all(c.status is not Status.ACCEPTED for c in result.candidates)
