"""A trunk: wall with ribs, spine, and a watery interior without gas.

Ribs are whole tilted rings within the muscle of the wall. A vertebra is a short cylinder
of spongy bone in a thin cortex, a ring about the canal, and three processes.
"""

import math
from dataclasses import dataclass

import numpy as np

from calcitrace.errors import InputError
from calcitrace.simulation.bodies.body import Body, Bone
from calcitrace.simulation.forms import Ellipsoid, Form, Tube
from calcitrace.simulation.forms.geometry import Array, to_matrix, to_point
from calcitrace.simulation.phantom import Part

USUAL_WIDTH_MM = 300.0  # bones scale with the trunk's width
RIB_STEP_MM, RIB_TILT_DEG, RIB_CORTEX_MM = 30.0, 18.0, 0.9
RIB_HEIGHT_MM, RIB_THICKNESS_MM = 13.0, 7.5
VERTEBRA_STEP_MM, VERTEBRA_HEIGHT_MM, VERTEBRA_CORTEX_MM = 34.0, 26.0, 1.0
VERTEBRA_RADII_MM = (22.0, 16.0)
CANAL_OUTER_MM, CANAL_INNER_MM = 12.5, 9.0
PROCESS_RADIUS_MM, PROCESS_CORTEX_MM = 4.2, 1.2
SPINE_DEPTH_MM = 55.0  # of the vertebral bodies' middle, from the back of the wall
SPINE_LEAST_MM = 10.0  # behind the middle of the trunk


@dataclass(frozen=True, slots=True)
class TrunkShape:
    """Measures of a trunk.

    Attributes
    ----------
    width_mm, thickness_mm
        Along x and y.
    length_mm
        Along z; the trunk reaches half of it to either side.
    skin_mm, fat_mm, wall_mm
        Thickness of skin, fat, and the muscular wall that holds the ribs.
    has_ribs
        Without them, and with the spine alone, it is a belly.
    """

    width_mm: float = 300.0
    thickness_mm: float = 220.0
    length_mm: float = 300.0
    skin_mm: float = 2.0
    fat_mm: float = 15.0
    wall_mm: float = 18.0
    has_ribs: bool = True


def trunk(shape: TrunkShape | None = None) -> Body:
    """Build a trunk.

    Raises
    ------
    InputError
        If its layers leave no room for spine and interior.
    """
    shape = TrunkShape() if shape is None else shape
    within_mm = shape.skin_mm + shape.fat_mm
    depths = (0.0, shape.skin_mm, within_mm, within_mm + shape.wall_mm)
    skin, fat, muscle, inside = (_layer(shape, depth) for depth in depths)
    scale = shape.width_mm / USUAL_WIDTH_MM
    spine_y_mm = muscle.radii_mm[1] - SPINE_DEPTH_MM * scale
    if spine_y_mm < SPINE_LEAST_MM * scale:
        msg = (
            "Expected skin, fat and wall to leave room for a spine, got a trunk of "
            f"{shape.thickness_mm:g} mm with layers of {depths[3]:g} mm. Make the layers "
            "thinner or the trunk thicker."
        )
        raise InputError(msg)
    spine = _Spine(shape.length_mm / 2, spine_y_mm, scale)
    return Body(
        name="trunk",
        body_part="CHEST" if shape.has_ribs else "ABDOMEN",
        skin=(skin,),
        soft=(
            Part(skin, "skin"),
            Part(fat, "fat"),
            Part(muscle, "muscle"),
            Part(inside, "water"),
            *spine.soft,
        ),
        fascia=(muscle,),
        bones=(*(_ribs(shape, muscle, scale) if shape.has_ribs else ()), *spine.bones),
    )


def _layer(shape: TrunkShape, depth_mm: float) -> Tube:
    half = shape.length_mm / 2
    radii = (shape.width_mm / 2 - depth_mm, shape.thickness_mm / 2 - depth_mm)
    if min(radii) <= 0:
        msg = (
            f"Expected a trunk thicker than its layers of {depth_mm:g} mm, got "
            f"{shape.thickness_mm:g} mm. Make the layers thinner."
        )
        raise InputError(msg)
    return Tube((0.0, 0.0, -half), (0.0, 0.0, half), radii)


