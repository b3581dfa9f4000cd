"""Bones with a long axis, and how they may turn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.alignment.bones import Bone
from calcitrace.analysis.alignment.matrices import Matrix, moved, scale_of, turning

Points = NDArray[np.float64]

ANGLES_DEG = (12.0, 24.0, 36.0, 48.0, 60.0)
N_AXES = 13
LONG_RATIO = 1.8  # of the two largest extents of a long bone


def turns(start: Matrix, bone: Bone) -> Sequence[Points]:
    """Turns about a joint; those about a long bone's own axis would not be seen."""
    axes = _axes(bone)[1]
    rotation = start[:3, :3] / scale_of(start)
    if is_long(bone):
        a, b = rotation @ axes[1], rotation @ axes[2]
        ways = [
            np.cos(t) * a + np.sin(t) * b
            for t in np.arange(N_AXES - 1) * 2 * np.pi / (N_AXES - 1)
        ]
    else:
        steps = np.array([s for s in np.ndindex(3, 3, 3) if s != (1, 1, 1)]) - 1.0
        ways = list(steps / np.linalg.norm(steps, axis=1, keepdims=True))
    angles = ANGLES_DEG if is_long(bone) else ANGLES_DEG[:2]
    return [turning(np.radians(angle) * way) for angle in angles for way in ways]


def _axes(bone: Bone) -> tuple[Points, Points]:
    """Extents and principal axes (rows) of a bone."""
    spread = bone.surface_mm - bone.centre_mm
    _, sizes, axes = np.linalg.svd(spread, full_matrices=False)
    return sizes, axes


def is_long(bone: Bone) -> bool:
    """Whether a bone has one axis that stands out."""
    sizes, _ = _axes(bone)
    return bool(sizes[0] > LONG_RATIO * sizes[1])


def untwisted(motion: Matrix, start: Matrix, bone: Bone) -> Matrix:
    """Motion without the turn about the bone's own axis, of which a shaft shows little."""
    before = start[:3, :3] @ _axes(bone)[1][0]
    after = motion[:3, :3] @ _axes(bone)[1][0]
    before, after = before / np.linalg.norm(before), after / np.linalg.norm(after)
    cross = np.cross(before, after)
    sine = float(np.linalg.norm(cross))
    angle = float(np.arctan2(sine, before @ after))
    swing = turning(cross / max(sine, 1e-9) * angle)
    out = motion.copy()
    out[:3, :3] = scale_of(motion) / scale_of(start) * swing @ start[:3, :3]
    centre = bone.centre_mm
    out[:3, 3] = moved(motion, centre[None])[0] - out[:3, :3] @ centre
    return out
