"""What a scene is: values that a file or a program gives."""

import math
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from calcitrace.model.grid import Direction, Grid
from calcitrace.simulation.bodies.joints import Bends
from calcitrace.simulation.bodies.plans import BodyPlan
from calcitrace.simulation.forms import Point, Pose
from calcitrace.simulation.forms.geometry import to_point
from calcitrace.simulation.phantom import MM3_PER_CM3
from calcitrace.simulation.scenes.placing import Rule
from calcitrace.simulation.scenes.shapes import Shape
from calcitrace.simulation.tomography.machine import Machine


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit as it is asked for.

    Attributes
    ----------
    volume_mm3
        Exact volume.
    density_mg_cm3
        Of hydroxyapatite.
    is_fibrous
        It lies in fibrous tissue of its own, not in what is around it.
    rule
        Where it should lie.
    """

    name: str
    shape: Shape
    volume_mm3: float
    density_mg_cm3: float
    rule: Rule
    is_fibrous: bool = False

    @property
    def mass_mg(self) -> float:
        """Exact mass."""
        return self.volume_mm3 * self.density_mg_cm3 / MM3_PER_CM3


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a deposit from one visit to the next.

    Attributes
    ----------
    name
        The deposit; of a merge, what comes of it.
    action
        "grow", "shrink", "split", "merge", "vanish" or "appear".
    factor
        Mass afterwards over mass before.
    parts
        Of a split: number of pieces, which have equal mass.
    of
        Of a merge: names of what merges.
    """

    name: str
    action: str
    factor: float = 1.0
    parts: int = 2
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """How the body lies: joints bent, turned about x, then y, then z, then shifted.

    The default is not straight, for no patient lies so: edges that run exactly along a
    row of voxels hide errors.
    """

    shift_mm: Point = (0.0, 0.0, 0.0)
    rotation_deg: Point = (2.0, 1.5, 0.0)
    bend_deg: Bends = ()

    @property
    def pose(self) -> Pose:
        """As a motion."""
        return Pose.of_angles(self.rotation_deg, self.shift_mm)


@dataclass(frozen=True, slots=True)
class Visit:
    """One scan of the body.

    Attributes
    ----------
    days
        After the first day of the scene.
    machine, position
        As the scene says where None.
    changes
        Since the visit before.
    """

    days: int = 0
    machine: Machine | None = None
    position: Position | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanRange:
    """What is scanned and shown.

    Attributes
    ----------
    z_mm
        Lowest and highest face of the stack of slices, along the slices' normal.
    centre_mm
        (x, y) of the middle of the image.
    field_of_view_mm
        Side of the image.
    """

    z_mm: tuple[float, float] = (-30.0, 30.0)
    centre_mm: tuple[float, float] = (0.0, 0.0)
    field_of_view_mm: float = 160.0

    def grid(self, machine: Machine) -> Grid:
        """Voxels of a scan: slices fill the range from its lower face on.

        A tilted gantry turns the slices about x; they are stacked along their normal.
        """
        low, high = self.z_mm
        step, pixel = machine.slice_step_mm, machine.pixel_mm
        n = max(1, math.floor((high - low) / step + 1e-6))
        n_pixels = max(1, round(self.field_of_view_mm / pixel))
        tilt = math.radians(machine.tilt_deg)
        normal = np.array([0.0, -math.sin(tilt), math.cos(tilt)])
        down = np.array([0.0, math.cos(tilt), math.sin(tilt)])
        across = np.array([1.0, 0.0, 0.0])
        middle = np.array([*self.centre_mm, (low + high) / 2])
        first = low - (low + high) / 2 + step / 2
        corner = (n_pixels - 1) / 2 * pixel
        origin = middle + first * normal - corner * (down + across)
        # Adding zero turns negative zeros into zeros.
        direction: Direction = (
            to_point(normal + 0.0),
            to_point(down + 0.0),
            to_point(across),
        )
        shape, spacing = (n, n_pixels, n_pixels), (step, pixel, pixel)
        return Grid(shape, spacing, to_point(origin), direction)


@dataclass(frozen=True, slots=True)
class Scene:
    """A body, deposits, a scanner, and the visits of one patient.

    Attributes
    ----------
    name
        Told in the headers.
    seed
        Of random shapes and places, and of the noise.
    first_day
        Date from which days count.
    has_table
        A table lies below the body.
    visits
        In order of time, at least one.
    """

    name: str = "scene"
    seed: int = 1
    first_day: date = date(2000, 1, 1)
    body: BodyPlan = field(default_factory=BodyPlan)
    has_table: bool = True
    machine: Machine = field(default_factory=Machine)
    scan: ScanRange = field(default_factory=ScanRange)
    position: Position = field(default_factory=Position)
    deposits: tuple[Deposit, ...] = ()
    visits: tuple[Visit, ...] = (Visit(),)

    def machine_of(self, visit: Visit) -> Machine:
        """Scanner of a visit."""
        return self.machine if visit.machine is None else visit.machine

    def position_of(self, visit: Visit) -> Position:
        """How the body lies at a visit."""
        return self.position if visit.position is None else visit.position
