"""`calcitrace simulate`: scanner and writers for scenes."""

from dataclasses import dataclass
from pathlib import Path

from calcitrace.adapters.dicom_writer import DicomSeries
from calcitrace.adapters.result_folder import (
    SIMULATION,
    check_replaceable,
    replaced_folder,
)
from calcitrace.adapters.scene_file import read_scene
from calcitrace.adapters.scene_truth import MASS_IMAGE, MassImage, write_scene_truth
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.services.ports import Progress, no_progress
from calcitrace.services.simulating import (
    ScanPhantom,
    SimulatedVisit,
    SimulationTools,
    simulate_scene,
)


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulated scene, written.

    Attributes
    ----------
    visits
        With the truth of each.
    written
        `truth.csv`, then for each visit the folder of its scan and its mass image.
    """

    visits: tuple[SimulatedVisit, ...]
    written: WrittenResult


def simulate_into(
    scene_file: Path,
    out: Path,
    *,
    scan: ScanPhantom | None = None,
    progress: Progress = no_progress,
) -> Simulation:
    """Scan a scene, as `calcitrace simulate` does.

    Parameters
    ----------
    scene_file
        Scene in TOML.
    out
        Folder to be created, with `truth.csv` and for each visit the DICOM series and
        an image of the true mass; an earlier simulation in it is replaced.
    scan
        Scanner; without one the simulated one.
    progress
        Hears "place" and "simulate", each from 0 to 1.

    Raises
    ------
    SceneError
        If the scene cannot be read or built.
    OutputError
        If the folder holds other files or cannot be written.
    """
    check_replaceable(out, SIMULATION)
    scene = read_scene(scene_file)
    tools = SimulationTools(scan or _scanner(), DicomSeries(), MassImage())
    target = out.absolute()
    with replaced_folder(target, SIMULATION) as work:
        visits = simulate_scene(scene, work, tools, progress)
        names = [write_scene_truth(visits, work).relative_to(work)]
    for visit in visits:
        names += [visit.folder / "scan", visit.folder / MASS_IMAGE]
    files = tuple(target / name for name in names)
    return Simulation(visits, WrittenResult(target, files, ()))


def _scanner() -> ScanPhantom:
    """Scanner by rays; loaded on use, for it is compiled."""
    from calcitrace.simulation.tomography.scanning import (  # noqa: PLC0415 -- loaded on use
        scan_phantom,
    )

    return scan_phantom
