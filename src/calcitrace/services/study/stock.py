"""Bodies and calibrations that several scans share."""

from dataclasses import dataclass

import numpy as np

from calcitrace.model.rods import RodReference
from calcitrace.services.study.scanner import rods_of
from calcitrace.services.study.suites import FIRST_SEED, TUNE, Setup
from calcitrace.simulation.forms import Pose
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.scenes.families import Family, random_phantom
from calcitrace.simulation.tomography.machine import Kernel
from calcitrace.simulation.tomography.shadows import Shadows

MASS_MG = (0.25, 400.0)  # all bins of mass, the last as well
# A patient never lies the same twice.
REPOSITION_MM, REPOSITION_DEG = 3.0, 4.0
Body = tuple[str, int, int, float]


@dataclass(frozen=True, slots=True)
class Planned:
    """One scan to be made."""

    setup: Setup
    purpose: str
    scene: int
    repeat: int

    @property
    def name(self) -> str:
        """Of the body."""
        return f"{self.purpose} {self.setup.body} {self.scene}"

    @property
    def body(self) -> Body:
        """What decides all of the body but its place."""
        setup = self.setup
        return setup.body, self.seed, setup.n_deposits, setup.length_mm

    @property
    def seed(self) -> int:
        """Of the body."""
        return FIRST_SEED[self.purpose] + self.scene


class Stock:
    """Keeps the last body with its shadows, and the rods of every scanner."""

    def __init__(self) -> None:
        self._rods: dict[tuple[float, Kernel, str], RodReference] = {}
        self._resting: tuple[Body, Phantom] | None = None
        self._shadows: tuple[tuple[Body, int], Shadows] | None = None

    def rods(self, setup: Setup) -> RodReference:
        """Rods scanned with the voltage and kernel of a setup."""
        machine = setup.machine
        key = machine.kvp, machine.kernel, setup.body
        if key not in self._rods:
            self._rods[key] = rods_of(machine, setup.body, FIRST_SEED[TUNE])
        return self._rods[key]

    def body(self, plan: Planned) -> Shadows:
        """Body as it lies in one scan."""
        if self._shadows is None or self._shadows[0] != (plan.body, plan.repeat):
            self._shadows = None  # frees its memory before the next one
            placed = _placed(self._phantom(plan), plan)
            self._shadows = (plan.body, plan.repeat), Shadows(placed)
        return self._shadows[1]

    def _phantom(self, plan: Planned) -> Phantom:
        """Body at rest."""
        if self._resting is None or self._resting[0] != plan.body:
            half = plan.setup.length_mm / 2
            # A table is wider than most bodies and would cost most of the rays.
            family = Family(MASS_MG, z_mm=(-half, half), has_table=False)
            rng = np.random.default_rng((plan.seed, 1))
            drawn = random_phantom(plan.setup.body, plan.setup.n_deposits, rng, family)
            self._resting = plan.body, drawn
        return self._resting[1]


def _placed(phantom: Phantom, plan: Planned) -> Phantom:
    """The first scan as drawn; each later one with the body lying a little off."""
    if plan.repeat == 1:
        return phantom
    rng = np.random.default_rng((plan.seed, plan.repeat, 3))
    x, y, z = (float(v) for v in rng.uniform(-REPOSITION_MM, REPOSITION_MM, 3))
    a, b, c = (float(v) for v in rng.uniform(-REPOSITION_DEG, REPOSITION_DEG, 3))
    return phantom.moved(Pose.of_angles((a / 2, b / 2, c), (x, y, z / 2)))
