"""The result in ten lines, failures first."""

from collections.abc import Iterator, Sequence

from calcitrace.model.accuracy import Judgement, ValidationResult, Verdict
from calcitrace.services.reporting.language import NO_BREAK
from calcitrace.services.validation.tables import main_mode
from calcitrace.services.validation.verdicts import (
    QUANTITIES,
    aside,
    failures,
    lowest,
    ranked,
    reached,
    tally,
    wanted,
)
from calcitrace.services.validation.words import MODE_WORDS, counted, interval, typeset

N_CELLS_NAMED = 3
UNDECIDED = Verdict.NOT_ENOUGH_DATA


def summary_lines(result: ValidationResult, use: str) -> tuple[str, ...]:
    """Markdown: what was read, then one line per target, the missed ones first.

    Parameters
    ----------
    use
        What the data are and what they are not for.
    """
    mode = main_mode(result)
    rows = ranked(result.judgements, mode)
    counts = result.counts
    read = (
        f"{use}. {counted(counts.n_deposits, 'deposit')} on "
        f"{counted(counts.n_scans, 'scan')} of {counted(counts.n_scenes, 'scene')}; "
        f"{MODE_WORDS[mode]}; [95 % intervals] over deposits."
    )
    return tuple(
        line.replace(NO_BREAK, " ")
        for line in (
            read,
            f"**{tally(rows)}**",
            "",
            *_lines(rows, result),
        )
    )


def _lines(rows: list[Judgement], result: ValidationResult) -> Iterator[str]:
    """Missed targets one by one, those without enough data in one line, then the met."""
    for judgement in (j for j in rows if j.verdict is Verdict.MISSED):
        worst = _worst(failures(judgement, result))
        yield f"- **MISSED** {_sentence(judgement)}{worst}"
    open_ = [typeset(j.target.name) for j in rows if j.verdict is UNDECIDED]
    if open_:
        yield f"- not enough data: {'; '.join(open_)}"
    for judgement in (j for j in rows if j.verdict is Verdict.MET):
        yield f"- met: {_sentence(judgement)}"


def _worst(cells: Sequence[str]) -> str:
    if not cells:
        return ""
    rest = len(cells) - N_CELLS_NAMED
    more = f"; and {rest} more, see the report" if rest > 0 else ""
    return f". {'; '.join(cells[:N_CELLS_NAMED])}{more}"


def _sentence(judgement: Judgement) -> str:
    figure = judgement.figure
    name = typeset(judgement.target.name)
    if figure is None:
        return f"{name}: no reading (wanted: {wanted(judgement)})"
    bounds = interval(figure)
    shown = f" [{bounds}]" if bounds and judgement.target.cell is not None else ""
    quantity = QUANTITIES[judgement.target.metric]
    more = [part for part in (lowest(judgement), aside(judgement)) if part]
    said = f", {', '.join(more)}" if more else ""
    return (
        f"{name}: {quantity} {reached(judgement)}{shown} (wanted: "
        f"{wanted(judgement).removeprefix(quantity).strip()}{said})"
    )
