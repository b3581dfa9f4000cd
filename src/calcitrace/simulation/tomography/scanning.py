"""One scan of one phantom: rays, noise, water correction, reconstruction."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import InputError
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.tomography.detector import CHANNEL_PITCH_MM
from calcitrace.simulation.tomography.machine import Machine
from calcitrace.simulation.tomography.reconstruction import (
    OVERSAMPLING,
    back_projected,
    filtered,
)
from calcitrace.simulation.tomography.shadows import Shadows
from calcitrace.simulation.tomography.turn import Turn, turn_around

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

SLICES_AT_ONCE = 16
LOWEST_HU, HIGHEST_HU = -1024, 3071  # 12 bits, as scanners store them
HU_PER_WATER = 1000.0
ROW_SEED_OFFSET = 1 << 30  # row numbers may be negative, seeds may not


def scan_phantom(
    body: Phantom | Shadows,
    machine: Machine,
    grid: Grid,
    seed: int,
    progress: Callable[[float], None] = lambda _: None,
) -> HuVolume:
    """Scan a phantom and reconstruct a lattice of voxels.

    Parameters
    ----------
    body
        Phantom in patient space; or its shadows, which keep what was traced for more
        scans of the same body.
    machine
        Tube, dose, kernel and slices; `slice_step_mm` is that of the grid.
    grid
        Voxels to reconstruct, any part of the body. Slices lie in the plane of
        rotation, whose axis is the slice direction through the patient's origin.
    seed
        Of the noise. The noise of a place does not depend on what else is
        reconstructed, so a part of a scan equals the same part of the whole.
    progress
        Hears the fraction done.

    Returns
    -------
    HuVolume
        int16, clipped to the 12 bits of scanners.

    Raises
    ------
    InputError
        If no ray meets anything, or the grid has another step than the machine.
    """
    if not math.isclose(machine.slice_step_mm, grid.spacing_mm[0], rel_tol=1e-6):
        msg = (
            f"Expected a grid with slices every {machine.slice_step_mm:g} mm, got "
            f"{grid.spacing_mm[0]:g} mm. Give both the same step."
        )
        raise InputError(msg)
    shadows = body if isinstance(body, Shadows) else Shadows(body, kept=None)
    turn = turn_around(shadows.traced(machine), machine, grid)
    read = _Reader(shadows, machine, turn, seed)
    out = np.empty(grid.shape, np.int16)
    rows: dict[int, Floats] = {}
    for first in range(0, grid.shape[0], SLICES_AT_ONCE):
        index = range(first, min(first + SLICES_AT_ONCE, grid.shape[0]))
        needed = {index[0] * turn.rows_per_slice + j for j, _ in turn.profile}
        oldest = min(needed)
        rows = {j: row for j, row in rows.items() if j >= oldest}
        out[index.start : index.stop] = _reconstructed(read, index, rows)
        progress(index.stop / grid.shape[0])
    return HuVolume(out, grid)


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """Reads rows of the detector, each with the noise that belongs to its place."""

    shadows: Shadows
    machine: Machine
    turn: Turn
    seed: int

    def row(self, row: int) -> Floats:
        """Water lengths of one detector row."""
        turn = self.turn
        height = float(turn.place_mm(row) @ turn.views.axes[2]) / turn.row_mm
        rng = np.random.default_rng((self.seed, ROW_SEED_OFFSET + round(height)))
        signals = self.shadows.row(turn, self.machine, row)
        return turn.detector.water_length_mm(*signals, rng)


def _reconstructed(read: _Reader, index: range, rows: dict[int, Floats]) -> Array:
    """HU of some slices, shape (slice, row, column); adds what it reads to `rows`."""
    turn = read.turn
    slices: list[Floats] = []
    for k in index:
        total = np.zeros(turn.shape, np.float32)
        for offset, weight in turn.profile:
            j = k * turn.rows_per_slice + offset
            if j not in rows:
                rows[j] = read.row(j)
            total += np.float32(weight) * rows[j]
        wide = np.pad(total, ((0, 0), (turn.n_outside, turn.n_outside)))
        slices.append(filtered(wide, CHANNEL_PITCH_MM, turn.kernel))
    u, v, _ = turn.views.axes
    origin = np.asarray(turn.grid.origin_mm)
    _, n_rows, n_columns = turn.grid.shape
    _, row_mm, column_mm = turn.grid.spacing_mm
    density = back_projected(
        np.ascontiguousarray(np.stack(slices, axis=-1)),
        turn.views.angles_rad,
        float(turn.views.offsets_mm[0].mean()) - turn.n_outside * CHANNEL_PITCH_MM,
        CHANNEL_PITCH_MM / OVERSAMPLING,
        origin @ v + row_mm * np.arange(n_rows),
        origin @ u + column_mm * np.arange(n_columns),
    )
    hu = HU_PER_WATER * (np.moveaxis(density, 2, 0) - 1.0)
    return np.asarray(np.clip(np.rint(hu), LOWEST_HU, HIGHEST_HU))


def lattice(
    machine: Machine, first_mm: tuple[float, float, float], shape: tuple[int, int, int]
) -> Grid:
    """Axial voxels of a machine's pixels and slices from a corner (x, y, z) on."""
    spacing = (machine.slice_step_mm, machine.pixel_mm, machine.pixel_mm)
    return Grid(shape, spacing, first_mm)


def with_slices(machine: Machine, thickness_mm: float) -> Machine:
    """The same machine with contiguous slices of a thickness."""
    return replace(machine, slice_thickness_mm=thickness_mm, slice_step_mm=thickness_mm)
