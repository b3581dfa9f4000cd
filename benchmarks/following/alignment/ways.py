"""Ways to align two visits, from doing nothing to what the program does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.following.alignment.cases import Case
from calcitrace.analysis.alignment import align
from calcitrace.analysis.alignment.aligning import FINE_MM, N_FINE, N_MOVING, skeletal
from calcitrace.analysis.alignment.blending import blended
from calcitrace.analysis.alignment.bones import bone_map
from calcitrace.analysis.alignment.matrices import moved
from calcitrace.analysis.alignment.pictures import Picture, body_grid, picture
from calcitrace.analysis.alignment.tissues import composed_mm, soft_mm
from calcitrace.model.alignment import Alignment

Points = NDArray[np.float64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Where a way puts the deposits of the first scan in the second.

    Attributes
    ----------
    told_mm
        Error that the alignment itself tells; empty where it tells none.
    """

    mapped_mm: Points
    seconds: float
    alignment: Alignment | None = None
    told_mm: Points = field(default_factory=lambda: np.zeros(0))


def none(case: Case) -> Found:
    """Patient coordinates as they are."""
    return Found(case.places_mm, 0.0)


def rigid(case: Case) -> Found:
    """One motion, by the skeleton."""
    bony = _skeleton(case)
    return Found(moved(bony.first, case.places_mm), bony.seconds)


def rigid_and_demons(case: Case) -> Found:
    """One motion, then demons."""
    bony = _skeleton(case)
    start = time.process_time()
    nothing = np.zeros_like(bony.residual_mm)
    inner = soft_mm(*bony.pictures, bony.first, nothing)
    full = composed_mm(bony.pictures[0].grid, bony.first, nothing, inner)
    seconds = bony.seconds + time.process_time() - start
    return Found(bony.mapped_mm(case.places_mm, full), seconds)


def bones(case: Case) -> Found:
    """A motion for each bone, blended."""
    bony = _skeleton(case)
    return Found(bony.mapped_mm(case.places_mm, bony.residual_mm), bony.seconds)


def bones_and_demons(case: Case) -> Found:
    """What the program does."""
    start = time.process_time()
    made = align(case.reference, case.moving)
    seconds = time.process_time() - start
    mapped = made.to_moving(case.places_mm)
    return Found(mapped, seconds, made, made.error_mm_at(case.places_mm))


@dataclass(frozen=True, slots=True, eq=False)
class _Bony:
    """What bones say of a case, and how long it took to ask all of them."""

    first: Points
    residual_mm: Floats
    pictures: tuple[Picture, Picture]
    seconds: float

    def mapped_mm(self, places_mm: Points, residual_mm: Floats) -> Points:
        """Places, moved by the motion of the whole and what is nearest in a field."""
        grid = self.pictures[0].grid
        index = np.rint(grid.to_index(places_mm)).astype(int)
        near = np.clip(index, 0, np.array(grid.shape) - 1)
        added = residual_mm[tuple(near.T)].astype(np.float64)
        out: Points = moved(self.first, places_mm) + added
        return out


@lru_cache(maxsize=1)
def _skeleton(case: Case) -> _Bony:
    """Align the bones of a case."""
    start = time.process_time()
    maps = bone_map(case.reference), bone_map(case.moving)
    if maps[0] is None or maps[1] is None:
        msg = f"No bone in a case of {case.name}."
        raise RuntimeError(msg)
    grid = body_grid(case.reference, FINE_MM, N_FINE)
    other = body_grid(case.moving, grid.spacing_mm[0], N_MOVING)
    pictures = picture(case.reference, grid), picture(case.moving, other)
    found = skeletal((maps[0], maps[1]), pictures)
    blend = blended(grid, found.segments, found.first)
    seconds = time.process_time() - start
    return _Bony(found.first, blend.residual_mm, pictures, seconds)


WAYS: dict[str, Callable[[Case], Found]] = {
    "none": none,
    "rigid": rigid,
    "rigid, demons": rigid_and_demons,
    "bones": bones,
    "bones, demons": bones_and_demons,
}
