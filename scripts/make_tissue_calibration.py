"""Fit grade C: what the patient's own fat and muscle say about the scanner.

Run ``uv run python -m scripts.make_tissue_calibration`` (minutes): it draws scanners and
people for training, and others, of hardware that the training has not seen, for testing;
fits several ways; prints the error of each by body size beside that of the table (grade
D); and writes the coefficients of the one that is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.calibration.by_table import calibrate_by_table
from calcitrace.analysis.calibration.tissue import (
    SizeClass,
    TissueFit,
    setting_terms,
)
from scripts.tissue_scanners import (
    HELD_OUT,
    TRAINING,
    Person,
    Reading,
    Scanner,
    Variety,
    person,
)

Array = NDArray[np.float64]

KVPS = (70.0, 80.0, 90.0, 100.0, 110.0, 120.0, 130.0, 140.0, 150.0)
SIZES_MM = (40.0, 70.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0)
N_SCANNERS = 40  # at each voltage
CLASS_ENDS_MM = (60.0, 120.0, 220.0, 450.0)
N_BOOTSTRAP = 1000
SURE = 0.95
# Another grade has to be worth it: the error at least a twentieth smaller.
WORTH = 0.95
TARGET = (
    Path(__file__).parents[1] / "src/calcitrace/analysis/calibration/tissue_table.py"
)
WAYS: dict[str, tuple[str, ...]] = {
    "fat": ("fat_hu",),
    "fat - muscle": ("difference_hu",),
    "fat, muscle": ("fat_hu", "muscle_hu"),
    "fat, muscle, cupping": ("fat_hu", "muscle_hu", "cupping_hu"),
}
KEPT = "fat, muscle"


@dataclass(frozen=True)
class Drawn:
    """Readings as columns, and which scanner each is of."""

    columns: dict[str, Array]
    scanner: NDArray[np.int64]
    log_k: Array  # over that of the table

    @property
    def terms(self) -> Array:
        """Shape (reading, term)."""
        pairs = zip(self.columns["kvp"], self.columns["seen_diameter_mm"], strict=True)
        return np.array([setting_terms(float(v), float(d)) for v, d in pairs])


def alike(diameter_mm: float, rng: np.random.Generator) -> Person:
    """Everybody's tissues are the same: what composition costs."""
    del rng
    return Person(diameter_mm, 0.81, 0.055)


def drawn(
    variety: Variety,
    seed: int,
    people: Callable[[float, np.random.Generator], Person] = person,
    n: int = N_SCANNERS,
    kvps: Sequence[float] = KVPS,
) -> Drawn:
    """Scan one person of every size on each of many scanners."""
    rng = np.random.default_rng(seed)
    readings: list[Reading] = []
    number: list[int] = []
    for kvp in kvps:
        for _ in range(n):
            scanner = Scanner(kvp, variety, rng)
            readings += [scanner.read(people(d, rng), rng) for d in SIZES_MM]
            number += [number[-1] + 1 if number else 0] * len(SIZES_MM)
    columns = {
        name: np.array([getattr(r, name) for r in readings])
        for name in Reading.__dataclass_fields__
    }
    columns["difference_hu"] = columns["fat_hu"] - columns["muscle_hu"]
    table = [
        calibrate_by_table(r.kvp, r.seen_diameter_mm)[0].hu_per_mg_cm3 for r in readings
    ]
    return Drawn(columns, np.array(number), np.log(columns["k"] / np.array(table)))


def least_squares(left: Array, right: Array) -> Array:
    """Coefficients of a linear fit."""
    return np.asarray(np.linalg.lstsq(left, right, rcond=None)[0], np.float64)


def unusual(data: Drawn, training: Drawn, names: Sequence[str]) -> Array:
    """How far tissues are from usual at their kVp and size, shape (reading, name)."""
    parts = [
        data.columns[n]
        - data.terms @ least_squares(training.terms, training.columns[n])
        for n in names
    ]
    return np.stack(parts, axis=1)


def weights(training: Drawn, names: Sequence[str]) -> Array:
    """Fit log k over the table; the table's mean is kept."""
    centred = training.log_k - training.log_k.mean()
    return least_squares(unusual(training, training, names), centred)


def errors(data: Drawn, training: Drawn, names: Sequence[str]) -> Array:
    """Log of true k over that of a way."""
    return data.log_k - unusual(data, training, names) @ weights(training, names)


def rms(values: Array) -> float:
    """Root of the mean square."""
    return math.sqrt(float(np.mean(values**2)))


