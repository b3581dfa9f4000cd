"""Joints of a body: what lies beyond a joint turns about it, and joints follow joints."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calcitrace.errors import SceneError
from calcitrace.simulation.forms import Capsule, Form, Point, Pose
from calcitrace.simulation.forms.geometry import Array, to_matrix, to_point

# Name of a joint, and by how many degrees it is bent.
Bends = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Joint:
    """A hinge.

    Attributes
    ----------
    name
        By which a scene can bend it, such as "knee".
    chain
        Limb or finger that it belongs to; joints of a chain are listed from the trunk
        outwards.
    at_mm, axis
        The hinge's line; a positive angle turns right-handed about `axis`.
    along
        Unit vector from the joint outwards.
    from_mm, reach_mm
        What lies further along than `from_mm`, and no further than `reach_mm` from the
        line through the joint, moves with it.
    """

    name: str
    chain: str
    at_mm: Point
    axis: Point
    along: Point
    from_mm: float = 0.0
    reach_mm: float = 1000.0

    def ahead_mm(self, point_mm: Sequence[float]) -> float:
        """How far a point lies beyond the joint."""
        offset = np.asarray(point_mm) - np.asarray(self.at_mm)
        return float(offset @ np.asarray(self.along)) - self.from_mm

    def aside_mm(self, point_mm: Sequence[float]) -> float:
        """How far a point lies from the line through the joint."""
        offset = np.asarray(point_mm) - np.asarray(self.at_mm)
        return float(np.linalg.norm(np.cross(offset, np.asarray(self.along))))

    def turned(self, angle_deg: float) -> Pose:
        """Motion of what lies beyond."""
        return _about(self.at_mm, self.axis, angle_deg)


def pose_at(point_mm: Sequence[float], joints: Sequence[Joint], bends: Bends) -> Pose:
    """How the segment that holds a point moves when joints bend.

    Parameters
    ----------
    point_mm
        In the body before it bends. Of several chains it belongs to the nearest.
    joints, bends
        Of the body, and what becomes of them.

    Raises
    ------
    SceneError
        If there is no joint of a name.
    """
    known = {joint.name: joint for joint in joints}
    for name, _ in bends:
        if name not in known:
            msg = (
                f"Expected a joint of {', '.join(known) or 'a body that has some'}, "
                f'got "{name}". Choose one.'
            )
            raise SceneError(msg)
    beyond = [
        j
        for j in joints
        if j.ahead_mm(point_mm) > 0 and j.aside_mm(point_mm) <= j.reach_mm
    ]
    if not beyond:
        return Pose()
    chain = min(beyond, key=lambda j: j.aside_mm(point_mm)).chain
    angles = dict(bends)
    pose = Pose()
    for joint in reversed([j for j in beyond if j.chain == chain]):
        pose = _after(joint.turned(angles.get(joint.name, 0.0)), pose)
    return pose


def bent_forms(form: Form, joints: Sequence[Joint], bends: Bends) -> tuple[Form, ...]:
    """Return a form with its segment moved; a capsule across joints is cut there."""
    pieces = [form]
    if isinstance(form, Capsule):
        for joint in joints:
            pieces = [p for piece in pieces for p in _cut(piece, joint)]
    return tuple(
        piece.moved(pose_at(piece.centroid_mm, joints, bends)) for piece in pieces
    )


def _cut(form: Form, joint: Joint) -> tuple[Form, ...]:
    """Two capsules that share a ball at the joint, where one ran across it."""
    if not isinstance(form, Capsule):
        return (form,)
    start, end = (np.asarray(p, float) for p in (form.start_mm, form.end_mm))
    ahead = joint.ahead_mm(to_point(start)), joint.ahead_mm(to_point(end))
    if joint.aside_mm(form.end_mm) > joint.reach_mm or not ahead[0] < 0 < ahead[1]:
        return (form,)
    share = -ahead[0] / (ahead[1] - ahead[0])
    middle = to_point(start + share * (end - start))
    return (
        Capsule(form.start_mm, middle, form.radius_mm),
        Capsule(middle, form.end_mm, form.radius_mm),
    )


def _after(second: Pose, first: Pose) -> Pose:
    """One motion, then another."""
    rotation = np.asarray(second.rotation) @ np.asarray(first.rotation)
    return Pose(to_matrix(rotation), second.point(first.shift_mm))


def _about(at_mm: Point, axis: Point, angle_deg: float) -> Pose:
    """Turn about a line (Rodrigues)."""
    a: Array = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]])
    t = np.radians(angle_deg)
    rotation = np.eye(3) + np.sin(t) * cross + (1 - np.cos(t)) * cross @ cross
    at = np.asarray(at_mm, float)
    return Pose(to_matrix(rotation), to_point(at - rotation @ at))
