"""Flags as sentences, and what a reader should look at first."""

from collections import Counter
from collections.abc import Sequence

from calcitrace.model.deposit import Deposit, Status
from calcitrace.model.flags import Flag, FlagKind, Severity
from calcitrace.model.result import ScanResult
from calcitrace.services.reporting.content import Notice
from calcitrace.services.reporting.language import Language
from calcitrace.services.reporting.words import REASON_WORDS, SEVERITY_WORDS

ORDER = (Severity.BLOCKING, Severity.WARNING, Severity.NOTE)
N_NAMED = 12
# What attention says in words of its own.
SAID_APART = frozenset(
    {
        FlagKind.CUT_BY_SCAN_END,
        FlagKind.BELOW_DETECTION_LIMIT,
        FlagKind.TOUCHES_BONE,
    }
)


def flag_text(flag: Flag, lang: Language) -> str:
    """Sentence of a flag, its numbers in the language too."""
    localised = Flag(flag.kind, lang.phrase(flag.detail))
    return lang.typeset(localised.sentence(lang.code))


def scan_notices(flags: Sequence[Flag], lang: Language) -> tuple[Notice, ...]:
    """Flags of the scan, the most serious first."""
    ranked = sorted(flags, key=lambda flag: ORDER.index(flag.kind.severity))
    return tuple(
        _notice(flag.kind.severity, flag_text(flag, lang), "", lang) for flag in ranked
    )


def attention(result: ScanResult, lang: Language) -> tuple[Notice, ...]:
    """What needs a look: blocking flags, decisions to take, bounds, warnings."""
    blocking = [f for f in result.flags if f.kind.severity is Severity.BLOCKING]
    warnings = [f for f in result.flags if f.kind.severity is Severity.WARNING]
    notices = [
        _notice(Severity.BLOCKING, flag_text(f, lang), "flags", lang) for f in blocking
    ]
    notices += _of_deposits(result, Severity.BLOCKING, lang)
    notices += _review(result, lang)
    notices += _cut(result, lang)
    notices += _unquantifiable(result, lang)
    notices += [
        _notice(Severity.WARNING, flag_text(f, lang), "flags", lang) for f in warnings
    ]
    notices += _of_deposits(result, Severity.WARNING, lang)
    return tuple(sorted(notices, key=lambda n: ORDER.index(n.severity)))


def _notice(severity: Severity, text: str, anchor: str, lang: Language) -> Notice:
    return Notice(severity, lang.gettext(SEVERITY_WORDS[severity]), text, anchor)


def _review(result: ScanResult, lang: Language) -> list[Notice]:
    review = [d for d in result.deposits if d.status is Status.REVIEW]
    if not review:
        return []
    counts = Counter(d.reason for d in review)
    colon = lang.typeset(" : ") if lang.code == "fr" else ": "
    reasons = [
        f"{lang.gettext(REASON_WORDS[reason])}{colon}{n}"
        for reason, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    text = lang.ngettext(
        "{n} deposit needs a reader's decision ({reasons}). It is measured, but not in "
        "the total.",
        "{n} deposits need a reader's decision ({reasons}). They are measured, but not "
        "in the total.",
        len(review),
    ).format(n=len(review), reasons=", ".join(reasons))
    return [_notice(Severity.WARNING, text, "review", lang)]


def _cut(result: ScanResult, lang: Language) -> list[Notice]:
    cut = [d for d in result.deposits if d.is_lower_bound]
    if not cut:
        return []
    text = lang.ngettext(
        "Deposit {numbers} is cut by the end of the scan, the field of view or a "
        "missing slice: its mass is a lower bound.",
        "Deposits {numbers} are cut by the end of the scan, the field of view or a "
        "missing slice: their masses are lower bounds.",
        len(cut),
    ).format(numbers=numbers(cut, lang))
    return [_notice(Severity.WARNING, text, _anchor(cut), lang)]


def _unquantifiable(result: ScanResult, lang: Language) -> list[Notice]:
    faint = [d for d in result.deposits if not d.is_quantifiable]
    if not faint:
        return []
    text = lang.ngettext(
        "Deposit {numbers} is below its detection limit and not quantifiable.",
        "Deposits {numbers} are below their detection limits and not quantifiable.",
        len(faint),
    ).format(numbers=numbers(faint, lang))
    return [_notice(Severity.NOTE, text, _anchor(faint), lang)]


def _of_deposits(
    result: ScanResult, severity: Severity, lang: Language
) -> list[Notice]:
    """Flags of deposits by kind, with the numbers of those that carry them."""
    carriers: dict[FlagKind, list[Deposit]] = {}
    for deposit in result.deposits:
        for flag in deposit.flags:
            if flag.kind.severity is severity and flag.kind not in SAID_APART:
                carriers.setdefault(flag.kind, []).append(deposit)
    notices: list[Notice] = []
    for kind, deposits in carriers.items():
        details = {f.detail for d in deposits for f in d.flags if f.kind is kind}
        shown = Flag(kind, details.pop() if len(details) == 1 else "…")
        text = lang.ngettext(
            "Deposit {numbers}: {sentence}",
            "Deposits {numbers}: {sentence}",
            len(deposits),
        ).format(numbers=numbers(deposits, lang), sentence=flag_text(shown, lang))
        notices.append(_notice(severity, text, _anchor(deposits), lang))
    return notices


def numbers(deposits: Sequence[Deposit], lang: Language) -> str:
    """Numbers of deposits in words, the first `N_NAMED` of them."""
    names = [str(d.deposit_id) for d in deposits[:N_NAMED]]
    left = len(deposits) - len(names)
    if left:
        names.append(lang.ngettext("{n} more", "{n} more", left).format(n=left))
    return lang.listed(names)


def _anchor(deposits: Sequence[Deposit]) -> str:
    return f"d{deposits[0].deposit_id}"
