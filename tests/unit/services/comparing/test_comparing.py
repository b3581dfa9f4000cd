"""What is said of tracks, changes and totals, on visits without images."""

import math
from dataclasses import asdict, replace
from datetime import date

import pytest

from calcitrace.errors import ComparisonError
from calcitrace.model.change import Call, Obstacle
from calcitrace.model.comparison import Comparison, Treatment
from calcitrace.model.flags import FlagKind
from calcitrace.model.following import LinkSource, Node, Presence, ReaderLink, State
from calcitrace.model.result import Provenance
from calcitrace.model.visit import Visit
from calcitrace.model.volume import Coverage
from calcitrace.services.comparing import ComparisonRequest, compare_visits
from calcitrace.services.comparing.visits import ordered_visits
from tests.fakes.visits import GRID, Box, strangers, unmoved, visit

A, B, C = (5, 5, 5), (25, 25, 25), (45, 45, 45)


def compare(*visits: Visit, **asked: object) -> Comparison:
    request = ComparisonRequest(**asked)  # type: ignore[arg-type]  # values by name
    return compare_visits(visits, unmoved, request)


def states(comparison: Comparison) -> list[list[State]]:
    return [[at.state for at in t.at] for t in comparison.tracks]


def calls(comparison: Comparison) -> list[Call]:
    return [c.change.call for c in comparison.changes]


def test_growth_shrinkage_and_no_change_are_told_apart() -> None:
    first = visit([Box(A), Box(B), Box(C)])
    second = visit(
        [Box(A, mass_mg=70.0), Box(B, mass_mg=35.0), Box(C, mass_mg=50.4)],
        number=2,
        days=100,
    )

    found = compare(first, second)

    assert states(found) == [[State.BASELINE, State.SAME]] * 3
    assert calls(found) == [Call.GROWTH, Call.SHRINKAGE, Call.NO_DETECTABLE_CHANGE]
    assert found.changes[0].change.test is not None
    assert found.changes[0].change.test.ratio == pytest.approx(1.4)
    fixed = [c.change.fixed for c in found.changes]
    assert fixed == [Call.GROWTH, Call.SHRINKAGE, Call.NO_DETECTABLE_CHANGE]


def test_what_appears_is_new_and_what_vanishes_is_resolved() -> None:
    first = visit([Box(A), Box(B)])
    second = visit([Box(A), Box(C)], number=2, days=100)

    found = compare(first, second)

    assert states(found) == [
        [State.BASELINE, State.SAME],
        [State.BASELINE, State.RESOLVED],
        [State.BASELINE, State.NEW],
    ]
    assert calls(found) == [Call.NO_DETECTABLE_CHANGE, Call.RESOLVED, Call.NEW]
    gone = found.tracks[1].at[1]
    assert gone.deposit_ids == ()
    assert gone.presence is Presence.NOT_LOOKED_AT
    assert "not_looked_at" in gone.notes


def test_a_split_is_one_track_whose_mass_is_that_of_its_pieces() -> None:
    first = visit([Box(A, (4, 4, 10), 90.0)])
    second = visit(
        [Box(A, (4, 4, 4), 40.0), Box((5, 5, 11), (4, 4, 4), 50.0)], number=2, days=9
    )

    found = compare(first, second)
    back = compare(
        replace(second, number=1), replace(first, number=2, acquired=second.acquired)
    )

    assert states(found) == [[State.BASELINE, State.SPLIT]]
    assert states(back) == [[State.BASELINE, State.MERGED]]
    weighed = found.tracks[0].at[1].weighed
    assert weighed is not None
    assert weighed.mass_mg == pytest.approx(90.0)
    assert found.tracks[0].at[1].deposit_ids == (1, 2)
    assert calls(found) == calls(back) == [Call.NO_DETECTABLE_CHANGE]


