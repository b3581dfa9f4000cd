"""How well the blur of a scan is found: simulated scans against a tiny dense ball.

Run ``uv run python -m benchmarks.blur``. A body like a heel, whose skin leans in all
directions, is scanned with several kernels and slices. What `measure_psf` says, with the
right header and with a wrong one, is compared with the image of a ball of 0.5 mm without
noise: in the plane the Gaussian that fits its edge-spread, across slices the second
moment. About two minutes a line.

With ``--bone``, limbs of one bone and two, upright and leaning, are seen through a field
of view that shows no skin, so that bone alone tells the blur. A few seconds a line.
"""

import argparse
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import ndtr

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.psf import measure_psf
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.protocol import Protocol
from calcitrace.model.volume import Coverage
from calcitrace.simulation.bodies.limb import LimbShape, limb
from calcitrace.simulation.forms import Ellipsoid, Pose, Tube, ball
from calcitrace.simulation.phantom import Calcification, Part, Phantom
from calcitrace.simulation.tomography.machine import Kernel, Machine
from calcitrace.simulation.tomography.scanning import lattice, scan_phantom

Array = NDArray[np.float64]

SEED, DOSE_MAS, LENGTH_MM = 5, 60.0, 108.0
BALL_MM, FINE_MM, N_FINE = 0.5, 0.25, 65
QUIET = Machine(
    dose_mas=1e7,
    electronic_photons=0.0,
    scatter_fraction=0.0,
    has_bowtie=False,
    pixel_mm=FINE_MM,
)
CASES = (
    (Kernel.SOFT, 1.0),
    (Kernel.SOFT, 5.0),
    (Kernel.STANDARD, 0.6),
    (Kernel.STANDARD, 1.0),
    (Kernel.STANDARD, 3.0),
    (Kernel.STANDARD, 5.0),
    (Kernel.SHARP, 1.0),
    (Kernel.SHARP, 5.0),
)
NAMES = {Kernel.SOFT: "SOFT", Kernel.STANDARD: "STANDARD", Kernel.SHARP: "BONE"}
THIGH = LimbShape(width_mm=150, thickness_mm=140, n_bones=1, cortex_mm=5.5)
LAYERS = (("skin", 0.0), ("fat", 1.6), ("muscle", 9.0))
# Name, shape, how far the limb leans over the slices, and half of the field of view.
LIMBS: tuple[tuple[str, LimbShape, float, float], ...] = (
    ("calf", LimbShape(), 0.0, 36.0),
    ("calf", LimbShape(), 40.0, 36.0),
    ("forearm", LimbShape(width_mm=80, thickness_mm=65, cortex_mm=2.4), 0.0, 22.0),
    ("thigh", THIGH, 0.0, 45.0),
    ("thigh", THIGH, 35.0, 45.0),
)
BONE_CASES = tuple(
    (kernel, thickness)
    for kernel in (Kernel.SOFT, Kernel.STANDARD, Kernel.SHARP)
    for thickness in (1.0, 3.0)
)
BONE_PIXEL_MM, BONE_LENGTH_MM = 0.6, 24.0
BONE_HEADING = (
    f"{'limb':<8} {'leans':>5} {'kernel':<9} {'slice':>5}   {'plane true':>10} "
    f"{'found':>6} {'ratio':>6}   {'across true':>11} {'found':>6} {'ratio':>6}   source"
)
HEADING = (
    f"{'kernel':<9} {'slice':>5}   {'plane true':>10} {'found':>6} {'ratio':>6}   "
    f"{'across true':>11} {'found':>6} {'ratio':>6}   flags if the header lies"
)


def heel() -> Phantom:
    """Skin, fat and muscle around one bone."""
    parts = [
        Part(Ellipsoid((0.0, 0.0, 0.0), (50 - d, 46 - d, 62 - d)), name)
        for name, d in LAYERS
    ]
    for name, radius, half in (("cortical_bone", 12, 45), ("yellow_marrow", 8, 41)):
        rod = Tube((4.0, 3.0, -half), (4.0, 3.0, half), (radius, radius))
        parts.append(Part(rod, name))
    return Phantom(tuple(parts), ())


