"""Whether targets are met, by readings whose errors are known."""

from dataclasses import replace

import pytest

from calcitrace.analysis.accuracy import TARGETS
from calcitrace.analysis.accuracy.levels import SPANS
from calcitrace.model.accuracy import Axis, Cell, Verdict
from calcitrace.model.reading import Estimator, Reading
from tests.fakes.accuracy import result_of
from tests.fakes.readings import LIMB_SCAN, perfect_hits, reading, site


def test_levels_of_targets_exist() -> None:
    named = {axis: {s.name for s in spans} for axis, spans in SPANS.items()}

    for target in TARGETS:
        for axis, names in () if target.cell is None else target.cell.levels:
            assert set(names) <= named.get(axis, set(names))


def enough(error: float) -> list[Reading]:
    return [
        reading(site(f"d{i}"), 2.0 * (1 + error * (-1) ** i), std_mg=0.2)
        for i in range(12)
    ]


@pytest.mark.parametrize(
    ("error", "verdict"), [(0.05, Verdict.MET), (0.07, Verdict.MISSED)]
)
def test_a_target_is_met_or_missed(error: float, verdict: Verdict) -> None:
    judged = {j.target.name: j for j in result_of(enough(error)).judgements}

    assert judged["limb, 1-5 mg"].verdict is verdict
    assert judged["limb, 1-5 mg"].is_certain
    assert judged["limb, 5-30 mg"].verdict is Verdict.NOT_ENOUGH_DATA


def test_few_deposits_are_shown_but_judge_nothing() -> None:
    result = result_of(enough(0.07)[:9])

    judgement = next(j for j in result.judgements if j.target.name == "limb, 1-5 mg")

    assert judgement.verdict is Verdict.NOT_ENOUGH_DATA
    assert judgement.figure is not None


def test_a_rival_can_set_the_bound() -> None:
    noisy = replace(LIMB_SCAN, name="noisy", noise_hu=29.0)
    read = [
        reading(site(f"d{i}"), 2.0 * (1 + e), condition=noisy, estimator=estimator)
        for i in range(12)
        for estimator, e in (
            (Estimator.CALCITRACE, 0.1),
            (Estimator.VOLUME_FRACTION, 0.14),
        )
    ]

    judged = {j.target.name: j for j in result_of(read).judgements}
    judgement = judged["limb, strong noise, 1-5 mg"]

    assert judgement.verdict is Verdict.MET
    assert judgement.at_most == pytest.approx(14.0)


def test_coverage_is_judged_in_every_large_cell() -> None:
    good = perfect_hits(40)
    bad = [reading(site(f"m{i}", tissue="muscle"), 2.5, std_mg=0.1) for i in range(40)]

    judgement = result_of([*good, *bad]).judgements[-1]

    assert judgement.verdict is Verdict.MISSED
    assert Cell(((Axis.TISSUE, ("muscle",)),)) in judgement.failing
    assert Cell(((Axis.TISSUE, ("fat",)),)) not in judgement.failing
