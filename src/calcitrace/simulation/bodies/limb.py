"""A limb of elliptic tubes with one bone or two."""

from dataclasses import dataclass

from calcitrace.errors import InputError
from calcitrace.simulation.bodies.body import Body, Bone
from calcitrace.simulation.forms import Ellipsoid, Form, Point, Tube
from calcitrace.simulation.phantom import Part

# Bones of a calf as parts of the muscle's half axes: centre (x, y), radii (x, y), and
# how far each end lies from the limb's axis, per length.
TIBIA = ((0.24, -0.38), (0.30, 0.27), 0.012)
FIBULA = ((-0.53, 0.06), (0.15, 0.145), -0.01)
LONE_BONE = ((0.05, -0.06), (0.31, 0.32), 0.015)
FIBULA_CORTEX = 0.65  # of the tibia's
END_LENGTH_MM = 24.0  # half length of a joint's end of a bone
END_CORTEX_MM = 1.0
LEAST_MARROW = 0.25  # of a bone's radius


@dataclass(frozen=True, slots=True)
class LimbShape:
    """Measures of a limb.

    Attributes
    ----------
    width_mm, thickness_mm
        Along x and y.
    length_mm
        Along z; the limb reaches half of it to either side.
    skin_mm, fat_mm, cortex_mm
        Thickness of layers.
    n_bones
        2 for calf and forearm, 1 for thigh and upper arm.
    marrow
        Material within the cortex.
    has_spongy_ends
        Bones widen to spongy ends near both ends of the limb.
    """

    width_mm: float = 112.0
    thickness_mm: float = 104.0
    length_mm: float = 400.0
    skin_mm: float = 1.7
    fat_mm: float = 9.0
    cortex_mm: float = 3.5
    n_bones: int = 2
    marrow: str = "yellow_marrow"
    has_spongy_ends: bool = False


def limb(shape: LimbShape, name: str = "limb") -> Body:
    """Build a limb.

    Raises
    ------
    InputError
        If its layers leave no room for muscle, or its cortex none for marrow.
    """
    layers = (0.0, shape.skin_mm, shape.skin_mm + shape.fat_mm)
    skin, fat, muscle = (_tube(shape, depth) for depth in layers)
    a, b = muscle.radii_mm
    if min(a, b) < min(shape.width_mm, shape.thickness_mm) / 4:
        msg = (
            "Expected skin and fat to leave half of a limb to muscle, got layers of "
            f"{layers[2]:g} mm. Make fat_mm smaller or the limb thicker."
        )
        raise InputError(msg)
    bones: list[Bone] = []
    if shape.n_bones == 1:
        bones += _bone("bone", LONE_BONE, (a, b), shape, shape.cortex_mm)
    else:
        bones += _bone("tibia", TIBIA, (a, b), shape, shape.cortex_mm)
        thin_mm = shape.cortex_mm * FIBULA_CORTEX
        bones += _bone("fibula", FIBULA, (a, b), shape, thin_mm)
    return Body(
        name=name,
        body_part="LEG" if shape.n_bones > 1 else "THIGH",
        skin=(skin,),
        soft=(Part(skin, "skin"), Part(fat, "fat"), Part(muscle, "muscle")),
        fascia=(muscle,),
        bones=tuple(bones),
    )


def _tube(shape: LimbShape, depth_mm: float) -> Tube:
    """Layer of the limb that begins at a depth."""
    half = shape.length_mm / 2
    radii = (shape.width_mm / 2 - depth_mm, shape.thickness_mm / 2 - depth_mm)
    return Tube((0.0, 0.0, -half), (0.0, 0.0, half), radii)


def _bone(
    name: str,
    place: tuple[tuple[float, float], tuple[float, float], float],
    muscle_mm: tuple[float, float],
    shape: LimbShape,
    cortex_mm: float,
) -> list[Bone]:
    """Shaft of a bone, and its ends if it has any."""
    (x, y), (across, deep), slant = place
    a, b = muscle_mm
    radii = (across * a, deep * b)
    if cortex_mm > (1 - LEAST_MARROW) * min(radii):
        msg = (
            f"Expected a cortex thinner than {(1 - LEAST_MARROW) * min(radii):.1f} mm "
            f"in the {name}, got {cortex_mm:g} mm. Make cortex_mm smaller."
        )
        raise InputError(msg)
    half = shape.length_mm / 2
    ends: list[Point] = [
        (x * a - slant * half, y * b, -half),
        (x * a + slant * half, y * b, half),
    ]
    inner = (radii[0] - cortex_mm, radii[1] - cortex_mm)
    marrow = Part(Tube(ends[0], ends[1], inner), shape.marrow)
    bones = [Bone(name, Tube(ends[0], ends[1], radii), (marrow,))]
    if shape.has_spongy_ends:
        for end, word in zip(ends, ("distal", "proximal"), strict=True):
            bones.append(_joint_end(f"{name} {word}", end, radii))
    return bones


def _joint_end(name: str, end_mm: Point, radii_mm: tuple[float, float]) -> Bone:
    """Wide spongy end with a thin cortex."""
    inwards = -1.0 if end_mm[2] > 0 else 1.0
    centre = (end_mm[0], end_mm[1], end_mm[2] + inwards * END_LENGTH_MM)

    def body(less_mm: float) -> Form:
        a, b = (1.35 * r - less_mm for r in radii_mm)
        return Ellipsoid(centre, (a, b, END_LENGTH_MM - less_mm))

    return Bone(name, body(0.0), (Part(body(END_CORTEX_MM), "spongy_bone"),))
