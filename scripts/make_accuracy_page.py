"""Turn the table of `calcitrace validate` into the figures of README and documentation.

Run ``uv run python -m scripts.make_accuracy_page DIR "the full suite"`` with the folder
that `validate` wrote and what was run. Rewrites `docs/validation-figures.md` and the part
of `README.md` between its two marks. Every figure has its 95 % interval.
"""

import csv
import sys
from pathlib import Path

from calcitrace.services.study.suites import FIRST_SEED, REPORT

ROOT = Path(__file__).parents[1]
PAGE, README = ROOT / "docs" / "validation-figures.md", ROOT / "README.md"
START, END = "<!-- accuracy -->", "<!-- end of accuracy -->"
ESTIMATORS = {
    "calcitrace": "**Calcitrace**",
    "integrated_hu": "integrated HU",
    "volume_fraction": "volume fraction",
    "calibrated_mass": "calibrated mass",
    "half_maximum": "50 % of maximum",
    "fixed_threshold": "fixed threshold",
    "agatston_normalised": "Agatston, normalised",
    "agatston": "Agatston",
}
CELLS = {
    "mass 0.25-1 mg": "0.25–1 mg",
    "mass 1-5 mg": "1–5 mg",
    "mass 5-30 mg": "5–30 mg",
    "mass 30-200 mg": "30–200 mg",
    "mass over 200 mg": "over 200 mg",
    "gap to bone far": "far from bone",
}
AXES = (
    "mass",
    "tissue",
    "shape",
    "gap to bone",
    "noise",
    "kernel",
    "slice thickness",
    "tube voltage",
    "body",
)
COLUMNS = {
    "bias_pct": "bias, %",
    "rms_error_pct": "RMS error, %",
    "rms_error_less_best_rival_pct": "less best rival, points",
    "coverage_pct": "coverage, %",
    "test_retest_cv_pct": "test-retest CV, %",
    "smallest_detectable_change_pct": "detectable change, %",
    "detection_limit_mg": "detection limit, mg",
}
FOUND = {"sensitivity_pct": "found, %", "false_deposits_per_scan": "false per scan"}
Row = dict[str, str]
Rows = dict[tuple[str, str], Row]


def figure(row: Row | None, metric: str) -> str:
    """One figure with its interval."""
    if row is None or not row[metric]:
        return "–"
    low, high = row[f"{metric}_ci95_low"], row[f"{metric}_ci95_high"]
    text = f"{float(row[metric]):.3g}"
    return f"{text} [{float(low):.3g}–{float(high):.3g}]" if low else text


def table(head: list[str], lines: list[list[str]]) -> str:
    """Markdown."""
    made = [f"| {' | '.join(cells)} |" for cells in (head, *lines)]
    return "\n".join([made[0], "|---" * len(head) + "|", *made[1:]])


def side_by_side(rows: Rows) -> str:
    """RMS error of every estimator by mass."""
    head = ["RMS error, % of the true mass", *CELLS.values(), "total per scan"]
    lines = [
        [
            shown,
            *(figure(rows.get((name, cell)), "rms_error_pct") for cell in CELLS),
            figure(rows.get((name, "all")), "total_burden_rms_error_pct"),
        ]
        for name, shown in ESTIMATORS.items()
    ]
    return table(head, lines)


def by_factor(rows: Rows, columns: dict[str, str]) -> str:
    """Calcitrace at every level of every factor."""
    levels = {
        cell: row
        for (name, cell), row in rows.items()
        if name == "calcitrace" and (cell == "all" or _is_single(cell))
    }
    ordered = sorted(levels, key=_axis)
    lines = [
        [
            cell.replace("-", "–"),
            f"{levels[cell]['n_deposits']} / {levels[cell]['n_readings']}",
            *(figure(levels[cell], metric) for metric in columns),
        ]
        for cell in ordered
    ]
    return table(["readings", "deposits / readings", *columns.values()], lines)


def _is_single(cell: str) -> bool:
    """Whether a cell is one level of one axis."""
    return _axis(cell) >= 0 and ", " not in cell and "; " not in cell


def _axis(cell: str) -> int:
    """Place of the axis that a cell is a level of; -1 without one."""
    found = (i for i, axis in enumerate(AXES) if cell.startswith(f"{axis} "))
    return next(found, -1)


def foot(rows: Rows, suite: str) -> str:
    """What was run."""
    every = rows["calcitrace", "all"]
    return (
        f"Simulated: {suite}, seeds from {FIRST_SEED[REPORT]:,} on, "
        f"{every['n_deposits']} deposits, {every['n_readings']} readings, position "
        "given; [95 % intervals] over deposits.\n"
        "The 95 % intervals of Calcitrace held the truth in "
        f"{figure(every, 'coverage_pct')} % of readings."
    )


def read(folder: Path, mode: str) -> Rows:
    """Rows of one mode by estimator and cell."""
    with (folder / "accuracy.csv").open(encoding="utf-8") as file:
        return {
            (row["estimator"], row["cell"]): row
            for row in csv.DictReader(file)
            if row["mode"] == mode
        }


def main(folder: Path, suite: str) -> None:
    """Write both places."""
    rows = read(folder, "position_given")
    short = f"{side_by_side(rows)}\n\n{foot(rows, suite)}"
    summary = (folder / "summary.md").read_text(encoding="utf-8").strip()
    parts = [
        f"## Figures\n\n{short}",
        f"### Against the targets\n\n{summary}",
        f"### Calcitrace, factor by factor\n\n{by_factor(rows, COLUMNS)}",
        f"### Found by itself\n\n{by_factor(read(folder, 'detected'), FOUND)}",
    ]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    readme = README.read_text(encoding="utf-8")
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{START}\n\n{short}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
