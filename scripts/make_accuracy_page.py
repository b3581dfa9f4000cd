"""Turn the table of `calcitrace validate` into the figures of README and documentation.

Run ``uv run python -m scripts.make_accuracy_page DIR`` with the folder that `validate`
wrote. Rewrites `docs/validation-figures.md` and the part of `README.md` between its two
marks; the figures are RMS errors with their 95 % intervals.
"""

import csv
import sys
from pathlib import Path

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
    "gap to bone far": "far from bone",
    "tissue fat": "in fat",
}
Row = dict[str, str]


def figure(row: Row | None, metric: str) -> str:
    """One figure with its interval and the number of deposits."""
    if row is None or not row[metric]:
        return "–"
    low, high = row[f"{metric}_ci95_low"], row[f"{metric}_ci95_high"]
    text = f"{float(row[metric]):.3g}"
    return f"{text} [{float(low):.3g}–{float(high):.3g}]" if low else text


def table(rows: dict[tuple[str, str], Row]) -> str:
    """RMS error of every estimator in every cell, position given."""
    head = ["RMS error, % of the true mass", *CELLS.values(), "total per scan"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, shown in ESTIMATORS.items():
        cells = [figure(rows.get((name, cell)), "rms_error_pct") for cell in CELLS]
        total = figure(rows.get((name, "all")), "total_burden_rms_error_pct")
        lines.append(f"| {shown} | {' | '.join([*cells, total])} |")
    every = rows["calcitrace", "all"]
    counts = f"{every['n_deposits']} deposits, {every['n_readings']} readings"
    coverage = figure(every, "coverage_pct")
    return "\n".join(
        [
            *lines,
            "",
            f"{counts}, position given; [95 % intervals] over deposits.",
            f"The 95 % intervals of Calcitrace held the truth in {coverage} % of readings.",
        ]
    )


def main(folder: Path) -> None:
    """Write both places."""
    with (folder / "accuracy.csv").open(encoding="utf-8") as file:
        rows = {
            (row["estimator"], row["cell"]): row
            for row in csv.DictReader(file)
            if row["mode"] == "position_given"
        }
    found = table(rows)
    summary = (folder / "summary.md").read_text(encoding="utf-8").strip()
    PAGE.write_text(
        f"## Figures\n\n{found}\n\n### Against the targets\n\n{summary}\n",
        encoding="utf-8",
    )
    readme = README.read_text(encoding="utf-8")
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{START}\n\n{found}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
