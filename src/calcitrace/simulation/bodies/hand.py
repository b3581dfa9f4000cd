"""A hand that lies flat: palm, five fingers, wrist, and all of their bones.

The origin is the middle of the palm; fingers point to +z, the palm faces the table. Bones
carry numbers from the thumb (1) to the little finger (5).
"""

import math
from dataclasses import dataclass

from calcitrace.simulation.bodies.body import Body, Bone
from calcitrace.simulation.bodies.joints import Joint
from calcitrace.simulation.forms import Capsule, Ellipsoid, Form, Point, Tube
from calcitrace.simulation.phantom import Part

PALM_Z_MM = 60.0  # of the origin, above the wrist, from which z below is counted
BONE_Y_MM = -2.0
JOINT_MM = 2.4
BASE_MM = 21.5
# Of each ray: x of its base, angle to the side in degrees, then length and radius of
# metacarpal, proximal, middle (the thumb has none) and distal phalanx.
RAYS: tuple[tuple[float, float, tuple[tuple[float, float], ...]], ...] = (
    (-23.0, -36.0, ((45.0, 5.2), (31.0, 4.8), (22.0, 3.8))),
    (-13.5, -8.0, ((66.0, 4.8), (40.0, 4.6), (23.0, 3.8), (17.0, 3.0))),
    (-3.5, -1.5, ((64.0, 4.8), (44.0, 4.7), (27.0, 4.0), (18.0, 3.2))),
    (6.0, 5.0, ((57.0, 4.3), (41.0, 4.4), (26.0, 3.8), (18.0, 3.0))),
    (14.5, 12.0, ((53.0, 4.3), (32.0, 3.8), (18.0, 3.2), (16.0, 2.7))),
)
PHALANGES = ("metacarpal", "proximal phalanx", "middle phalanx", "distal phalanx")
JOINTS = ("knuckle", "middle joint", "end joint")
JOINT_REACH = 1.5  # about a finger, of its radius
CORTEX_MM = {
    "metacarpal": 1.4,
    "proximal phalanx": 1.2,
    "middle phalanx": 0.9,
    "distal phalanx": 0.7,
}
FINGER_RADII_MM = (10.5, 9.0, 9.2, 8.8, 7.8)
ENVELOPE_MM = -4.0  # where the thumb's skin begins; that of fingers, in the palm
PULP_MM = 3.5  # of soft tissue beyond the tip of the bone
TENDON_MM = 1.9  # radius of the flexor tendons along the fingers
THENAR_MM = 10.0  # radius of the muscle about the thumb's metacarpal
# Name, centre (x, y, z), radii (x, y, z).
CARPALS: tuple[tuple[str, Point, Point], ...] = (
    ("scaphoid", (-13.0, -2.0, 3.0), (5.6, 6.0, 5.4)),
    ("lunate", (-1.8, -2.0, 2.5), (4.8, 6.2, 5.4)),
    ("triquetrum", (8.0, -3.0, 3.5), (4.2, 4.4, 5.0)),
    ("pisiform", (13.0, 5.5, 4.0), (3.8, 3.2, 4.4)),
    ("trapezium", (-18.5, -1.0, 14.0), (4.2, 5.4, 5.0)),
    ("trapezoid", (-9.6, -3.0, 14.2), (3.8, 4.8, 4.6)),
    ("capitate", (-0.6, -2.4, 14.4), (4.4, 5.8, 5.6)),
    ("hamate", (9.2, -2.0, 14.2), (4.6, 5.6, 5.0)),
)
CARPAL_CORTEX_MM = 0.7
PALM_RADII_MM, PALM_CENTRE_MM = (43.0, 16.0, 74.0), (-1.0, 1.5, 48.0)
WRIST_RADII_MM, WRIST_MM = (30.0, 21.0), (-110.0, 12.0)
# Name, x, radii of the shaft, centre (z) and radii of the spongy end.
FOREARM: tuple[tuple[str, float, tuple[float, float], float, Point], ...] = (
    ("radius", -9.0, (7.6, 6.8), -19.0, (12.6, 9.0, 14.0)),
    ("ulna", 13.0, (6.0, 5.8), -18.0, (7.4, 7.4, 10.0)),
)
FOREARM_CORTEX_MM, FOREARM_END_CORTEX_MM = 2.2, 0.9


