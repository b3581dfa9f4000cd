"""How far a deposit lies from skin and bone."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from calcitrace.analysis.quantification.site import FloatArray

N_TO_AND_FRO = 3


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points on one surface in patient space, ready to be searched; perhaps none."""

    tree: KDTree | None

    @classmethod
    def of(cls, points_mm: FloatArray) -> "Points":
        """From an array of shape (n, 3)."""
        return cls(KDTree(points_mm) if len(points_mm) else None)

    def gap_mm(self, points_mm: FloatArray, contact_mm: float) -> float | None:
        """Gap between a deposit and the nearest point of the surface.

        Voxel centres of bodies in contact are one spacing apart; that is no gap.
        """
        if self.tree is None:
            return None
        # To and fro between the nearest of both sides; what is farther is not searched.
        near = points_mm[:1]
        for _ in range(N_TO_AND_FRO):
            at = np.asarray(self.tree.data)[self.tree.query(near)[1]]
            near = points_mm[[int(np.argmin(((points_mm - at) ** 2).sum(axis=1)))]]
        reach_mm = float(np.max(self.tree.query(near)[0])) * (1 + 1e-9)
        distances, _ = self.tree.query(points_mm, distance_upper_bound=reach_mm)
        return max(0.0, float(np.min(distances)) - contact_mm)


@dataclass(frozen=True, slots=True, eq=False)
class Surfaces:
    """Skin and bone of a scan."""

    skin: Points
    bone: Points

    @classmethod
    def of(cls, skin_mm: FloatArray, bone_mm: FloatArray) -> "Surfaces":
        """From points in patient space, shape (n, 3) each."""
        return cls(Points.of(skin_mm), Points.of(bone_mm))
