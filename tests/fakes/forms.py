"""One form of every kind, and a slow twin of what is known of them."""

import numpy as np
from numpy.typing import NDArray

from calcitrace.simulation.forms import (
    Capsule,
    Ellipsoid,
    Form,
    Group,
    Lobulated,
    Pose,
    Tube,
    ball,
)

TURNED = Pose.of_angles((25.0, 40.0, -60.0), (2.0, 1.0, -3.0))

FORMS: tuple[Form, ...] = (
    ball((1.0, 2.0, 3.0), 2.5),
    Ellipsoid((0.0, 0.0, 0.0), (1.0, 2.5, 4.0)).moved(TURNED),
    Tube((0.0, 0.0, -4.0), (0.0, 1.0, 4.0), (3.0, 2.0)),
    Tube((0.0, 0.0, -2.0), (0.0, 1.0, 2.0), (6.0, 4.0), hollow=0.8),
    Tube((1.0, 0.0, -5.0), (0.0, 0.0, 5.0), (12.0, 12.0), (0.3, 1.0, 0.0), 0.85, 0.6),
    Capsule((0.0, 0.0, 0.0), (2.0, 3.0, 4.0), 1.5),
    Lobulated(
        ((0.0, 0.0, 0.0), 3.0),
        (((2.8, 0.0, 0.0), 1.5), ((0.0, -2.9, 0.5), 1.7), ((-1.0, 1.0, 2.9), 1.4)),
    ),
    Group((ball((0.0, 0.0, 0.0), 1.0), ball((3.0, 0.0, 1.0), 1.2))),
)


def contains(form: Form, points_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points, shape (point, 3), lie inside."""
    inside = np.zeros(len(points_mm), bool)
    for solid in form.solids:
        inside |= solid.contains(points_mm)
    return inside
