"""`agreement.csv`: statistics of two readers, one row each."""

import os
from pathlib import Path

from calcitrace.adapters.numbers import number_text
from calcitrace.adapters.tabular import write_table
from calcitrace.errors import OutputError
from calcitrace.services.agreement import Agreement

COLUMNS = ("measure", "value", "ci95_low", "ci95_high", "unit", "n", "why_not")


def agreement_rows(found: Agreement) -> list[dict[str, str]]:
    """Cells by column: counts first, then statistics."""
    counts = {
        "n_scans": found.n_scans,
        "n_included_by_both": found.both,
        "n_included_by_first_only": found.first_only,
        "n_included_by_second_only": found.second_only,
        "n_excluded_by_both": found.neither,
        "n_decided_by_one_reader_only": found.n_undecided,
    }
    blank = dict.fromkeys(COLUMNS, "")
    return [
        *({**blank, "measure": k, "value": str(v)} for k, v in counts.items()),
        *(
            {
                "measure": row.name,
                "value": number_text(row.number.value),
                "ci95_low": number_text(row.number.low),
                "ci95_high": number_text(row.number.high),
                "unit": row.unit,
                "n": str(row.number.n),
                "why_not": row.number.why_not,
            }
            for row in found.rows
        ),
    ]


def check_table(path: Path) -> None:
    """Refuse to replace a file that is no table of ours.

    Raises
    ------
    OutputError
        If something else lies there.
    """
    if not path.exists():
        return
    header = ",".join(COLUMNS).encode()
    if not path.is_file() or not path.read_bytes().startswith(header):
        msg = (
            f"Expected a new file or an earlier table, but {path} is something else. "
            "Name another with --out."
        )
        raise OutputError(msg)


def write_agreement(found: Agreement, path: Path) -> None:
    """Write the table whole, or leave an earlier one as it was.

    Raises
    ------
    OutputError
        If it cannot be written, or something else lies there.
    """
    check_table(path)
    work = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_table(work, COLUMNS, agreement_rows(found))
            work.replace(path)
        finally:
            work.unlink(missing_ok=True)
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        msg = f"Could not write {path}: {reason}. Name another file with --out."
        raise OutputError(msg) from error
