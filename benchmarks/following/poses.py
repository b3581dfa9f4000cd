"""How a simulated body lies in each scan: the true alignment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.services.study.stock import REPOSITION_DEG, REPOSITION_MM, Planned
from calcitrace.simulation.forms import Pose

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TruePose:
    """The true rigid mapping from the first scan to another."""

    pose: Pose

    def to_moving(self, points_mm: Points) -> Points:
        """Places of the first scan in the other."""
        turned = points_mm @ np.asarray(self.pose.rotation).T
        return np.asarray(turned + self.pose.shift_mm, np.float64)

    def to_reference(self, points_mm: Points) -> Points:
        """Places of the other scan in the first."""
        shifted = points_mm - np.asarray(self.pose.shift_mm)
        return np.asarray(shifted @ np.asarray(self.pose.rotation), np.float64)

    def error_mm_at(self, points_mm: Points) -> Points:
        """No error."""
        return np.zeros(len(points_mm))

    def perturbed(self, seed: int) -> "TruePose":
        """Return the same: it is the truth."""
        del seed
        return self


def pose_of(plan: Planned) -> Pose:
    """How the body lies in a scan, relative to the first; as `services.study.stock`."""
    rng = np.random.default_rng((plan.seed, plan.repeat, 3))
    x, y, z = (float(v) for v in rng.uniform(-REPOSITION_MM, REPOSITION_MM, 3))
    a, b, c = (float(v) for v in rng.uniform(-REPOSITION_DEG, REPOSITION_DEG, 3))
    return Pose.of_angles((a / 2, b / 2, c), (x, y, z / 2))
