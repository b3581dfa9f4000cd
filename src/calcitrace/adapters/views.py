"""Planes of a volume as a radiologist looks at them, whatever way it was stored.

Axial pictures are seen from the feet: the patient's right is on the left of the picture,
the front on top. Coronal ones are seen from the front, sagittal ones from the left side;
both have the head on top.
"""

from dataclasses import dataclass
from enum import Enum
from itertools import permutations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.grid import Grid

Scalar = TypeVar("Scalar", bound=np.generic)

# Below this share of a direction its letter is left out: within 15 degrees of an axis
# one letter says all.
LETTER_MIN = 0.2588
# Letters of the patient's axes x, y, z (DICOM PS3.3 C.7.6.1.1.1, head and foot as S, I).
POSITIVE, NEGATIVE = "LPS", "RAI"


class Plane(Enum):
    """Where the picture's columns, rows and depth grow to, as (patient axis, sign)."""

    AXIAL = ((0, 1), (1, 1), (2, 1))
    CORONAL = ((0, 1), (2, -1), (1, 1))
    SAGITTAL = ((1, 1), (2, -1), (0, 1))


@dataclass(frozen=True, slots=True)
class View:
    """How to turn a volume so that it shows a plane.

    Attributes
    ----------
    axes
        Array axes that become (depth, row, column) of the picture.
    signs
        -1 where the array axis runs against the picture's.
    spacing_mm
        Between centres along (depth, row, column) of the picture.
    letters
        Orientation letters at the left, right, top and bottom of the picture.
    """

    axes: tuple[int, int, int]
    signs: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    letters: tuple[str, str, str, str]

    def turned(self, array: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return the same voxels as (depth, row, column) of the picture, not copied."""
        d, r, c = (slice(None, None, sign) for sign in self.signs)
        return array.transpose(self.axes)[d, r, c]

    def index(
        self, array_index: NDArray[np.float64], shape: tuple[int, int, int]
    ) -> tuple[float, float, float]:
        """Where an index of the array, shape (3,), lies in the turned array."""
        d, r, c = (
            float(array_index[axis])
            if sign > 0
            else shape[axis] - 1 - float(array_index[axis])
            for axis, sign in zip(self.axes, self.signs, strict=True)
        )
        return d, r, c


def view_of(grid: Grid, plane: Plane) -> View:
    """Find the view of a grid that is nearest to a plane of the patient.

    Examples
    --------
    >>> view_of(Grid((4, 5, 6), (3.0, 1.0, 1.0)), Plane.AXIAL).letters
    ('R', 'L', 'A', 'P')
    """
    cosines = np.asarray(grid.direction)
    # Which array axis runs along which patient axis: the assignment that fits best.
    nearest = max(
        permutations(range(3)),
        key=lambda order: sum(abs(cosines[axis, i]) for i, axis in enumerate(order)),
    )
    columns, rows, depth = plane.value
    axes: list[int] = []
    signs: list[int] = []
    for patient_axis, sign in (depth, rows, columns):
        axis = nearest[patient_axis]
        axes.append(axis)
        signs.append(sign if cosines[axis, patient_axis] >= 0 else -sign)
    down = cosines[axes[1]] * signs[1]
    right = cosines[axes[2]] * signs[2]
    return View(
        axes=(axes[0], axes[1], axes[2]),
        signs=(signs[0], signs[1], signs[2]),
        spacing_mm=(
            grid.spacing_mm[axes[0]],
            grid.spacing_mm[axes[1]],
            grid.spacing_mm[axes[2]],
        ),
        letters=(
            orientation_letters(-right),
            orientation_letters(right),
            orientation_letters(-down),
            orientation_letters(down),
        ),
    )


def orientation_letters(direction: NDArray[np.float64]) -> str:
    """Letters of a direction in the patient, the strongest first.

    Examples
    --------
    >>> orientation_letters(np.array([-1.0, 0.0, 0.0]))
    'R'
    >>> orientation_letters(np.array([0.6, 0.0, -0.8]))
    'IL'
    """
    ranked = sorted(range(3), key=lambda i: (-abs(direction[i]), i))
    return "".join(
        POSITIVE[i] if direction[i] > 0 else NEGATIVE[i]
        for i in ranked
        if abs(direction[i]) >= LETTER_MIN
    )
