"""Run the benchmark of alignment: ``uv run python -m benchmarks.following.alignment``.

Draws bodies with deposits at two visits, aligns them in several ways, and prints how far
mapped deposits lie from their true places. `--training` draws other bodies, to tune on.
"""

import argparse
import sys
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.following.alignment.cases import KINDS, REPORTED_SEED, cases
from benchmarks.following.alignment.ways import WAYS, Found

TRAINING_SEED = 1000
HEADING = (
    "| case | way | error at deposits, median / p95 mm | CPU s |\n|---|---|---|---|"
)
WORDS = "| case | bone residual, median / p95 mm | error told / true, mm | verdicts |"


@dataclass(slots=True)
class Tally:
    """What one way made of one kind of case."""

    errors: list[NDArray[np.float64]] = field(default_factory=list[NDArray[np.float64]])
    seconds: list[float] = field(default_factory=list[float])
    found: list[Found] = field(default_factory=list[Found])


def _words(case: str, way: str, tally: Tally) -> str:
    """Row of the first table."""
    median, p95 = np.percentile(np.concatenate(tally.errors), (50, 95))
    seconds = np.mean(tally.seconds)
    return f"| {case} | {way} | {median:.1f} / {p95:.1f} | {seconds:.0f} |"


def main() -> int:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="bodies of each kind")
    names = [k.name for k in KINDS]
    parser.add_argument("--kinds", nargs="*", default=names, choices=names)
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--training", action="store_true")
    asked = parser.parse_args()
    start = TRAINING_SEED if asked.training else REPORTED_SEED
    kinds = tuple(k for k in KINDS if k.name in asked.kinds)
    tallies: dict[tuple[str, str], Tally] = {}
    for case in cases(kinds, range(start, start + asked.seeds)):
        for way in asked.ways:
            found = WAYS[way](case)
            tally = tallies.setdefault((case.name, way), Tally())
            tally.errors.append(np.linalg.norm(found.mapped_mm - case.truth_mm, axis=1))
            tally.seconds.append(found.seconds)
            tally.found.append(found)
            print(_words(case.name, way, tally), file=sys.stderr, flush=True)
    print(HEADING)
    for (case_name, way), tally in tallies.items():
        print(_words(case_name, way, tally))
    print(f"\n{WORDS}\n|---|---|---|---|")
    for (case_name, _), tally in tallies.items():
        made = [f.alignment for f in tally.found if f.alignment is not None]
        if not made:
            continue
        told = np.concatenate([f.told_mm for f in tally.found])
        true = np.concatenate(tally.errors)
        median = np.mean([a.quality.residual_median_mm for a in made])
        p95 = np.mean([a.quality.residual_p95_mm for a in made])
        verdicts = ", ".join(a.quality.verdict for a in made)
        rms = (float(np.sqrt(np.mean(v**2))) for v in (told, true))
        words = " / ".join(f"{v:.1f}" for v in rms)
        print(f"| {case_name} | {median:.2f} / {p95:.2f} | {words} | {verdicts} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
