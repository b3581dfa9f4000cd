"""A simulated scanner as its users know it: header, calibration, scans."""

import hashlib
from dataclasses import replace

import numpy as np

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.grid import Grid
from calcitrace.model.rods import Rod, RodReference
from calcitrace.model.scan import Scan
from calcitrace.model.volume import Coverage, HuVolume
from calcitrace.simulation.forms import Tube
from calcitrace.simulation.phantom import Calcification, Part, Phantom
from calcitrace.simulation.tomography.machine import Kernel, Machine
from calcitrace.simulation.tomography.scanning import lattice, scan_phantom
from calcitrace.simulation.tomography.shadows import Shadows

# Kernel names that say to the analysis what a vendor's name would.
KERNEL_NAME = {
    Kernel.SOFT: "SOFT",
    Kernel.STANDARD: "STANDARD",
    Kernel.SHARP: "BONE",
}
# The calibration phantom: a bath of water with one rod at a time, since rods shade each
# other.
BATH_MM, ROD_MM = {"trunk": 300.0}, 12.0
BATH_OTHER_MM = 100.0
ROD_DENSITIES_MG_CM3 = (0.0, 150.0, 300.0)
BATH_DOSE_MAS = 440.0  # far more than patients get
BATH_PIXEL_MM = 0.4
READ_MM, N_READ_SLICES = 4.0, 2
DENSITY_STD = 0.005  # of a certificate, relative


def rods_of(machine: Machine, body: str, seed: int) -> RodReference:
    """Rods of known density, scanned one by one in a bath as large as the body.

    Parameters
    ----------
    machine
        The scanner; its dose, slices and pixels do not matter.
    body
        Decides the size of the bath.
    seed
        Of the noise.
    """
    quiet = bath_machine(machine)
    radius = BATH_MM.get(body, BATH_OTHER_MM) / 2
    bath = Part(Tube((0.0, 0.0, -90.0), (0.0, 0.0, 90.0), (radius, radius)), "water")
    rod = Tube((0.0, 0.0, -80.0), (0.0, 0.0, 80.0), (ROD_MM / 2, ROD_MM / 2))
    half = ROD_MM / 2
    n = 2 * int(half / quiet.pixel_mm) + 1
    grid = lattice(quiet, (-half, -half, 0.0), (N_READ_SLICES, n, n))
    rods = [
        _read(bath, rod, density, quiet, grid, seed + i)
        for i, density in enumerate(ROD_DENSITIES_MG_CM3)
    ]
    name = hashlib.sha256(repr((quiet, radius, seed)).encode()).hexdigest()
    return RodReference(tuple(rods), machine.kvp, name)


def bath_machine(machine: Machine) -> Machine:
    """Scan the bath so: settings that do not matter for rods are all the same."""
    return replace(
        machine,
        dose_mas=BATH_DOSE_MAS,
        slice_thickness_mm=1.0,
        slice_step_mm=1.0,
        pixel_mm=BATH_PIXEL_MM,
    )


def _read(
    bath: Part, rod: Tube, density: float, machine: Machine, grid: Grid, seed: int
) -> Rod:
    """Mean CT number of the inner part of one rod."""
    inserts = (Calcification("rod", rod, density, "rod", "water"),) if density else ()
    body = Shadows(Phantom((bath,), inserts), is_uniform=True)
    hu = scan_phantom(body, machine, grid, seed).hu.astype(float)
    _, rows, columns = np.indices(grid.shape)
    middle = (np.asarray(grid.shape[1:]) - 1) / 2
    apart = np.hypot(rows - middle[0], columns - middle[1]) * machine.pixel_mm
    inner = hu[apart <= READ_MM]
    return Rod(
        name=f"{density:g} mg/cm3",
        density_mg_cm3=density,
        density_std_mg_cm3=DENSITY_STD * density,
        hu_mean=float(inner.mean()),
        hu_std=float(inner.std() / np.sqrt(N_READ_SLICES)),
        diameter_mm=ROD_MM,
    )


def scan_of(
    body: Shadows, machine: Machine, grid: Grid, seed: int, body_part: str
) -> Scan:
    """Scan a body, with the header that a scanner would write."""
    volume = scan_phantom(body, machine, grid, seed)
    return Scan(
        volume=volume,
        acquisition=acquisition_of(machine, body_part),
        coverage=Coverage.full(grid),
        source_kind="array",
        input_hash=_hash(volume),
    )


def acquisition_of(machine: Machine, body_part: str) -> Acquisition:
    """What the header says."""
    return Acquisition(
        kvp=machine.kvp,
        kernel=KERNEL_NAME[machine.kernel],
        slice_thickness_mm=machine.slice_thickness_mm,
        manufacturer="Calcitrace simulation",
        model_name="projection domain",
        tube_current_time_mas=machine.dose_mas,
        is_contrast_enhanced=False,
        body_part=body_part,
    )


def _hash(volume: HuVolume) -> str:
    return hashlib.sha256(np.ascontiguousarray(volume.hu).tobytes()).hexdigest()
