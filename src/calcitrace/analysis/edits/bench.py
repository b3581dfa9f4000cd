"""The state that operations change: candidates, labels, and what is bone."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.edits.bone import without_bone
from calcitrace.analysis.edits.scene import (
    Box,
    Found,
    Index,
    Labels,
    Scene,
    box_around,
    box_of,
    distances_mm,
    index_of,
    widened,
)
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.edits import Operation, Point, Remark
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.volume import LabelVolume, Mask, Tissue

# A click beside a deposit still means it.
CLICK_MM = 1.5
READER_PROBABILITY = 1.0
SIX_NEIGHBOURS = ndimage.generate_binary_structure(3, 1)


@dataclass(frozen=True, slots=True)
class At:
    """A candidate, and its voxel that a place means."""

    candidate: Candidate
    index: Index


class Bench:
    """Candidates under a reader's hands; the found ones stay as they were."""

    def __init__(self, scene: Scene, found: Found, n_edits: int) -> None:
        self.scene = scene
        self._found = found
        self._candidates = {c.label: c for c in found.candidates}
        self._own: Labels | None = None
        self._next = 1 + max(self._candidates, default=0)
        self._highest = self._next + n_edits
        self._from_bone: set[int] = set()
        self._bones: frozenset[int] | None = None

    @property
    def labels(self) -> Labels:
        """Candidate labels as they are now."""
        return self._found.labels.labels if self._own is None else self._own

    @property
    def tissue(self) -> NDArray[np.integer]:
        """`Tissue` per voxel, as the program found it."""
        return self._found.anatomy.tissue.labels

    def candidate_at(self, point_mm: Point) -> At | Remark:
        """Candidate that a place means: the one there, or the nearest within reach."""
        grid = self.scene.volume.grid
        index = index_of(grid, point_mm)
        if index is None:
            return Remark.OUTSIDE_SCAN
        label = int(self.labels[index])
        if label:
            return At(self._candidates[label], index)
        box = box_around(grid, index, CLICK_MM)
        near = self.labels[box]
        away_mm = np.where(near > 0, distances_mm(grid, box, point_mm), np.inf)
        best = np.unravel_index(int(away_mm.argmin()), away_mm.shape)
        if away_mm[best] > CLICK_MM:
            return Remark.NOTHING_THERE
        s, r, c = (int(b) + part.start for b, part in zip(best, box, strict=True))
        return At(self._candidates[int(near[best])], (s, r, c))

    def is_skeleton(self, index: Index) -> bool:
        """Whether a voxel is bone."""
        return int(self.tissue[index]) == Tissue.SKELETON

    def is_bone(self, candidate: Candidate) -> bool:
        """Whether a candidate is a part of the skeleton that no reader took out of it.

        What was dropped for looking like bone without being skeleton is none.
        """
        if candidate.reason is not Reason.SKELETON:
            return False
        if self._bones is None:
            here = self._found.labels.labels[self.tissue == Tissue.SKELETON]
            self._bones = frozenset(int(label) for label in np.unique(here))
        is_part = candidate.label in self._bones or candidate.label in self._from_bone
        return candidate.status is Status.DROPPED and is_part

    def free(self, *, with_dropped: bool = False) -> Mask:
        """Voxels of the body that belong to no candidate, or to no deposit."""
        taken = self.labels > 0
        if with_dropped:
            kept = [
                c.label
                for c in self._candidates.values()
                if c.status is not Status.DROPPED or self.is_bone(c)
            ]
            taken = np.isin(self.labels, kept)
        return np.asarray(self._found.anatomy.body & ~taken, bool)

    def put(
        self,
        candidate: Candidate,
        *,
        status: Status,
        reason: Reason,
        operation: Operation,
    ) -> None:
        """Decide on a candidate; bone that is dropped again is bone again."""
        if status is Status.DROPPED and candidate.label in self._from_bone:
            reason = Reason.SKELETON
        self._candidates[candidate.label] = replace(
            candidate,
            status=status,
            reason=reason,
            edits=(*candidate.edits, operation),
        )

    def accept(self, candidate: Candidate, operation: Operation) -> None:
        """Accept; the reason of one that was accepted already stays."""
        is_news = candidate.status is not Status.ACCEPTED
        if self.is_bone(candidate):
            self._from_bone.add(candidate.label)
        self.put(
            candidate,
            status=Status.ACCEPTED,
            reason=Reason.READER if is_news else candidate.reason,
            operation=operation,
        )

    def join(self, one: Candidate, other: Candidate, operation: Operation) -> None:
        """Give the voxels of `other` to `one`."""
        labels = self._writable()
        box = box_of(labels, other.label)
        if box is not None:
            part = labels[box]
            part[part == other.label] = one.label
        del self._candidates[other.label]
        order = (Status.ACCEPTED, Status.REVIEW, Status.DROPPED)
        status = min((one.status, other.status), key=order.index)
        joined = replace(
            one,
            status=status,
            reason=one.reason if one.status is status else other.reason,
            probability=max(one.probability, other.probability),
            flags=tuple(dict.fromkeys((*one.flags, *other.flags))),
        )
        self.measure_again(joined, operation)

    def take(
        self,
        box: Box,
        mask: Mask,
        operation: Operation,
        origin: Candidate | None = None,
    ) -> int:
        """Make an accepted candidate of voxels, and return its label.

        Parameters
        ----------
        box, mask
            The voxels; mask has the shape of the box.
        operation
            What the reader did.
        origin
            Candidate that the voxels are a part of, if they are cut out of one.
        """
        labels = self._writable()
        label, self._next = self._next, self._next + 1
        part = labels[box]
        robbed = {int(v) for v in np.unique(part[mask])} - {0}
        part[mask] = label
        if origin is not None and self.is_bone(origin):
            self._from_bone.add(label)
        blank = Candidate(
            label=label,
            status=Status.ACCEPTED,
            reason=Reason.READER,
            probability=READER_PROBABILITY,
            centroid_mm=(0.0, 0.0, 0.0),
            volume_mm3=0.0,
            hu_max=0.0,
            touches_bone=False,
            is_cut=False,
        )
        self.measure_again(blank, operation)
        for other in robbed - ({origin.label} if origin else set()):
            self.measure_again(self._candidates[other], operation)
        return label

    def measure_again(self, candidate: Candidate, operation: Operation) -> None:
        """Bring what is known of a candidate's voxels up to date; none left: drop it."""
        labels, grid = self.labels, self.scene.volume.grid
        box = box_of(labels, candidate.label)
        if box is None:
            self._candidates.pop(candidate.label, None)
            return
        inside = labels[box] == candidate.label
        offset = np.array([part.start for part in box])
        index = np.argwhere(inside) + offset
        x, y, z = (float(v) for v in grid.to_world_mm(index.mean(axis=0)))
        touches = self._touches_bone(candidate.label, box)
        self._candidates[candidate.label] = replace(
            candidate,
            centroid_mm=(x, y, z),
            volume_mm3=len(index) * grid.voxel_volume_mm3,
            hu_max=float(self.scene.volume.hu[box][inside].max()),
            touches_bone=touches,
            is_cut=self._is_cut(index),
            flags=_with_contact(candidate.flags) if touches else candidate.flags,
            edits=(*candidate.edits, operation),
        )

    def found(self) -> Found:
        """Return what is left: candidates in label order, labels, anatomy."""
        candidates = tuple(self._candidates[k] for k in sorted(self._candidates))
        if self._own is None and not self._from_bone:
            return replace(self._found, candidates=candidates)
        labels = LabelVolume(self.labels, self._found.labels.grid)
        return Found(candidates, labels, self._anatomy())

    def _writable(self) -> Labels:
        """Labels of our own, in a type that holds those to come."""
        if self._own is None:
            source = self._found.labels.labels
            fits = self._highest <= np.iinfo(source.dtype).max
            self._own = source.copy() if fits else source.astype(np.int32)
        return self._own

    def _touches_bone(self, label: int, box: Box) -> bool:
        """Whether bone, or its blurred rim, lies next to a label."""
        wide = widened(box, self.labels.shape)
        near = self.labels[wide]
        bones = [c.label for c in self._candidates.values() if self.is_bone(c)]
        around = ndimage.binary_dilation(near == label, SIX_NEIGHBOURS)
        return bool(np.isin(near[around], bones).any())

    def _is_cut(self, index: NDArray[np.integer]) -> bool:
        """Whether voxels lie at the end of what the scanner measured."""
        shape = np.array(self.labels.shape)
        if (index == 0).any() or (index == shape - 1).any():
            return True
        coverage = self.scene.coverage
        k, r, c = index.T
        return not all(
            bool(coverage.slices[k + d].all() and coverage.plane[r + d, c + d].all())
            for d in (-1, 0, 1)
        )

    def _anatomy(self) -> Anatomy:
        """Anatomy in which bone that became a deposit is bone no more."""
        taken = [
            label
            for label in sorted(self._from_bone & self._candidates.keys())
            if self._candidates[label].status is not Status.DROPPED
        ]
        return without_bone(self._found.anatomy, self.labels, taken)


def _with_contact(flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
    if any(flag.kind is FlagKind.TOUCHES_BONE for flag in flags):
        return flags
    return (*flags, Flag(FlagKind.TOUCHES_BONE, "0.0 mm"))
