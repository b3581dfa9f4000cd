"""From measurements to the table: order, numbers, identity, totals."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.quantification.measurement import Measurement
from calcitrace.model.deposit import Candidate, Deposit, Reason, ShapeClass, Status
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume
from calcitrace.services import findings
from calcitrace.services.findings import burden, label_image, merged_flags
from tests.fakes.results import made_up_anatomy, made_up_scan


def candidate(label: int, status: Status = Status.ACCEPTED) -> Candidate:
    return Candidate(
        label=label,
        status=status,
        reason=Reason.SOFT_TISSUE_CALCIUM,
        probability=0.8,
        centroid_mm=(0.0, 0.0, 0.0),
        volume_mm3=1.0,
        hu_max=500.0,
        touches_bone=False,
        is_cut=False,
        flags=(Flag(FlagKind.FAINT),),
    )


def measurement(
    label: int,
    mass_mg: float,
    centroid_mm: tuple[float, float, float] = (1.0, 2.0, 3.0),
) -> Measurement:
    return Measurement(
        label=label,
        centroid_mm=centroid_mm,
        seed_mm=centroid_mm,
        mass=Estimate(mass_mg, 1.0, 0.5, Unit.MG),
        mass_std_noise_mg=0.5,
        detection_limit_mg=0.1,
        volume=Estimate(2.0, 0.1, 0.1, Unit.MM3),
        density_mean=None,
        hu_max=500.0,
        diameter_max_mm=2.0,
        agatston=3.0,
        depth_mm=None,
        bone_distance_mm=None,
        shape_class=ShapeClass.COMPACT,
        is_lower_bound=False,
        is_quantifiable=True,
        flags=(Flag(FlagKind.FAINT), Flag(FlagKind.CROWDED)),
    )


def deposits_of(
    scan: Scan, candidates: list[Candidate], measured: list[Measurement]
) -> tuple[Deposit, ...]:
    return findings.deposits_of(scan, made_up_anatomy(), candidates, measured)


def test_accepted_come_first_then_by_falling_mass_then_by_position() -> None:
    candidates = [candidate(1, Status.REVIEW), *(candidate(n) for n in (2, 3, 4))]
    measured = [
        measurement(1, 900.0),
        measurement(2, 5.0, (9.0, 0.0, 7.0)),
        measurement(3, 50.0),
        measurement(4, 5.0, (0.0, 0.0, 3.0)),
    ]

    deposits = deposits_of(made_up_scan(), candidates, measured)

    assert [d.label for d in deposits] == [3, 4, 2, 1]
    assert [d.deposit_id for d in deposits] == [1, 2, 3, 4]


def test_the_order_of_measuring_does_not_matter() -> None:
    candidates = [candidate(n) for n in (1, 2, 3)]
    measured = [measurement(n, 1.0 * n, (1.0 * n, 0.0, 0.0)) for n in (1, 2, 3)]

    forward = deposits_of(made_up_scan(), candidates, measured)
    backward = deposits_of(made_up_scan(), candidates[::-1], measured[::-1])

    assert forward == backward


def test_tracking_uids_follow_from_input_and_place_alone() -> None:
    scan = made_up_scan()
    candidates = [candidate(1), candidate(2)]
    measured = [measurement(1, 5.0), measurement(2, 4.0, (8.0, 2.0, 3.0))]

    one, two = deposits_of(scan, candidates, measured)
    (alone,) = deposits_of(scan, candidates[:1], [measurement(1, 7.0)])
    (elsewhere,) = deposits_of(
        replace(scan, input_hash="cd" * 32), candidates[:1], measured[:1]
    )

    assert one.tracking_uid == alone.tracking_uid
    assert len({one.tracking_uid, two.tracking_uid, elsewhere.tracking_uid}) == 3
    assert one.tracking_uid.startswith("2.25.")
    assert len(one.tracking_uid) <= 64


def test_deposits_that_share_a_centre_keep_apart() -> None:
    one, two = deposits_of(
        made_up_scan(),
        [candidate(1), candidate(2)],
        [measurement(1, 5.0), measurement(2, 4.0)],
    )

    assert one.tracking_uid != two.tracking_uid


def test_region_and_side_are_those_of_the_header() -> None:
    scan = made_up_scan()
    silent = replace(
        scan, acquisition=replace(scan.acquisition, body_part=None, laterality=None)
    )

    (told,) = deposits_of(scan, [candidate(1)], [measurement(1, 5.0)])
    (untold,) = deposits_of(silent, [candidate(1)], [measurement(1, 5.0)])

    assert (told.region, told.laterality) == ("hand", "right")
    assert (untold.region, untold.laterality) == ("unknown", "unknown")


def test_a_flag_is_raised_once() -> None:
    (deposit,) = deposits_of(made_up_scan(), [candidate(1)], [measurement(1, 5.0)])

    assert [f.kind for f in deposit.flags] == [FlagKind.FAINT, FlagKind.CROWDED]


def test_of_two_flags_of_a_kind_the_one_with_numbers_stays() -> None:
    bare, told = Flag(FlagKind.HU_CLIPPED), Flag(FlagKind.HU_CLIPPED, "12 voxels")

    assert merged_flags([bare], [told]) == (told,)
    assert merged_flags([told], [bare]) == (told,)


def test_label_image_has_the_numbers_of_the_table_and_no_dropped_candidate() -> None:
    labels = np.zeros((3, 4, 5), np.int32)
    labels[0, 0, 0], labels[1, 1, 1:3], labels[2, 3, 4], labels[2, 0, 0] = 1, 2, 3, 9
    grid = Grid((3, 4, 5), (1.0, 1.0, 1.0))
    deposits = deposits_of(
        made_up_scan(),
        [candidate(n) for n in (1, 2, 3, 9)],
        [measurement(3, 8.0), measurement(1, 2.0)],
    )

    image = label_image(LabelVolume(labels, grid), deposits).labels

    expected = np.zeros((3, 4, 5), np.uint16)
    expected[2, 3, 4], expected[0, 0, 0] = 1, 2
    np.testing.assert_array_equal(image, expected)
    assert image.dtype == np.uint16


def test_totals_add_random_errors_in_quadrature_and_shared_ones_plainly() -> None:
    deposits = deposits_of(
        made_up_scan(),
        [candidate(n) for n in range(1, 5)],
        [measurement(n, 10.0, (1.0 * n, 0.0, 0.0)) for n in range(1, 5)],
    )

    total = burden(deposits)

    assert total.n_deposits == 4
    assert total.mass.value == pytest.approx(40)
    assert total.mass.std_random == pytest.approx(2)
    assert total.mass.std_systematic == pytest.approx(2)
    assert total.volume_mm3 == pytest.approx(8)
    assert total.agatston == pytest.approx(12)


def test_a_sum_over_deposits_without_volume_is_missing_not_zero() -> None:
    (deposit,) = deposits_of(made_up_scan(), [candidate(1)], [measurement(1, 5.0)])

    total = burden([replace(deposit, volume=None, agatston=None)])

    assert total.volume_mm3 is None
    assert total.agatston is None


def test_one_cut_deposit_makes_the_total_a_lower_bound() -> None:
    (deposit,) = deposits_of(made_up_scan(), [candidate(1)], [measurement(1, 5.0)])

    assert burden([replace(deposit, is_lower_bound=True)]).is_lower_bound
    assert not burden([deposit]).is_lower_bound