def test_the_heaviest_piece_keeps_the_tracking_uid() -> None:
    first = visit([Box(A, (4, 4, 10), 90.0)])
    second = visit(
        [Box(A, (4, 4, 4), 40.0), Box((5, 5, 11), (4, 4, 4), 50.0)], number=2, days=9
    )

    track = compare(first, second).tracks[0]

    assert track.track.tracking_uid == first.deposits[0].tracking_uid
    assert track.at[1].tracking_uids == (
        second.deposits[0].tracking_uid,
        first.deposits[0].tracking_uid,
    )


def test_a_later_visit_changes_no_tracking_uid() -> None:
    visits = [
        visit([Box(A), Box(B)]),
        visit([Box(A), Box(B), Box(C)], number=2, days=100),
        visit([Box(C), Box(B), Box(A)], number=3, days=200),
    ]

    two, three = compare(*visits[:2]), compare(*visits)

    assert [t.track.tracking_uid for t in two.tracks] == [
        t.track.tracking_uid for t in three.tracks
    ]
    assert [t.at[2].deposit_ids for t in three.tracks] == [(3,), (2,), (1,)]


def test_what_a_visit_misses_is_linked_to_the_next_one() -> None:
    found = compare(
        visit([Box(A), Box(B)]),
        visit([Box(B)], number=2, days=50),
        visit([Box(A), Box(B)], number=3, days=90),
    )

    assert states(found)[0] == [State.BASELINE, State.RESOLVED, State.NEW]
    assert "recurred" in found.tracks[0].at[2].notes
    assert len(found.tracks) == 2


def test_out_of_coverage_is_neither_resolved_nor_new() -> None:
    part = Coverage.full(GRID)
    part.slices[40:] = False
    whole = visit([Box(A), Box(C)])
    cut = replace(visit([Box(A)], number=2, days=50), coverage=part)

    found = compare(whole, cut)
    other = compare(
        replace(cut, number=1, acquired=whole.acquired),
        replace(whole, number=2, acquired=cut.acquired),
    )

    assert states(found)[1] == [State.BASELINE, State.OUT_OF_COVERAGE]
    assert states(other)[1] == [State.OUT_OF_COVERAGE, State.BASELINE]
    assert calls(found)[1] is calls(other)[1] is Call.NOT_COMPARABLE
    assert found.changes[1].change.obstacle is Obstacle.OUT_OF_COVERAGE
    total = found.totals[0]
    assert total.track_ids == (1,)
    assert [(o.track_id, o.obstacle) for o in found.left_out] == [
        (2, Obstacle.OUT_OF_COVERAGE)
    ]


def test_what_was_removed_is_no_response() -> None:
    first, second = visit([Box(A), Box(B)]), visit([Box(A)], number=2, days=50)

    found = compare(first, second, removed=(Node(1, 2),))

    assert states(found)[1] == [State.BASELINE, State.RESOLVED]
    assert found.tracks[1].at[1].notes == ("removed_by_surgery",)
    assert found.changes[1].change.obstacle is Obstacle.REMOVED_BY_SURGERY
    assert found.totals[0].change.call is Call.NO_DETECTABLE_CHANGE


def test_a_deposit_cut_by_the_scan_is_not_compared() -> None:
    cut = Box(A, changes=(("is_lower_bound", True),))

    found = compare(visit([cut]), visit([Box(A)], number=2, days=5))

    assert found.changes[0].change.obstacle is Obstacle.CUT_BY_SCAN_END


@pytest.mark.parametrize("what", ["version", "protocol_hash", "segmenter", "detector"])
def test_visits_measured_otherwise_are_refused(what: str) -> None:
    def made_with(value: str, number: int) -> Visit:
        made = visit([Box(A)], number=number, days=number)
        how = asdict(made.provenance) | {what: value}
        return replace(made, provenance=Provenance(**how))

    first = made_with("trees 1 (aaa)", 1)
    same = ordered_visits((first, made_with("trees 1 (aaa)", 2)), {})

    assert [v.number for v in same] == [1, 2]
    with pytest.raises(ComparisonError, match=r"trees 1 .* scan 2 has .*rules 1"):
        ordered_visits((first, made_with("rules 1", 2)), {})


