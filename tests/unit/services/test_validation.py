"""What the report on accuracy says, and inserts set beside deposits."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.rivals import Measurement
from calcitrace.errors import InputError
from calcitrace.model.accuracy import ValidationResult
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.reading import Estimator, KnownInsert, Mode, Reading
from calcitrace.services.validation import (
    ValidationContent,
    insert_readings,
    rival_reading,
    summarise,
    summary,
    validation_content,
)
from calcitrace.services.validation.words import number, typeset
from tests.fakes.readings import LIMB_SCAN, reading, site, suite_readings
from tests.fakes.results import made_up_deposit, made_up_result, unquantifiable


def result_of(readings: Sequence[Reading]) -> ValidationResult:
    return summarise(readings, np.random.default_rng(1), n_bootstrap=50)


@pytest.fixture(scope="module")
def suite() -> tuple[Reading, ...]:
    return suite_readings(n_scenes=2, n_per_scene=12)


@pytest.fixture(scope="module")
def content(suite: tuple[Reading, ...]) -> ValidationContent:
    return validation_content(result_of(suite), suite)


def some_errors(error: float, n: int = 12) -> list[Reading]:
    return [
        reading(site(f"d{i}"), 2.0 * (1 + error * (-1) ** i), std_mg=0.2)
        for i in range(n)
    ]


def lines(readings: Sequence[Reading]) -> list[str]:
    return list(summary(result_of(readings), readings))


def test_missed_targets_come_first_and_loudest() -> None:
    said = [x for x in lines(some_errors(0.07)) if x.startswith("- ")]

    assert said[0].startswith("- **MISSED** limb, 1–5 mg: RMS error 7.0 % [7.0 to 7.0]")
    assert any(x.startswith("- not enough data: limb, 0.25–1 mg; ") for x in said)
    loud = [x.startswith("- **MISSED**") for x in said]
    assert loud == sorted(loud, reverse=True)


def test_the_summary_says_what_the_data_are_and_counts_verdicts() -> None:
    first, second = lines(some_errors(0.02))[:2]

    assert first.startswith("Simulated data, research use only: not a medical device.")
    assert "12 deposits on 1 scan of 1 scene; position given" in first
    assert second.startswith("**Of 13 targets ")


def test_what_is_not_the_bound_does_not_look_like_it() -> None:
    line = next(x for x in lines(some_errors(0.06002)) if "limb, 1–5 mg" in x)

    assert line.startswith("- **MISSED** limb, 1–5 mg: RMS error 6.002 %")


def test_a_verdict_says_where_its_interval_reaches_past_the_target() -> None:
    mixed = [
        reading(site(f"d{i}"), 2.0 * (1 + e)) for i, e in enumerate([0.01, 0.1] * 8)
    ]

    line = next(x for x in lines(mixed) if "limb, 1–5 mg" in x)

    assert line.endswith("(wanted: ≤ 6 %, interval reaches past the target)")


def test_verdicts_of_every_mode_have_their_table(content: ValidationContent) -> None:
    captions = [table.caption for table in content.verdicts]

    assert captions == ["Calcitrace, position given", "Calcitrace, found by itself"]
    for table in content.verdicts:
        order = ["missed", "unknown", "met"]
        tones = [order.index(row.tone) for row in table.rows]
        assert tones == sorted(tones)


def test_all_estimators_stand_side_by_side(content: ValidationContent) -> None:
    table = content.side_by_side

    assert table is not None
    assert table.head[1] == "Calcitrace"
    assert len(table.head) == 1 + len(Estimator)
    assert {len(row.entries) for row in table.rows} == {len(Estimator)}
    for row in table.rows:
        marked = [e for e in row.entries if e.is_best]
        assert bool(marked) == any(e.text != "–" for e in row.entries)


def test_few_deposits_are_shown_and_marked() -> None:
    few = some_errors(0.02, n=4)
    table = validation_content(result_of(few), few).side_by_side

    assert table is not None
    entry = next(
        row.entries[0] for row in table.rows if row.name.startswith("limb, 1–5")
    )
    assert (entry.text, entry.is_sparse) == ("2.0†", True)
    assert "†" in table.note


def test_sections_without_readings_are_left_out() -> None:
    few = some_errors(0.02)
    made = validation_content(result_of(few), few)

    assert {s.anchor for s in made.sections} == {"axes", "limits"}
    assert made.plots.repeats is None
    assert made.plots.everybody == ()


def test_plots_do_not_depend_on_the_order_of_readings(
    suite: tuple[Reading, ...], content: ValidationContent
) -> None:
    assert validation_content(result_of(suite), suite[::-1]) == content


def test_every_condition_is_listed_with_its_scans(content: ValidationContent) -> None:
    rows = {row.name: [e.text for e in row.entries] for row in content.conditions.rows}

    assert rows["limb, low dose"] == [
        "limb", "120", "standard", "1", "low", "29", "4"
    ]  # fmt: skip
    assert len(rows) == 6


def test_known_inserts_are_not_called_simulated() -> None:
    few = some_errors(0.02)
    made = validation_content(result_of(few), few, is_simulated=False)

    assert "imulated" not in made.title + made.use + " ".join(made.limits)
    assert "not a medical device" in made.use


@pytest.mark.parametrize(
    ("value", "is_signed", "text"),
    [
        (0.0, True, "0.00"),
        (-0.123, True, "−0.12"),
        (9.96, False, "10"),
        (8.0, True, "+8.0"),
    ],
)
def test_numbers_have_the_digits_that_compare(
    value: float, is_signed: bool, text: str
) -> None:
    assert number(value, is_signed=is_signed) == text


def test_ranges_and_units_are_set() -> None:
    assert typeset("mass 0.25-1 mg; 80 kV") == "mass 0.25–1\u00a0mg; 80\u00a0kV"
    assert typeset("test-retest") == "test-retest"


def test_a_rival_states_a_mass_and_no_error() -> None:
    said = rival_reading(
        site(), LIMB_SCAN, 2, Estimator.CALIBRATED_MASS, Measurement(1.5, 4.0, None, 9)
    )

    assert (said.mass_mg, said.volume_mm3, said.std_mg) == (1.5, 4.0, None)
    assert (said.mode, said.repeat, said.is_quantifiable) == (
        Mode.POSITION_GIVEN,
        2,
        True,
    )


def test_a_rival_that_sees_nothing_says_zero_but_has_not_measured() -> None:
    said = rival_reading(
        site(), LIMB_SCAN, 1, Estimator.CALIBRATED_MASS, Measurement(0.0, 0.0, None, 0)
    )

    assert (said.mass_mg, said.is_quantifiable) == (0.0, False)


def insert(name: str, x_mm: float, volume_mm3: float | None = None) -> KnownInsert:
    return KnownInsert(name, 90.0, (x_mm, -2.0, 104.0), volume_mm3)


def test_an_insert_gets_the_deposit_at_its_place() -> None:
    result = made_up_result((made_up_deposit(1),))  # 100 mg at x = 1.25 mm

    (found,) = insert_readings([insert("rod", 2.0)], result)

    assert (found.estimator, found.mode) == (Estimator.CALCITRACE, Mode.DETECTED)
    assert (found.site.deposit, found.site.mass_mg) == ("rod", 90.0)
    assert found.mass_mg == 100.0
    assert (found.ci95_low_mg, found.ci95_high_mg) == result.deposits[0].mass_ci95_mg
    assert (found.volume_mm3, found.is_found) == (200.0, True)
    assert (found.condition.kvp, found.condition.noise_hu) == (120.0, 11.0)


def test_what_was_not_found_is_missed_and_has_no_mass() -> None:
    result = made_up_result((made_up_deposit(1),))

    near, far = insert_readings([insert("near", 1.0), insert("far", 60.0)], result)

    assert near.is_found
    assert (far.is_found, far.mass_mg, far.ci95_high_mg) == (False, None, None)


def test_a_deposit_where_no_insert_is_counts_as_false() -> None:
    result = made_up_result((made_up_deposit(1), made_up_deposit(2)))

    _, false = insert_readings([insert("rod", 1.25)], result, tolerance_mm=1.0)

    assert false.site.is_blank
    assert (false.is_found, false.mass_mg) == (True, 50.0)


def test_parts_of_one_insert_are_added_up() -> None:
    result = made_up_result((made_up_deposit(1), made_up_deposit(2)))

    (whole,) = insert_readings([insert("rod", 1.8)], result)

    assert whole.mass_mg == 150.0
    total = Estimate.total([d.mass for d in result.deposits], Unit.MG)
    assert whole.std_mg == pytest.approx(total.std)


def test_a_large_insert_reaches_further() -> None:
    result = made_up_result((made_up_deposit(1),))
    small, large = insert("small", 11.0), insert("large", 11.0, volume_mm3=4000.0)

    assert not insert_readings([small], result)[0].is_found
    assert insert_readings([large], result)[0].is_found


def test_bounds_are_those_that_a_reader_is_shown() -> None:
    cut = made_up_deposit(1, is_lower_bound=True)
    faint = unquantifiable(2)
    result = made_up_result((cut, replace(faint, centroid_mm=(60.0, -2.0, 104.0))))

    first, second = insert_readings([insert("a", 1.0), insert("b", 60.0)], result)

    assert (first.mass_mg, first.ci95_high_mg) == (None, None)
    assert first.ci95_low_mg == result.deposits[0].mass_ci95_mg[0]
    assert (second.ci95_low_mg, second.ci95_high_mg) == (None, 0.1)
    assert (second.mass_mg, second.is_quantifiable) == (-0.02, False)


def test_readings_of_inserts_can_be_summarised() -> None:
    result = made_up_result((made_up_deposit(1),))
    read = insert_readings([insert("near", 1.0), insert("far", 60.0)], result)

    made = validation_content(result_of(read), read, is_simulated=False)

    assert made.verdicts == ()  # targets are set for simulated limbs
    assert made.lead == "1 of 2 inserts found; RMS error 11\u00a0%."
    assert made.each is not None
    assert [row.name for row in made.each.rows] == ["far", "near"]
    assert [e.text for e in made.each.rows[1].entries] == [
        "90.0", "100", "78.1 to 122", "+11", "yes"
    ]  # fmt: skip


def test_the_summary_of_inserts_is_a_table_with_failures_first() -> None:
    result = made_up_result((made_up_deposit(1), made_up_deposit(3)))
    far = KnownInsert("far", 5.0, (60.0, -2.0, 104.0))
    wrong = KnownInsert("wrong", 90.0, (3.75, -2.0, 104.0))
    read = insert_readings([wrong, insert("right", 1.25), far], result)

    said = summary(result_of(read), read, is_simulated=False)

    assert said[0] == "Known inserts, research use only: not a medical device."
    assert [line.split(" | ")[0] for line in said[5:]] == [
        "| far", "| wrong", "| right"
    ]  # fmt: skip
    assert "missed" in said[5]
    assert said[6].endswith("| no |")


def test_without_inserts_there_is_nothing_to_compare() -> None:
    with pytest.raises(InputError, match="at least one"):
        insert_readings([], made_up_result())