def true_sigmas_mm(kernel: Kernel, thickness_mm: float) -> tuple[float, float]:
    """Blur in the plane and across slices, from a ball in water."""
    step = thickness_mm / max(1, round(thickness_mm / 0.5))
    machine = replace(
        QUIET, kernel=kernel, slice_thickness_mm=thickness_mm, slice_step_mm=step
    )
    half = int(np.ceil(0.8 * thickness_mm / step)) + 2
    grid = lattice(
        machine,
        (-FINE_MM * (N_FINE // 2), -FINE_MM * (N_FINE // 2), -half * step),
        (2 * half + 1, N_FINE, N_FINE),
    )
    water = Part(Tube((0.0, 0.0, -40.0), (0.0, 0.0, 40.0), (20.0, 20.0)), "water")
    form = ball((0.0, 0.0, 0.0), BALL_MM)
    speck = Calcification("speck", form, 1200.0, "nodule", "water")
    seen, empty = (
        scan_phantom(Phantom((water,), deposits), machine, grid, SEED).hu.astype(float)
        for deposits in ((speck,), ())
    )
    image = seen - empty
    own = BALL_MM**2 / 5
    lines = [image.sum(axis=(0, axis)) for axis in (1, 2)]
    plane = float(np.mean([_edge_sigma_mm(line) for line in lines]))
    profile = image.sum(axis=(1, 2))
    z = (np.arange(len(profile)) - half) * step
    across = float((profile * z**2).sum() / profile.sum())
    return max(plane**2 - own, 0.01) ** 0.5, (across - own) ** 0.5


def _edge_sigma_mm(line: Array) -> float:
    """Gaussian whose integral fits that of a line-spread function best."""
    x = (np.arange(len(line)) - len(line) // 2) * FINE_MM
    edge = np.cumsum(line) / line.sum()

    def misfit(model: Array) -> Array:
        return np.asarray(ndtr((x - model[1]) / model[0]) - edge, np.float64)

    found = least_squares(misfit, [0.5, 0.1], bounds=([0.05, -1.0], [3.0, 1.0]))
    return float(found.x[0])


def row(kernel: Kernel, thickness_mm: float) -> str:
    """One line of the table."""
    machine = Machine(
        dose_mas=DOSE_MAS,
        kernel=kernel,
        slice_thickness_mm=thickness_mm,
        slice_step_mm=thickness_mm,
    )
    shape = (int(LENGTH_MM / thickness_mm), 250, 270)
    grid = lattice(machine, (-54.0, -50.0, -LENGTH_MM / 2), shape)
    volume = scan_phantom(heel(), machine, grid, SEED)
    anatomy = find_anatomy(volume, Coverage.full(grid), Protocol().anatomy)
    header = Acquisition(kernel=NAMES[kernel], slice_thickness_mm=thickness_mm)
    psf, _ = measure_psf(volume, anatomy, header)
    lie = replace(
        header,
        kernel="BONE" if kernel is Kernel.SOFT else "SOFT",
        slice_thickness_mm=5.0 if thickness_mm < 3 else 1.0,  # noqa: PLR2004 -- mm, thin
    )
    _, flags = measure_psf(volume, anatomy, lie)
    plane, across = true_sigmas_mm(kernel, thickness_mm)
    said = "; ".join(f.detail for f in flags if "sigma" in f.detail) or "none"
    return (
        f"{kernel.value:<9} {thickness_mm:>5.1f}   {plane:>10.2f} "
        f"{psf.sigma_plane_mm:>6.2f} {psf.sigma_plane_mm / plane:>6.2f}   "
        f"{across:>11.2f} {psf.sigma_slice_mm:>6.2f} "
        f"{psf.sigma_slice_mm / across:>6.2f}   {said}"
    )


def bone_row(
    limb_case: tuple[str, LimbShape, float, float], kernel: Kernel, thickness_mm: float
) -> str:
    """One line of the table of limbs without skin."""
    name, shape, lean_deg, half_mm = limb_case
    machine = Machine(
        dose_mas=DOSE_MAS,
        kernel=kernel,
        slice_thickness_mm=thickness_mm,
        slice_step_mm=thickness_mm,
        pixel_mm=BONE_PIXEL_MM,
    )
    n = int(2 * half_mm / BONE_PIXEL_MM)
    n_slices = int(BONE_LENGTH_MM / thickness_mm)
    grid = lattice(machine, (-half_mm, -half_mm, -BONE_LENGTH_MM / 2), (n_slices, n, n))
    phantom = Phantom(limb(shape).parts, ())
    phantom = phantom.moved(Pose.of_angles((lean_deg, 0.0, 0.0)))
    volume = scan_phantom(phantom, machine, grid, SEED)
    anatomy = find_anatomy(volume, Coverage.full(grid), Protocol().anatomy)
    header = Acquisition(kernel=NAMES[kernel], slice_thickness_mm=thickness_mm)
    psf, _ = measure_psf(volume, anatomy, header)
    plane, across = true_sigmas_mm(kernel, thickness_mm)
    return (
        f"{name:<8} {lean_deg:>5.0f} {kernel.value:<9} {thickness_mm:>5.1f}   "
        f"{plane:>10.2f} {psf.sigma_plane_mm:>6.2f} {psf.sigma_plane_mm / plane:>6.2f}   "
        f"{across:>11.2f} {psf.sigma_slice_mm:>6.2f} "
        f"{psf.sigma_slice_mm / across:>6.2f}   {psf.plane_source}; {psf.slice_source}"
    )


def bone_table(cases: Iterable[tuple[Kernel, float]]) -> None:
    """Print a line for each limb and case."""
    print(BONE_HEADING)
    for kernel, thickness_mm in cases:
        for limb_case in LIMBS:
            print(bone_row(limb_case, kernel, thickness_mm), flush=True)


def table(cases: Iterable[tuple[Kernel, float]]) -> None:
    """Print a line for each case."""
    print(HEADING)
    for kernel, thickness_mm in cases:
        print(row(kernel, thickness_mm), flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Blur found against true blur")
    parser.add_argument("--kernel", type=Kernel, choices=list(Kernel))
    parser.add_argument("--bone", action="store_true", help="limbs without skin")
    chosen = parser.parse_args()
    kernels = {chosen.kernel} if chosen.kernel else set(Kernel)
    if chosen.bone:
        bone_table(case for case in BONE_CASES if case[0] in kernels)
    else:
        table(case for case in CASES if case[0] in kernels)


if __name__ == "__main__":
    main()