def test_grade_d_across_tube_voltages_is_refused_with_the_reason() -> None:
    found = compare(visit([Box(A)]), visit([Box(A)], number=2, days=5, kvp=80.0))

    assert found.changes[0].change.obstacle is Obstacle.GRADE_D_ACROSS_KVP
    assert found.totals[0].change.call is Call.NOT_COMPARABLE
    assert states(found) == [[State.BASELINE, State.SAME]]


def test_another_scanner_widens_what_one_scanner_cancels() -> None:
    first = visit([Box(A)])
    same = compare(first, visit([Box(A)], number=2, days=5)).changes[0].change
    other = (
        compare(first, visit([Box(A)], number=2, days=5, model_name="Two"))
        .changes[0]
        .change
    )

    assert same.test is not None
    assert other.test is not None
    calibration = 0.04 / 0.77
    assert other.test.difference_std_mg == pytest.approx(
        math.hypot(same.test.difference_std_mg, math.sqrt(2) * 50 * calibration)
    )


def test_visits_of_strangers_give_no_changes_and_a_blocking_flag() -> None:
    found = compare_visits(
        [visit([Box(A)]), visit([Box(B)], number=2, days=5)],
        strangers,
        ComparisonRequest(),
    )

    assert [f.kind for f in found.flags] == [FlagKind.ALIGNMENT_FAILED]
    assert found.is_blocked
    assert not any((found.tracks, found.changes, found.totals))


def test_a_reader_unlinks_and_links() -> None:
    first = visit([Box(A)])
    second = visit([Box(A), Box(B)], number=2, days=5)
    one, other = Node(1, 1), Node(2, 2)

    unlinked = compare(first, second, links=(ReaderLink(one, Node(2, 1), False),))
    linked = compare(first, second, links=(ReaderLink(one, other, True),))

    assert [t.track.nodes for t in unlinked.tracks] == [
        (one,),
        (Node(2, 1),),
        (other,),
    ]
    assert linked.tracks[0].track.nodes == (one, other)
    assert linked.tracks[0].track.links[0].source is LinkSource.READER


def test_what_is_named_must_exist() -> None:
    with pytest.raises(ComparisonError, match="got 7@1"):
        compare(visit([Box(A)]), visit([Box(A)], number=2), removed=(Node(1, 7),))


def test_near_tracks_share_a_group_whose_mass_is_compared() -> None:
    near = (5, 5, 11)
    first = visit([Box(A, mass_mg=40.0), Box(near, mass_mg=60.0), Box(C)])
    second = visit(
        [Box(A, mass_mg=60.0), Box(near, mass_mg=40.0), Box(C)], number=2, days=5
    )

    found = compare(first, second)

    assert [t.track.group_id for t in found.tracks] == [1, 1, 2]
    assert [g.track_ids for g in found.groups] == [(1, 2)]
    assert found.groups[0].change.call is Call.NO_DETECTABLE_CHANGE


def test_three_visits_have_a_rate_and_a_treatment_a_bend() -> None:
    masses = [50.0, 100.0, 100.0, 50.0]
    visits = [
        visit([Box(A, mass_mg=m)], number=n + 1, days=365.25 * n)
        for n, m in enumerate(masses)
    ]
    flat = visit([Box(A, mass_mg=200.0)], number=3, days=2 * 365.25)

    growing = compare(*visits[:2], flat)
    treated = compare(*visits, treatments=(Treatment("x", date(2022, 9, 3)),))

    assert growing.courses[0].rate is not None
    assert math.exp(growing.courses[0].rate.log_per_year) == pytest.approx(2.0)
    bend = treated.courses[0].bends[0]
    assert bend.change.before.log_per_year > 0 > bend.change.after.log_per_year
