"""Corrections in the pipeline: both totals, identity, flags."""

from dataclasses import replace

import pytest

from calcitrace.errors import EditsError
from calcitrace.model.deposit import Deposit, Reason, Status
from calcitrace.model.edits import Edit, Edits, Operation, Remark
from calcitrace.model.flags import FlagKind
from calcitrace.model.protocol import DetectionSettings, Protocol
from calcitrace.model.result import Correction, ScanResult
from calcitrace.services.imaging import measure_scan
from tests.fakes.edits import edit
from tests.fakes.limbs import BALLS_MM, limb_scan

FIRST, SECOND = BALLS_MM
# Nothing is accepted without a reader.
STRICT = Protocol(detection=DetectionSettings(accept_probability=1.0))


@pytest.fixture(scope="module")
def automatic() -> ScanResult:
    return measure_scan(limb_scan(), Protocol())


def read(*edits: Edit, protocol: Protocol | None = None) -> ScanResult:
    return measure_scan(limb_scan(), protocol or Protocol(), edits=Edits(edits))


def correction(result: ScanResult) -> Correction:
    assert result.correction is not None
    return result.correction


def nearest(result: ScanResult, place: tuple[float, float, float]) -> Deposit:
    def apart(deposit: Deposit) -> float:
        return sum(
            (a - b) ** 2 for a, b in zip(deposit.centroid_mm, place, strict=True)
        )

    return min(result.deposits, key=apart)


def test_without_a_reader_nothing_is_said_of_one(automatic: ScanResult) -> None:
    assert automatic.correction is None
    assert automatic.provenance.edits_hash is None


def test_an_empty_list_changes_nothing(automatic: ScanResult) -> None:
    result = read()

    assert result.deposits == automatic.deposits
    assert result.total == automatic.total == correction(result).total
    assert result.flags == automatic.flags


def test_exclude_lowers_the_total_and_keeps_the_automatic_one(
    automatic: ScanResult,
) -> None:
    result = read(edit(Operation.EXCLUDE, FIRST))

    gone = nearest(automatic, FIRST)
    assert correction(result).total == automatic.total
    assert result.total.n_deposits == automatic.total.n_deposits - 1
    assert result.total.mass.value == pytest.approx(
        automatic.total.mass.value - gone.mass.value, rel=1e-3
    )
    (dropped,) = [c for c in result.candidates if c.label == gone.label]
    assert (dropped.status, dropped.reason) == (Status.DROPPED, Reason.READER)
    assert (result.deposit_labels.labels > 0).sum() < (
        automatic.deposit_labels.labels > 0
    ).sum()


def test_who_is_not_touched_keeps_the_tracking_uid(automatic: ScanResult) -> None:
    (left,) = read(edit(Operation.EXCLUDE, FIRST)).deposits

    assert left.tracking_uid == nearest(automatic, SECOND).tracking_uid


def test_include_moves_mass_from_review_to_the_total() -> None:
    result = read(edit(Operation.INCLUDE, FIRST), protocol=STRICT)

    included = nearest(result, FIRST)
    assert correction(result).total.n_deposits == 0
    assert (included.status, included.reason) == (Status.ACCEPTED, Reason.READER)
    assert included.edits == (Operation.INCLUDE,)
    assert result.total.mass == included.mass
    assert result.total_with_review.n_deposits == 2


def test_a_merger_has_the_mass_of_its_parts_and_the_identity_of_the_first(
    automatic: ScanResult,
) -> None:
    (joined,) = read(edit(Operation.MERGE, FIRST, SECOND)).deposits

    assert joined.mass.value == pytest.approx(automatic.total.mass.value, rel=0.03)
    assert joined.tracking_uid == nearest(automatic, FIRST).tracking_uid


def test_halves_of_a_cut_add_up_and_have_identities_of_their_own(
    automatic: ScanResult,
) -> None:
    x, y, z = FIRST
    result = read(edit(Operation.CUT, (x, y, z - 2), (x, y, z + 2)))

    assert result.total.n_deposits == 3
    assert result.total.mass.value == pytest.approx(
        automatic.total.mass.value, rel=0.02
    )
    uids = {d.tracking_uid for d in result.deposits}
    assert len(uids) == 3
    assert uids > {d.tracking_uid for d in automatic.deposits}


def test_what_was_excluded_can_be_added_again(automatic: ScanResult) -> None:
    result = read(edit(Operation.EXCLUDE, FIRST), edit(Operation.ADD_SEED, FIRST))

    assert result.total.mass == automatic.total.mass


def test_a_place_that_holds_nothing_is_a_flag_with_the_place() -> None:
    result = read(
        edit(Operation.EXCLUDE, FIRST), edit(Operation.EXCLUDE, (0.0, 0.0, 5.0))
    )

    told = {flag.kind: flag.detail for flag in result.flags}
    assert told[FlagKind.CORRECTED] == "1 / 2"
    assert told[FlagKind.CORRECTION_NOT_APPLIED] == "1 / 2: exclude 0.0, 0.0, 5.0"
    assert correction(result).outcomes[1].remark is Remark.NOTHING_THERE


def test_a_place_outside_of_its_own_scan_is_an_error_but_of_another_a_flag() -> None:
    away = Edits((edit(Operation.INCLUDE, (900.0, 0.0, 0.0)),))
    scan = limb_scan()

    for own in (None, scan.input_hash):
        with pytest.raises(EditsError, match="operation 1") as told:
            measure_scan(scan, Protocol(), edits=replace(away, input_hash=own))
        assert "\n" not in str(told.value)
    result = measure_scan(scan, Protocol(), edits=replace(away, input_hash="cd" * 32))

    kinds = {flag.kind for flag in result.flags}
    assert FlagKind.CORRECTIONS_OF_OTHER_SCAN in kinds
    assert FlagKind.CORRECTION_NOT_APPLIED in kinds


def test_a_rerun_gives_the_same_values_and_the_hash_is_kept() -> None:
    edits = (edit(Operation.EXCLUDE, FIRST),)

    one, two = read(*edits), read(*edits)

    assert one.deposits == two.deposits
    assert one.provenance == two.provenance
    assert one.provenance.edits_hash == Edits(edits).hash


def test_stages_still_report_from_0_to_1() -> None:
    heard: list[float] = []

    def hear(stage: str, fraction: float) -> None:
        if stage == "measure":
            heard.append(fraction)

    measure_scan(
        limb_scan(),
        Protocol(),
        progress=hear,
        edits=Edits((edit(Operation.EXCLUDE, FIRST),)),
    )

    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, 1.0)
