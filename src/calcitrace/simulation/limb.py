"""A calf with deposits of known mass, as a CT scanner might show it.

The tissues are ellipses that taper along the leg: skin, fat, muscle, two bones with
cortex and fatty marrow, and a table below. There are no vessels, no septa and no
texture, so background is easier here than in a patient. The scan is that of
`calcitrace.simulation.scanner`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from calcitrace.simulation.scanner import Scanner, mass_between_mg
from calcitrace.simulation.shapes import Deposit, Ellipsoid, Sheet, ball

AIR_HU, SKIN_HU, FAT_HU, MUSCLE_HU = -1000.0, 35.0, -100.0, 55.0
CORTEX_HU, MARROW_HU = 1350.0, -60.0
TABLE_SHELL_HU, TABLE_FOAM_HU = -150.0, -930.0
LOWEST_HU, HIGHEST_HU = -1024, 3071  # 12 bits, as scanners store them

GRID = Grid((160, 512, 512), (1.0, 0.3125, 0.3125), (-170.0, -80.0, -900.0))
CENTRE_MM = (-90.0, 0.0, -820.5)  # of the leg: to the patient's right, mid-scan
TAPER_PER_MM = 0.001
JITTER_MM = 1.0

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Outline of a tissue in the middle of the scan, relative to the leg's axis."""

    radii_mm: tuple[float, float]
    centre_mm: tuple[float, float] = (0.0, 0.0)

    def level(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Terms of the signed distance, from which `distance_mm` makes any scale."""
        across = (x - self.centre_mm[0]) / self.radii_mm[0]
        back = (y - self.centre_mm[1]) / self.radii_mm[1]
        level = np.hypot(across, back)
        slope = np.hypot(across / self.radii_mm[0], back / self.radii_mm[1])
        return level, level / np.maximum(slope, 1e-6)


def distance_mm(level: Array, mm_per_level: Array, scale: float = 1.0) -> Array:
    """Signed distance from an ellipse scaled about its centre, negative inside.

    Of first order in the distance, so right where it matters: at the outline.
    """
    return (level - scale) * mm_per_level


SKIN, FAT, MUSCLE = Ellipse((56, 52)), Ellipse((54.4, 50.4)), Ellipse((45, 42))
TIBIA, TIBIA_MARROW = Ellipse((13, 11), (12, -18)), Ellipse((9, 7), (12, -18))
FIBULA, FIBULA_MARROW = Ellipse((6.5, 6), (-24, 2)), Ellipse((3.9, 3.4), (-24, 2))
# From outside in: what the ellipse holds, and what it lies in.
SOFT_LAYERS = (
    (SKIN, SKIN_HU, AIR_HU),
    (FAT, FAT_HU, SKIN_HU),
    (MUSCLE, MUSCLE_HU, FAT_HU),
)
BONE_LAYERS = (
    (TIBIA, CORTEX_HU, MUSCLE_HU),
    (TIBIA_MARROW, MARROW_HU, CORTEX_HU),
    (FIBULA, CORTEX_HU, MUSCLE_HU),
    (FIBULA_MARROW, MARROW_HU, CORTEX_HU),
)
# Top and bottom of shell, foam, shell: y below the leg's axis.
TABLE = (
    (62.0, 63.5, TABLE_SHELL_HU),
    (63.5, 74.5, TABLE_FOAM_HU),
    (74.5, 76.0, TABLE_SHELL_HU),
)


@dataclass(frozen=True, slots=True)
class TrueDeposit:
    """One row of the truth.

    Attributes
    ----------
    mass_mg
        Of the whole deposit.
    mass_in_scan_mg
        Of the part between the outer faces of the first and last slice.
    density_mg_cm3
        Of hydroxyapatite in the deposit.
    centroid_mm
        Centre of mass in patient space, (x, y, z).
    reach_mm
        Radius about the centroid within which all of it lies.
    """

    name: str
    mass_mg: float
    mass_in_scan_mg: float
    volume_mm3: float
    density_mg_cm3: float
    centroid_mm: tuple[float, float, float]
    reach_mm: float

    @property
    def is_cut(self) -> bool:
        """Whether a part lies beyond the scan."""
        return self.mass_in_scan_mg < self.mass_mg


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedScan:
    """A scan and what is in it."""

    seed: int
    volume: HuVolume
    acquisition: Acquisition
    truth: tuple[TrueDeposit, ...]


def simulate_limb(
    seed: int,
    *,
    scanner: Scanner | None = None,
    grid: Grid = GRID,
    progress: Callable[[float], None] = lambda _: None,
) -> SimulatedScan:
    """Simulate one CT scan of a calf with eight deposits.

    Parameters
    ----------
    seed
        Decides noise, and where between the voxels the leg lies.
    scanner
        Blur and noise.
    grid
        Axial lattice; the leg lies where the default one is.
    progress
        Hears the fraction done.

    Returns
    -------
    SimulatedScan
        int16 HU, and the truth in the order of `deposits`. The same seed gives the same
        scan.
    """
    machine = Scanner() if scanner is None else scanner
    rng = np.random.default_rng(seed)
    x_mm, y_mm, z_mm = np.array(CENTRE_MM) + rng.uniform(-JITTER_MM, JITTER_MM, 3)
    centre_mm = (float(x_mm), float(y_mm), float(z_mm))
    found = deposits(centre_mm)
    excesses = [machine.hu_excess(deposit, grid) for deposit in found]
    leg = Leg(machine, grid, centre_mm)
    hu = np.empty(grid.shape, np.int16)
    for index in range(grid.shape[0]):
        image = leg.slice_hu(index)
        for box, excess in excesses:
            side = box.slices[0]
            if side.start <= index < side.stop:
                image[box.slices[1:]] += excess[index - side.start]
        image += machine.noise(image.shape, grid.spacing_mm[1], rng)
        hu[index] = np.clip(np.rint(image), LOWEST_HU, HIGHEST_HU)
        progress((index + 1) / grid.shape[0])
    return SimulatedScan(
        seed=seed,
        volume=HuVolume(hu, grid),
        acquisition=_acquisition(machine, grid),
        truth=tuple(_truth(deposit, machine, grid) for deposit in found),
    )


class Leg:
    """Images of the leg and the table without deposits and without noise."""

    def __init__(
        self, scanner: Scanner, grid: Grid, centre_mm: tuple[float, float, float]
    ) -> None:
        self._scanner, self._grid, self._centre_mm = scanner, grid, centre_mm
        _, row_mm, column_mm = grid.spacing_mm
        rows, columns = (np.arange(n, dtype=np.float64) for n in grid.shape[1:])
        x = (grid.origin_mm[0] + columns * column_mm - centre_mm[0])[None, :]
        y = (grid.origin_mm[1] + rows * row_mm - centre_mm[1])[:, None]
        self._constant = AIR_HU + self._table(np.broadcast_to(y, grid.shape[1:]))
        for outline, inside_hu, outside_hu in BONE_LAYERS:
            share = self._edge(distance_mm(*outline.level(x, y)))
            self._constant += share * (inside_hu - outside_hu)
        self._soft = [(*layer[0].level(x, y), *layer[1:]) for layer in SOFT_LAYERS]

    def slice_hu(self, index: int) -> Array:
        """Image of one slice, shape (row, column), in HU."""
        z_mm = self._grid.origin_mm[2] + index * self._grid.spacing_mm[0]
        scale = leg_scale(z_mm - self._centre_mm[2])
        image = self._constant.copy()
        for level, mm_per_level, inside_hu, outside_hu in self._soft:
            share = self._edge(distance_mm(level, mm_per_level, scale))
            image += share * (inside_hu - outside_hu)
        return image

    def _edge(self, distance: Array) -> Array:
        return self._scanner.edge(distance, self._grid.spacing_mm[1])

    def _table(self, y: Array) -> Array:
        image = np.zeros(y.shape)
        for top, bottom, hu in TABLE:
            share = self._edge(np.abs(y - (top + bottom) / 2) - (bottom - top) / 2)
            image += share * (hu - AIR_HU)
        return image


def leg_scale(above_centre_mm: float) -> float:
    """Size of soft tissue relative to the middle of the scan; the leg tapers down."""
    return 1 + TAPER_PER_MM * above_centre_mm


def deposits(centre_mm: tuple[float, float, float]) -> tuple[Deposit, ...]:
    """Eight deposits of the kinds that are met; positions follow the leg."""
    x0, y0, z0 = centre_mm

    def at(x: float, y: float, z: float) -> tuple[float, float, float]:
        return x0 + x, y0 + y, z0 + z

    # Fascia is the outline of the muscle; its bend at the back is that of a circle.
    across, back = (r * leg_scale(15.0) for r in MUSCLE.radii_mm)
    bend = across**2 / back
    axis = (x0, y0 + back - bend)
    sheet = Sheet(axis, bend + 0.8, bend + 2.4, 0.28, (z0 + 3.0, z0 + 27.0))
    balls = ((0, 0, 0, 1.4), (3, 2, 1, 1.1), (-2, 3, 2, 1.2), (1, -3, 3, 1.0),
             (-3, -1, 4, 1.1), (2, 0, -4, 1.3))  # fmt: skip
    cluster = tuple(ball(at(-18 + x, 24 + y, 42 + z), r) for x, y, z, r in balls)
    tibia_edge = TIBIA.centre_mm[0] + TIBIA.radii_mm[0]
    near_bone = ball(at(tibia_edge + 1.0 + 2.5, TIBIA.centre_mm[1], -55), 2.5)
    top_mm = GRID.origin_mm[2] - GRID.spacing_mm[0] / 2 - z0  # first slice's face
    return (
        Deposit("punctate, in fat", (ball(at(-47.5, 0, -45), 1.0),), 500, FAT_HU),
        Deposit("punctate, in muscle", (ball(at(-4, -33, -5), 0.7),), 450, MUSCLE_HU),
        Deposit(
            "nodule, in fat", (Ellipsoid(at(48.7, 0, -20), (3.2, 5.0, 4.5)),), 420, FAT_HU
        ),
        Deposit("sheet along fascia", (sheet,), 260, FAT_HU),
        Deposit("cluster, in muscle", cluster, 350, MUSCLE_HU),
        Deposit("1 mm from bone", (near_bone,), 400, MUSCLE_HU),
        Deposit("cut by the scan's end", (ball(at(4, 24, top_mm + 1.5), 4.0),), 350,
                MUSCLE_HU),
        Deposit(
            "soft mass, in muscle", (Ellipsoid(at(20, 15, 58), (6.0, 5.0, 7.0)),), 200,
            MUSCLE_HU,
        ),
    )  # fmt: skip


def _truth(deposit: Deposit, scanner: Scanner, grid: Grid) -> TrueDeposit:
    half = scanner.slice_thickness_mm / 2
    first = grid.origin_mm[2]
    last = first + (grid.shape[0] - 1) * grid.spacing_mm[0]
    return TrueDeposit(
        name=deposit.name,
        mass_mg=deposit.mass_mg,
        mass_in_scan_mg=mass_between_mg(deposit, first - half, last + half),
        volume_mm3=deposit.volume_mm3,
        density_mg_cm3=deposit.density_mg_cm3,
        centroid_mm=deposit.centroid_mm,
        reach_mm=deposit.reach_mm,
    )


def _acquisition(scanner: Scanner, grid: Grid) -> Acquisition:
    """Honest header: nothing claims a real scanner."""
    return Acquisition(
        kvp=120.0,
        kernel="SIMULATED",
        slice_thickness_mm=scanner.slice_thickness_mm,
        manufacturer="Calcitrace simulation",
        model_name="image domain",
        acquired=datetime(2000, 1, 1, 12, 0),  # noqa: DTZ001 -- DICOM has no time zone
        field_of_view_mm=grid.extent_mm[2],
        is_contrast_enhanced=False,
        body_part="LEG",
        laterality="R",
        patient_position="HFS",
    )
