"""What `compare` says on standard output when it is done."""

from typing import TYPE_CHECKING

from calcitrace.bootstrap.written import json_text, response_document
from calcitrace.model.change import Call
from calcitrace.model.flags import Severity

if TYPE_CHECKING:
    from calcitrace.bootstrap.written import WrittenResult
    from calcitrace.model.comparison import Change, Comparison

WORDS = {
    Call.GROWTH: "growth",
    Call.SHRINKAGE: "shrinkage",
    Call.NO_DETECTABLE_CHANGE: "no detectable change",
    Call.NEW: "new",
    Call.RESOLVED: "resolved",
    Call.NOT_COMPARABLE: "not comparable",
}


def comparison_json(comparison: "Comparison", written: "WrittenResult") -> str:
    """Content of `response.json`, and where the files lie."""
    document = response_document(comparison)
    document["folder"] = str(written.folder)
    document["files"] = [path.name for path in written.files]
    return json_text(document)


def comparison_lines(comparison: "Comparison", written: "WrittenResult") -> list[str]:
    """Answer, counts, flags, and where the files lie; nothing names the patient."""
    totals = [t.change for t in comparison.totals if t.name == "total"]
    lines = ["", *map(_total_line, totals)]
    counts: dict[Call, int] = {}
    for change in comparison.changes:
        if change.change.visit_from == comparison.compared[0]:
            call = change.change.call
            counts[call] = counts.get(call, 0) + 1
    if counts:
        listed = ", ".join(f"{n} {WORDS[call]}" for call, n in sorted(counts.items()))
        lines.append(f"Deposits against visit 1: {listed}.")
    for flag in comparison.flags:
        word = "BLOCKING" if flag.kind.severity is Severity.BLOCKING else "warning"
        lines.append(f"{word}: {flag.sentence('en')}")
    lines += ["", f"Results in {written.folder}:"]
    lines += [f"  {path.name}" for path in written.files]
    lines.append("Research use only: not a medical device.")
    return lines


def _total_line(change: "Change") -> str:
    pair = f"Total, visit {change.visit_from} to {change.visit_to}:"
    test = change.test
    if test is None or change.before is None or change.after is None:
        why = change.obstacle.value.replace("_", " ") if change.obstacle else "unknown"
        return f"{pair} not comparable ({why})"
    low, high = test.ratio_ci95.low, test.ratio_ci95.high
    ratio = "" if test.ratio is None else f", ratio {test.ratio:.3g}"
    bound = "no upper bound" if high is None else f"{high:.3g}"
    return (
        f"{pair} {WORDS[change.call]} ({change.before.mass_mg:.4g} to "
        f"{change.after.mass_mg:.4g} mg{ratio}, 95 % CI {low:.3g} to {bound}); rule of "
        f"+-25 %: {WORDS[change.fixed]}"
    )
