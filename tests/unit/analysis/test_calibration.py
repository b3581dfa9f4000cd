"""Calibration by table: published values, physics, and what is said when it is unsure."""

import itertools
import math

import pytest

from calcitrace.analysis.calibration import calibrate_by_table
from calcitrace.analysis.calibration.response_table import RESPONSE
from calcitrace.model.calibration import Grade
from calcitrace.model.flags import Flag, FlagKind

CARDIAC_MM = 250.0  # water-equivalent size of a thorax in coronary calcium scoring


def kinds(flags: tuple[Flag, ...]) -> set[FlagKind]:
    return {flag.kind for flag in flags}


def test_slope_at_120_kvp_is_that_of_coronary_calcium_scoring() -> None:
    # 0.77 mg/cm3 per HU: 130 HU for about 100 mg/cm3.
    calibration, _ = calibrate_by_table(120.0, CARDIAC_MM)

    assert calibration.slope_mg_cm3_per_hu == pytest.approx(0.77, rel=0.04)


@pytest.mark.parametrize(
    ("kvp", "threshold_hu"), [(70.0, 207), (80.0, 177), (100.0, 145), (135.0, 119)]
)
def test_published_agatston_thresholds_scale_as_the_table(
    kvp: float, threshold_hu: int
) -> None:
    # Grani et al. 2018, doi 10.1093/ehjci/jey019: the same calcium as 130 HU at 120 kVp.
    k = 1 / calibrate_by_table(kvp, CARDIAC_MM)[0].slope_mg_cm3_per_hu
    at_120 = 1 / calibrate_by_table(120.0, CARDIAC_MM)[0].slope_mg_cm3_per_hu

    assert k / at_120 == pytest.approx(threshold_hu / 130, rel=0.03)


def test_ignoring_the_body_size_would_cost_a_quarter() -> None:
    hand, _ = calibrate_by_table(120.0, 100.0)
    trunk, _ = calibrate_by_table(120.0, 350.0)

    assert trunk.slope_mg_cm3_per_hu / hand.slope_mg_cm3_per_hu == pytest.approx(
        1.25, abs=0.05
    )


def test_self_hardening_is_a_few_percent_in_a_calibration_insert() -> None:
    # k falls 3-4 % from 100 to 800 mg/cm3 in an insert of 16 mm.
    calibration, _ = calibrate_by_table(120.0, 220.0)
    chord_cm = 8 / (3 * math.pi) * 1.6
    fall = 1 - calibration.hardening_factor(800 * chord_cm) / (
        calibration.hardening_factor(100 * chord_cm)
    )

    assert 0.025 < fall < 0.045


def test_response_falls_with_kvp_and_with_body_size() -> None:
    by_key = {(row.kvp, row.body_diameter_mm): row.k for row in RESPONSE}
    kvps = sorted({row.kvp for row in RESPONSE})
    sizes = sorted({row.body_diameter_mm for row in RESPONSE})

    for low, high in itertools.pairwise(kvps):
        assert all(by_key[low, d] > by_key[high, d] for d in sizes)
    for small, large in itertools.pairwise(sizes):
        assert all(by_key[v, small] > by_key[v, large] for v in kvps)


def test_the_table_admits_an_error_of_six_to_ten_percent() -> None:
    assert all(0.055 < row.relative_std < 0.10 for row in RESPONSE)


@pytest.mark.parametrize("row", RESPONSE[::7])
def test_rows_of_the_table_are_met(row: object) -> None:
    kvp, size, k = (getattr(row, n) for n in ("kvp", "body_diameter_mm", "k"))
    calibration, flags = calibrate_by_table(kvp, size)

    assert calibration.hu_per_mg_cm3 == pytest.approx(k)
    assert calibration.grade is Grade.D
    assert kinds(flags) == {FlagKind.CALIBRATION_GRADE_D}


def test_another_slice_is_what_the_table_says_of_its_size() -> None:
    calibration, _ = calibrate_by_table(110.0, 220.0)
    other, _ = calibrate_by_table(110.0, 350.0)

    assert calibration.at_diameter(350.0).hu_per_mg_cm3 == pytest.approx(
        other.hu_per_mg_cm3
    )


@pytest.mark.parametrize("kvp", [None, 0.0, math.nan])
def test_an_unknown_kvp_is_said_and_covers_every_voltage(kvp: float | None) -> None:
    calibration, flags = calibrate_by_table(kvp, 200.0)
    ends = [calibrate_by_table(v, 200.0)[0].hu_per_mg_cm3 for v in (70.0, 150.0)]

    assert FlagKind.UNKNOWN_KVP in kinds(flags)
    assert calibration.kvp is None
    assert calibration.hu_per_mg_cm3 * math.exp(calibration.relative_std) >= ends[0]
    assert calibration.hu_per_mg_cm3 * math.exp(-calibration.relative_std) <= ends[1]


def test_a_kvp_beyond_the_table_is_said_and_widens_the_error() -> None:
    inside, _ = calibrate_by_table(70.0, 200.0)
    outside, flags = calibrate_by_table(60.0, 200.0)

    assert FlagKind.KVP_OUTSIDE_TABLE in kinds(flags)
    assert outside.hu_per_mg_cm3 == pytest.approx(inside.hu_per_mg_cm3)
    assert outside.relative_std > inside.relative_std + 0.05


@pytest.mark.parametrize("size_mm", [10.0, 700.0, math.nan])
def test_an_odd_body_size_is_said_and_widens_the_error(size_mm: float) -> None:
    calibration, flags = calibrate_by_table(120.0, size_mm)

    assert FlagKind.UNUSUAL_BODY_SIZE in kinds(flags)
    assert calibration.relative_std > calibrate_by_table(120.0, 200.0)[0].relative_std
