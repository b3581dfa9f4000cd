"""Measure every real scan at hand and write the table of the documentation.

Run ``uv run python -m scripts.run_real_scans`` with CALCITRACE_REAL_DATA naming the
folder of real scans. Each source goes through `calcitrace measure` in a process of its
own; refusals are rows as well. Writes `docs/real-scans-table.md`,
unless one fails other than by a refusal.
"""

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.child import Cost, calcitrace, run

TARGET = Path(__file__).parents[1] / "docs" / "real-scans-table.md"
UNUSABLE = 2
# What is measured: patterns below the folder of real scans, each match one source.
SOURCES = (
    ("sts", "*.zip"),
    ("totalseg", "tests/reference_files/example_ct*"),
    ("totalseg", "tests/reference_files/example_mr*"),
    ("totalseg", "tests/reference_files/example_seg.nii.gz"),
    ("dicom2nifti", "tests/data/*/*"),
    ("cornerstone", "testImages/*"),
    ("rt_utils", "tests/*_data"),
    ("pydicom_tests", "src/pydicom/data/test_files"),
    ("highdicom", "data/test_files"),
    ("dcmqi", "data/segmentations"),
)
UID = re.compile(r"_1\.2\.840[\d.]*(\.dcm)?$")  # of a transfer syntax, in a file's name
NO_IMAGE = frozenset({".sh", ".md", ".txt"})
TABLE = """| source | series | slices | s | peak MB | candidates | accepted | review | accepted, mg | with review, mg |
|---|---|---|---|---|---|---|---|---|---|
"""
REFUSED = """
## Refused

| source | what the command said |
|---|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One source and what became of it."""

    name: str
    cost: Cost

    @property
    def is_refused(self) -> bool:
        """Whether the source was turned down, in one line and without a traceback."""
        lines = self.cost.stderr.strip().splitlines()
        return self.cost.exit_code == UNUSABLE and len(lines) == 1

    @property
    def refusal(self) -> str:
        """What the command said."""
        said = self.cost.stderr.strip().removeprefix("calcitrace: ")
        return f"| {self.name} | {said.replace('|', '/')} |"

    @property
    def measurement(self) -> str:
        """Row of the table of measured scans."""
        document: dict[str, Any] = json.loads(self.cost.stdout)
        accepted, both = document["total"], document["total_with_review"]
        n_review = both["n_deposits"] - accepted["n_deposits"]
        return " | ".join(
            [
                f"| {self.name}",
                series_text(document),
                str(document["coverage"]["n_slices_measured"]),
                f"{self.cost.seconds:.1f}",
                f"{self.cost.peak_mb:.0f}",
                str(sum(document["candidates"].values())),
                str(accepted["n_deposits"]),
                str(n_review),
                f"{mass_text(accepted)} | {mass_text(both)} |",
            ]
        )


def sources(folder: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of each source."""
    for collection, pattern in SOURCES:
        for path in sorted((folder / collection).glob(pattern)):
            if path.suffix not in NO_IMAGE:
                yield f"{collection}/{UID.sub('', path.name)}", path


def series_text(document: dict[str, Any]) -> str:
    """What was chosen, by geometry and tube voltage: no identifier is needed."""
    slice_mm, row_mm, _ = document["coverage"]["spacing_mm"]
    acquisition = document["acquisition"]
    kvp = "kVp unknown" if acquisition["kvp"] is None else f"{acquisition['kvp']:g} kVp"
    kernel = acquisition["kernel"] or "kernel unknown"
    part = acquisition["body_part"] or "no body part"
    return f"{part}, {row_mm:.2f} x {slice_mm:.2f} mm, {kvp}, {kernel}"


def mass_text(total: dict[str, Any]) -> str:
    """Mass with three digits; a bound where a deposit is cut."""
    if total["mass_mg"] is None:
        return "not measured"
    sign = "≥ " if total["is_lower_bound"] else ""
    return f"{sign}{total['mass_mg']:.3g}"


def measured(name: str, path: Path) -> Row:
    """Measure one source."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = calcitrace(
            "measure", str(path), "--out", str(out), "--json", "--quiet"
        )
        return Row(name, run(command))


def page(rows: list[Row]) -> str:
    """Both tables."""
    lines = [row.measurement for row in rows if not row.is_refused]
    refusals = [row.refusal for row in rows if row.is_refused]
    return TABLE + "\n".join(lines) + "\n" + REFUSED + "\n".join(refusals) + "\n"


def main() -> int:
    """Measure all, write the tables; 1, and nothing written, if one fails."""
    folder = Path(os.environ["CALCITRACE_REAL_DATA"])
    rows: list[Row] = []
    n_failed = 0
    for name, path in sources(folder):
        row = measured(name, path)
        print(f"{row.cost.exit_code} {row.cost.seconds:6.1f} s  {name}", flush=True)
        if row.is_refused or row.cost.exit_code in {0, 1}:
            rows.append(row)
        else:
            n_failed += 1
            print(row.cost.stderr, file=sys.stderr)
    if n_failed == 0:  # a table with holes would look like a whole one
        TARGET.write_text(page(rows), encoding="utf-8")
    print(f"{len(rows)} sources, {n_failed} failures")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
