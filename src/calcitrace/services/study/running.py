"""Run a suite: bodies, scans, readings, in an order that anybody can repeat."""

from collections.abc import Iterator

import numpy as np

from calcitrace.analysis.rivals import fitted_factor
from calcitrace.model.grid import Grid
from calcitrace.model.protocol import Protocol
from calcitrace.model.reading import Condition, Estimator, Reading
from calcitrace.services.imaging import measure_scan
from calcitrace.services.ports import Progress, no_progress
from calcitrace.services.study.blanks import blank_places
from calcitrace.services.study.measuring import (
    Known,
    agatston_scores,
    readings_of,
)
from calcitrace.services.study.scanner import scan_of
from calcitrace.services.study.stock import Planned, Stock
from calcitrace.services.study.suites import (
    REPORT,
    TUNE,
    Setup,
    Suite,
)
from calcitrace.simulation.tomography.scanning import lattice

N_BLANKS = 12
HALF_SIZE_MM = {"limb": 70.0, "child_limb": 50.0, "hand": 110.0, "trunk": 175.0}


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
    stock = Stock()
    factors = _factors(suite, stock, progress)
    planned = list(_planned(suite.report, REPORT))
    readings: list[Reading] = []
    for done, plan in enumerate(planned):
        progress("validate", done / len(planned))
        readings += readings_of(known_scan(plan, stock), factors)
    progress("validate", 1.0)
    return tuple(readings)


def known_scan(plan: Planned, stock: Stock) -> Known:
    """Make and measure one scan."""
    setup = plan.setup
    body = stock.body(plan)
    scan = scan_of(
        body,
        setup.machine,
        grid_of(setup),
        plan.seed * 100 + plan.repeat,
        setup.body.upper(),
    )
    result = measure_scan(scan, Protocol(), stock.rods(setup))
    blanks = blank_places(
        body.phantom,
        result,
        N_BLANKS,
        np.random.default_rng((plan.seed, plan.repeat, 2)),
    )
    condition = Condition(
        name=setup.name,
        body=setup.body,
        kvp=setup.machine.kvp,
        kernel=setup.machine.kernel.value,
        slice_thickness_mm=setup.machine.slice_thickness_mm,
        noise_hu=result.noise.sigma_median_hu if result.noise.is_measured else None,
        dose=setup.dose,
    )
    return Known(body.phantom, blanks, result, condition, plan.name, plan.repeat)


def _planned(setups: tuple[Setup, ...], purpose: str) -> Iterator[Planned]:
    """All scans; those of one body follow each other."""
    every = [
        Planned(setup, purpose, scene, repeat)
        for setup in setups
        for scene in range(setup.first_scene, setup.first_scene + setup.n_scenes)
        for repeat in range(1, setup.n_repeats + 1)
    ]
    yield from sorted(every, key=lambda plan: (plan.body, plan.repeat))


def grid_of(setup: Setup) -> Grid:
    """Lattice of the scans of a setup, around the middle of the body."""
    half = HALF_SIZE_MM[setup.body]
    n = 2 * int(half / setup.machine.pixel_mm)
    n_slices = round(setup.length_mm / setup.machine.slice_step_mm)
    first = (-half, -half, -setup.length_mm / 2 + setup.machine.slice_step_mm / 2)
    return lattice(setup.machine, first, (n_slices, n, n))


def _factors(suite: Suite, stock: Stock, progress: Progress) -> dict[Estimator, float]:
    """One factor from score to mass for each Agatston score, on tuning scenes."""
    pairs: dict[Estimator, list[tuple[float, float]]] = {}
    planned = list(_planned(suite.tune, TUNE))
    for done, plan in enumerate(planned):
        progress("tune", done / len(planned))
        for estimator, found in agatston_scores(known_scan(plan, stock)).items():
            pairs.setdefault(estimator, []).extend(found)
    progress("tune", 1.0)
    return {
        estimator: fitted_factor([s for s, _ in both], [m for _, m in both])
        for estimator, both in pairs.items()
    }