def _ribs(shape: TrunkShape, muscle: Tube, scale: float) -> tuple[Bone, ...]:
    """Rings in the middle of the wall, lower in front."""
    tilt = math.radians(RIB_TILT_DEG)
    rise = math.tan(tilt) * muscle.radii_mm[1]
    first = math.ceil((-shape.length_mm / 2 - rise) / RIB_STEP_MM)
    last = math.floor((shape.length_mm / 2 + rise) / RIB_STEP_MM)
    thick, high = RIB_THICKNESS_MM * scale, RIB_HEIGHT_MM * scale
    depth = max((shape.wall_mm - thick) / 2, 1.0)
    a, b = (r - depth for r in muscle.radii_mm)
    b /= math.cos(tilt)  # as the wall looks in the plane of the ring

    def ring(middle_mm: float, less_mm: float) -> Tube:
        outer = (a - less_mm, b - less_mm)
        # The thinner side of the ring sets what is left for the marrow.
        inner = (a - thick + less_mm, b - thick + less_mm)
        hollow = max(inner[0] / outer[0], inner[1] / outer[1])
        half = high / 2 - less_mm
        along = (0.0, -half * math.sin(tilt), half * math.cos(tilt))
        return Tube(
            (0.0, -along[1], middle_mm - along[2]),
            (0.0, along[1], middle_mm + along[2]),
            outer,
            hollow=hollow,
        )

    return tuple(
        Bone(
            f"rib {number - first + 1}",
            ring(number * RIB_STEP_MM, 0.0),
            (Part(ring(number * RIB_STEP_MM, RIB_CORTEX_MM), "red_marrow"),),
        )
        for number in range(first, last + 1)
    )


@dataclass(frozen=True, slots=True)
class _Spine:
    """A straight spine along z.

    Attributes
    ----------
    half_mm
        It reaches this far up and down.
    y_mm
        Of the middle of the vertebral bodies.
    scale
        Of its size.
    """

    half_mm: float
    y_mm: float
    scale: float

    @property
    def soft(self) -> tuple[Part, ...]:
        """Muscles of the back, discs, and what the canal holds."""
        s = self.scale
        back = self.y_mm + 27.0 * s
        disc = (VERTEBRA_RADII_MM[0] * s - 1.0, VERTEBRA_RADII_MM[1] * s - 1.0)
        return (
            *(
                Part(self._rod(x * s, back, (20.0 * s, 15.0 * s)), "muscle")
                for x in (-26.0, 26.0)
            ),
            Part(self._rod(0.0, self.y_mm, disc), "cartilage"),
            Part(
                self._rod(
                    0.0, self._canal_mm, (CANAL_INNER_MM * s, CANAL_INNER_MM * s)
                ),
                "water",
            ),
        )

    @property
    def bones(self) -> tuple[Bone, ...]:
        """Vertebrae, from below."""
        n = math.floor(self.half_mm / VERTEBRA_STEP_MM)
        canal = (CANAL_OUTER_MM * self.scale, CANAL_OUTER_MM * self.scale)
        arch = self._rod(0.0, self._canal_mm, canal, CANAL_INNER_MM / CANAL_OUTER_MM)
        return (
            Bone("arch", arch),
            *(
                bone
                for k in range(-n, n + 1)
                for bone in self._vertebra(k + n + 1, k * VERTEBRA_STEP_MM)
            ),
        )

    @property
    def _canal_mm(self) -> float:
        return self.y_mm + (VERTEBRA_RADII_MM[1] + CANAL_INNER_MM - 1.0) * self.scale

    def _rod(
        self, x_mm: float, y_mm: float, radii: tuple[float, float], hollow: float = 0.0
    ) -> Tube:
        ends = ((x_mm, y_mm, -self.half_mm), (x_mm, y_mm, self.half_mm))
        return Tube(*ends, radii, hollow=hollow)

    def _vertebra(self, number: int, z_mm: float) -> tuple[Bone, ...]:
        s, y = self.scale, self._canal_mm

        def block(less_mm: float) -> Form:
            half = VERTEBRA_HEIGHT_MM / 2 - less_mm
            ends = ((0.0, self.y_mm, z_mm - half), (0.0, self.y_mm, z_mm + half))
            a, b = (r * s - less_mm for r in VERTEBRA_RADII_MM)
            return Tube(*ends, (a, b))

        def process(word: str, x: float, back: float, drop: float) -> Bone:
            root = np.array([x * 0.33 * s, y + back * 0.45 * s, z_mm])
            tip = np.array([x * s, y + back * s, z_mm - drop])
            spongy = Part(_spindle(root, tip, PROCESS_CORTEX_MM, s), "spongy_bone")
            form = _spindle(root, tip, 0.0, s)
            return Bone(f"{word} process {number}", form, (spongy,))

        return (
            Bone(
                f"vertebra {number}",
                block(0.0),
                (Part(block(VERTEBRA_CORTEX_MM), "spongy_bone"),),
            ),
            process("spinous", 0.0, 24.0, 6.0),
            process("left transverse", 33.0, 3.0, 0.0),
            process("right transverse", -33.0, 3.0, 0.0),
        )


def _spindle(root: Array, tip: Array, less_mm: float, scale: float) -> Ellipsoid:
    """Ellipsoid from one point to another; one solid, where a capsule would be three."""
    along = (tip - root) / float(np.linalg.norm(tip - root))
    side = np.cross(along, [0.0, 0.0, 1.0])
    side = np.asarray(side / np.linalg.norm(side), np.float64)
    axes = np.stack([along, side, np.cross(along, side)])
    half_mm = math.dist(root, tip) / 2 - less_mm
    thick_mm = PROCESS_RADIUS_MM * scale - less_mm
    return Ellipsoid(
        to_point((root + tip) / 2), (half_mm, thick_mm, thick_mm), to_matrix(axes)
    )
