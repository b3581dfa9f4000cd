"""A reader's operations on made-up parts whose voxels are known."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.edits import replay
from calcitrace.analysis.edits.necks import halved
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.edits import Operation, Remark
from calcitrace.model.volume import Tissue
from tests.fakes.edits import (
    GRID,
    LEFT,
    RIGHT,
    Scenery,
    at,
    ball,
    edit,
    named,
    only,
    played,
    two_balls,
)

ACCEPTED, REVIEW, DROPPED = Status.ACCEPTED, Status.REVIEW, Status.DROPPED


@pytest.mark.parametrize("status", [REVIEW, DROPPED])
def test_include_accepts_what_lies_at_the_place(status: Status) -> None:
    found, outcomes = played(two_balls(left=status), edit(Operation.INCLUDE, at(*LEFT)))

    assert only(outcomes).label == 1
    assert named(found, 1).status is ACCEPTED
    assert named(found, 1).reason is Reason.READER
    assert named(found, 1).edits == (Operation.INCLUDE,)
    assert named(found, 2) == two_balls().candidates[1]


def test_confirming_what_was_accepted_keeps_its_reason() -> None:
    found, _ = played(two_balls(), edit(Operation.INCLUDE, at(*RIGHT)))

    assert named(found, 2).reason is Reason.SOFT_TISSUE_CALCIUM
    assert named(found, 2).edits == (Operation.INCLUDE,)


def test_exclude_drops_it_for_the_reader() -> None:
    found, outcomes = played(two_balls(), edit(Operation.EXCLUDE, at(*RIGHT)))

    assert only(outcomes).is_applied
    assert (named(found, 2).status, named(found, 2).reason) == (DROPPED, Reason.READER)


def test_the_last_word_counts() -> None:
    found, _ = played(
        two_balls(),
        edit(Operation.EXCLUDE, at(*LEFT)),
        edit(Operation.INCLUDE, at(*LEFT)),
    )

    assert named(found, 1).status is ACCEPTED
    assert named(found, 1).edits == (Operation.EXCLUDE, Operation.INCLUDE)


def test_a_click_beside_a_deposit_means_it_and_one_far_away_nothing() -> None:
    z, y, x = LEFT
    beside = at(z, y, x - 8)  # 4 mm from the middle of a ball of 3 mm
    far = at(z, y, x - 12)

    _, (near, away) = played(
        two_balls(), edit(Operation.EXCLUDE, beside), edit(Operation.EXCLUDE, far)
    )

    assert near.label == 1
    assert (away.is_applied, away.remark) == (False, Remark.NOTHING_THERE)


@pytest.mark.parametrize("operation", [Operation.INCLUDE, Operation.ADD_SEED])
def test_a_place_outside_of_the_scan_is_said_to_be(operation: Operation) -> None:
    found, outcomes = played(two_balls(), edit(operation, (0.0, 0.0, 0.0)))

    assert only(outcomes).remark is Remark.OUTSIDE_SCAN
    assert found.candidates == two_balls().found.candidates


def test_merge_makes_one_deposit_of_two_and_keeps_every_voxel() -> None:
    scenery = two_balls()

    found, outcomes = played(scenery, edit(Operation.MERGE, at(*LEFT), at(*RIGHT)))

    assert only(outcomes).label == 1
    assert [c.label for c in found.candidates] == [1]
    assert named(found, 1).status is ACCEPTED
    np.testing.assert_array_equal(found.labels.labels > 0, scenery.labels > 0)
    assert named(found, 1).volume_mm3 == pytest.approx(
        sum(c.volume_mm3 for c in scenery.candidates)
    )
    assert named(found, 1).centroid_mm == pytest.approx(at(20, 30, 30))


@pytest.mark.parametrize(
    ("left", "right", "remark"),
    [
        (Reason.SKELETON, Reason.SOFT_TISSUE_CALCIUM, Remark.ON_BONE),
        (Reason.NOISE, Reason.NOISE, Remark.NOT_A_DEPOSIT),
    ],
)
def test_bone_and_two_dropped_parts_are_not_merged(
    left: Reason, right: Reason, remark: Remark
) -> None:
    scenery = Scenery()
    scenery.part(ball(*LEFT, 3.0), DROPPED, left)
    status = ACCEPTED if right is Reason.SOFT_TISSUE_CALCIUM else DROPPED
    scenery.part(ball(*RIGHT, 3.0), status, right)

    _, outcomes = played(scenery, edit(Operation.MERGE, at(*LEFT), at(*RIGHT)))

    assert only(outcomes).remark is remark


def test_what_only_looked_like_bone_is_merged() -> None:
    scenery = two_balls()
    scenery.candidates[0] = replace(
        scenery.candidates[0], status=DROPPED, reason=Reason.SKELETON
    )

    _, outcomes = played(scenery, edit(Operation.MERGE, at(*RIGHT), at(*LEFT)))

    assert only(outcomes).label == 2


def dumbbell(first_mm: float, second_mm: float) -> np.ndarray:
    """Two balls with a rod of 1 mm radius between them."""
    rod = np.zeros(GRID.shape, bool)
    rod[19:22, 28:33, LEFT[2] : RIGHT[2]] = True
    return ball(*LEFT, first_mm) | rod | ball(*RIGHT, second_mm)


@pytest.mark.parametrize("sizes", [(3.0, 3.0), (2.0, 5.0), (5.0, 2.0)])
def test_a_dumbbell_is_cut_across_its_rod_wherever_the_seeds_are(
    sizes: tuple[float, float],
) -> None:
    mask = dumbbell(*sizes)
    z, y, x = LEFT

    halves = halved(mask, GRID.spacing_mm, (z, y + 2, x - 2), RIGHT)

    assert halves.has_neck
    columns = np.flatnonzero(halves.first.any(axis=(0, 1)))
    assert (halves.first & ball(*LEFT, sizes[0])).sum() == ball(*LEFT, sizes[0]).sum()
    assert not (halves.first & ball(*RIGHT, sizes[1])).any()
    assert LEFT[2] + 2 * sizes[0] <= columns[-1] + 1 <= RIGHT[2] - 2 * sizes[1] + 1


def test_what_has_no_neck_is_halved_midway() -> None:
    mask = ball(20, 30, 30, 6.0)

    halves = halved(mask, GRID.spacing_mm, (20, 30, 22), (20, 30, 38))

    assert not halves.has_neck
    np.testing.assert_array_equal(halves.first[:, :, :30], mask[:, :, :30])
    assert not halves.first[:, :, 30:].any()


def test_cut_parts_a_deposit_and_both_keep_their_voxels() -> None:
    scenery = Scenery()
    mask = dumbbell(3.0, 4.0)
    scenery.part(mask, REVIEW)

    found, outcomes = played(scenery, edit(Operation.CUT, at(*LEFT), at(*RIGHT)))

    assert (only(outcomes).label, only(outcomes).remark) == (2, None)
    assert named(found, 2).status is ACCEPTED
    assert named(found, 1).status is REVIEW
    np.testing.assert_array_equal(found.labels.labels > 0, mask)
    total = named(found, 1).volume_mm3 + named(found, 2).volume_mm3
    assert total == pytest.approx(mask.sum() * GRID.voxel_volume_mm3)
    assert scenery.labels.max() == 1  # what was found stays as it was


def test_a_deposit_cut_from_bone_is_bone_no_more() -> None:
    scenery = Scenery()
    mask = dumbbell(3.0, 4.0)
    scenery.part(mask, DROPPED, Reason.SKELETON)

    found, outcomes = played(scenery, edit(Operation.CUT, at(*LEFT), at(*RIGHT)))

    mine = found.labels.labels == only(outcomes).label
    assert (named(found, 2).status, named(found, 1).status) == (ACCEPTED, DROPPED)
    assert named(found, 1).reason is Reason.SKELETON
    assert named(found, 2).touches_bone
    tissue = found.anatomy.tissue.labels
    assert set(np.unique(tissue[mine])) == {Tissue.OTHER_DENSE}
    np.testing.assert_array_equal(tissue == Tissue.SKELETON, mask & ~mine)
    index = np.rint(GRID.to_index(found.anatomy.skeleton_mm)).astype(int)
    assert not mine[tuple(index.T)].any()
    assert (scenery.tissue[mask] == Tissue.SKELETON).all()


def test_bone_that_is_included_and_excluded_again_is_bone() -> None:
    scenery = Scenery()
    scenery.part(ball(*LEFT, 3.0), DROPPED, Reason.SKELETON)
    include, exclude = (
        edit(operation, at(*LEFT))
        for operation in (Operation.INCLUDE, Operation.EXCLUDE)
    )

    once, _ = played(scenery, include)
    again, _ = played(scenery, include, exclude)

    assert not (once.anatomy.tissue.labels == Tissue.SKELETON).any()
    assert named(again, 1).reason is Reason.SKELETON
    assert (again.anatomy.tissue.labels == Tissue.SKELETON).any()


def test_two_deposits_are_apart_already() -> None:
    _, outcomes = played(two_balls(), edit(Operation.CUT, at(*LEFT), at(*RIGHT)))

    assert only(outcomes).remark is Remark.ALREADY_APART


def test_labels_of_a_full_type_get_a_wider_one() -> None:
    scenery = Scenery()
    scenery.part(dumbbell(3.0, 3.0), REVIEW)
    scenery.labels = scenery.labels.astype(np.uint8)
    filled = [
        Candidate(n, DROPPED, Reason.NOISE, 0.0, at(0, 0, 0), 0.0, 0.0, False, False)
        for n in range(2, 256)
    ]
    scenery.candidates += filled

    found, outcomes = played(scenery, edit(Operation.CUT, at(*LEFT), at(*RIGHT)))

    assert only(outcomes).label == 256
    assert (found.labels.labels == 256).any()


def test_without_a_change_of_voxels_the_labels_are_the_very_same() -> None:
    scenery = two_balls()
    before = scenery.found

    after, _ = replay(scenery.scene, before, [edit(Operation.INCLUDE, at(*LEFT))])

    assert after.labels is before.labels
    assert after.anatomy is before.anatomy
