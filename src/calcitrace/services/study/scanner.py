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
BATH_DOSE = 20.0  # times that of the patient
READ_MM, N_READ_SLICES = 4.0, 2
DENSITY_STD = 0.005  # of a certificate, relative


def rods_of(machine: Machine, body: str, seed: int) -> RodReference:
    """Rods of known density, scanned one by one in a bath as large as the body.

    Parameters
    ----------
    machine
        The scanner, at a higher dose.
    body
        Decides the size of the bath.
    seed
        Of the noise.
    """
    quiet = _bath_machine(machine)
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
    name = hashlib.sha256(repr((machine, body, seed)).encode()).hexdigest()
    return RodReference(tuple(rods), machine.kvp, name)


def _bath_machine(machine: Machine) -> Machine:
    return replace(
        machine,
        dose_mas=machine.dose_mas * BATH_DOSE,
        slice_thickness_mm=1.0,
        slice_step_mm=1.0,
    )


def _read(
    bath: Part, rod: Tube, density: float, machine: Machine, grid: Grid, seed: int
) -> Rod:
    """Mean CT number of the inner part of one rod."""
    inserts = (Calcification("rod", rod, density, "rod", "water"),) if density else ()
    hu = scan_phantom(Phantom((bath,), inserts), machine, grid, seed).hu.astype(float)
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
    phantom: Phantom, machine: Machine, grid: Grid, seed: int, body_part: str
) -> Scan:
    """Scan a phantom, with the header that a scanner would write."""
    volume = scan_phantom(phantom, machine, grid, seed)
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