def classes(test: Drawn, by_tissue: Array) -> tuple[SizeClass, ...]:
    """Error of grades D and C by body size, and whether C is surely smaller."""
    rng = np.random.default_rng(0)
    n = int(test.scanner.max()) + 1
    gain = test.log_k**2 - by_tissue**2
    out: list[SizeClass] = []
    low = 0.0
    size = test.columns["seen_diameter_mm"]
    for high in CLASS_ENDS_MM:
        here = (size >= low) & (size < high)
        sums = np.bincount(test.scanner[here], gain[here], n)
        means = [
            float(sums[rng.integers(n, size=n)].mean()) for _ in range(N_BOOTSTRAP)
        ]
        table, tissue = rms(test.log_k[here]), rms(by_tissue[here])
        is_sure = bool(np.quantile(means, 1 - SURE) > 0)
        is_better = is_sure and tissue <= WORTH * table
        out.append(SizeClass(high, table, tissue, is_better=is_better))
        low = high
    return tuple(out)


def fitted(training: Drawn, test: Drawn) -> TissueFit:
    """Coefficients of the way that is kept, and its errors."""
    names = WAYS[KEPT]
    spread = unusual(training, training, names).std(axis=0)
    usual = [least_squares(training.terms, training.columns[n]) for n in names]
    fat_weight, muscle_weight = weights(training, names)
    return TissueFit(
        usual_fat_hu=tuple(usual[0].tolist()),
        usual_muscle_hu=tuple(usual[1].tolist()),
        std_fat_hu=float(spread[0]),
        std_muscle_hu=float(spread[1]),
        fat_per_hu=float(fat_weight),
        muscle_per_hu=float(muscle_weight),
        sizes=classes(test, errors(test, training, names)),
    )


HEADER = '''"""What fat and muscle say about a scanner: coefficients of grade C.

Generated by scripts/make_tissue_calibration.py: change that and run it again. Scanners and
people are those of scripts/tissue_scanners.py; errors are of scanners whose anode,
filters, scintillators and bowties the training has not seen.
"""

from calcitrace.analysis.calibration.tissue import SizeClass, TissueFit

TISSUE_FIT = TissueFit(
'''


def module_text(fit: TissueFit) -> str:
    """Source of the generated module."""

    def numbers(values: Sequence[float]) -> str:
        return "(" + ", ".join(f"{v:.4f}" for v in values) + ")"

    lines = [
        f"    usual_fat_hu={numbers(fit.usual_fat_hu)},",
        f"    usual_muscle_hu={numbers(fit.usual_muscle_hu)},",
        f"    std_fat_hu={fit.std_fat_hu:.2f},",
        f"    std_muscle_hu={fit.std_muscle_hu:.2f},",
        f"    fat_per_hu={fit.fat_per_hu:.3e},",
        f"    muscle_per_hu={fit.muscle_per_hu:.3e},",
        "    sizes=(",
        *(
            f"        SizeClass({c.below_mm:.1f}, {c.rms_table:.4f}, {c.rms_tissue:.4f}, "
            f"is_better={c.is_better}),"
            for c in fit.sizes
        ),
        "    ),",
        ")",
    ]
    return HEADER + "\n".join(lines) + "\n"


def print_ways(title: str, training: Drawn, test: Drawn) -> None:
    """RMS error of every way by body size."""
    print(title)
    size = test.columns["seen_diameter_mm"]
    lows = (0.0, *CLASS_ENDS_MM[:-1])
    found = {"table (D)": test.log_k}
    found |= {way: errors(test, training, names) for way, names in WAYS.items()}
    # A table that is fitted anew to the trained scanners, without tissues.
    refitted = least_squares(training.terms, training.log_k)
    found["table, fitted again"] = test.log_k - test.terms @ refitted
    for name, values in found.items():
        parts = [
            f"{rms(values[(size >= low) & (size < high)]):7.2%}"
            for low, high in zip(lows, CLASS_ENDS_MM, strict=True)
        ]
        print(f"{name:24s} all {rms(values):7.2%}  by size {' '.join(parts)}")


def main() -> None:
    """Print errors and write the module."""
    training, test = drawn(TRAINING, 1), drawn(HELD_OUT, 2)
    print_ways("RMS error of k on scanners left out", training, test)
    one_body = partial(drawn, people=alike)
    print_ways(
        "the same if everybody's tissues were alike",
        one_body(TRAINING, 3),
        one_body(HELD_OUT, 4),
    )
    TARGET.write_text(module_text(fitted(training, test)), encoding="utf-8")


if __name__ == "__main__":
    main()
