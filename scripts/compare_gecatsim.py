r"""Slope of hydroxyapatite in this simulator and in gecatsim, an independent one.

gecatsim (BSD-3-Clause, by General Electric) is no dependency of this project. Its build
script holds carriage returns, so it installs only after they are gone::

    uvx pip download gecatsim==1.6.9 --no-deps --no-binary :all:
    tar xzf gecatsim-1.6.9.tar.gz
    sed -i 's/\r$//' gecatsim-1.6.9/gecatsim/clib_build/BuildLinux64
    uv run --with ./gecatsim-1.6.9 python -m scripts.compare_gecatsim

needs a C++ compiler and make, and six minutes of one core. Rewrites
`docs/gecatsim-table.md`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calcitrace.simulation.forms import Tube
from calcitrace.simulation.materials import (
    HYDROXYAPATITE_G_CM3,
    MATERIALS,
)
from calcitrace.simulation.phantom import Calcification, Part, Phantom
from calcitrace.simulation.tomography.beam import (
    SCINTILLATOR_CM,
    SCINTILLATOR_G_CM3,
)
from calcitrace.simulation.tomography.machine import Machine
from calcitrace.simulation.tomography.scanning import lattice, scan_phantom
from calcitrace.simulation.tomography.shadows import Shadows
from scripts.gecatsim_beam import (
    ALUMINIUM_MM,
    GECATSIM_ALUMINIUM_MM,
    aluminium_as_hard_mm,
    few_energies_excess,
    gecatsim_spectrum,
    our_spectrum,
)
from scripts.gecatsim_scanner import FIELD_MM, N_PIXELS, Rig, RodBody, Stuff, scan

Array = NDArray[np.float64]

TARGET = Path(__file__).parents[1] / "docs" / "gecatsim-table.md"
# One rod at a time: two shade each other.
DENSITIES_MG_CM3 = (0.0, 100.0, 200.0, 400.0, 800.0)
ROD_MM, READ_RADIUS_MM = 16.0, 5.0
LIMB_MM, TRUNK_MM = 100.0, 300.0
OFF_CENTRE = 0.7  # of the body's radius
HALF_LENGTH_MM = 100.0
MG_PER_G, MM_PER_CM = 1000.0, 10.0
GD2O2S = {"Gd": 2 * 157.25, "O": 2 * 15.999, "S": 32.06}
LUMEX_MM = 3.0
# Noise below 1 HU, but some: CT numbers are whole, and noise keeps that off the mean.
DOSE_MAS = 1e5
SEED = 700_000
N_OUR_PIXELS = 41


@dataclass(frozen=True, slots=True)
class Case:
    """A body, a place of the rod, a voltage, and what gecatsim does on its own.

    Attributes
    ----------
    title
        Group of rows in the table.
    """

    title: str
    kvp: float
    diameter_mm: float
    tissue: str = "water"
    offset_mm: float = 0.0
    has_own_spectrum: bool = False
    has_own_detector: bool = False
    is_fine: bool = False


def cases() -> tuple[Case, ...]:
    """All rows of the table, in order."""
    sizes = (LIMB_MM, TRUNK_MM)
    same, spectrum = "same spectrum and scintillator", "spectrum of gecatsim"
    detector = "spectrum and detector of gecatsim"
    return (
        *(Case(same, kvp, d) for d in sizes for kvp in (80.0, 100.0, 120.0, 140.0)),
        *(Case(same, 120.0, d, offset_mm=OFF_CENTRE * d / 2) for d in sizes),
        *(Case(same, 120.0, d, tissue="muscle") for d in sizes),
        Case("the same, gecatsim in finer steps", 120.0, LIMB_MM, is_fine=True),
        *(
            Case(spectrum, kvp, d, has_own_spectrum=True)
            for d in sizes
            for kvp in (80.0, 120.0)
        ),
        *(
            Case(detector, kvp, d, has_own_spectrum=True, has_own_detector=True)
            for d in sizes
            for kvp in (80.0, 120.0)
        ),
    )


def mixture(tissue: str, density_mg_cm3: float) -> Stuff:
    """Tissue of which hydroxyapatite has displaced its own volume."""
    host, mineral = MATERIALS[tissue], MATERIALS["hydroxyapatite"]
    mineral_g = density_mg_cm3 / MG_PER_G
    host_g = host.density_g_cm3 * (1 - mineral_g / HYDROXYAPATITE_G_CM3)
    parts: dict[str, float] = {}
    for material, grams in ((host, host_g), (mineral, mineral_g)):
        total = math.fsum(material.percent.values())
        for element, percent in material.percent.items():
            parts[element] = parts.get(element, 0.0) + grams * percent / total
    return Stuff(host_g + mineral_g, {e: part for e, part in parts.items() if part})


def mineral_mm(density_mg_cm3: float) -> float:
    """Length of mineral on a ray through the middle of the rod."""
    return ROD_MM * density_mg_cm3 / MG_PER_G / HYDROXYAPATITE_G_CM3


def rig(case: Case) -> Rig:
    """What gecatsim is told about tube and detector."""
    return Rig(
        gecatsim_spectrum(case.kvp)
        if case.has_own_spectrum
        else our_spectrum(case.kvp, ALUMINIUM_MM),
        GECATSIM_ALUMINIUM_MM if case.has_own_spectrum else 0.0,
        "Lumex" if case.has_own_detector else Stuff(SCINTILLATOR_G_CM3, GD2O2S),
        LUMEX_MM if case.has_own_detector else SCINTILLATOR_CM * MM_PER_CM,
        *((80, 1000, 3) if case.is_fine else ()),
    )


def their_hu(case: Case) -> Array:
    """Mean CT number in the rod at each density, by gecatsim."""
    step = FIELD_MM / N_PIXELS
    body = MATERIALS[case.tissue]
    images = (
        scan(
            rig(case),
            RodBody(
                case.diameter_mm,
                Stuff(body.density_g_cm3, body.percent),
                ROD_MM,
                mixture(case.tissue, density),
                case.offset_mm,
            ),
        )
        for density in DENSITIES_MG_CM3
    )
    return np.array([_mean_in_rod(image, step) for image in images])


def our_aluminium_mm(case: Case) -> float:
    """Filter of this simulator: its own, or one that makes gecatsim's beam as hard."""
    if not case.has_own_spectrum:
        return ALUMINIUM_MM
    return aluminium_as_hard_mm(case.kvp, gecatsim_spectrum(case.kvp))


