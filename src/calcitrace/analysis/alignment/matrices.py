"""Rigid motions with scale as matrices of shape (4, 4)."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Matrix = NDArray[np.float64]  # shape (4, 4), from reference to moving

SMALLEST = 1e-12


def moved(matrix: Matrix, points_mm: Points) -> Points:
    """Apply a motion."""
    out: Points = points_mm @ matrix[:3, :3].T + matrix[:3, 3]
    return out


def turning(vector: Points) -> Points:
    """Rotation matrix of a rotation vector (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < SMALLEST:
        return np.eye(3)
    a = vector / angle
    cross = np.array([[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]])
    out: Points = (
        np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    )
    return out


def about(matrix: Matrix, pivot_mm: Points, rotation: Points) -> Matrix:
    """Motion, then a rotation about a point of the moving scan."""
    out = matrix.copy()
    out[:3, :3] = rotation @ matrix[:3, :3]
    out[:3, 3] = rotation @ (matrix[:3, 3] - pivot_mm) + pivot_mm
    return out


def angle_deg(one: Matrix, other: Matrix) -> float:
    """Angle between two motions' rotations."""
    both = one[:3, :3] @ np.linalg.inv(other[:3, :3])
    cosine = (np.trace(both) / np.cbrt(np.linalg.det(both)) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def scale_of(matrix: Matrix) -> float:
    """Size afterwards over size before."""
    return float(np.cbrt(np.linalg.det(matrix[:3, :3])))


def resized(matrix: Matrix, centre_mm: Points, size: float) -> Matrix:
    """Motion with another scale; the centre goes where it went."""
    out = matrix.copy()
    out[:3, :3] *= size / scale_of(matrix)
    out[:3, 3] = moved(matrix, centre_mm[None])[0] - out[:3, :3] @ centre_mm
    return out
