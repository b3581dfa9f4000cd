"""Run the benchmark of detection: ``uv run python -m benchmarks.detection``.

Reads the Soft-tissue-Sarcoma scans from ``--scans`` (default: `sts` in the folder that
CALCITRACE_REAL_DATA names), inserts deposits, and prints what a detector found. With
``--write`` the tables go to `docs/detection-figures.md`. Scans with deposits are kept in
a temporary folder, so that another detector costs seconds a scan.
"""

import argparse
import os
import sys
from pathlib import Path

from benchmarks.detection.detectors import DetectorForFold, rules, trained
from benchmarks.detection.running import judged
from benchmarks.detection.tables import tables
from calcitrace.services.learning.inserted import N_REPEATS

RULES, TREES = "rules", "trees"
TARGET = Path(__file__).parents[2] / "docs" / "detection-figures.md"


def _for_fold(name: str, scans: Path) -> DetectorForFold:
    """Detectors by fold."""
    return rules if name == RULES else trained(scans)


def main() -> int:
    """Judge the detectors asked for, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(os.environ.get("CALCITRACE_REAL_DATA", "."))
    parser.add_argument("--scans", type=Path, default=root / "sts")
    parser.add_argument(
        "--detector", choices=[RULES, TREES], nargs="+", default=[RULES, TREES]
    )
    parser.add_argument("--repeats", type=int, default=N_REPEATS)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    parts: list[str] = []
    for name in asked.detector:
        outcome = judged(
            asked.scans,
            _for_fold(name, asked.scans),
            n_repeats=asked.repeats,
            report=lambda line: print(line, file=sys.stderr, flush=True),
        )
        parts.append(tables(outcome, name))
    print("\n".join(parts))
    if asked.write:
        TARGET.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
