"""From a map on a fine lattice to mass per voxel, blurred and not, and to CT numbers."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import ndtr

from calcitrace.insertion.site import Site
from calcitrace.model.calibration import HYDROXYAPATITE_MG_CM3, Calibration
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Psf

Array = NDArray[np.float64]
Points = tuple[Array, Array, Array]
Box = tuple[slice, slice, slice]

FINE_MM = 0.5
LEAST_CELLS = 2  # per voxel and axis
TAIL_SIGMAS = 4.5  # beyond it lie 7 of a million parts of each side
FIBROUS_HU = 40.0
MM3_PER_CM3 = 1000.0


@dataclass(frozen=True, slots=True)
class Lattice:
    """Fine cells that fill voxels from `first` on; they may reach beyond the scan.

    Attributes
    ----------
    first, n_voxels
        Index of the first voxel, and how many, along (slice, row, column).
    n_cells
        Cells per voxel along each axis.
    """

    grid: Grid
    first: tuple[int, int, int]
    n_voxels: tuple[int, int, int]
    n_cells: tuple[int, int, int]

    @property
    def step_mm(self) -> tuple[float, float, float]:
        """Sides of a cell."""
        s, r, c = (
            d / n for d, n in zip(self.grid.spacing_mm, self.n_cells, strict=True)
        )
        return s, r, c

    @property
    def cell_mm3(self) -> float:
        """Volume of a cell."""
        return math.prod(self.step_mm)

    @property
    def points(self) -> Points:
        """Centres of cells in mm from the centre of voxel (0, 0, 0), ready to broadcast."""
        s, r, c = (
            (i - 0.5) * d + (np.arange(n * m) + 0.5) * d / m
            for i, n, m, d in zip(
                self.first,
                self.n_voxels,
                self.n_cells,
                self.grid.spacing_mm,
                strict=True,
            )
        )
        return s[:, None, None], r[None, :, None], c[None, None, :]


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """What a deposit changes in a box of the scan.

    Attributes
    ----------
    mass_mg
        True mass per voxel, before any blur.
    delta_hu
        To be added to the CT numbers.
    """

    box: Box
    mass_mg: Array
    delta_hu: Array


def lattice_around(centre_mm: Array, reach_mm: Array, grid: Grid) -> Lattice:
    """Lattice of cells of at most half a mm, finer where voxels are."""
    d_mm = np.array(grid.spacing_mm)
    low = np.floor((centre_mm - reach_mm) / d_mm + 0.5).astype(int).tolist()
    high = np.floor((centre_mm + reach_mm) / d_mm + 0.5).astype(int).tolist()
    n = [max(LEAST_CELLS, math.ceil(d / FINE_MM - 1e-9)) for d in grid.spacing_mm]
    return Lattice(
        grid,
        (low[0], low[1], low[2]),
        (high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1),
        (n[0], n[1], n[2]),
    )


def painted(
    cells: Lattice,
    occupancy: Array,
    mass_mg: Array,
    site: Site,
    look: "Look",
) -> Paint:
    """Paint one deposit.

    Parameters
    ----------
    cells
        Where.
    occupancy, mass_mg
        Part of each cell that the form fills, and its hydroxyapatite.
    site
        Tissues around.
    look
        How the scanner shows it.
    """
    box = _box(cells, look.psf)
    within = [
        _averaging(cells, axis, sigma, box[axis])
        for axis, sigma in enumerate(look.left_sigma_mm(cells.grid))
    ]
    sharp = [_averaging(cells, axis, 0.0, box[axis]) for axis in range(3)]
    voxel_cm3 = cells.grid.voxel_volume_mm3 / MM3_PER_CM3
    density = _spread(mass_mg, within) / voxel_cm3
    filled = _spread(occupancy, within) * (cells.cell_mm3 / cells.grid.voxel_volume_mm3)
    # In fat a deposit lies in connective tissue, without which it would not be seen.
    fat = look.fat_share(box, site)
    displaced_hu = fat * FIBROUS_HU + (1 - fat) * site.soft_hu
    k = look.k_in_water(box, cells, mass_mg)[:, None, None]
    delta = density * (k - displaced_hu / HYDROXYAPATITE_MG_CM3)
    delta += filled * fat * (FIBROUS_HU - site.fat_hu)
    return Paint(box, _spread(mass_mg, sharp), delta)


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """How a scanner shows hydroxyapatite.

    Attributes
    ----------
    psf, calibration
        As measured on the scan.
    body_diameter_mm
        In each slice, NaN without a body.
    """

    psf: Psf
    calibration: Calibration
    body_diameter_mm: Array

    def left_sigma_mm(self, grid: Grid) -> tuple[float, float, float]:
        """Blur to apply before voxels average: together they blur as the scan does.

        The measured blur holds that of the voxels. Where they are wider than all of it
        nothing is left.
        """
        s, r, c = (
            math.sqrt(max(0.0, sigma**2 - d**2 / 12))
            for sigma, d in zip(self.psf.sigma_mm, grid.spacing_mm, strict=True)
        )
        return s, r, c

    def k_in_water(self, box: Box, cells: Lattice, mass_mg: Array) -> Array:
        """HU per mg/cm3 in each slice of a box, self-hardening included."""
        areal = _areal_density_mg_cm2(cells, mass_mg)
        sizes = self.body_diameter_mm[box[0]]
        calibrations = [self.calibration.at_diameter(float(size)) for size in sizes]
        return np.array(
            [c.hu_per_mg_cm3 * c.hardening_factor(areal) for c in calibrations]
        )

    def fat_share(self, box: Box, site: Site) -> Array:
        """Part of each voxel that is fat, as blurred as the scan."""
        margin = [
            math.ceil(2 * s / d)
            for s, d in zip(self.psf.sigma_mm, site.grid.spacing_mm, strict=True)
        ]
        wide = tuple(
            slice(max(0, b.start - m), b.stop + m)
            for b, m in zip(box, margin, strict=True)
        )
        sigma = [
            s / d for s, d in zip(self.psf.sigma_mm, site.grid.spacing_mm, strict=True)
        ]
        smooth = gaussian_filter(site.is_fat[wide].astype(np.float64), sigma)
        inner = tuple(
            slice(b.start - w.start, b.stop - w.start)
            for b, w in zip(box, wide, strict=True)
        )
        return np.asarray(smooth[inner])


def _box(cells: Lattice, psf: Psf) -> Box:
    """Voxels of the scan that a deposit and its blur reach."""
    grid = cells.grid
    margin = [
        math.ceil(TAIL_SIGMAS * s / d)
        for s, d in zip(psf.sigma_mm, grid.spacing_mm, strict=True)
    ]
    s, r, c = (
        slice(max(0, i - m), min(size, i + n + m))
        for i, n, m, size in zip(
            cells.first, cells.n_voxels, margin, grid.shape, strict=True
        )
    )
    return s, r, c


def _averaging(cells: Lattice, axis: int, sigma_mm: float, span: slice) -> Array:
    """Part of each cell's content that each voxel gets, shape (voxels, cells)."""
    d = cells.grid.spacing_mm[axis]
    at = np.ravel(cells.points[axis])
    voxels = np.arange(span.start, span.stop, dtype=np.float64)
    low = (voxels[:, None] - 0.5) * d
    if sigma_mm == 0:
        inside = (at >= low) & (at < low + d)
        return inside.astype(np.float64)
    return np.asarray(
        ndtr((low + d - at) / sigma_mm) - ndtr((low - at) / sigma_mm),
        np.float64,
    )


def _spread(content: Array, matrices: list[Array]) -> Array:
    """Content of cells gathered in voxels, axis by axis."""
    out = content
    for axis, matrix in enumerate(matrices):
        out = np.moveaxis(np.tensordot(matrix, out, (1, axis)), 0, axis)
    return out


def _areal_density_mg_cm2(cells: Lattice, mass_mg: Array) -> float:
    """Hydroxyapatite along rays in the slice, averaged over the mass."""
    total = float(mass_mg.sum())
    density = mass_mg / (cells.cell_mm3 / MM3_PER_CM3)
    found: list[float] = []
    for axis in (1, 2):
        along = density.sum(axis=axis, keepdims=True) * cells.step_mm[axis] / 10.0
        found.append(float((along * mass_mg).sum()) / total)
    return float(np.mean(found))
