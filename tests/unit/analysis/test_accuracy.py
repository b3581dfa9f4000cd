"""Figures of accuracy on readings whose errors are known."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from calcitrace.analysis.accuracy.levels import MASS_MG, SPANS, level_of
from calcitrace.errors import InputError
from calcitrace.model.accuracy import (
    Axis,
    Cell,
    Metric,
)
from calcitrace.model.reading import Condition, Estimator, Mode, Reading
from tests.fakes.accuracy import ours, result_of, value
from tests.fakes.readings import (
    LIMB_SCAN,
    reading,
    site,
    suite_readings,
)


def detected(true_reading: Reading, *, is_found: bool = True) -> Reading:
    if is_found:
        return replace(true_reading, mode=Mode.DETECTED)
    return Reading(
        true_reading.site, true_reading.condition, true_reading.repeat,
        true_reading.estimator, Mode.DETECTED, None, is_found=False,
    )  # fmt: skip


def test_bias_is_the_median_and_rms_the_root_of_the_mean_square() -> None:
    masses = [1.8, 2.0, 2.6]
    found = ours([reading(site(f"d{i}"), m) for i, m in enumerate(masses)])

    assert value(found, Metric.BIAS) == pytest.approx(0.0)
    assert value(found, Metric.RMS) == pytest.approx(
        100 * ((0.1**2 + 0.3**2) / 3) ** 0.5
    )


def test_coverage_counts_truths_between_both_bounds() -> None:
    inside, outside = reading(site("a"), 2.1, std_mg=0.1), reading(
        site("b"), 2.1, std_mg=0.01
    )  # fmt: skip

    assert value(ours([inside, outside]), Metric.COVERAGE) == 50.0


def test_one_bound_alone_is_judged_apart() -> None:
    less_than_3 = replace(reading(site("a"), 1.0), ci95_high_mg=3.0)
    less_than_1 = replace(reading(site("b"), 0.5), ci95_high_mg=1.0)

    found = ours([less_than_3, less_than_1])

    assert value(found, Metric.BOUND_HELD) == 50.0
    assert found.figure(Metric.COVERAGE) is None


def test_repeatability_is_that_of_repeats_on_one_condition() -> None:
    repeats = [reading(site("a"), m, repeat=i) for i, m in enumerate((1.8, 2.2))]

    found = ours(repeats)

    cv = 100 * (0.08**0.5) / 2
    assert value(found, Metric.CV) == pytest.approx(cv)
    assert value(found, Metric.SDC) == pytest.approx(1.96 * 2**0.5 * cv)


def test_negative_masses_count_as_none_for_repeatability() -> None:
    repeats = [reading(site("a"), m, repeat=i) for i, m in enumerate((-5.0, 2.0))]

    assert value(ours(repeats), Metric.CV) == pytest.approx(100 * 2**0.5)


def test_without_repeats_there_is_no_repeatability() -> None:
    at_80 = replace(LIMB_SCAN, name="80", kvp=80.0)

    found = ours([reading(site(), 2.0), reading(site(), 1.0, condition=at_80)])

    assert found.figure(Metric.CV) is None
    assert value(found, Metric.CV_KVP) == pytest.approx(100 * 0.5**0.5 / 1.5)
    assert found.figure(Metric.CV_THICKNESS) is None


def test_detection_limit_is_the_95th_percentile_of_blank_sites() -> None:
    blanks = [
        reading(site(f"b{i}", 0.0), mass)
        for i, mass in enumerate(np.linspace(0, 1, 41))
    ]

    figure = ours(blanks).figure(Metric.DETECTION_LIMIT)

    assert figure is not None
    assert figure.value == pytest.approx(0.95, abs=0.026)
    assert (figure.n_units, figure.is_sparse) == (41, False)


def test_what_is_not_shown_counts_as_nothing() -> None:
    shown = reading(site("a"), 2.0)
    hidden = replace(reading(site("b"), 0.4), is_quantifiable=False)
    none, zero = reading(site("c"), None), reading(site("d"), 0.0)

    found = ours([shown, hidden, none, zero])

    assert value(found, Metric.NOTHING) == 75.0
    rms = found.figure(Metric.RMS)
    assert rms is not None
    assert rms.n_readings == 3  # also of what is not shown, none of what is not there


def test_the_burden_sums_a_scan_and_counts_what_is_missed_as_nothing() -> None:
    scan = [reading(site("a", 2.0), 2.0), reading(site("b", 8.0), 8.5)]

    assert value(ours(scan), Metric.BURDEN) == pytest.approx(5.0)

    missed = [detected(scan[0], is_found=False), detected(scan[1])]
    false = detected(reading(site("false", 0.0), 0.3))
    found = ours([*missed, false], mode=Mode.DETECTED)
    assert value(found, Metric.BURDEN) == pytest.approx(100 * (8.8 / 10 - 1) * -1)


def test_a_scan_with_a_mass_that_is_not_known_has_no_burden() -> None:
    cut = replace(reading(site("a", 2.0), None), ci95_low_mg=1.0)

    assert ours([cut, reading(site("b"), 2.0)]).figure(Metric.BURDEN) is None


def test_only_whole_scans_have_a_burden() -> None:
    found = ours([reading(site(), 2.0)], Cell(((Axis.MASS, ("1-5 mg",)),)))

    assert found.figure(Metric.BURDEN) is None
    assert value(found, Metric.RMS) == 0.0


def test_detection_has_a_sensitivity_and_false_deposits() -> None:
    first = [detected(reading(site(f"d{i}"), 2.0), is_found=i > 0) for i in range(4)]
    second = [replace(r, repeat=2) for r in first]
    false = detected(reading(site("false 1", 0.0), 0.4))

    found = ours([*first, *second, false], mode=Mode.DETECTED)

    assert value(found, Metric.SENSITIVITY) == 75.0
    assert value(found, Metric.FALSE_PER_SCAN) == 0.5


def test_the_lead_is_over_the_best_rival_on_the_same_deposits() -> None:
    sites = [site(f"d{i}") for i in range(12)]
    read = [
        reading(s, 2.0 * (1 + error), estimator=estimator)
        for s in sites
        for estimator, error in (
            (Estimator.CALCITRACE, 0.02),
            (Estimator.INTEGRATED_HU, 0.10),
            (Estimator.VOLUME_FRACTION, 0.05),
        )
    ]

    figure = ours(read).figure(Metric.LEAD)

    assert figure is not None
    assert (figure.value, figure.low, figure.high) == pytest.approx((-3, -3, -3))


def test_every_level_of_every_axis_has_a_cell_alone_and_by_mass() -> None:
    result = result_of(suite_readings(n_per_scene=8), n_bootstrap=5)
    cells = {c.cell for c in result.cells}

    for axis, names in result.levels:
        assert {Cell(((axis, (name,)),)) for name in names} <= cells
    assert Cell(((Axis.MASS, ("1-5 mg",)), (Axis.GAP, ("0 mm",)))) in cells


def test_bins_touch_and_hold_every_value() -> None:
    for spans in SPANS.values():
        assert all(a.high == b.low for a, b in pairwise(spans))
    assert [
        level_of(reading(site(mass_mg=m), 1.0), Axis.MASS)
        for m in (0.2, 0.25, 1, 5, 30, 200)
    ] == [span.name for span in MASS_MG]


def test_what_a_scan_does_not_say_is_a_level_of_its_own() -> None:
    silent = Condition("c", "hand", None, None, None, None, "usual")

    made = reading(site(), 2.0, condition=silent)

    unsaid = Axis.KVP, Axis.KERNEL, Axis.THICKNESS, Axis.NOISE
    assert {level_of(made, axis) for axis in unsaid} == {"unknown"}
    assert level_of(reading(site("b", 0.0), 0.1), Axis.MASS) is None


def test_readings_that_contradict_each_other_are_refused() -> None:
    twice = [reading(site(), 2.0), reading(site(), 2.1)]
    two_truths = [reading(site(mass_mg=2.0), 2.0), reading(site(mass_mg=3.0), 2.0,
                                                           repeat=2)]  # fmt: skip
    for readings, message in (
        (twice, "got two"),
        (two_truths, "one true mass"),
        ([], "got none"),
    ):
        with pytest.raises(InputError, match=message):
            result_of(readings)
