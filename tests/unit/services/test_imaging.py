"""The pipeline, from a scan to its result."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.model.calibration import Grade
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.protocol import DetectionSettings, Protocol
from calcitrace.model.result import ScanResult
from calcitrace.model.rods import Rod, RodReference
from calcitrace.services.imaging import bystanders, measure_scan
from tests.fakes.limbs import BALLS_MM, limb_scan

RODS = RodReference(
    (
        Rod("water", 0.0, 0.0, 0.0, 0.5, material="water"),
        Rod("200", 200.0, 2.0, 260.0, 1.0),
        Rod("800", 800.0, 4.0, 1040.0, 2.0),
    ),
    kvp=None,
    hash="rods",
)


@pytest.fixture(scope="module")
def result() -> ScanResult:
    return measure_scan(limb_scan(), Protocol())


def test_both_balls_are_found_where_they_are(result: ScanResult) -> None:
    found = [np.array(d.centroid_mm) for d in result.deposits]

    assert len(found) == len(BALLS_MM)
    for ball in BALLS_MM:
        assert min(np.linalg.norm(f - np.array(ball)) for f in found) < 0.5


def test_every_deposit_has_its_voxels_in_the_label_image(result: ScanResult) -> None:
    labels = result.deposit_labels.labels

    assert labels.dtype == np.uint16
    assert set(np.unique(labels)) == {0, *(d.deposit_id for d in result.deposits)}
    for deposit in result.deposits:
        inside = result.candidate_labels.labels == deposit.label
        np.testing.assert_array_equal(labels == deposit.deposit_id, inside)


def test_candidate_labels_take_no_more_memory_than_their_numbers_need(
    result: ScanResult,
) -> None:
    assert result.candidate_labels.labels.itemsize <= 2


def test_totals_are_over_the_deposits_of_their_kind(result: ScanResult) -> None:
    accepted = [d for d in result.deposits if d.status is Status.ACCEPTED]

    assert result.total.n_deposits == len(accepted)
    assert result.total_with_review.n_deposits == len(result.deposits)
    assert result.total_with_review.mass.value == pytest.approx(
        sum(d.mass.value for d in result.deposits)
    )


def test_a_rerun_gives_the_same_values(result: ScanResult) -> None:
    again = measure_scan(limb_scan(), Protocol())

    assert again.deposits == result.deposits
    assert again.candidates == result.candidates
    assert again.flags == result.flags
    assert again.provenance == result.provenance


def test_what_made_the_numbers_is_kept(result: ScanResult) -> None:
    assert result.provenance.input_hash == "12" * 32
    assert result.provenance.protocol_hash == Protocol().hash
    assert result.provenance.calibration_hash is None
    assert result.provenance.segmenter == result.anatomy.segmenter
    assert result.calibration.grade is Grade.D


def test_air_alone_has_a_blocking_flag_and_no_deposit() -> None:
    nothing = measure_scan(limb_scan(has_limb=False), Protocol())

    assert nothing.deposits == ()
    assert not nothing.is_measured
    assert nothing.is_blocked
    assert FlagKind.NO_BODY_FOUND in {flag.kind for flag in nothing.flags}


def test_rods_calibrate_at_grade_a_and_are_named_in_the_provenance() -> None:
    by_rods = measure_scan(limb_scan(), Protocol(), RODS)

    assert by_rods.calibration.grade is Grade.A
    assert by_rods.calibration.hu_per_mg_cm3 == pytest.approx(1.3, rel=0.02)
    assert by_rods.provenance.calibration_hash == "rods"


def test_rods_settle_what_the_table_cannot() -> None:
    scan = limb_scan()
    scan = replace(scan, flags=(Flag(FlagKind.VIRTUAL_MONOENERGETIC, "70 keV"),))

    assert measure_scan(scan, Protocol()).is_blocked
    assert not measure_scan(scan, Protocol(), RODS).is_blocked


def test_settings_of_the_protocol_reach_their_stage() -> None:
    strict = Protocol(detection=DetectionSettings(threshold_hu=2000.0))

    assert measure_scan(limb_scan(), strict).deposits == ()


def test_stages_report_in_order_from_0_to_1() -> None:
    heard: list[tuple[str, float]] = []

    def hear(stage: str, fraction: float) -> None:
        heard.append((stage, fraction))

    measure_scan(limb_scan(), Protocol(), progress=hear)

    stages = list(dict.fromkeys(stage for stage, _ in heard))
    assert stages == ["anatomy", "detect", "measure"]
    for name in stages:
        fractions = [fraction for stage, fraction in heard if stage == name]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def candidate(label: int, status: Status, reason: Reason) -> Candidate:
    return Candidate(
        label=label,
        status=status,
        reason=reason,
        probability=0.1,
        centroid_mm=(0.0, 0.0, 0.0),
        volume_mm3=5.0,
        hu_max=400.0,
        touches_bone=False,
        is_cut=False,
    )


def test_dropped_vessels_are_stepped_around_but_bone_and_specks_are_not() -> None:
    dropped = Status.DROPPED

    labels = bystanders(
        [
            candidate(1, dropped, Reason.SKELETON),
            candidate(2, dropped, Reason.VESSEL_WALL),
            candidate(3, dropped, Reason.NOISE),
            candidate(4, dropped, Reason.METAL),
            candidate(5, Status.REVIEW, Reason.POSSIBLE_BONE),
        ]
    )

    assert labels == (2, 4)
