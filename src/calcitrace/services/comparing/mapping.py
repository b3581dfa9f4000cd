"""Where places of one visit lie at another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.comparison import AlignmentSummary
from calcitrace.model.visit import Visit
from calcitrace.model.volume import Mask

Points = NDArray[np.float64]
# Enough of a deposit to tell how much of it a scan covers.
MAX_COVERAGE_POINTS = 2000


class Aligned(Protocol):
    """Maps patient space of one visit to that of another and back, in mm."""

    def to_moving(self, points_mm: Points) -> Points:
        """Places of the first visit, at the other; shape (n, 3)."""
        ...

    def to_reference(self, points_mm: Points) -> Points:
        """Places of the other visit, at the first; shape (n, 3)."""
        ...

    def error_mm_at(self, points_mm: Points) -> Points:
        """One sigma of the mapping at places of the first visit, shape (n,)."""
        ...

    def perturbed(self, seed: int) -> "Aligned":
        """Return another alignment that the images allow as well."""
        ...


class Unmoved:
    """The first visit on itself."""

    def to_moving(self, points_mm: Points) -> Points:
        """Return the places."""
        return points_mm

    def to_reference(self, points_mm: Points) -> Points:
        """Return the places."""
        return points_mm

    def error_mm_at(self, points_mm: Points) -> Points:
        """No error."""
        return np.zeros(len(points_mm))

    def perturbed(self, seed: int) -> "Unmoved":
        """Return the same: there is nothing to perturb."""
        del seed
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """How a visit lies on the first one.

    Attributes
    ----------
    common
        Voxels of the first visit that this one saw as well; `None` is not known.
    """

    aligned: Aligned
    summary: AlignmentSummary
    common: Mask | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A visit and how it lies on the first one."""

    visit: Visit
    laid: Laid

    @property
    def aligned(self) -> Aligned:
        """Maps places."""
        return self.laid.aligned

    @property
    def summary(self) -> AlignmentSummary:
        """How good that is."""
        return self.laid.summary

    def covered(self, points_mm: Points) -> float:
        """Share of places of the first visit that this one covers."""
        return float(self.is_covered(points_mm).mean())

    def is_covered(self, points_mm: Points) -> NDArray[np.bool_]:
        """Whether this visit covers places of the first one, shape (n,)."""
        step = -(-len(points_mm) // MAX_COVERAGE_POINTS)
        here = self.aligned.to_moving(points_mm[::step])
        index = np.rint(self.visit.volume.grid.to_index(here)).astype(np.int64)
        shape = np.array(self.visit.volume.grid.shape)
        inside = ((index >= 0) & (index < shape)).all(axis=1)
        s, r, c = np.clip(index, 0, shape - 1).T
        coverage = self.visit.coverage
        seen = coverage.slices[s] & coverage.plane[r, c]
        return np.asarray(inside & seen, np.bool_)


# Lays a visit on the first one, which comes first; the first on itself as well.
Aligner = Callable[[Visit, Visit], Laid]
PlacedVisits = Mapping[int, Placed]


def remembered(align: Aligner) -> Aligner:
    """Return an aligner that computes each pair of scans once."""
    known: dict[tuple[str, str], Laid] = {}

    def again(first: Visit, other: Visit) -> Laid:
        key = (first.provenance.input_hash, other.provenance.input_hash)
        if key not in known:
            known[key] = align(first, other)
        return known[key]

    return again
