"""Simulate one limb, and set what was found beside what is true."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from calcitrace.model.deposit import Deposit
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.services.ports import Progress, SeriesWriter, no_progress
from calcitrace.simulation.limb import SimulatedScan, TrueDeposit, simulate_limb

DEMO_SEED = 1
# How far beyond a true deposit a found one may have its centre and still be it.
TOLERANCE_MM = 3.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One true deposit and what was found of it.

    Attributes
    ----------
    deposits
        Every found deposit that is part of it, in the order of the table; empty where
        it was missed.
    """

    truth: TrueDeposit
    deposits: tuple[Deposit, ...]

    @property
    def is_found(self) -> bool:
        """Whether anything of it was found."""
        return bool(self.deposits)

    @property
    def mass(self) -> Estimate | None:
        """Sum over what was found; `None` where it was missed."""
        if not self.deposits:
            return None
        return Estimate.total([d.mass for d in self.deposits], Unit.MG)

    @property
    def error(self) -> float | None:
        """Found mass over that in the scan, less 1; `None` where it was missed."""
        if self.mass is None:
            return None
        return self.mass.value / self.truth.mass_in_scan_mg - 1

    @property
    def is_within_interval(self) -> bool | None:
        """Whether the mass in the scan lies in the 95 % interval; `None` if missed."""
        if self.mass is None:
            return None
        low_mg, high_mg = self.mass.ci95
        return low_mg <= self.truth.mass_in_scan_mg <= high_mg


@dataclass(frozen=True, slots=True)
class DemoComparison:
    """Truth row by row, and what was found where there is nothing.

    Attributes
    ----------
    rows
        In the order of the truth.
    false_deposits
        Found deposits that are no true one.
    """

    rows: tuple[Comparison, ...]
    false_deposits: tuple[Deposit, ...]

    @property
    def n_found(self) -> int:
        """True deposits of which something was found."""
        return sum(row.is_found for row in self.rows)


def simulate_series(
    folder: Path,
    writer: SeriesWriter,
    *,
    seed: int = DEMO_SEED,
    progress: Progress = no_progress,
) -> SimulatedScan:
    """Simulate a limb and write its scan.

    Parameters
    ----------
    folder
        Existing folder to write into.
    writer
        Writes the images.
    seed
        Decides noise and position; the same seed gives the same files.
    progress
        Hears "simulate" from 0 to 1.

    Returns
    -------
    SimulatedScan
        With the truth to compare with.
    """
    simulated = simulate_limb(seed, progress=lambda done: progress("simulate", done))
    name = f"limb {seed}"
    writer.write(simulated.volume, simulated.acquisition, folder, name=name)
    return simulated


def compare_with_truth(
    deposits: Sequence[Deposit], truth: Sequence[TrueDeposit]
) -> DemoComparison:
    """Give each found deposit to the nearest true one.

    Distance is that of centres less the reach of the true deposit, so a cluster takes
    all of its members. A found deposit further than 3 mm outside is a false one.

    Parameters
    ----------
    deposits
        As measured, in any order; those in review count as found.
    truth
        What was simulated.
    """
    members: list[list[Deposit]] = [[] for _ in truth]
    false_deposits: list[Deposit] = []
    for deposit in deposits:
        outside = [_outside_mm(deposit, true) for true in truth]
        nearest = min(range(len(truth)), key=outside.__getitem__, default=None)
        if nearest is None or outside[nearest] > TOLERANCE_MM:
            false_deposits.append(deposit)
        else:
            members[nearest].append(deposit)
    return DemoComparison(
        rows=tuple(
            Comparison(true, tuple(found))
            for true, found in zip(truth, members, strict=True)
        ),
        false_deposits=tuple(false_deposits),
    )


def _outside_mm(deposit: Deposit, true: TrueDeposit) -> float:
    return math.dist(deposit.centroid_mm, true.centroid_mm) - true.reach_mm
