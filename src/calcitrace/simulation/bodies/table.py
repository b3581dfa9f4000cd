"""The table: a curved shell of carbon fibre filled with foam.

It is no wider than the body, as a board for a limb is: a wide one would cost many rays
and show nothing else.
"""

import math

from calcitrace.simulation.forms import Tube
from calcitrace.simulation.phantom import Part

CURVATURE_MM = 400.0  # radius of its upper face, hollow towards the patient
HALF_LENGTH_MM = 600.0
SHELL_MM, FOAM_MM = 1.2, 14.0
CLEARANCE_MM = 2.0  # of the body: clothes and a sheet


def table_parts(
    lowest_mm: float, middle_mm: float, width_mm: float
) -> tuple[Part, ...]:
    """Parts of a table below a body.

    Parameters
    ----------
    lowest_mm
        Largest y of the body.
    middle_mm, width_mm
        x of the middle of the body, and its width.
    """
    half_angle = math.asin(min(width_mm / 2 / CURVATURE_MM, 0.9))
    axis_y_mm = lowest_mm + CLEARANCE_MM - CURVATURE_MM
    faces = (0.0, SHELL_MM, SHELL_MM + FOAM_MM, 2 * SHELL_MM + FOAM_MM)
    radii = [CURVATURE_MM + depth for depth in faces]
    return tuple(
        Part(
            Tube(
                start_mm=(middle_mm, axis_y_mm, -HALF_LENGTH_MM),
                end_mm=(middle_mm, axis_y_mm, HALF_LENGTH_MM),
                radii_mm=(outer, outer),
                side=(0.0, 1.0, 0.0),
                hollow=inner / outer,
                half_angle_rad=half_angle,
            ),
            material,
        )
        for inner, outer, material in zip(
            radii[:-1], radii[1:], ("carbon_fibre", "foam", "carbon_fibre"), strict=True
        )
    )