@dataclass(frozen=True, slots=True)
class HandShape:
    """Measures of a hand.

    Attributes
    ----------
    scale
        Size of everything but skin, fat and cortex; 1 is an adult's.
    skin_mm, fat_mm
        Thickness of layers; fat of fingers reaches to bone and tendon.
    is_left
        Else a right hand, with the thumb at -x.
    """

    scale: float = 1.0
    skin_mm: float = 1.5
    fat_mm: float = 3.5
    is_left: bool = False


def hand(shape: HandShape | None = None) -> Body:
    """Build a hand."""
    frame = _Frame(HandShape() if shape is None else shape)
    skin_mm = frame.shape.skin_mm
    muscle_mm = skin_mm + frame.shape.fat_mm
    skin, fat = frame.envelope(0.0), frame.envelope(skin_mm)
    muscle = (*frame.trunk_of_hand(muscle_mm), frame.thenar())
    fascia = frame.trunk_of_hand(muscle_mm)
    return Body(
        name="hand",
        body_part="HAND",
        skin=skin,
        soft=(
            *(Part(form, "skin") for form in skin),
            *(Part(form, "fat") for form in fat),
            *(Part(form, "fibrous") for form in frame.tendons()),
            *(Part(form, "muscle") for form in muscle),
        ),
        fascia=fascia,
        bones=(*frame.fingers(), *frame.carpals(), *frame.forearm()),
        joints=frame.joints(),
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Turns measures of the tables above into patient space."""

    shape: HandShape

    def at(self, x: float, y: float, z: float) -> Point:
        """Place of a point of the tables."""
        s = self.shape.scale
        return (-x if self.shape.is_left else x) * s, y * s, (z - PALM_Z_MM) * s

    def size(self, radii: Point) -> Point:
        """Radii at this hand's size."""
        a, b, c = (r * self.shape.scale for r in radii)
        return a, b, c

    def rod(
        self,
        ray: int,
        span_mm: tuple[float, float],
        radius_mm: float,
        y_mm: float = BONE_Y_MM,
    ) -> Capsule:
        """Capsule along a ray; `span_mm` counts its round ends, from the ray's base.

        The radius is in mm of this hand, the rest in mm of the tables.
        """
        x, angle, _ = RAYS[ray]
        side, up = math.sin(math.radians(angle)), math.cos(math.radians(angle))
        r = radius_mm / self.shape.scale
        low, high = span_mm[0] + r, span_mm[1] - r
        return Capsule(
            self.at(x + low * side, y_mm, BASE_MM + low * up),
            self.at(x + high * side, y_mm, BASE_MM + high * up),
            radius_mm,
        )

    def envelope(self, depth_mm: float) -> tuple[Form, ...]:
        """Surface of the hand, or what lies at a depth below it."""
        fingers = tuple(
            self.rod(
                ray,
                (
                    ENVELOPE_MM if ray == 0 else _reach_mm(ray, 1) / 2,
                    _reach_mm(ray) + PULP_MM - depth_mm / self.shape.scale,
                ),
                radius * self.shape.scale - depth_mm,
                0.0,
            )
            for ray, radius in enumerate(FINGER_RADII_MM)
        )
        return (*self.trunk_of_hand(depth_mm), *fingers)

    def trunk_of_hand(self, depth_mm: float) -> tuple[Form, ...]:
        """Palm and wrist, or what lies at a depth below their surface."""
        palm = tuple(r - depth_mm for r in self.size(PALM_RADII_MM))
        wrist = tuple(r * self.shape.scale - depth_mm for r in WRIST_RADII_MM)
        low, high = WRIST_MM
        return (
            Ellipsoid(self.at(*PALM_CENTRE_MM), (palm[0], palm[1], palm[2])),
            Tube(
                self.at(0.0, 0.0, low),
                self.at(0.0, 0.0, high - depth_mm / self.shape.scale),
                (wrist[0], wrist[1]),
            ),
        )

    def thenar(self) -> Form:
        """Muscle about the thumb's metacarpal."""
        room = FINGER_RADII_MM[0] * self.shape.scale - self.shape.skin_mm - 1.0
        return self.rod(0, (-4.0, 46.0), min(THENAR_MM * self.shape.scale, room), 0.0)

    def tendons(self) -> tuple[Form, ...]:
        """Flexor tendons, on the side of the palm."""
        radius = TENDON_MM * self.shape.scale
        forms: list[Form] = []
        for ray, (_, _, bones) in enumerate(RAYS):
            y = BONE_Y_MM + bones[1][1] + TENDON_MM + 0.2
            forms.append(
                self.rod(ray, (_reach_mm(ray, 1), _reach_mm(ray) - 8.0), radius, y)
            )
        return tuple(forms)

    def fingers(self) -> tuple[Bone, ...]:
        """Nineteen metacarpals and phalanges."""
        return tuple(
            self._long_bone(ray, k, name)
            for ray, (_, _, bones) in enumerate(RAYS)
            for k, name in enumerate(_names(len(bones)))
        )

    def _long_bone(self, ray: int, k: int, name: str) -> Bone:
        length, radius = RAYS[ray][2][k]
        start = _reach_mm(ray, k)
        cortex = CORTEX_MM[name]
        size = radius * self.shape.scale
        inner = self.rod(
            ray,
            (start + cortex / self.shape.scale,
             start + length - cortex / self.shape.scale),
            size - cortex,
        )  # fmt: skip
        filling = "spongy_bone" if name == "distal phalanx" else "yellow_marrow"
        whole = self.rod(ray, (start, start + length), size)
        return Bone(f"{name} {ray + 1}", whole, (Part(inner, filling),))

    def joints(self) -> tuple[Joint, ...]:
        """Hinges of the fingers; a positive angle bends towards the palm."""
        found: list[Joint] = []
        for ray, (x, angle, bones) in enumerate(RAYS):
            side, up = math.sin(math.radians(angle)), math.cos(math.radians(angle))
            out = -side if self.shape.is_left else side
            names = JOINTS if len(bones) == len(PHALANGES) else JOINTS[::2]
            for k, name in enumerate(names, 1):
                reach = _reach_mm(ray, k) - JOINT_MM / 2
                found.append(
                    Joint(
                        f"{name} {ray + 1}",
                        f"finger {ray + 1}",
                        self.at(x + reach * side, BONE_Y_MM, BASE_MM + reach * up),
                        axis=(-up, 0.0, out),
                        along=(out, 0.0, up),
                        reach_mm=JOINT_REACH * FINGER_RADII_MM[ray] * self.shape.scale,
                    )
                )
        return tuple(found)

    def carpals(self) -> tuple[Bone, ...]:
        """Eight bones of the wrist."""
        return tuple(
            self._spongy(name, self.at(*centre), self.size(radii), CARPAL_CORTEX_MM)
            for name, centre, radii in CARPALS
        )

    def forearm(self) -> tuple[Bone, ...]:
        """Ends of radius and ulna, and what of their shafts is seen."""
        bones: list[Bone] = []
        for name, x, shaft, end_z, end in FOREARM:
            low, high = self.at(x, BONE_Y_MM, WRIST_MM[0]), self.at(x, BONE_Y_MM, end_z)
            a, b = (r * self.shape.scale for r in shaft)
            inner = Tube(low, high, (a - FOREARM_CORTEX_MM, b - FOREARM_CORTEX_MM))
            bones += [
                Bone(name, Tube(low, high, (a, b)), (Part(inner, "yellow_marrow"),)),
                self._spongy(
                    f"{name} end", high, self.size(end), FOREARM_END_CORTEX_MM
                ),
            ]
        return tuple(bones)

    @staticmethod
    def _spongy(name: str, centre: Point, radii: Point, cortex_mm: float) -> Bone:
        a, b, c = (r - cortex_mm for r in radii)
        inside = Part(Ellipsoid(centre, (a, b, c)), "spongy_bone")
        return Bone(name, Ellipsoid(centre, radii), (inside,))


def _names(n_bones: int) -> tuple[str, ...]:
    """Names of a ray's bones from the wrist; the thumb lacks the middle phalanx."""
    return PHALANGES if n_bones == len(PHALANGES) else (*PHALANGES[:2], PHALANGES[3])


def _reach_mm(ray: int, n_bones: int | None = None) -> float:
    """Where along a ray the bone of a number begins; without one, where all end."""
    bones = RAYS[ray][2]
    if n_bones is None:
        return _reach_mm(ray, len(bones)) - JOINT_MM
    return sum(length + JOINT_MM for length, _ in bones[:n_bones])
