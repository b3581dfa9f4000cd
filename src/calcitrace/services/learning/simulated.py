"""Simulated hands and limbs to learn from: bones that no scan at hand shows.

Their seeds are those of no scene that is reported or tuned on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.noise import measure_noise
from calcitrace.model.insertion import (
    InsertedDeposit,
    Insertion,
    InsertionSettings,
    Morphology,
)
from calcitrace.model.protocol import Protocol
from calcitrace.model.reading import LIMB
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume
from calcitrace.services.learning.collection import FOLDS
from calcitrace.services.learning.example import Example
from calcitrace.services.study.running import grid_of
from calcitrace.services.study.scanner import scan_of
from calcitrace.services.study.stock import Planned, Stock
from calcitrace.services.study.suites import BASE, LEARN, Setup
from calcitrace.services.study.truth import place_of
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.scenes.truth import mass_image
from calcitrace.simulation.tomography.machine import Kernel, Machine

KINDS = {
    "nodule": Morphology.NODULE,
    "cluster": Morphology.CLUSTER,
    "lobulated": Morphology.TUMORAL,
    "punctate": Morphology.PUNCTATE,
    "sheet": Morphology.SHEET,
}


@dataclass(frozen=True, slots=True)
class Series:
    """Bodies scanned in one way."""

    setup: Setup
    first_scene: int
    n_scenes: int


def _machine(pixel_mm: float, slice_mm: float, **other: object) -> Machine:
    return replace(
        BASE,
        pixel_mm=pixel_mm,
        slice_thickness_mm=slice_mm,
        slice_step_mm=slice_mm,
        **other,  # type: ignore[arg-type]  # settings by name
    )


def _hand(name: str, machine: Machine) -> Setup:
    return Setup(name, "hand", machine, "low", n_deposits=20, length_mm=90.0)


SERIES = (
    Series(_hand("hand, 1 mm", _machine(0.3, 1.0)), 0, 4),
    Series(
        _hand("hand, sharp", _machine(0.3, 0.6, kernel=Kernel.SHARP, dose_mas=60.0)),
        4,
        2,
    ),
    Series(_hand("hand, 2 mm", _machine(0.45, 2.0)), 6, 2),
    Series(_hand("hand, 100 kV", _machine(0.4, 1.0, kvp=100.0, dose_mas=33.0)), 8, 1),
    Series(Setup("child", "child_limb", _machine(0.4, 1.0), "low"), 10, 1),
    Series(Setup("limb", LIMB, _machine(0.5, 1.0), "low"), 12, 2),
)


N_FOLDS = len(FOLDS)


def plans() -> Iterator[tuple[str, int, Planned]]:
    """Name, fold and plan of every body."""
    for one in SERIES:
        for scene in range(one.first_scene, one.first_scene + one.n_scenes):
            plan = Planned(one.setup, LEARN, scene, 1)
            yield f"simulated {one.setup.name} {scene}", scene % N_FOLDS, plan


def example_of(plan: Planned) -> Example:
    """Scan one body with all its deposits."""
    setup = plan.setup
    grid = grid_of(setup)
    body = Stock().body(plan)
    scan = scan_of(body, setup.machine, grid, plan.seed, setup.body.upper())
    anatomy = find_anatomy(scan.volume, scan.coverage, Protocol().anatomy)
    noise, _ = measure_noise(scan.volume, anatomy)
    name = f"simulated {setup.name} {plan.scene}"
    return Example(name, 1, scan, _truth(body.phantom, scan), anatomy, noise)


def _truth(phantom: Phantom, scan: Scan) -> Insertion:
    """Simulated deposits in the form of inserted ones."""
    grid = scan.volume.grid
    mass, inside_mg = mass_image(phantom.deposits, grid)
    labels = np.zeros(grid.shape, np.uint16)
    deposits: list[InsertedDeposit] = []
    for number, (d, inside) in enumerate(
        zip(phantom.deposits, inside_mg, strict=True), start=1
    ):
        place = place_of(d, grid, 0.0)
        labels[place.box][place.inside] = number
        deposits.append(
            InsertedDeposit(
                deposit_id=number,
                kind=KINDS[d.kind],
                along="",
                tissue=d.tissue,
                mass_mg=d.mass_mg,
                mass_in_scan_mg=inside,
                volume_mm3=d.volume_mm3,
                density_mean_mg_cm3=d.density_mg_cm3,
                centroid_mm=d.centroid_mm,
                gap_to_bone_mm=d.gap_mm,
                depth_mm=d.depth_mm,
                is_cut=inside < d.mass_mg,
            )
        )
    settings = InsertionSettings(n_deposits=len(deposits))
    return Insertion(scan, settings, tuple(deposits), mass, LabelVolume(labels, grid))
