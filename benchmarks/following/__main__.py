"""Tables of identity and change: `python -m benchmarks.following identity|rescans`.

Identity draws courses of deposits with true links as voxels, and links them under errors of
alignment and detection. Rescans simulates repositioned scans and runs the whole pipeline but
the alignment. Both write a CSV and print a table in Markdown.
"""

import argparse
import csv
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from pathlib import Path

from benchmarks.following.changes import change_table
from benchmarks.following.courses import courses
from benchmarks.following.identity import scored
from benchmarks.following.rescans import Row, rescans
from calcitrace.services.study.suites import REPORT, TUNE

# Courses that settings were looked at with, and those that are reported.
FIRST_COURSE = {TUNE: 1_000, REPORT: 700_100}
ERRORS_MM = (0.5, 2.0, 4.0, 6.0)
SHARES_WRONG = (0.0, 0.15)


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("identity", "rescans"))
    parser.add_argument("--purpose", choices=(TUNE, REPORT), default=REPORT)
    parser.add_argument("--n", type=int, default=8, help="courses, or bodies")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="CSV to write")
    args = parser.parse_args()
    if args.part == "rescans":
        rows = list(_written(rescans(args.purpose, args.n, args.first), args.out))
        print("\n".join(change_table(rows)))
    else:
        first = FIRST_COURSE[args.purpose] + args.first
        lines = _identity(range(first, first + args.n))
        args.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print("\n".join(lines))


def _identity(seeds: range) -> list[str]:
    drawn = list(courses(seeds))
    heads = (
        "alignment error, RMS mm",
        "wrong detections",
        "linker",
        "link F1",
        "splits and merges found whole",
    )
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for error in ERRORS_MM:
        for share in SHARES_WRONG:
            for name, score in scored(drawn, error, share, seeds[0]).items():
                lines.append(
                    f"| {error:g} | {100 * share:.0f} % | {name} | {score.f1:.3f} | "
                    f"{score.n_events_found} of {score.n_events} |"
                )
    return lines


def _written(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    """Write rows as they come: a scan takes a minute."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f.name for f in fields(Row)])
        for row in rows:
            writer.writerow(astuple(row))
            file.flush()
            yield row


if __name__ == "__main__":
    main()
