"""A leg about its knee: thigh, calf, and a joint that bends.

The origin is the knee; the thigh runs to +z, the kneecap looks to -y.
"""

from dataclasses import dataclass

from calcitrace.errors import InputError
from calcitrace.simulation.bodies.body import Body, Bone
from calcitrace.simulation.bodies.joints import Joint
from calcitrace.simulation.forms import Ellipsoid, Form, Point, Tube
from calcitrace.simulation.phantom import Part

CALF, KNEE = 0.85, 0.93  # radii relative to those of the thigh
HINGE_Z_MM = 21.0  # the middle of the condyles: the shin turns about it
SHIN_FROM_MM = 17.0  # below the hinge
END_CORTEX_MM, FIBULA_CORTEX = 1.0, 0.6
# Name, middle of each end (x, y, z) at the knee, radius, slant of the axis to the side.
SHAFTS: tuple[tuple[str, Point, float, float], ...] = (
    ("femur", (0.0, 0.0, 22.0), 13.5, 0.05),
    ("tibia", (0.0, -3.0, -16.0), 12.5, 0.02),
    ("fibula", (31.0, 10.0, -24.0), 6.5, -0.04),
)
# Name, centre, radii.
ENDS: tuple[tuple[str, Point, Point], ...] = (
    ("medial condyle", (-17.0, 0.0, HINGE_Z_MM), (15.0, 18.0, 18.0)),
    ("lateral condyle", (17.0, 0.0, HINGE_Z_MM), (14.0, 17.0, 17.5)),
    ("tibia plateau", (0.0, 0.0, -15.0), (33.0, 19.0, 13.5)),
    ("fibula head", (31.0, 10.0, -24.0), (8.5, 8.5, 9.5)),
    ("kneecap", (0.0, -30.0, 22.0), (15.0, 7.5, 17.0)),
)
BONES_WIDE_MM = 44.0  # what muscle must leave room for


@dataclass(frozen=True, slots=True)
class LegShape:
    """Measures of a leg.

    Attributes
    ----------
    width_mm, thickness_mm
        Of the thigh, along x and y.
    length_mm
        Along z; the leg reaches half of it to either side of the knee.
    skin_mm, fat_mm, cortex_mm
        Thickness of layers.
    """

    width_mm: float = 136.0
    thickness_mm: float = 128.0
    length_mm: float = 400.0
    skin_mm: float = 1.8
    fat_mm: float = 9.0
    cortex_mm: float = 3.5


def leg(shape: LegShape | None = None) -> Body:
    """Build a leg.

    Raises
    ------
    InputError
        If skin and fat leave no room for the knee.
    """
    shape = LegShape() if shape is None else shape
    depths = (0.0, shape.skin_mm, shape.skin_mm + shape.fat_mm)
    least = min(shape.width_mm, shape.thickness_mm) / 2 * CALF - depths[2]
    if least < BONES_WIDE_MM * CALF:
        msg = (
            f"Expected room for a knee of {2 * BONES_WIDE_MM:g} mm, got a leg too thin "
            "for it. Make fat_mm smaller or the leg thicker."
        )
        raise InputError(msg)
    skin, fat, muscle = (_envelope(shape, depth) for depth in depths)
    return Body(
        name="leg",
        body_part="KNEE",
        skin=skin,
        soft=(
            *(Part(form, "skin") for form in skin),
            *(Part(form, "fat") for form in fat),
            *(Part(form, "muscle") for form in muscle),
        ),
        fascia=muscle,
        bones=(*_shafts(shape), *_ends()),
        joints=(
            Joint(
                "knee",
                "leg",
                (0.0, 0.0, HINGE_Z_MM),
                axis=(1.0, 0.0, 0.0),
                along=(0.0, 0.0, -1.0),
                from_mm=SHIN_FROM_MM,
            ),
        ),
    )


def _envelope(shape: LegShape, depth_mm: float) -> tuple[Form, ...]:
    """Thigh, knee and calf, or what lies at a depth below their surface."""
    a, b, half = shape.width_mm / 2, shape.thickness_mm / 2, shape.length_mm / 2
    at = (0.0, 0.0, HINGE_Z_MM)
    return (
        Tube(at, (0.0, 0.0, half), (a - depth_mm, b - depth_mm)),
        Ellipsoid(at, (KNEE * a - depth_mm, KNEE * b - depth_mm, KNEE * b - depth_mm)),
        Tube(at, (0.0, 0.0, -half), (CALF * a - depth_mm, CALF * b - depth_mm)),
    )


def _shafts(shape: LegShape) -> tuple[Bone, ...]:
    bones: list[Bone] = []
    for name, (x, y, z), radius, slant in SHAFTS:
        far_z = shape.length_mm / 2 * (1.0 if z > 0 else -1.0)
        far = (x + slant * (far_z - z), y, far_z)
        thin = FIBULA_CORTEX if name == "fibula" else 1.0
        inner = radius - thin * shape.cortex_mm
        start = (x, y, z + (shape.cortex_mm if z > 0 else -shape.cortex_mm))
        marrow = Part(Tube(start, far, (inner, inner)), "yellow_marrow")
        bones.append(Bone(name, Tube((x, y, z), far, (radius, radius)), (marrow,)))
    return tuple(bones)


def _ends() -> tuple[Bone, ...]:
    """Spongy ends; their filling is painted over the shafts that run into them."""
    bones: list[Bone] = []
    for name, centre, (a, b, c) in ENDS:
        inner = (a - END_CORTEX_MM, b - END_CORTEX_MM, c - END_CORTEX_MM)
        inside = Part(Ellipsoid(centre, inner), "spongy_bone")
        bones.append(Bone(name, Ellipsoid(centre, (a, b, c)), (inside,)))
    return tuple(bones)
