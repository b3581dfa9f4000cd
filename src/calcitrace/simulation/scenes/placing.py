"""Where deposits come to lie: in which tissue, how deep, how far from bone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.surroundings import Place, Surroundings, fine_surface
from calcitrace.simulation.forms import Form, Point, Pose
from calcitrace.simulation.forms.clearance import bounding_ball, clearance
from calcitrace.simulation.forms.distance import members, nearest_on_surface
from calcitrace.simulation.forms.geometry import Array, to_point
from calcitrace.simulation.scenes.shapes import Shape

TOUCHING_MM = 1e-3  # a deposit this near to bone touches it
MET_MM = 5e-4  # a wanted gap or depth is met to this
MAX_STEPS, MAX_STEP_MM = 15, 4.0
OVERLAP_MM = 1e-6


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a deposit should lie; None leaves it open.

    Attributes
    ----------
    tissue
        "fat" or "muscle": all of it lies within.
    gap_to_bone_mm, depth_mm
        From its surface to the nearest bone, and to the skin.
    z_mm, angle_deg
        Of its middle, seen from the body's axis (x = y = 0): 0 to the patient's left,
        90 to the back.
    bone
        Name of a bone near which to look, and from whose axis the angle is then seen.
    along
        "skin" or "fascia": lies just below or on it.
    at_mm
        Its middle (x, y, z) in the body; then nothing else is asked.
    """

    tissue: str | None = None
    gap_to_bone_mm: float | None = None
    depth_mm: float | None = None
    z_mm: float | None = None
    angle_deg: float | None = None
    bone: str | None = None
    along: str | None = None
    at_mm: Point | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """Heights between which deposits must lie.

    Attributes
    ----------
    z_mm
        Lowest and highest in the scanner.
    pose
        Of the body in the scanner.
    """

    z_mm: tuple[float, float]
    pose: Pose

    def holds(self, form: Form) -> bool:
        """Whether all of a form lies between."""
        low, high = self.z_mm
        moved = form.moved(self.pose)
        centre, reach = bounding_ball(moved)
        if low <= centre[2] - reach and centre[2] + reach <= high:
            return True
        z = fine_surface_z(moved)
        return bool(low <= z.min() and z.max() <= high)


@dataclass(frozen=True, slots=True)
class Placed:
    """A deposit's form in the body, and what was measured of its place.

    Attributes
    ----------
    tissue
        Material at its middle.
    gap_mm
        To the nearest bone; None in a body without bones.
    depth_mm
        Below the skin.
    """

    form: Form
    place: Place
    tissue: str
    gap_mm: float | None
    depth_mm: float


@dataclass(frozen=True, slots=True)
class Room:
    """A body and the deposits that already lie in it.

    Attributes
    ----------
    taken
        Name and form of each.
    separation_mm
        Least distance between surfaces of deposits.
    """

    around: Surroundings
    taken: tuple[tuple[str, Form], ...] = ()
    separation_mm: float = 0.0

    def with_form(self, name: str, form: Form) -> "Room":
        """Return the room with one more deposit in it."""
        return replace(self, taken=(*self.taken, (name, form)))

    def neighbour(self, form: Form) -> str | None:
        """Name of a deposit that a form would come too near to."""
        centre, reach = bounding_ball(form)
        for name, other in self.taken:
            near = float(nearest_on_surface(other, centre[None])[0][0]) - reach
            if near > self.separation_mm:
                continue
            if clearance(form, other).gap_mm < self.separation_mm + OVERLAP_MM:
                return name
        return None

    def measured(self, form: Form, place: Place) -> Placed:
        """Form with tissue, gap and depth as they are.

        Raises
        ------
        SceneError
            If it would overlap bone or another deposit, or lie outside the body.
        """
        found = self.around.bone_clearance(form)
        if found is not None and found.gap_mm < -TOUCHING_MM:
            msg = f"overlaps bone by {-found.gap_mm:.2f} mm"
            raise SceneError(msg)
        depth, _ = self.around.form_depth(form)
        if depth < 0:
            msg = "is not within the body"
            raise SceneError(msg)
        name = self.neighbour(form)
        if name is not None:
            msg = f'overlaps deposit "{name}" or comes too near to it'
            raise SceneError(msg)
        middle = np.array([place.point_mm])
        gap = None if found is None else max(found.gap_mm, 0.0)
        if gap is not None and gap < TOUCHING_MM:
            gap = 0.0
        return Placed(form, place, str(self.around.soft_tissue(middle)[0]), gap, depth)


@dataclass(frozen=True, slots=True)
class Aim:
    """Distances that a deposit should be moved to.

    Attributes
    ----------
    gap_mm, depth_mm
        To bone and skin; None leaves one open.
    free
        Directions in which it may move, orthonormal rows, shape (1 to 3, 3).
    along
        What its layers follow; None is the skin.
    """

    gap_mm: float | None
    depth_mm: float | None
    free: NDArray[np.float64]
    along: Sequence[Form] | None = None


def settled(
    around: Surroundings, shape: Shape, volume_mm3: float, start_mm: Point, aim: Aim
) -> tuple[Form, Place] | None:
    """Move a deposit until it has the wanted distances.

    Gap and depth grow along known directions at the rate of 1, so Newton's steps, the
    shortest that meet both, take a few rounds.

    Returns
    -------
    tuple
        Form and place; None if it does not come to rest.
    """
    place = around.place(start_mm, aim.along)
    form = shape.form(place, volume_mm3)
    for _ in range(MAX_STEPS):
        rows, missing = _missing(around, form, aim)
        if not missing or max(abs(m) for m in missing) < MET_MM:
            return form, place
        matrix = np.array(rows) @ aim.free.T
        step, _, rank, _ = np.linalg.lstsq(matrix, np.array(missing), rcond=0.05)
        if rank == 0:
            return None
        move = step @ aim.free
        length = float(np.linalg.norm(move))
        move *= min(1.0, MAX_STEP_MM / max(length, MET_MM))
        place = around.place(to_point(np.array(place.point_mm) + move), aim.along)
        form = shape.form(place, volume_mm3)
    return None


def _missing(
    around: Surroundings, form: Form, aim: Aim
) -> tuple[list[Point], list[float]]:
    """Directions in which distances grow, and by how much they must."""
    rows: list[Point] = []
    missing: list[float] = []
    if aim.gap_mm is not None:
        found = around.bone_clearance(form)
        if found is not None:
            rows.append(found.away)
            # To touch is to be a little off: rounding must not make it overlap.
            missing.append(max(aim.gap_mm, MET_MM) - found.gap_mm)
    if aim.depth_mm is not None:
        depth, out = around.form_depth(form)
        rows.append(to_point(-np.array(out)))
        missing.append(aim.depth_mm - depth)
    return rows, missing


def fine_surface_z(form: Form) -> Array:
    """Heights of points on a form's surface."""
    return np.concatenate([fine_surface(m)[:, 2] for m in members(form)])