def our_hu(case: Case) -> Array:
    """Mean CT number in the rod at each density, by this simulator."""
    machine = Machine(
        kvp=case.kvp,
        aluminium_mm=our_aluminium_mm(case),
        has_bowtie=False,
        dose_mas=DOSE_MAS,
        electronic_photons=0.0,
        scatter_fraction=0.0,
    )
    half = machine.pixel_mm * (N_OUR_PIXELS // 2)
    grid = lattice(
        machine, (case.offset_mm - half, -half, 0.0), (1, N_OUR_PIXELS, N_OUR_PIXELS)
    )

    def tube(x: float, radius: float, half_length: float) -> Tube:
        return Tube((x, 0.0, -half_length), (x, 0.0, half_length), (radius, radius))

    body = Part(tube(0.0, case.diameter_mm / 2, HALF_LENGTH_MM), case.tissue)
    rod = tube(case.offset_mm, ROD_MM / 2, HALF_LENGTH_MM)
    means: list[float] = []
    for density in DENSITIES_MG_CM3:
        deposit = Calcification("rod", rod, density, "nodule", case.tissue)
        phantom = Phantom((body,), (deposit,) if density else ())
        shadows = Shadows(phantom, is_uniform=True)
        image = scan_phantom(shadows, machine, grid, SEED).hu[0]
        means.append(_mean_in_rod(image.astype(np.float64), machine.pixel_mm))
    return np.array(means)


def _mean_in_rod(image: Array, pixel_mm: float) -> float:
    """Plain mean over pixels well inside the rod, which lies in the middle."""
    places = (np.arange(len(image)) - (len(image) - 1) / 2) * pixel_mm
    distance = np.hypot(places[:, None], places[None, :])
    return float(image[distance < READ_RADIUS_MM].mean())


def slope(hu: Array) -> float:
    """HU per mg/cm3, of the straight line through all densities."""
    return float(np.polynomial.polynomial.polyfit(DENSITIES_MG_CM3, hu, 1)[1])


def table_row(case: Case, ours: Array, theirs: Array) -> str:
    """One line: both slopes and their ratio, whole and at the lowest and highest density."""
    place = "centre" if case.offset_mm == 0 else f"{case.offset_mm:.0f} mm off"
    apart = (ours[1:] - ours[0]) / (theirs[1:] - theirs[0]) - 1
    is_plain = case.offset_mm == 0 and case.tissue == "water"
    is_plain &= not case.has_own_spectrum
    low, high = (
        f"{few_energies_excess(case.kvp, case.diameter_mm, mineral_mm(density)):+.2%}"
        if is_plain
        else "–"
        for density in (DENSITIES_MG_CM3[1], DENSITIES_MG_CM3[-1])
    )
    return (
        f"| {case.title} | {case.diameter_mm:.0f} mm {case.tissue}, {place} "
        f"| {case.kvp:.0f} | {slope(ours):.4f} | {slope(theirs):.4f} "
        f"| {slope(ours) / slope(theirs) - 1:+.2%} | {apart[0]:+.2%} | {low} "
        f"| {apart[-1]:+.2%} | {high} "
        f"| {ours[0]:.1f} | {theirs[0]:.1f} |"
    )


HEADING = """\
| gecatsim gets | body, rod | kVp | HU per mg/cm³, here | gecatsim | difference \
| at 100 mg/cm³ | 8 energies alone | at 800 mg/cm³ | 8 energies alone \
| HU of the body, here | gecatsim |
|---|---|---|---|---|---|---|---|---|---|---|---|"""


def table(chosen: Iterable[Case]) -> str:
    """Scan all cases twice; the table with versions and the largest differences."""
    lines = [
        f"gecatsim {version('gecatsim')}, spekpy {version('spekpy')}.",
        "",
        HEADING,
    ]
    worst: dict[str, float] = {}
    for case in chosen:
        ours, theirs = our_hu(case), their_hu(case)
        lines.append(table_row(case, ours, theirs))
        print(lines[-1], flush=True)
        apart = abs(slope(ours) / slope(theirs) - 1)
        worst[case.title] = max(worst.get(case.title, 0.0), apart)
    lines += ["", "Largest difference of the slope:", ""]
    lines += [f"- {title}: {apart:.2%}" for title, apart in worst.items()]
    return "\n".join([*lines, ""])


def main() -> None:
    """Write the table."""
    TARGET.write_text(table(cases()), encoding="utf-8")


if __name__ == "__main__":
    main()
