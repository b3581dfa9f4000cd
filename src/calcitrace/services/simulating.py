"""Scan a scene, visit by visit, and tell the truth about it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from calcitrace.services.ports import (
    MassWriter,
    Progress,
    SeriesLabels,
    SeriesWriter,
    no_progress,
)
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.scenes.building import BuiltVisit, built_visits
from calcitrace.simulation.scenes.scene import Scene
from calcitrace.simulation.scenes.truth import TruthRow, truth_of
from calcitrace.simulation.tomography.machine import Machine

__all__ = [
    "ScanPhantom",
    "Scene",
    "SimulatedVisit",
    "SimulationTools",
    "TruthRow",
    "simulate_scene",
]

SEEDS_PER_SCENE = 100  # noise of each visit has a seed of its own
HASH_LENGTH = 12
NOON = time(12)

# Phantom, machine, grid, seed, and who hears the fraction done.
ScanPhantom = Callable[[Phantom, Machine, Grid, int, Callable[[float], None]], HuVolume]


@dataclass(frozen=True, slots=True)
class SimulationTools:
    """What scans and what writes.

    Attributes
    ----------
    scan
        Makes the image of a phantom.
    series
        Writes it.
    mass
        Writes the true mass of each voxel.
    """

    scan: ScanPhantom
    series: SeriesWriter
    mass: MassWriter


@dataclass(frozen=True, slots=True)
class SimulatedVisit:
    """A scan that was written, and what is in it.

    Attributes
    ----------
    number, days
        From 1; days after the first day of the scene.
    folder
        Relative to that of all visits; "." if there is only one.
    truth
        One row for each deposit.
    """

    number: int
    days: int
    folder: Path
    truth: tuple[TruthRow, ...]


def simulate_scene(
    scene: Scene, folder: Path, tools: SimulationTools, progress: Progress = no_progress
) -> tuple[SimulatedVisit, ...]:
    """Scan all visits of a scene and write each with its mass image.

    Parameters
    ----------
    scene
        What is simulated.
    folder
        Existing folder; a single visit is written into it, several into `visit-1` and
        so on.
    tools
        What scans and what writes.
    progress
        Hears "place" and "simulate", each from 0 to 1.

    Raises
    ------
    InputError
        If the scene cannot be built.
    """
    progress("place", 0.0)
    built = built_visits(scene)
    progress("place", 1.0)
    done: list[SimulatedVisit] = []
    for visit in built:
        name = Path(f"visit-{visit.number}" if len(built) > 1 else ".")
        (folder / name / "scan").mkdir(parents=True)
        before = (visit.number - 1) / len(built)
        hu = tools.scan(
            visit.phantom,
            visit.machine,
            visit.grid,
            scene.seed * SEEDS_PER_SCENE + visit.number,
            _part_of(progress, before, len(built)),
        )
        tools.series.write(
            hu,
            acquisition_of(scene, visit),
            folder / name / "scan",
            name=f"scene {_hash(repr(scene))} {visit.number}",
            labels=labels_of(scene, visit),
        )
        rows, mass = truth_of(visit)
        tools.mass.write(mass, folder / name)
        done.append(SimulatedVisit(visit.number, visit.days, name, rows))
    progress("simulate", 1.0)
    return tuple(done)


def acquisition_of(scene: Scene, visit: BuiltVisit) -> Acquisition:
    """Honest header: what was simulated, and nothing that claims a real scanner."""
    machine = visit.machine
    return Acquisition(
        kvp=machine.kvp,
        kernel=f"SIM-{machine.kernel.value.upper()}",
        slice_thickness_mm=machine.slice_thickness_mm,
        manufacturer="Calcitrace simulation",
        model_name="projection domain",
        acquired=datetime.combine(scene.first_day + timedelta(days=visit.days), NOON),
        tube_current_time_mas=machine.dose_mas,
        field_of_view_mm=visit.grid.extent_mm[2],
        is_contrast_enhanced=False,
        body_part=visit.body_part,
        laterality=scene.body.side,
        patient_position="HFS",
    )


def labels_of(scene: Scene, visit: BuiltVisit) -> SeriesLabels:
    """What else headers say; all visits of a scene are of one patient."""
    machine = visit.machine
    copper = (("COPPER", machine.copper_mm),) if machine.copper_mm > 0 else ()
    return SeriesLabels(
        patient=scene.name.replace("\\", " ").replace("^", " ").replace("=", " "),
        patient_id=f"SIM-{_hash(f'{scene.name} {scene.seed}')}",
        description=f"Simulated {scene.body.kind.replace('_', ' ')}, known deposits",
        has_bowtie=machine.has_bowtie,
        filters_mm=(("ALUMINUM", machine.aluminium_mm), *copper),
        gantry_tilt_deg=machine.tilt_deg,
    )


def _part_of(progress: Progress, before: float, n: int) -> Callable[[float], None]:
    """Progress of one visit out of several."""
    return lambda done: progress("simulate", before + done / n)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]
