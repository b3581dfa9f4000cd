"""What a command says on standard output when it is done."""

from typing import TYPE_CHECKING

import typer

from calcitrace.bootstrap.written import json_text, scan_document
from calcitrace.model.deposit import Burden, Deposit, Status
from calcitrace.model.flags import Severity

if TYPE_CHECKING:
    from calcitrace.bootstrap.written import WrittenResult
    from calcitrace.model.result import ScanResult

SHOWN_DEPOSITS = 5


def json_summary(result: "ScanResult", written: "WrittenResult") -> str:
    """Content of `scan.json`, and where the files lie."""
    document = scan_document(result)
    document["folder"] = str(written.folder)
    document["files"] = [path.name for path in written.files]
    document["notes"] = list(written.notes)
    return json_text(document)


def print_summary(result: "ScanResult", written: "WrittenResult") -> None:
    """Total, largest deposits, flags, and where the files lie."""
    for line in summary_lines(result, written):
        typer.echo(line)


def summary_lines(result: "ScanResult", written: "WrittenResult") -> list[str]:
    """Lines of the summary; nothing in them names the patient."""
    lines = ["", *_total_lines(result), *_deposit_lines(result.deposits)]
    lines += [
        f"{_WORD[flag.kind.severity]}: {flag.sentence('en')}" for flag in result.flags
    ]
    lines += [f"note: {note}" for note in written.notes]
    lines += [
        (
            f"not measured: series {s.series_uid or '(no UID)'} "
            f"({s.modality}, {s.n_images} images): {s.reason}"
        )
        for s in result.scan.series
        if not s.is_chosen
    ]
    lines += ["", f"Results in {written.folder}:"]
    lines += [f"  {path.name}" for path in written.files]
    lines.append("Research use only: not a medical device.")
    return lines


_WORD = {
    Severity.NOTE: "note",
    Severity.WARNING: "warning",
    Severity.BLOCKING: "BLOCKING",
}


def _total_lines(result: "ScanResult") -> list[str]:
    if not result.is_measured:
        return ["Nothing was measured."]
    n_dropped = sum(c.status is Status.DROPPED for c in result.candidates)
    n_review = sum(d.status is Status.REVIEW for d in result.deposits)
    n_accepted = result.total.n_deposits
    counts = f"{n_accepted} deposits accepted, {n_review} in review"
    lines = [f"{counts}, {n_dropped} candidates dropped."]
    if result.deposits:
        grade = result.calibration.grade.value
        lines += [
            f"Total accepted:     {_mass_text(result.total)}",
            f"Accepted + review:  {_mass_text(result.total_with_review)}",
            f"Mass is of hydroxyapatite; calibration grade {grade}",
        ]
    return lines


def _mass_text(total: Burden) -> str:
    if total.n_deposits == 0:
        return "none"
    low_mg, high_mg = total.mass_ci95_mg
    if high_mg is None:
        seen = f"{total.mass.value:.4g} +- {total.mass.std:.2g} mg"
        return f"{seen} in view; a lower bound, for a deposit is cut"
    return f"{total.mass.value:.4g} mg (95 % CI {low_mg:.4g} to {high_mg:.4g})"


def _deposit_lines(deposits: tuple[Deposit, ...]) -> list[str]:
    """Largest deposits, one line each."""
    lines = [
        f"  {d.deposit_id:>3}  {d.status.value:<8}  {_deposit_mass(d):>22}  "
        f"{d.diameter_max_mm:5.1f} mm  {d.shape_class.value}"
        for d in deposits[:SHOWN_DEPOSITS]
    ]
    if len(deposits) > SHOWN_DEPOSITS:
        lines.append(f"  and {len(deposits) - SHOWN_DEPOSITS} more in deposits.csv")
    return lines


def _deposit_mass(deposit: Deposit) -> str:
    _, high_mg = deposit.mass_ci95_mg
    if not deposit.is_quantifiable:
        return "?" if high_mg is None else f"< {high_mg:.2g} mg"
    sign = ">= " if deposit.is_lower_bound else ""
    return f"{sign}{deposit.mass.value:.3g} +- {deposit.mass.std:.2g} mg"
