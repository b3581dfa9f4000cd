"""Operations of a reader, and a made-up scene to try them on."""

from datetime import UTC, datetime

import numpy as np

from calcitrace.analysis.edits import Found, Scene, replay
from calcitrace.analysis.edits.scene import Labels
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.edits import Edit, EditOutcome, Operation, Point
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Mask, Tissue

TIME = datetime(2026, 1, 31, 14, 5, tzinfo=UTC)
GRID = Grid((40, 60, 60), (1.0, 0.5, 0.5), (-10.0, 5.0, 100.0))
LEFT, RIGHT = (20, 30, 18), (20, 30, 42)  # voxels (slice, row, column)
MUSCLE_HU, DEPOSIT_HU, BONE_HU = 50, 400, 900


def edit(operation: Operation, *points_mm: Point, author: str = "R1") -> Edit:
    """One operation of a reader at a fixed time."""
    return Edit(operation, points_mm, author, TIME)


def at(z: float, y: float, x: float) -> Point:
    """Patient position of a voxel (slice, row, column) of the scene."""
    px, py, pz = (float(v) for v in GRID.to_world_mm(np.array([z, y, x])))
    return px, py, pz


def ball(z: float, y: float, x: float, radius_mm: float) -> Mask:
    """Voxels within a radius of a voxel (slice, row, column)."""
    index = np.moveaxis(np.indices(GRID.shape), 0, -1) - np.array([z, y, x])
    away_mm = np.linalg.norm(index * np.array(GRID.spacing_mm), axis=-1)
    return np.asarray(away_mm <= radius_mm, bool)


class Scenery:
    """Muscle with parts in it, each a candidate unless it is to be found."""

    def __init__(self) -> None:
        self.hu = np.full(GRID.shape, MUSCLE_HU, np.int16)
        self.labels: Labels = np.zeros(GRID.shape, np.uint16)
        self.tissue = np.full(GRID.shape, Tissue.SOFT, np.uint8)
        self.candidates: list[Candidate] = []

    def unseen(self, mask: Mask, hu: int = DEPOSIT_HU) -> None:
        """Something bright that is no candidate."""
        self.hu[mask] = hu

    def part(
        self, mask: Mask, status: Status, reason: Reason = Reason.SOFT_TISSUE_CALCIUM
    ) -> int:
        """A candidate; bone is skeleton in the anatomy too."""
        label = len(self.candidates) + 1
        is_bone = reason is Reason.SKELETON
        self.hu[mask] = BONE_HU if is_bone else DEPOSIT_HU
        self.labels[mask] = label
        self.tissue[mask] = Tissue.SKELETON if is_bone else Tissue.OTHER_DENSE
        x, y, z = GRID.to_world_mm(np.argwhere(mask).mean(axis=0))
        self.candidates.append(
            Candidate(
                label=label,
                status=status,
                reason=reason,
                probability=0.6,
                centroid_mm=(float(x), float(y), float(z)),
                volume_mm3=float(mask.sum()) * GRID.voxel_volume_mm3,
                hu_max=float(self.hu[mask].max()),
                touches_bone=False,
                is_cut=False,
            )
        )
        return label

    @property
    def scene(self) -> Scene:
        """The scan alone."""
        return Scene(
            volume=HuVolume(self.hu, GRID),
            coverage=Coverage.full(GRID),
            noise=Noise.uniform(10.0, np.ones((1, 1, 1))),
            floor_hu=130.0,
            noise_sigmas=4.0,
        )

    @property
    def found(self) -> Found:
        """What detection would have made of it."""
        bone = GRID.to_world_mm(np.argwhere(self.tissue == Tissue.SKELETON))
        anatomy = Anatomy(
            tissue=LabelVolume(self.tissue, GRID),
            body=np.ones(GRID.shape, bool),
            skin_mm=np.zeros((0, 3)),
            skeleton_mm=bone,
            body_diameter_mm=np.full(GRID.shape[0], 30.0),
            is_truncated=False,
            segmenter="made up",
        )
        return Found(tuple(self.candidates), LabelVolume(self.labels, GRID), anatomy)


def two_balls(left: Status = Status.REVIEW, right: Status = Status.ACCEPTED) -> Scenery:
    """Two candidates, one on either side."""
    scenery = Scenery()
    scenery.part(ball(*LEFT, 3.0), left)
    scenery.part(ball(*RIGHT, 3.0), right)
    return scenery


def played(scenery: Scenery, *edits: Edit) -> tuple[Found, tuple[EditOutcome, ...]]:
    """What operations make of it."""
    return replay(scenery.scene, scenery.found, edits)


def only(outcomes: tuple[EditOutcome, ...]) -> EditOutcome:
    """The one outcome there is."""
    (outcome,) = outcomes
    return outcome


def named(found: Found, label: int) -> Candidate:
    """The one candidate of a label."""
    (candidate,) = [c for c in found.candidates if c.label == label]
    return candidate
