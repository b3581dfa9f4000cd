"""What `calcitrace demo` says: found beside true."""

from typing import TYPE_CHECKING

from calcitrace.bootstrap.written import json_text, scan_document

if TYPE_CHECKING:
    from calcitrace.bootstrap.demonstrating import Demo
    from calcitrace.services.demo import Comparison

HEADING = (
    f"{'deposit':<28} {'true mg':>9} {'found mg':>9} {'95 % interval':>19} {'error':>7}"
)


def demo_lines(demo: "Demo") -> list[str]:
    """Table of found against true, and where the report is."""
    rows = demo.comparison.rows
    n_false = len(demo.comparison.false_deposits)
    report = demo.written.folder / "report.html"
    return [
        "",
        "A simulated limb; masses are of hydroxyapatite within the scan.",
        HEADING,
        *(_row_line(row) for row in rows),
        f"{demo.comparison.n_found} of {len(rows)} found, {n_false} false.",
        "",
        f"Report: {report}",
        "Simulated data, research use only: not a medical device.",
    ]


def demo_json(demo: "Demo") -> str:
    """Content of `scan.json`, and the comparison with the truth."""
    document = scan_document(demo.result)
    document["folder"] = str(demo.written.folder)
    document["files"] = [path.name for path in demo.written.files]
    document["notes"] = list(demo.written.notes)
    document["truth"] = [
        {
            "name": row.truth.name,
            "mass_in_scan_mg": row.truth.mass_in_scan_mg,
            "found_mass_mg": None if row.mass is None else row.mass.value,
            "relative_error": row.error,
            "is_within_interval": row.is_within_interval,
            "deposit_ids": [d.deposit_id for d in row.deposits],
        }
        for row in demo.comparison.rows
    ]
    document["n_false_deposits"] = len(demo.comparison.false_deposits)
    return json_text(document)


def _row_line(row: "Comparison") -> str:
    true = f"{row.truth.name:<28} {row.truth.mass_in_scan_mg:>9.3g}"
    if row.mass is None or row.error is None:
        return f"{true} {'missed':>9}"
    low_mg, high_mg = row.mass.ci95
    interval = f"{low_mg:.3g} to {high_mg:.3g}"
    marks = "" if row.is_within_interval else "  outside"
    marks += "  cut by the scan's end" if row.truth.is_cut else ""
    return f"{true} {row.mass.value:>9.3g} {interval:>19} {row.error:>+7.0%}{marks}"
