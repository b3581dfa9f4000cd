"""Deposits that a reader adds, by a seed or a box."""

import numpy as np

from calcitrace.model.deposit import Reason, Status
from calcitrace.model.edits import Operation, Remark
from tests.fakes.edits import (
    LEFT,
    RIGHT,
    at,
    ball,
    edit,
    named,
    only,
    played,
    two_balls,
)

ACCEPTED, REVIEW, DROPPED = Status.ACCEPTED, Status.REVIEW, Status.DROPPED


def test_a_seed_grows_to_half_of_the_peak() -> None:
    scenery = two_balls()
    faint = ball(20, 12, 30, 2.5)
    scenery.unseen(faint, hu=120)  # below the threshold of detection
    z, y, x = 20, 12, 30

    found, outcomes = played(scenery, edit(Operation.ADD_SEED, at(z, y + 1, x)))

    label = only(outcomes).label
    assert label == 3
    np.testing.assert_array_equal(found.labels.labels == label, faint)
    assert named(found, 3).status is ACCEPTED
    assert named(found, 3).hu_max == 120


def test_a_seed_in_plain_muscle_or_on_bone_adds_nothing() -> None:
    scenery = two_balls()
    scenery.part(ball(10, 50, 30, 3.0), DROPPED, Reason.SKELETON)

    _, outcomes = played(
        scenery,
        edit(Operation.ADD_SEED, at(30, 12, 30)),
        edit(Operation.ADD_SEED, at(10, 50, 30)),
        edit(Operation.ADD_SEED, at(*RIGHT)),
    )

    assert [o.remark for o in outcomes] == [
        Remark.NOTHING_THERE,
        Remark.ON_BONE,
        Remark.ALREADY_THERE,
    ]


def test_a_seed_on_a_dropped_candidate_accepts_it() -> None:
    scenery = two_balls(left=DROPPED)

    found, outcomes = played(scenery, edit(Operation.ADD_SEED, at(*LEFT)))

    assert only(outcomes).label == 1
    assert named(found, 1).status is ACCEPTED


def test_a_box_takes_what_is_dense_in_it_but_no_bone_and_no_deposit() -> None:
    scenery = two_balls()
    grain, speck = ball(20, 12, 28, 1.5), ball(20, 12, 36, 1.5)
    scenery.unseen(grain)
    scenery.unseen(speck)
    outside = ball(20, 12, 50, 1.5)
    scenery.unseen(outside)
    scenery.part(ball(26, 12, 30, 2.0), DROPPED, Reason.SKELETON)

    found, outcomes = played(
        scenery, edit(Operation.ADD_BOX, at(30, 30, 42), at(15, 5, 20))
    )

    mine = found.labels.labels == only(outcomes).label
    np.testing.assert_array_equal(mine, grain | speck)
    assert found.labels.labels[RIGHT] == 2


def test_a_box_may_take_a_part_of_what_was_dropped_and_the_rest_stays() -> None:
    scenery = two_balls(left=DROPPED)

    found, outcomes = played(
        scenery, edit(Operation.ADD_BOX, at(0, 0, 0), at(39, 59, LEFT[2]))
    )

    taken = found.labels.labels == only(outcomes).label
    np.testing.assert_array_equal(taken | (found.labels.labels == 1), ball(*LEFT, 3.0))
    assert named(found, 1).status is DROPPED
    assert named(found, 1).volume_mm3 < two_balls().candidates[0].volume_mm3


def test_a_box_that_takes_all_of_a_dropped_candidate_takes_its_place() -> None:
    found, outcomes = played(
        two_balls(left=DROPPED),
        edit(Operation.ADD_BOX, at(0, 0, 0), at(39, 59, 30)),
    )

    assert [c.label for c in found.candidates] == [2, only(outcomes).label]
