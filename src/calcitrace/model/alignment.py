"""Where a point of one scan lies in another scan of the same patient."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import GridMismatchError
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.flags import Flag
from calcitrace.model.grid import Grid
from calcitrace.model.result import ScanResult
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume

Points = NDArray[np.float64]

N_WAVES = 48
CORRELATION_MM = 30.0  # over which errors of an alignment go together
N_NEWTON, NEWTON_STEP_MM, ENOUGH_MM = 12, 0.5, 1e-3
LARGEST_STEP_MM = 20.0
# Nodes from which the inverse starts; of the field, at most so many along each axis.
N_STARTS = 24
POINTS_AT_ONCE = 4000


class Verdict(StrEnum):
    """What an alignment is good for."""

    OK = "ok"
    POOR = "poor"  # compared, with a warning
    FAILED = "failed"  # nothing is compared


@dataclass(frozen=True, slots=True, eq=False)
class Sighted:
    """What one visit saw.

    Attributes
    ----------
    volume
        CT numbers.
    anatomy
        As measuring found it.
    deposits
        Labels of deposits, whose CT numbers take no part in the alignment.
    coverage
        What the scanner measured.
    """

    volume: HuVolume
    anatomy: Anatomy
    deposits: LabelVolume
    coverage: Coverage

    def __post_init__(self) -> None:
        shape = self.volume.grid.shape
        for other in (self.anatomy.body.shape, self.deposits.grid.shape):
            if other != shape:
                raise GridMismatchError(shape, other)

    @classmethod
    def of(cls, result: ScanResult) -> "Sighted":
        """What a measured scan saw."""
        return cls(
            result.scan.volume,
            result.anatomy,
            result.deposit_labels,
            result.scan.coverage,
        )


@dataclass(frozen=True, slots=True)
class AlignmentQuality:
    """How well bones of two visits lie on each other.

    Bones keep their shape, so these are of the stage that moves each bone rigidly:
    a later stage could bend the bones of a stranger until they fit.

    Attributes
    ----------
    residual_median_mm, residual_p95_mm
        Distance between matched bone surfaces; NaN without bone.
    matched_share
        Part of the bone surface within the moving scan that lies on bone there.
    overlap_share
        Part of the reference's bone surface that the moving scan holds.
    bone_correlation
        Of CT numbers in and about bone: cortex, marrow and spongy bone are one person's
        own. NaN without bone.
    scale
        Size of the moving body relative to the reference.
    n_bones
        Bones and groups of bones that moved on their own.
    verdict
        What follows.
    flags
        Why it is not ok; empty if it is.
    """

    residual_median_mm: float
    residual_p95_mm: float
    matched_share: float
    overlap_share: float
    bone_correlation: float
    scale: float
    n_bones: int
    verdict: Verdict
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Wobble:
    """A smooth random displacement of unit variance: a sum of waves.

    Attributes
    ----------
    wave_per_mm
        Shape (wave, 3), angular.
    phase
        Shape (wave, 3): of each component.
    """

    wave_per_mm: Points
    phase: Points

    @classmethod
    def drawn(cls, seed: int) -> "Wobble":
        """Waves of a Gaussian spectrum."""
        rng = np.random.default_rng(seed)
        waves = rng.normal(0.0, 1.0 / CORRELATION_MM, (N_WAVES, 3))
        return cls(waves, rng.uniform(0.0, 2 * np.pi, (N_WAVES, 3)))

    def at(self, points_mm: Points) -> Points:
        """Values, shape (n, 3)."""
        angle = points_mm @ self.wave_per_mm.T
        parts = np.cos(angle[:, :, None] + self.phase[None])
        out: Points = parts.sum(axis=1) * np.sqrt(2.0 / len(self.wave_per_mm))
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Maps points of the reference visit to points of the moving visit, in LPS mm.

    Attributes
    ----------
    matrix
        Shape (4, 4): turn, scale and shift of the body as a whole.
    residual_mm
        Shape (slice, row, column, 3), float32: what is added to that, as (x, y, z).
    uncertainty_mm
        Shape (slice, row, column), float32: root mean square error.
    grid
        Of both arrays, in the space of the reference; the nearest value holds beyond.
    quality
        How well bones fit.
    wobble
        Of a perturbed alignment; None is the best estimate.
    """

    matrix: Points
    residual_mm: NDArray[np.float32]
    uncertainty_mm: NDArray[np.float32]
    grid: Grid
    quality: AlignmentQuality
    wobble: Wobble | None = None

    def __post_init__(self) -> None:
        if self.residual_mm.shape != (*self.grid.shape, 3):
            raise GridMismatchError((*self.grid.shape, 3), self.residual_mm.shape)
        if self.uncertainty_mm.shape != self.grid.shape:
            raise GridMismatchError(self.grid.shape, self.uncertainty_mm.shape)

    def to_moving(self, points_mm: Points) -> Points:
        """Points of the reference as they lie in the moving visit, shape (n, 3)."""
        points = np.asarray(points_mm, np.float64)
        whole = points @ self.matrix[:3, :3].T + self.matrix[:3, 3]
        moved = whole + _sampled(self.residual_mm, self.grid, points)
        if self.wobble is None:
            return moved
        each = self.error_mm_at(points)[:, None] / np.sqrt(3.0)
        out: Points = moved + each * self.wobble.at(points)
        return out

    def displacement_at(self, points_mm: Points) -> Points:
        """Moving place less reference place of points of the reference, shape (n, 3)."""
        return self.to_moving(points_mm) - np.asarray(points_mm, np.float64)

    def error_mm_at(self, points_mm: Points) -> Points:
        """Root mean square error at points of the reference, shape (n,), in mm."""
        field = self.uncertainty_mm[..., None]
        return _sampled(field, self.grid, np.asarray(points_mm, np.float64))[:, 0]

    def to_reference(self, points_mm: Points) -> Points:
        """Points of the moving visit as they lie in the reference, shape (n, 3).

        Found by Newton steps from the nearest node of a coarse lattice. Where the moving
        point has no counterpart the result is the best that was found.
        """
        targets = np.asarray(points_mm, np.float64)
        found = [
            self._inverse(targets[i : i + POINTS_AT_ONCE])
            for i in range(0, len(targets), POINTS_AT_ONCE)
        ]
        return np.concatenate([np.zeros((0, 3)), *found])

    def perturbed(self, seed: int) -> "Alignment":
        """Return an alignment that may be true as well: moved by its own error."""
        return replace(self, wobble=Wobble.drawn(seed))

    def _inverse(self, targets: Points) -> Points:
        """Start at the nearest node, then Newton steps that must not get worse."""
        x = self._starts(targets)
        error = targets - self.to_moving(x)
        for _ in range(N_NEWTON):
            miss = np.linalg.norm(error, axis=1)
            if (miss < ENOUGH_MM).all():
                break
            step = np.linalg.solve(self._slopes(x), error[..., None])[..., 0]
            length = np.linalg.norm(step, axis=1, keepdims=True)
            step *= np.minimum(1.0, LARGEST_STEP_MM / np.maximum(length, 1e-9))
            for share in (1.0, 0.3):
                tried = x + share * step
                after = targets - self.to_moving(tried)
                is_better = np.linalg.norm(after, axis=1) < miss
                x = np.where(is_better[:, None], tried, x)
                error = np.where(is_better[:, None], after, error)
                miss = np.linalg.norm(error, axis=1)
        return x

    def _slopes(self, x: Points) -> Points:
        """Derivative of the map at points, shape (n, 3, 3), kept invertible."""
        h = NEWTON_STEP_MM
        columns = [
            (self.to_moving(x + h * e) - self.to_moving(x - h * e)) / (2 * h)
            for e in np.eye(3)
        ]
        slopes = np.stack(columns, axis=-1)
        is_flat = np.abs(np.linalg.det(slopes)) < 0.05  # noqa: PLR2004 -- folded
        slopes[is_flat] = self.matrix[:3, :3]
        out: Points = slopes
        return out

    def _starts(self, targets: Points) -> Points:
        """For each target the node whose place in the moving visit is nearest."""
        axes = [np.linspace(0, n - 1, min(n, N_STARTS)) for n in self.grid.shape]
        index = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
        nodes = self.grid.to_world_mm(index)
        places = self.to_moving(nodes)
        nearest = np.empty(len(targets), np.intp)
        square = (places**2).sum(1)
        for k in range(0, len(targets), 500):
            part = targets[k : k + 500]
            nearest[k : k + 500] = (square - 2 * part @ places.T).argmin(axis=1)
        # The affine part carries on from the node.
        rest = targets - places[nearest]
        back = np.linalg.inv(self.matrix[:3, :3])
        out: Points = nodes[nearest] + rest @ back.T
        return out


def _sampled(field: NDArray[np.float32], grid: Grid, points_mm: Points) -> Points:
    """Values between nodes, linear along each axis; the nearest one beyond the grid."""
    last = np.asarray(grid.shape) - 1
    at = np.clip(grid.to_index(points_mm), 0, last)
    low = np.minimum(at.astype(np.intp), np.maximum(last - 1, 0))
    part = at - low
    high = np.minimum(low + 1, last)
    out = np.zeros((len(at), field.shape[-1]))
    for corner in range(8):
        bits = [(corner >> k) & 1 for k in range(3)]
        s, r, c = ((high if bit else low)[:, axis] for axis, bit in enumerate(bits))
        weight = np.prod(
            [part[:, k] if bit else 1 - part[:, k] for k, bit in enumerate(bits)],
            axis=0,
        )
        out += weight[:, None] * field[s, r, c]
    return out
