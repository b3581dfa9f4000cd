"""Run a suite: bodies, scans, readings, in an order that anybody can repeat."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from calcitrace.analysis.rivals import fitted_factor
from calcitrace.model.grid import Grid
from calcitrace.model.protocol import Protocol
from calcitrace.model.reading import Condition, Estimator, Reading
from calcitrace.model.rods import RodReference
from calcitrace.services.imaging import measure_scan
from calcitrace.services.ports import Progress, no_progress
from calcitrace.services.study.blanks import blank_places
from calcitrace.services.study.measuring import (
    Known,
    agatston_scores,
    readings_of,
)
from calcitrace.services.study.scanner import rods_of, scan_of
from calcitrace.services.study.suites import (
    FIRST_SEED,
    REPORT,
    TUNE,
    Setup,
    Suite,
)
from calcitrace.simulation.forms import Pose
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.scenes.families import Family, random_phantom
from calcitrace.simulation.tomography.scanning import lattice

N_BLANKS = 12
MARGIN_MM = 8.0
# A patient never lies the same twice.
REPOSITION_MM, REPOSITION_DEG = 3.0, 4.0
HALF_SIZE_MM = {"limb": 70.0, "child_limb": 50.0, "hand": 110.0, "trunk": 175.0}


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
    def seed(self) -> int:
        """Of the body."""
        return FIRST_SEED[self.purpose] + self.scene


def run_suite(suite: Suite, progress: Progress = no_progress) -> tuple[Reading, ...]:
    """Scan and read everything of a suite.

    Parameters
    ----------
    suite
        What to scan.
    progress
        Hears "tune" and "validate", each from 0 to 1.

    Returns
    -------
    tuple of Reading
        The same on every run.
    """
    rods: dict[tuple[object, str], RodReference] = {}
    factors = _factors(suite, rods, progress)
    planned = list(_planned(suite.report, REPORT))
    readings: list[Reading] = []
    for done, plan in enumerate(planned):
        progress("validate", done / len(planned))
        readings += readings_of(known_scan(plan, rods), factors)
    progress("validate", 1.0)
    return tuple(readings)


def known_scan(plan: Planned, rods: dict[tuple[object, str], RodReference]) -> Known:
    """Make and measure one scan; the rods of each scanner are scanned once."""
    setup = plan.setup
    rng = np.random.default_rng((plan.seed, 1))
    half = setup.length_mm / 2
    # A table is wider than most bodies and would cost most of the rays.
    family = Family(z_mm=(-half, half), has_table=False)
    resting = random_phantom(setup.body, setup.n_deposits, rng, family)
    phantom = _placed(resting, plan)
    key = (setup.machine, setup.body)
    if key not in rods:
        rods[key] = rods_of(setup.machine, setup.body, FIRST_SEED[TUNE])
    scan = scan_of(
        phantom,
        setup.machine,
        _grid(setup),
        plan.seed * 100 + plan.repeat,
        setup.body.upper(),
    )
    result = measure_scan(scan, Protocol(), rods[key])
    blanks = blank_places(
        phantom, result, N_BLANKS, np.random.default_rng((plan.seed, plan.repeat, 2))
    )
    condition = Condition(
        name=setup.name,
        body=setup.body,
        kvp=setup.machine.kvp,
        kernel=setup.machine.kernel.value,
        slice_thickness_mm=setup.machine.slice_thickness_mm,
        noise_hu=result.noise.sigma_median_hu,
        dose=setup.dose,
    )
    return Known(phantom, blanks, result, condition, plan.name, plan.repeat)


def _planned(setups: tuple[Setup, ...], purpose: str) -> Iterator[Planned]:
    for setup in setups:
        for scene in range(setup.first_scene, setup.first_scene + setup.n_scenes):
            for repeat in range(1, setup.n_repeats + 1):
                yield Planned(setup, purpose, scene, repeat)


def _placed(phantom: Phantom, plan: Planned) -> Phantom:
    """The first scan as drawn; each later one with the body lying a little off."""
    if plan.repeat == 1:
        return phantom
    rng = np.random.default_rng((plan.seed, plan.repeat, 3))
    x, y, z = (float(v) for v in rng.uniform(-REPOSITION_MM, REPOSITION_MM, 3))
    a, b, c = (float(v) for v in rng.uniform(-REPOSITION_DEG, REPOSITION_DEG, 3))
    return phantom.moved(Pose.of_angles((a / 2, b / 2, c), (x, y, z / 2)))


def _grid(setup: Setup) -> Grid:
    half = HALF_SIZE_MM[setup.body]
    n = 2 * int(half / setup.machine.pixel_mm)
    n_slices = round(setup.length_mm / setup.machine.slice_step_mm)
    first = (-half, -half, -setup.length_mm / 2 + setup.machine.slice_step_mm / 2)
    return lattice(setup.machine, first, (n_slices, n, n))


def _factors(
    suite: Suite, rods: dict[tuple[object, str], RodReference], progress: Progress
) -> dict[Estimator, float]:
    """One factor from score to mass for each Agatston score, on tuning scenes."""
    pairs: dict[Estimator, list[tuple[float, float]]] = {}
    planned = list(_planned(suite.tune, TUNE))
    for done, plan in enumerate(planned):
        progress("tune", done / len(planned))
        for estimator, found in agatston_scores(known_scan(plan, rods)).items():
            pairs.setdefault(estimator, []).extend(found)
    progress("tune", 1.0)
    return {
        estimator: fitted_factor([s for s, _ in both], [m for _, m in both])
        for estimator, both in pairs.items()
    }
