"""From scores to figures with intervals, by drawing patients anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.scoring import FoundDeposit, JudgedCandidate, Score
from calcitrace.analysis.accuracy.resampling import share_bound
from calcitrace.model.deposit import Status

Array = NDArray[np.float64]

N_DRAWS, SEED = 2000, 1
TOUCHING_MM = 1.6
N_BINS = 10
LEFT = 0.05  # of the true mass may stay false, and as much missed


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval over patients; NaN where there is nothing."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Clicks:
    """Clicks that bring false and missed mass of a scan under 5 % of the true mass."""

    exclude: int
    accept: int
    add: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.exclude + self.accept + self.add


@dataclass(frozen=True, slots=True)
class Reliability:
    """Candidates of about one probability, and how many of them are true."""

    low: float
    high: float
    n: int
    said: float
    true: float


def ratio(tops: Mapping[str, float], bottoms: Mapping[str, float], n: int) -> Figure:
    """Sum over sum, with patients drawn anew."""
    patients = sorted(bottoms)
    top = np.array([tops.get(p, 0.0) for p in patients])
    bottom = np.array([bottoms[p] for p in patients])
    if not bottom.sum():
        return Figure(np.nan, np.nan, np.nan, 0)
    weights = _draws(len(patients))
    below = weights @ bottom
    drawn = (weights @ top)[below > 0] / below[below > 0]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(float(top.sum() / bottom.sum()), float(low), float(high), n)


def middle(values: Mapping[str, Sequence[float]]) -> Figure:
    """Median over scans, with patients drawn anew."""
    groups = [np.asarray(values[p], np.float64) for p in sorted(values) if values[p]]
    rng = np.random.default_rng(SEED)
    n = len(groups)
    drawn: list[float] = []
    for _ in range(N_DRAWS):
        chosen: list[int] = rng.integers(0, n, n).tolist()
        drawn.append(float(np.median(np.concatenate([groups[i] for i in chosen]))))
    low, high = np.quantile(drawn, [0.025, 0.975])
    every = np.concatenate(groups)
    return Figure(float(np.median(every)), float(low), float(high), every.size)


def sensitivity(
    deposits: Sequence[FoundDeposit], is_found: Callable[[FoundDeposit], bool]
) -> Figure:
    """Part of some deposits that was found.

    Where it is none or all, drawing anew has no width: the exact bound for as many
    patients stands in.
    """
    found: dict[str, float] = {}
    all_of: dict[str, float] = {}
    for deposit in deposits:
        all_of[deposit.patient] = all_of.get(deposit.patient, 0.0) + 1
        found[deposit.patient] = found.get(deposit.patient, 0.0) + is_found(deposit)
    figure = ratio(found, all_of, len(deposits))
    if figure.value not in {0.0, 1.0}:
        return figure
    bound = share_bound(len(all_of))
    low, high = (bound, 1.0) if figure.value else (0.0, 1 - bound)
    return Figure(figure.value, low, high, figure.n)


def per_scan(
    scores: Sequence[Score], value: Callable[[Score], float]
) -> dict[str, list[float]]:
    """A value of each scan, by patient."""
    out: dict[str, list[float]] = {}
    for score in scores:
        out.setdefault(score.patient, []).append(value(score))
    return out


def mean(values: Mapping[str, Sequence[float]]) -> Figure:
    """Mean over scans, with patients drawn anew."""
    tops = {p: float(sum(v)) for p, v in values.items()}
    bottoms = {p: float(len(v)) for p, v in values.items()}
    return ratio(tops, bottoms, int(sum(bottoms.values())))


def false_candidates(score: Score, *, with_review: bool) -> list[JudgedCandidate]:
    """Shown candidates that hold no deposit."""
    kinds = {Status.ACCEPTED, Status.REVIEW} if with_review else {Status.ACCEPTED}
    return [c for c in score.candidates if c.status in kinds and c.is_true is False]


def clicks(score: Score) -> Clicks:
    """What a reader does, largest first; what is in review is accepted in one click."""
    total = sum(d.truth.mass_in_scan_mg for d in score.deposits)
    wrong = [c.mass_mg for c in false_candidates(score, with_review=False)]
    missed = sorted(
        (d for d in score.deposits if not d.is_accepted),
        key=lambda d: -d.truth.mass_in_scan_mg,
    )
    n_missed = _needed([d.truth.mass_in_scan_mg for d in missed], LEFT * total)
    n_accept = sum(d.is_shown for d in missed[:n_missed])
    return Clicks(_needed(wrong, LEFT * total), n_accept, n_missed - n_accept)


def reliability(candidates: Sequence[JudgedCandidate]) -> list[Reliability]:
    """Said and true probability in ten bins of equal width; empty ones left out."""
    known = [c for c in candidates if c.is_true is not None]
    said = np.array([c.probability for c in known])
    true = np.array([bool(c.is_true) for c in known], np.float64)
    which = np.minimum((said * N_BINS).astype(int), N_BINS - 1)
    return [
        Reliability(
            low=k / N_BINS,
            high=(k + 1) / N_BINS,
            n=int((which == k).sum()),
            said=float(said[which == k].mean()),
            true=float(true[which == k].mean()),
        )
        for k in np.unique(which)
    ]


def calibration_error(rows: Sequence[Reliability]) -> float:
    """Expected calibration error: mean distance of said from true, by candidates."""
    total = sum(row.n for row in rows)
    return sum(row.n * abs(row.said - row.true) for row in rows) / total


def _needed(masses_mg: Sequence[float], left_mg: float) -> int:
    """How many of the largest must go until no more than some mass is left."""
    rest, n = sum(masses_mg), 0
    for mass in sorted(masses_mg, reverse=True):
        if rest <= left_mg:
            break
        rest -= mass
        n += 1
    return n


def _draws(n: int) -> Array:
    """How often each of `n` patients is drawn, shape (draw, patient)."""
    rng = np.random.default_rng(SEED)
    return rng.multinomial(n, np.full(n, 1 / n), N_DRAWS).astype(np.float64)
