"""What a reader changed, in words: each operation, and both totals."""

from calcitrace.model.deposit import Burden
from calcitrace.model.edits import EditOutcome, Operation, Point, Remark
from calcitrace.model.result import Correction, ScanResult
from calcitrace.services.reporting.content import Corrections, EditRow, Fact
from calcitrace.services.reporting.figures import DASH, measured
from calcitrace.services.reporting.language import NO_BREAK, Language, marked

OPERATION_WORDS: dict[Operation, str] = {
    Operation.INCLUDE: marked("included"),
    Operation.EXCLUDE: marked("excluded"),
    Operation.MERGE: marked("merged into one deposit"),
    Operation.CUT: marked("cut at the neck"),
    Operation.ADD_SEED: marked("added at a seed"),
    Operation.ADD_BOX: marked("added in a box"),
}

REMARK_WORDS: dict[Remark, str] = {
    Remark.OUTSIDE_SCAN: marked("not applied: outside of the scan"),
    Remark.NOTHING_THERE: marked("not applied: nothing is there any more"),
    Remark.ON_BONE: marked("not applied: it is bone; include it or cut it first"),
    Remark.ALREADY_ONE: marked("not applied: both places are in one deposit"),
    Remark.ALREADY_APART: marked("not applied: the places are in two deposits"),
    Remark.ALREADY_THERE: marked("no change: it was so already"),
    Remark.NOT_A_DEPOSIT: marked("not applied: neither of them is a deposit"),
    Remark.NO_NECK: marked("applied; it has no neck, so it was halved midway"),
}


def corrections(result: ScanResult, lang: Language) -> Corrections | None:
    """Section on corrections; None where nobody made any."""
    correction = result.correction
    if correction is None:
        return None
    return Corrections(
        totals=_totals(result, correction, lang),
        rows=tuple(
            _row(number, outcome, result, lang)
            for number, outcome in enumerate(correction.outcomes, start=1)
        ),
        note=_note(correction, lang),
    )


def automatic_sentence(result: ScanResult, lang: Language) -> tuple[str, ...]:
    """Say what the total would be without the reader, if it would be another."""
    correction = result.correction
    if correction is None or correction.total == result.total:
        return ()
    return (
        lang.gettext(
            "A reader corrected this result. Without the corrections, the accepted "
            "total is: {total}."
        ).format(total=_burden(correction.total, lang)),
    )


def _totals(
    result: ScanResult, correction: Correction, lang: Language
) -> tuple[Fact, ...]:
    """The automatic total beside the corrected one."""
    t = lang.gettext
    return (
        Fact(t("Automatic: accepted"), _burden(correction.total, lang)),
        Fact(t("Corrected: accepted"), _burden(result.total, lang)),
        Fact(
            t("Automatic: accepted and in review"),
            _burden(correction.total_with_review, lang),
        ),
        Fact(
            t("Corrected: accepted and in review"),
            _burden(result.total_with_review, lang),
        ),
    )


def _burden(burden: Burden, lang: Language) -> str:
    """Mass and number of deposits."""
    if burden.n_deposits == 0:
        return lang.gettext("no deposit")
    bound = f"≥{NO_BREAK}" if burden.is_lower_bound else ""
    count = lang.ngettext("{n} deposit", "{n} deposits", burden.n_deposits)
    return f"{bound}{measured(burden.mass, lang)} ({count.format(n=burden.n_deposits)})"


def _row(
    number: int, outcome: EditOutcome, result: ScanResult, lang: Language
) -> EditRow:
    edit = outcome.edit
    ids = {d.label: d.deposit_id for d in result.deposits}
    deposit_id = None if outcome.label is None else ids.get(outcome.label)
    if outcome.remark is not None:
        said = lang.gettext(REMARK_WORDS[outcome.remark])
    else:
        said = lang.gettext("applied")
    return EditRow(
        number=str(number),
        operation=lang.gettext(OPERATION_WORDS[edit.operation]),
        deposit="" if deposit_id is None else str(deposit_id),
        places=tuple(_place(point, lang) for point in edit.points_mm),
        author=edit.author,
        time=_time(outcome, lang),
        comment=edit.comment or DASH,
        outcome=said,
        is_applied=outcome.is_applied,
    )


def _place(point_mm: Point, lang: Language) -> str:
    return " / ".join(lang.number(v, 1) for v in point_mm)


def _time(outcome: EditOutcome, lang: Language) -> str:
    """Date and time with the zone in which it was recorded."""
    time = outcome.edit.time
    return f"{lang.date(time)}{NO_BREAK}{time.tzname() or ''}".rstrip(NO_BREAK)


def _note(correction: Correction, lang: Language) -> str:
    """Whether the reader knew what the program thought."""
    if correction.edits.order_seed is None:
        return lang.gettext("The reader saw what the program had decided.")
    return lang.gettext(
        "The reading was blinded: deposits came in a shuffled order, without the "
        "decision and the probability of the program."
    )
