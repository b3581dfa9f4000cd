"""From examples to a detector: voxel stage, component stage, calibration, kin."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol as Port

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.detection import Sight
from calcitrace.analysis.detection.finding import Described, describe
from calcitrace.analysis.detection.learned.components import NAMES, numbers_of
from calcitrace.analysis.detection.learned.likeness import described, kin_of
from calcitrace.analysis.detection.learned.platt import line_to_truth
from calcitrace.analysis.detection.learned.trees import logits
from calcitrace.insertion import explained
from calcitrace.model.learned import ComponentStage, LearnedDetector
from calcitrace.model.protocol import Protocol
from calcitrace.model.trees import Trees
from calcitrace.services.detecting import believed_sight
from calcitrace.services.learning.example import Example
from calcitrace.services.learning.samples import Samples, joined, samples_of
from calcitrace.services.ports import Progress, no_progress

NAME = "calcitrace trees 1"
UNSURE_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Boosting:
    """How trees are grown.

    Attributes
    ----------
    n_least
        Rows of a leaf.
    share_of_features, share_of_rows
        Drawn anew for each tree.
    """

    n_trees: int
    rate: float
    n_leaves: int
    n_least: int
    share_of_features: float
    share_of_rows: float
    penalty: float
    seed: int = 1


VOXELS = Boosting(150, 0.1, 48, 120, 0.5, 1.0, 5.0)
COMPONENTS = Boosting(150, 0.05, 12, 15, 0.5, 0.8, 5.0)


class Fit(Port):
    """Grows trees: the same for the same rows on every run."""

    def __call__(self, rows: Samples, how: Boosting) -> Trees:
        """Trees whose sum is the logit of `Samples.y`."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One scan to learn from.

    Attributes
    ----------
    fold
        All scans of one patient lie in the same.
    load
        Makes or reads it; it is asked for more than once.
    """

    patient: str
    repeat: int
    fold: int
    load: Callable[[], Example]

    @property
    def key(self) -> Hashable:
        """What it is kept by."""
        return self.patient, self.repeat


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What is kept of one scan: rows of blocks, and what it is like."""

    samples: Samples
    row: NDArray[np.float64]


class Trainer:
    """Trains on some folds; what several trainings share is computed once."""

    def __init__(
        self, sources: Sequence[Source], fit: Fit, progress: Progress = no_progress
    ) -> None:
        self._sources = tuple(sources)
        self._fit, self._progress = fit, progress
        self._seen: dict[Hashable, _Seen] = {}
        self._voxels: dict[frozenset[int], Trees] = {}
        self._rows: dict[tuple[frozenset[int], Hashable], Samples] = {}

    @property
    def folds(self) -> frozenset[int]:
        """All folds."""
        return frozenset(source.fold for source in self._sources)

    def detector(self, folds: frozenset[int]) -> LearnedDetector:
        """Detector that has seen no scan of another fold.

        Component rows come from voxel trees that have not seen their patient, and the
        calibration from component trees that have not.
        """
        self._look()
        own = [s for s in self._sources if s.fold in folds]
        voxels = self._voxel_trees(folds)
        rows = {
            fold: self._component_rows(folds - {fold}, fold) for fold in sorted(folds)
        }
        said: list[NDArray[np.float64]] = []
        for fold, held in rows.items():
            others = [part for other, part in rows.items() if other != fold]
            trees = self._fit(joined(others), COMPONENTS)
            said.append(logits(trees, held.x))
        truth = np.concatenate([part.y for part in rows.values()])
        slope, offset = line_to_truth(np.concatenate(said), truth)
        trees = self._fit(joined(list(rows.values())), COMPONENTS)
        described_rows = np.stack([self._seen[s.key].row for s in own])
        kin = kin_of(described_rows, [s.patient for s in own])
        return LearnedDetector(NAME, voxels, ComponentStage(trees, slope, offset), kin)

    def _look(self) -> None:
        """Rows of blocks of every scan."""
        for done, source in enumerate(self._sources):
            self._progress("learn", 0.4 * done / len(self._sources))
            if source.key not in self._seen:
                example = source.load()
                samples = samples_of(example, done)
                row = described(example.scan.volume, example.anatomy)
                self._seen[source.key] = _Seen(samples, row)

    def _voxel_trees(self, folds: frozenset[int]) -> Trees:
        if folds not in self._voxels:
            parts = [
                self._seen[s.key].samples for s in self._sources if s.fold in folds
            ]
            self._voxels[folds] = self._fit(joined(parts), VOXELS)
        return self._voxels[folds]

    def _component_rows(self, learnt: frozenset[int], fold: int) -> Samples:
        """Components of a fold's scans as trees of other folds see them."""
        trees = self._voxel_trees(learnt)
        parts: list[Samples] = []
        own = [s for s in self._sources if s.fold == fold]
        for done, source in enumerate(own):
            self._progress("learn", 0.4 + 0.6 * done / len(own))
            key = learnt, source.key
            if key not in self._rows:
                self._rows[key] = _rows_of(source.load(), trees)
            parts.append(self._rows[key])
        return joined(parts)


def _rows_of(example: Example, voxels: Trees) -> Samples:
    """Components of one scan: numbers, and whether each holds a deposit."""
    scan = example.scan
    sight = believed_sight(
        Sight(
            scan.volume, scan.coverage, example.anatomy, example.noise, scan.acquisition
        ),
        voxels,
    )
    found = describe(sight, Protocol().detection)
    is_true, is_known = _truth(example, found)
    x = [numbers_of(case) for case in found.cases]
    rows = np.stack(x) if x else np.zeros((0, len(NAMES)), np.float32)
    y = is_true[is_known].astype(np.float32)
    return Samples(NAMES, rows[is_known], y, np.ones(len(y), np.float32))


def _truth(
    example: Example, described_: Described
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each component: whether it holds a deposit, and whether that is known."""
    found, cases = described_.found, described_.cases
    insertion = example.insertion
    holds = (
        frozenset[int]() if insertion is None else explained(insertion, found.labels)
    )
    is_known = np.ones(len(cases), bool)
    for k, case in enumerate(cases):
        label = case.features.label
        if example.unsure is not None and label not in holds:
            box = found.boxes[label]
            share = example.unsure[box][found.labels[box] == label].mean()
            is_known[k] = share < UNSURE_SHARE
    return np.array([c.features.label in holds for c in cases], bool), is_known
