"""A child's limb: smaller, with thin cortex and red marrow."""

from calcitrace.simulation.bodies.body import Body
from calcitrace.simulation.bodies.limb import LimbShape, limb

CHILD = LimbShape(
    width_mm=64.0,
    thickness_mm=60.0,
    length_mm=300.0,
    skin_mm=1.5,
    fat_mm=7.0,
    cortex_mm=1.6,
    marrow="red_marrow",
)


def child_limb(shape: LimbShape = CHILD) -> Body:
    """Build a child's limb; measures that `shape` does not give are a child's."""
    return limb(shape, "child_limb")
