"""Rates of false change calls over rescans, as a table."""

import math
from collections.abc import Sequence

from benchmarks.following.rescans import Row

CHANGED = frozenset({"growth", "shrinkage", "new", "resolved"})
FIXED = 0.25


def change_table(rows: Sequence[Row]) -> list[str]:
    """False calls by pair of protocols, ours beside what users do."""
    heads = (
        "second scan",
        "deposits compared",
        "Calcitrace",
        "±25 % of our mass",
        "±25 % of the volume above 130 HU",
        "called where nothing is",
        "totals called",
    )
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for pair in dict.fromkeys(row.pair for row in rows):
        of_pair = [row for row in rows if row.pair == pair]
        true = [r for r in of_pair if r.true_mg > 0 and r.name != "total"]
        compared = [r for r in true if math.isfinite(r.z)]
        volumes = [r.volume_ratio for r in true if math.isfinite(r.volume_ratio)]
        nothing = [r for r in of_pair if r.true_mg == 0 and r.name != "total"]
        totals = [r for r in of_pair if r.name == "total"]
        lines.append(
            f"| {pair} | {len(compared)} of {len(true)} | "
            f"{_of(sum(r.call in CHANGED for r in compared), len(compared))} | "
            f"{_of(sum(r.fixed in CHANGED for r in compared), len(compared))} | "
            f"{_of(sum(abs(v - 1) > FIXED for v in volumes), len(volumes))} | "
            f"{sum(r.call in CHANGED for r in nothing)} of {len(nothing)} | "
            f"{sum(r.call in CHANGED for r in totals)} of {len(totals)} |"
        )
    return lines


def _of(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} % ({part})" if whole else "none"
