"""Targets in words: what was wanted, what was reached, and what failed first."""

from collections.abc import Sequence

from calcitrace.model.accuracy import (
    Figure,
    Judgement,
    Metric,
    ValidationResult,
    Verdict,
)
from calcitrace.model.reading import Estimator, Mode
from calcitrace.services.reporting.language import NO_BREAK
from calcitrace.services.validation.content import VerdictRow, VerdictTable
from calcitrace.services.validation.words import (
    DASH,
    ESTIMATOR_WORDS,
    MODE_WORDS,
    WORDS,
    behind,
    cell_name,
    interval,
    typeset,
    value_text,
)

MOST = 4  # decimals
ORDER = tuple(Verdict)  # missed, not enough data, met
TONES = {
    Verdict.MISSED: "missed",
    Verdict.NOT_ENOUGH_DATA: "unknown",
    Verdict.MET: "met",
}
QUANTITIES = {
    Metric.RMS: "RMS error",
    Metric.BURDEN: "RMS error of the total",
    Metric.COVERAGE: "coverage",
}


def verdict_tables(result: ValidationResult) -> tuple[VerdictTable, ...]:
    """One table per mode that Calcitrace was read in."""
    modes = dict.fromkeys(j.mode for j in result.judgements)
    return tuple(_table(result, mode) for mode in modes)


def ranked(judgements: Sequence[Judgement], mode: Mode) -> list[Judgement]:
    """Judgements of one mode: missed, then undecided, then met."""
    chosen = [j for j in judgements if j.mode is mode]
    return sorted(chosen, key=lambda j: ORDER.index(j.verdict))


def tally(judgements: Sequence[Judgement]) -> str:
    """How many targets were missed, undecided and met, in words."""
    n = {v: sum(j.verdict is v for j in judgements) for v in Verdict}
    return (
        f"Of {len(judgements)} targets {n[Verdict.MISSED]} missed, "
        f"{n[Verdict.NOT_ENOUGH_DATA]} without enough data, {n[Verdict.MET]} met."
    )


def wanted(judgement: Judgement) -> str:
    """What the target asks for."""
    target = judgement.target
    quantity = QUANTITIES[target.metric]
    if target.no_worse_than is not None:
        rival = ESTIMATOR_WORDS[target.no_worse_than].lower()
        bound = "" if judgement.rival is None else f" ({percent(judgement.rival)})"
        return f"{quantity} no larger than that of {rival}{bound}"
    if target.at_least is None:
        return f"{quantity} ≤{NO_BREAK}{_round(target.at_most)}"
    if target.at_most is None:
        return f"{quantity} ≥{NO_BREAK}{_round(target.at_least)}"
    low = _round(target.at_least).removesuffix(f"{NO_BREAK}%")
    return f"{quantity} {low}–{_round(target.at_most)}"


def reached(judgement: Judgement) -> str:
    """What was found, without its interval."""
    figure = judgement.figure
    if figure is None:
        return DASH
    if judgement.target.cell is None:
        return f"{len(judgement.failing)} of {judgement.n_judged} cells below"
    text = value_text(figure, figure.value)
    bounds = [
        b for b in (judgement.target.at_least, judgement.at_most) if b is not None
    ]
    # What is not the bound must not look like it.
    decimals = len(text.partition(WORDS.decimal_mark)[2])
    while decimals < MOST and any(
        round(figure.value, decimals) == b != figure.value for b in bounds
    ):
        decimals += 1
        text = WORDS.number(figure.value, decimals)
    return f"{text}{NO_BREAK}%"


def lowest(judgement: Judgement) -> str:
    """Lowest figure of a target on every cell; empty for others."""
    if judgement.figure is None or judgement.target.cell is not None:
        return ""
    return f"lowest {percent(judgement.figure)}"


def percent(figure: Figure) -> str:
    """Figure in per cent."""
    return f"{value_text(figure, figure.value)}{NO_BREAK}%"


def aside(judgement: Judgement) -> str:
    """Whether the interval leaves the verdict open; empty where it does not."""
    if judgement.verdict is Verdict.NOT_ENOUGH_DATA or judgement.target.cell is None:
        return ""
    return "" if judgement.is_certain else "interval reaches past the target"


def failures(judgement: Judgement, result: ValidationResult) -> tuple[str, ...]:
    """Cells that miss a target on every cell, the clearest first.

    Cells whose whole interval misses come first: of many cells with the right coverage,
    some are below by chance.
    """
    metric, bound = judgement.target.metric, judgement.target.at_least or 0.0
    found: list[tuple[float, str]] = []
    for cell in judgement.failing:
        ours = result.at(Estimator.CALCITRACE, judgement.mode, cell)
        figure = None if ours is None else ours.figure(metric)
        if figure is not None:
            high = figure.value if figure.high is None else figure.high
            sure = " (whole interval below)" if high < bound else ""
            found.append(
                (
                    high,
                    (
                        f"{cell_name(cell)}: {percent(figure)} [{interval(figure)}], "
                        f"{behind(figure)}{sure}"
                    ),
                )
            )
    return tuple(text for _, text in sorted(found))


def _table(result: ValidationResult, mode: Mode) -> VerdictTable:
    rows = ranked(result.judgements, mode)
    return VerdictTable(
        caption=f"Calcitrace, {MODE_WORDS[mode]}",
        sentence=tally(rows),
        rows=tuple(_row(j, result) for j in rows),
    )


def _row(judgement: Judgement, result: ValidationResult) -> VerdictRow:
    figure = judgement.figure
    return VerdictRow(
        name=typeset(judgement.target.name),
        wanted=wanted(judgement),
        reached=reached(judgement),
        note=lowest(judgement),
        interval="" if figure is None else interval(figure),
        behind="no reading" if figure is None else behind(figure),
        tone=TONES[judgement.verdict],
        verdict=judgement.verdict.value,
        aside=aside(judgement),
        details=failures(judgement, result),
    )


def _round(value: float | None) -> str:
    return DASH if value is None else f"{value:g}{NO_BREAK}%"
