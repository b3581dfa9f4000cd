"""Error of calibrations by grade, on simulated scanners, against what they state.

Run ``uv run python -m benchmarks.calibration`` (ten minutes on two cores). Each scanner scans a
phantom with rods (grade B), and round bodies of water with fat and muscle in them, with
and without a deposit at very high dose: the difference is the true response. Bodies stand
beside a plate with rods (grade A). Prints one row for each scan, and for each grade the
root mean square error, its bias, and how often the truth lies within one and two stated
sigma.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from calcitrace.analysis.calibration import (
    Tissues,
    calibrate_by_rods,
    calibrate_by_scanner,
    calibrate_by_table,
    calibrate_by_tissue,
    rods_in_scan,
)
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.calibration import Calibration
from calcitrace.model.rods import PlacedRod, RodReference
from calcitrace.model.scan import Scan
from calcitrace.model.volume import Coverage, HuVolume
from calcitrace.services.calibrating import measure_phantom
from calcitrace.simulation.forms import Tube
from calcitrace.simulation.phantom import Calcification, Part, Phantom
from calcitrace.simulation.tomography.machine import Machine
from calcitrace.simulation.tomography.scanning import lattice, scan_phantom

KVPS = (80.0, 120.0, 140.0)
# Aluminium and copper in mm, and scatter that corrections leave.
BUILDS = ((5.5, 0.0, 0.01), (7.0, 0.2, 0.05))
BODIES_MM = (50.0, 100.0, 300.0)
RODS = (0.0, 200.0, 300.0, 400.0)  # apart from the plastic at every voltage
PHANTOM_MM, ROD_MM, RING_MM = 160.0, 16.0, 45.0
DEPOSIT_MG_CM3, DEPOSIT_RADIUS_MM = 150.0, 2.5
ROD_STEP_MM, PLATE_RADII_MM = 24.0, (60.0, 14.0)
HALF_LENGTH_MM = 40.0
WATER_LIKE_FAT_MM = 0.18, 0.78  # radius of a fat pad and its distance, in body radii
QUIET_MAS = 1e6


@dataclass(frozen=True)
class Case:
    """One scan: truth, and what each grade says."""

    machine: Machine
    body_mm: float
    true_k: dict[str, float]
    found: dict[str, Calibration]

    def error(self, grade: str) -> float:
        """Logarithm of found over true response."""
        return math.log(self.found[grade].hu_per_mg_cm3 / self.true_k[grade])

    def sigmas(self, grade: str) -> float:
        """Error over what is stated."""
        return self.error(grade) / self.found[grade].relative_std


def tube(x_mm: float, y_mm: float, radius_mm: float) -> Tube:
    """Cylinder along the slices."""
    start, end = (x_mm, y_mm, -HALF_LENGTH_MM), (x_mm, y_mm, HALF_LENGTH_MM)
    return Tube(start, end, (radius_mm, radius_mm))


def rod(x_mm: float, y_mm: float, density_mg_cm3: float) -> Calcification:
    """One rod of hydroxyapatite in water."""
    form = tube(x_mm, y_mm, ROD_MM / 2)
    return Calcification(f"rod {x_mm:.0f}", form, density_mg_cm3, "nodule", "water")


def patch(
    phantom: Phantom, machine: Machine, centre_mm: tuple[float, float], half_mm: float
) -> HuVolume:
    """Scan one slice around a place: nothing changes along the slices."""
    n = 2 * round(half_mm / machine.pixel_mm) + 1
    first = (centre_mm[0] - half_mm, centre_mm[1] - half_mm, 0.0)
    return scan_phantom(phantom, machine, lattice(machine, first, (1, n, n)), 1)


def body(diameter_mm: float) -> tuple[Part, ...]:
    """Muscle with a pad of fat under the skin on both sides."""
    radius, (pad, away) = diameter_mm / 2, WATER_LIKE_FAT_MM
    return (
        Part(tube(0.0, 0.0, radius), "muscle"),
        Part(tube(radius * away, 0.0, radius * pad), "fat"),
        Part(tube(-radius * away, 0.0, radius * pad), "fat"),
    )


def true_k(machine: Machine, diameter_mm: float, *, has_rods: bool = False) -> float:
    """Response in the centre of a body of water, at vanishing density.

    A plate with rods beside the body hardens the beam for both.
    """
    parts: tuple[Part, ...] = (Part(tube(0.0, 0.0, diameter_mm / 2), "water"),)
    rods: tuple[Calcification, ...] = ()
    if has_rods:
        plate, rods = plate_with_rods(diameter_mm)
        parts = (*parts, plate)
    form = tube(0.0, 0.0, DEPOSIT_RADIUS_MM)
    deposit = Calcification("a", form, DEPOSIT_MG_CM3, "nodule", "water")
    images = [
        patch(Phantom(parts, (*rods, *deposits)), machine, (0.0, 0.0), 9.0)
        for deposits in ((deposit,), ())
    ]
    excess = images[0].hu.astype(float) - images[1].hu
    hu_mm2 = float(excess.sum()) * machine.pixel_mm**2
    table, _ = calibrate_by_table(machine.kvp, diameter_mm)
    chord_cm = 8 / (3 * math.pi) * 2 * DEPOSIT_RADIUS_MM / 10
    hardening = table.hardening_factor(DEPOSIT_MG_CM3 * chord_cm)
    return hu_mm2 / (math.pi * DEPOSIT_RADIUS_MM**2 * DEPOSIT_MG_CM3 * hardening)


@cache
def header(machine: Machine) -> Acquisition:
    """What the scans say of the scanner."""
    name = f"{machine.aluminium_mm:g} Al {machine.copper_mm:g} Cu"
    return Acquisition(kvp=machine.kvp, manufacturer="Simulated", model_name=name)


def by_phantom(machine: Machine) -> Scan:
    """Scan of a phantom with rods in a ring."""
    angles = np.arange(len(RODS)) * 2 * math.pi / len(RODS)
    places = RING_MM * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    rods = [
        rod(float(x), float(y), density)
        for (x, y), density in zip(places, RODS, strict=True)
        if density
    ]
    water = Part(tube(float(places[0, 0]), float(places[0, 1]), ROD_MM / 2), "water")
    holes = [Part(r.form, "water") for r in rods]
    plate = Part(tube(0.0, 0.0, PHANTOM_MM / 2), "pmma")
    wide = replace(machine, pixel_mm=0.9, dose_mas=200.0, slice_step_mm=2.0)
    phantom = Phantom((plate, water, *holes), tuple(rods))
    half = PHANTOM_MM / 2 + 6
    n = 2 * round(half / wide.pixel_mm) + 1
    grid = lattice(wide, (-half, -half, -3.0), (4, n, n))
    volume = scan_phantom(phantom, wide, grid, 2)
    return Scan(volume, header(machine), Coverage.full(grid), "array", "0" * 64)


def rod_places(diameter_mm: float) -> list[tuple[float, float]]:
    """Where rods lie in a plate below the body."""
    y = diameter_mm / 2 + ROD_MM
    return [((n - (len(RODS) - 1) / 2) * ROD_STEP_MM, y) for n in range(len(RODS))]


def plate_with_rods(diameter_mm: float) -> tuple[Part, tuple[Calcification, ...]]:
    """Plate of plastic like water, flat and wide as those under patients."""
    places = rod_places(diameter_mm)
    y = places[0][1]
    form = Tube((0.0, y, -HALF_LENGTH_MM), (0.0, y, HALF_LENGTH_MM), PLATE_RADII_MM)
    rods = tuple(rod(*place, d) for place, d in zip(places, RODS, strict=True) if d)
    return Part(form, "water"), rods


def by_rods(machine: Machine, diameter_mm: float) -> Calibration:
    """Grade A: rods in a plate below the body."""
    places = rod_places(diameter_mm)
    plate, rods_in_plate = plate_with_rods(diameter_mm)
    parts, deposits = (*body(diameter_mm), plate), rods_in_plate
    y = places[0][1]
    quick = replace(machine, pixel_mm=0.8)
    grid = lattice(quick, (-46.0, y - 10.0, -1.0), (3, 26, 116))
    volume = scan_phantom(Phantom(parts, deposits), quick, grid, 3)
    placed = tuple(
        PlacedRod(f"{d:g}", d, 0.01 * d, (x, y, -30.0), (x, y, 30.0), ROD_MM / 2)
        for (x, _), d in zip(places, RODS, strict=True)
    )
    rods = rods_in_scan(RodReference(placed, None, ""), volume, machine.kvp)
    return calibrate_by_rods(rods, kvp=machine.kvp, body_diameter_mm=diameter_mm)[0]


def tissues(machine: Machine, diameter_mm: float) -> Tissues:
    """Medians of fat and muscle, at high dose."""
    phantom = Phantom(body(diameter_mm), ())
    radius, (pad, away) = diameter_mm / 2, WATER_LIKE_FAT_MM
    half = max(1.0, radius * pad - 3.0)
    fat = patch(phantom, machine, (radius * away, 0.0), min(half, 4.0))
    muscle = patch(phantom, machine, (0.0, radius * 0.5), 4.0)
    return Tissues(float(np.median(fat.hu)), float(np.median(muscle.hu)))


def cases(machine: Machine) -> list[Case]:
    """Every body on one scanner."""
    reference = measure_phantom(by_phantom(machine), RODS, (ROD_MM,)).reference
    out: list[Case] = []
    for size in BODIES_MM:
        table, _ = calibrate_by_table(machine.kvp, size)
        scanner, _ = calibrate_by_scanner(reference, header(machine), size)
        tissue = calibrate_by_tissue(table, tissues(machine, size))
        found = {"A": by_rods(machine, size), "D": table}
        if scanner is not None:
            found["B"] = scanner
        if tissue is not None:
            found["C"] = tissue[0]
        alone = true_k(machine, size)
        truth = dict.fromkeys("BCD", alone) | {
            "A": true_k(machine, size, has_rods=True)
        }
        out.append(Case(machine, size, truth, found))
    return out


def summary(found: Sequence[Case]) -> list[str]:
    """One line for each grade."""
    lines = ["grade  scans  RMS error   bias  stated  within 1 and 2 sigma"]
    for grade in "ABCD":
        here = [case for case in found if grade in case.found]
        if not here:
            continue
        errors = np.array([case.error(grade) for case in here])
        sigmas = np.abs([case.sigmas(grade) for case in here])
        stated = np.mean([case.found[grade].relative_std for case in here])
        lines.append(
            f"{grade:5s} {len(here):6d} {math.sqrt((errors**2).mean()):10.1%} "
            f"{errors.mean():+6.1%} {stated:7.1%} {(sigmas <= 1).mean():8.0%} "
            f"{(sigmas <= 2).mean():6.0%}"  # noqa: PLR2004 -- two sigmas
        )
    return lines


def main() -> None:
    """Print rows and summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one scanner only")
    kvps: tuple[float, ...] = KVPS
    builds: tuple[tuple[float, float, float], ...] = BUILDS
    if parser.parse_args().quick:
        kvps, builds = (120.0,), BUILDS[:1]
    done: list[Case] = []
    for kvp in kvps:
        for aluminium, copper, scatter in builds:
            machine = Machine(
                kvp=kvp,
                aluminium_mm=aluminium,
                copper_mm=copper,
                scatter_fraction=scatter,
                dose_mas=QUIET_MAS,
                electronic_photons=0.0,
            )
            for case in cases(machine):
                done.append(case)
                words = "  ".join(
                    f"{g} {case.error(g):+.1%} of {case.found[g].relative_std:.1%}"
                    for g in sorted(case.found)
                )
                print(
                    f"{kvp:.0f} kVp {aluminium:g} Al {copper:g} Cu {scatter:.0%} "
                    f"{case.body_mm:.0f} mm  k {case.true_k['D']:.3f}  {words}",
                    flush=True,
                )
    print("\n".join(summary(done)))


if __name__ == "__main__":
    main()
