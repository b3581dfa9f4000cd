"""How well the noise of a scan is predicted: simulated repeats against one scan.

Run ``uv run python -m benchmarks.noise [limb-22 limb-3 trunk-30]``. Bodies are the same in
every slice, so a long scan holds many repeats of a piece, one above the other, and the
left, right, front and back of a body repeat each other. What `measure_noise` says of the
first slices is compared with how voxels and sums over balls really vary. Minutes a body.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.noise import measure_noise
from calcitrace.analysis.quantification.variance import noise_variance
from calcitrace.model.grid import Grid
from calcitrace.model.protocol import Protocol
from calcitrace.model.volume import Coverage, HuVolume
from calcitrace.simulation.forms import Tube
from calcitrace.simulation.phantom import Part, Phantom
from calcitrace.simulation.tomography.machine import Machine
from calcitrace.simulation.tomography.scanning import lattice, scan_phantom
from calcitrace.simulation.tomography.shadows import Shadows

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

RADII_MM = (1.5, 3.0, 5.0)
SEED, LENGTH_MM, MARGIN_MM = 3, 900.0, 6.0
N_MEASURED, NEAR_PIXELS = 40, 3
HEADING = (
    f"{'scan':<9} {'place':<11} {'sigma HU':>8} {'found':>6} {'ratio':>6}   "
    "sums over balls of 1.5, 3, 5 mm: predicted / true"
)


@dataclass(frozen=True, slots=True)
class Body:
    """A body, how it is scanned, and places (x, y) in one quarter of it."""

    half_mm: tuple[float, float]
    skin_mm: float
    fat_mm: float
    bone: tuple[float, float, float]
    marrow: str
    places: dict[str, tuple[float, float]]
    pixel_mm: float
    n_repeats: int

    @property
    def phantom(self) -> Phantom:
        """Skin, fat and muscle, and a bone on either side: (x, outer, inner radius)."""
        a, b = self.half_mm
        layers = (("skin", 0.0), ("fat", self.skin_mm), ("muscle", self.fat_mm))
        parts = [Part(_tube(0.0, a - d, b - d), name) for name, d in layers]
        x, outer, inner = self.bone
        for side in (x, -x):
            parts.append(Part(_tube(side, outer, outer), "cortical_bone"))
            parts.append(Part(_tube(side, inner, inner), self.marrow))
        return Phantom(tuple(parts), ())


LIMB = Body(
    (50.0, 50.0),
    1.5,
    10.0,
    (18.0, 9.0, 5.0),
    "yellow_marrow",
    {
        "centre": (0, 0),
        "muscle": (8, 26),
        "under skin": (14, 42),
        "near bone": (18, 13),
    },
    0.4,
    100,
)
TRUNK = Body(
    (160.0, 110.0),
    2.0,
    20.0,
    (85.0, 24.0, 20.0),
    "spongy_bone",
    {
        "centre": (0, 0),
        "muscle": (40, 45),
        "under skin": (60, 90),
        "near bone": (85, 28),
        "side": (148, 10),
    },
    0.7,
    40,
)
SCANS = {"limb-22": (LIMB, 22.0), "limb-3": (LIMB, 3.0), "trunk-30": (TRUNK, 30.0)}


def _tube(x_mm: float, a_mm: float, b_mm: float) -> Tube:
    return Tube((x_mm, 0.0, -LENGTH_MM), (x_mm, 0.0, LENGTH_MM), (a_mm, b_mm))


def long_scan(body: Body, dose_mas: float) -> HuVolume:
    """All repeats, one above the other."""
    machine = Machine(dose_mas=dose_mas, pixel_mm=body.pixel_mm)
    x, y = (half + MARGIN_MM for half in body.half_mm)
    n_slices = body.n_repeats * (2 * int(RADII_MM[-1]) + 1)
    shape = (n_slices, int(2 * y / body.pixel_mm), int(2 * x / body.pixel_mm))
    grid = lattice(machine, (-x, -y, 0.0), shape)
    return scan_phantom(Shadows(body.phantom, is_uniform=True), machine, grid, SEED)


def ball(radius_mm: float, grid: Grid) -> Array:
    """Weights of a ball in the smallest box that holds it."""
    axes = [
        np.arange(-n, n + 1) * d
        for n, d in zip(grid.radius_voxels(radius_mm), grid.spacing_mm, strict=True)
    ]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return np.asarray(z**2 + y**2 + x**2 <= radius_mm**2, np.float64)


def spread(volume: HuVolume, centre: NDArray[np.int64], weights: Array) -> float:
    """Mean square of how a weighted sum varies from repeat to repeat."""
    reach = [n // 2 for n in weights.shape]
    row, column = (
        slice(int(c) - r, int(c) + r + 1)
        for c, r in zip(centre[1:], reach[1:], strict=True)
    )
    step = 2 * reach[0] + 1
    n = volume.hu.shape[0] // step
    piece = volume.hu[: n * step, row, column].astype(np.float64)
    # What every slice shows is the body; what is left is noise.
    piece -= piece.mean(axis=0)
    sums = (piece.reshape(n, *weights.shape) * weights).sum(axis=(1, 2, 3))
    return float((sums**2).mean() * n * step / (n * step - 1))


def sigma_hu(volume: HuVolume, centre: NDArray[np.int64]) -> float:
    """True noise of voxels around a place."""
    row, column = (
        slice(int(c) - NEAR_PIXELS, int(c) + NEAR_PIXELS + 1) for c in centre[1:]
    )
    return float(
        volume.hu[:, row, column].astype(np.float64).std(axis=0, ddof=1).mean()
    )


def rows(name: str) -> list[str]:
    """Lines of the table for one scan."""
    body, dose_mas = SCANS[name]
    volume = long_scan(body, dose_mas)
    grid = volume.grid
    first = (slice(0, N_MEASURED), slice(0, grid.shape[1]), slice(0, grid.shape[2]))
    scan = HuVolume(volume.hu[first], grid.crop(first))
    anatomy = find_anatomy(scan, Coverage.full(scan.grid), Protocol().anatomy)
    noise, _ = measure_noise(scan, anatomy)
    out: list[str] = []
    for place, (x, y) in body.places.items():
        points = {(sx * x, sy * y, N_MEASURED / 2) for sx in (1, -1) for sy in (1, -1)}
        index = np.rint(grid.to_index(np.array(sorted(points)))).astype(np.int64)
        true = float(np.mean([sigma_hu(volume, c) for c in index]))
        found = float(np.sqrt(np.mean(noise.sigma_hu.at(index) ** 2)))
        ratios: list[float] = []
        for radius_mm in RADII_MM:
            weights = ball(radius_mm, grid)
            real = np.mean([spread(volume, c, weights) for c in index])
            said = noise_variance(weights, found, noise.correlation)
            ratios.append(float(np.sqrt(said / real)))
        sums = "  ".join(f"{r:.2f}" for r in ratios)
        out.append(
            f"{name:<9} {place:<11} {true:>8.1f} {found:>6.1f} {found / true:>6.2f}   {sums}"
        )
    return out


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Noise found against true noise")
    parser.add_argument("scans", nargs="*", default=list(SCANS), choices=list(SCANS))
    print(HEADING)
    for name in parser.parse_args().scans:
        print("\n".join(rows(name)), flush=True)


if __name__ == "__main__":
    main()
