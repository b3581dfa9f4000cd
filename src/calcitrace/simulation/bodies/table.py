"""The table: a curved shell of carbon fibre filled with foam."""

import math

from calcitrace.simulation.forms import Tube
from calcitrace.simulation.phantom import Part

CURVATURE_MM = 500.0  # radius of its upper face, hollow towards the patient
HALF_WIDTH_MM = 200.0
HALF_LENGTH_MM = 600.0
SHELL_MM, FOAM_MM = 1.5, 30.0
CLEARANCE_MM = 2.0  # of the body: clothes and a sheet


def table_parts(lowest_mm: float) -> tuple[Part, ...]:
    """Parts of a table below a body.

    Parameters
    ----------
    lowest_mm
        Largest y of the body.
    """
    top = CURVATURE_MM
    layers = (
        (top, top + SHELL_MM, "carbon_fibre"),
        (top + SHELL_MM, top + SHELL_MM + FOAM_MM, "foam"),
        (top + SHELL_MM + FOAM_MM, top + FOAM_MM + 2 * SHELL_MM, "carbon_fibre"),
    )
    axis_y_mm = lowest_mm + CLEARANCE_MM - CURVATURE_MM
    return tuple(
        Part(
            Tube(
                start_mm=(0.0, axis_y_mm, -HALF_LENGTH_MM),
                end_mm=(0.0, axis_y_mm, HALF_LENGTH_MM),
                radii_mm=(outer, outer),
                side=(0.0, 1.0, 0.0),
                hollow=inner / outer,
                half_angle_rad=math.asin(HALF_WIDTH_MM / CURVATURE_MM),
            ),
            material,
        )
        for inner, outer, material in layers
    )
