"""The mass from which deposits are found in one scan, by inserting and measuring."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import InsertionError
from calcitrace.insertion import Known, Overlap, insert_deposits, overlaps
from calcitrace.model.deposit import Deposit, Status
from calcitrace.model.insertion import InsertedDeposit, InsertionSettings
from calcitrace.model.protocol import Protocol
from calcitrace.model.result import ScanResult
from calcitrace.model.rods import Reference
from calcitrace.model.scan import Scan
from calcitrace.services.imaging import measure_scan
from calcitrace.services.inserting import known_of
from calcitrace.services.ports import Progress, no_progress

Array = NDArray[np.float64]

STEP = 2.0  # from bin to bin of mass
Z95 = 1.96
N_DRAWS, BOOTSTRAP_SEED = 400, 1
N_NEWTON, RIDGE = 30, 0.05
N_REPEATS_MAX = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """One inserted deposit and what `measure` made of it.

    Attributes
    ----------
    repeat
        From 1.
    is_found
        Accepted or in review, by a fifth of its mass or its centre.
    measured_mg
        Of all deposits that hold it; None where it was not found, where one of them
        holds another inserted deposit too, or where one is not quantifiable.
    is_covered
        Whether the true mass lies in the 95 % interval; None without a measured mass.
    """

    repeat: int
    truth: InsertedDeposit
    is_found: bool
    is_accepted: bool
    measured_mg: float | None
    is_covered: bool | None

    @property
    def error(self) -> float | None:
        """Measured mass over the true one, less 1."""
        if self.measured_mg is None:
            return None
        return self.measured_mg / self.truth.mass_in_scan_mg - 1


@dataclass(frozen=True, slots=True)
class MassBin:
    """Deposits of about one mass.

    Attributes
    ----------
    found_low, found_high
        95 % interval of the part found (Wilson's score interval).
    error_median
        Median of the sizes of relative errors; None without a measured one.
    """

    low_mg: float
    high_mg: float
    n: int
    n_found: int
    n_accepted: int
    found_low: float
    found_high: float
    n_measured: int
    error_median: float | None
    n_covered: int


@dataclass(frozen=True, slots=True)
class LimitMass:
    """Mass from which some part of deposits is found.

    Attributes
    ----------
    mass_mg, low_mg, high_mg
        With its 95 % interval; None where the inserted masses do not show it.
    """

    share: float
    mass_mg: float | None
    low_mg: float | None
    high_mg: float | None


@dataclass(frozen=True, slots=True)
class DetectionLimit:
    """What is found in one scan, by mass."""

    trials: tuple[Trial, ...]
    bins: tuple[MassBin, ...]
    limits: tuple[LimitMass, ...]


def detection_limit(
    scan: Scan,
    settings: InsertionSettings,
    n_repeats: int,
    reference: Reference | None = None,
    progress: Progress = no_progress,
) -> DetectionLimit:
    """Insert deposits again and again, and measure the scan each time.

    Parameters
    ----------
    scan
        As a reader returns it.
    settings
        What to insert each time; the seed rises by one.
    n_repeats
        How often.
    reference
        Rods or scanner that the calibration rests on; else tissues or table.
    progress
        Hears "limit" from 0 to 1.

    Raises
    ------
    InsertionError
        If there is no room for deposits.
    """
    if not 1 <= n_repeats <= N_REPEATS_MAX:
        msg = f"Expected 1 to {N_REPEATS_MAX} repeats, got {n_repeats}."
        raise InsertionError(msg)
    progress("limit", 0.0)
    known = known_of(scan, Protocol(), reference)
    trials: list[Trial] = []
    for repeat in range(n_repeats):
        again = replace(settings, seed=settings.seed + repeat)
        trials += _trials(scan, known, again, reference, repeat + 1)
        progress("limit", (repeat + 1) / n_repeats)
    return DetectionLimit(tuple(trials), mass_bins(trials), limit_masses(trials))


def mass_bins(trials: Sequence[Trial]) -> tuple[MassBin, ...]:
    """Trials by mass, in steps of a factor of two; bins without any left out."""
    steps = [math.floor(math.log(t.truth.mass_mg, STEP)) for t in trials]
    return tuple(
        _bin(step, [t for t, s in zip(trials, steps, strict=True) if s == step])
        for step in sorted(set(steps))
    )


def limit_masses(trials: Sequence[Trial]) -> tuple[LimitMass, ...]:
    """Masses at which a logistic curve over the logarithm of mass has 50 and 95 %.

    None where all were found, or none was.
    """
    shares = (0.5, 0.95)
    if len({t.is_found for t in trials}) == 1:
        return tuple(LimitMass(share, None, None, None) for share in shares)
    log_mass = np.log([t.truth.mass_mg for t in trials])
    found = np.array([t.is_found for t in trials], np.float64)
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    curves = [_curve(log_mass, found)]
    for _ in range(N_DRAWS):
        drawn = rng.integers(0, len(trials), len(trials))
        curves.append(_curve(log_mass[drawn], found[drawn]))
    span = float(log_mass.min()), float(log_mass.max())
    return tuple(_limit(share, np.array(curves), span) for share in shares)


def share_interval(n_yes: int, n: int) -> tuple[float, float]:
    """Wilson's score interval of a share, 95 %.

    Wilson EB, J Am Stat Assoc 22:209, 1927.

    Examples
    --------
    >>> low, high = share_interval(9, 10)
    >>> round(low, 2), round(high, 2)
    (0.6, 0.98)
    """
    share, extra = n_yes / n, Z95**2 / n
    middle = (share + extra / 2) / (1 + extra)
    half = Z95 * math.sqrt(share * (1 - share) / n + extra / (4 * n)) / (1 + extra)
    return max(0.0, middle - half), min(1.0, middle + half)


def _trials(
    scan: Scan,
    known: Known,
    settings: InsertionSettings,
    reference: Reference | None,
    repeat: int,
) -> list[Trial]:
    insertion = insert_deposits(scan, known, settings)
    result = measure_scan(insertion.scan, Protocol(), reference)
    found = overlaps(insertion, result.candidate_labels.labels)
    return [
        _trial(truth, here, found, result, repeat)
        for truth, here in zip(insertion.deposits, found, strict=True)
    ]


def _trial(
    truth: InsertedDeposit,
    here: Overlap,
    every: Sequence[Overlap],
    result: ScanResult,
    repeat: int,
) -> Trial:
    deposits = {d.label: d for d in result.deposits}
    accepted = [k for k, d in deposits.items() if d.status is Status.ACCEPTED]
    is_found = here.is_found(deposits)
    holders = [deposits[label] for label, _ in here.shares if label in deposits]
    others = {
        label
        for other in every
        if other.deposit_id != here.deposit_id
        for label, _ in other.shares
    }
    measured = None
    if is_found and all(d.is_quantifiable and d.label not in others for d in holders):
        measured = _mass(holders)
    return Trial(
        repeat=repeat,
        truth=truth,
        is_found=is_found,
        is_accepted=here.is_found(accepted),
        measured_mg=None if measured is None else measured[0],
        is_covered=(
            None
            if measured is None
            else abs(measured[0] - truth.mass_in_scan_mg) <= Z95 * measured[1]
        ),
    )


def _mass(deposits: Sequence[Deposit]) -> tuple[float, float] | None:
    """Sum and error; systematic errors add up, random ones in quadrature."""
    if not deposits:
        return None
    systematic = sum(d.mass.std_systematic for d in deposits)
    random = math.hypot(*(d.mass.std_random for d in deposits))
    return sum(d.mass.value for d in deposits), math.hypot(systematic, random)


def _bin(step: int, trials: Sequence[Trial]) -> MassBin:
    n_found = sum(t.is_found for t in trials)
    low, high = share_interval(n_found, len(trials))
    errors = [abs(t.error) for t in trials if t.error is not None]
    return MassBin(
        low_mg=STEP**step,
        high_mg=STEP ** (step + 1),
        n=len(trials),
        n_found=n_found,
        n_accepted=sum(t.is_accepted for t in trials),
        found_low=low,
        found_high=high,
        n_measured=len(errors),
        error_median=float(np.median(errors)) if errors else None,
        n_covered=sum(bool(t.is_covered) for t in trials),
    )


def _curve(log_mass: Array, found: Array) -> tuple[float, float]:
    """Offset and slope of a logistic curve, by Newton's method with a weak ridge."""
    design = np.stack([np.ones_like(log_mass), log_mass], axis=1)
    ridge = RIDGE * np.eye(2)
    weights = np.zeros(2)
    for _ in range(N_NEWTON):
        said = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        slope = design.T @ (found - said) - ridge @ weights
        bend = design.T @ (design * (said * (1 - said))[:, None]) + ridge
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if float(np.abs(step).max()) < 1e-6:  # noqa: PLR2004 -- converged
            break
    return float(weights[0]), float(weights[1])


def _limit(share: float, curves: Array, span: tuple[float, float]) -> LimitMass:
    """Where the curves reach a share, as far as masses were inserted."""
    rising = np.maximum(curves[:, 1], 1e-9)
    at = (math.log(share / (1 - share)) - curves[:, 0]) / rising
    low, high = (float(v) for v in np.quantile(at[1:], [0.025, 0.975]))

    def mass(value: float) -> float | None:
        return math.exp(value) if span[0] <= value <= span[1] else None

    return LimitMass(share, mass(float(at[0])), mass(low), mass(high))
