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
from calcitrace.simulation.tomography.beam import beam_of
from calcitrace.simulation.tomography.detector import (
    CHANNEL_PITCH_MM,
    CHANNEL_WIDTH_MM,
    Detector,
)
from calcitrace.simulation.tomography.machine import Kernel, Machine
from calcitrace.simulation.tomography.rays import (
    TracedPhantom,
    Views,
    row_signals,
    traced,
)
from calcitrace.simulation.tomography.reconstruction import (
    OVERSAMPLING,
    back_projected,
    filtered,
)

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

ROW_MAX_MM = 0.5
N_SUB, N_SUB_ROWS = 2, 2
# The profile of a slice: a box smoothed by a box of this part of it.
PROFILE_SMOOTHING = 0.5
N_VIEWS_MIN, N_VIEWS_MAX, VIEW_SPACING_MM = 300, 1000, 0.55
MARGIN_MM = 6.0
SEARCH_MM, SEARCH_STEP_MM, N_SEARCH_VIEWS, N_SEARCH_ROWS = 420.0, 2.0, 16, 9
SLICES_AT_ONCE = 16
LOWEST_HU, HIGHEST_HU = -1024, 3071  # 12 bits, as scanners store them
HU_PER_WATER = 1000.0
ROW_SEED_OFFSET = 1 << 30  # row numbers may be negative, seeds may not


def scan_phantom(
    phantom: Phantom,
    machine: Machine,
    grid: Grid,
    seed: int,
    progress: Callable[[float], None] = lambda _: None,
    *,
    is_uniform: bool = False,
) -> HuVolume:
    """Scan a phantom and reconstruct a lattice of voxels.

    Parameters
    ----------
    phantom
        In patient space.
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
    is_uniform
        The body is the same in every slice: its rays are traced once.

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
    turn = _turn_around(phantom, machine, grid)
    if is_uniform:
        turn = replace(turn, uniform=_expected(turn, 0))
    out = np.empty(grid.shape, np.int16)
    rows: dict[int, Floats] = {}
    for first in range(0, grid.shape[0], SLICES_AT_ONCE):
        index = range(first, min(first + SLICES_AT_ONCE, grid.shape[0]))
        needed = {index[0] * turn.rows_per_slice + j for j, _ in turn.profile}
        oldest = min(needed)
        rows = {j: row for j, row in rows.items() if j >= oldest}
        out[index.start : index.stop] = _reconstructed(turn, index, rows, seed)
        progress(index.stop / grid.shape[0])
    return HuVolume(out, grid)


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """Geometry of one scan.

    Attributes
    ----------
    start_mm
        Where the rotation axis meets the first slice.
    row_mm, rows_per_slice
        Distance between detector rows; rows from one slice to the next.
    profile
        (row relative to the slice's, weight); weights sum to 1.
    n_outside
        Channels of air to add on either side, so that filtered views reach the corners
        of the grid.
    uniform
        What every row reads, where all read the same.
    """

    scene: TracedPhantom
    views: Views
    detector: Detector
    grid: Grid
    kernel: Kernel
    start_mm: Array
    row_mm: float
    rows_per_slice: int
    profile: tuple[tuple[int, float], ...]
    n_outside: int
    uniform: tuple[Array, Array] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Views and channels."""
        return len(self.views.angles_rad), len(self.views.offsets_mm)

    def place_mm(self, row: float) -> Array:
        """Where the rotation axis meets a row."""
        return np.asarray(self.start_mm + row * self.row_mm * self.views.axes[2])


def _turn_around(phantom: Phantom, machine: Machine, grid: Grid) -> _Turn:
    """Choose channels and views so that they hold the whole body."""
    beam = beam_of(machine)
    scene = traced(phantom, beam.energies_kev)
    normal, v, u = (np.asarray(axis, float) for axis in grid.direction)
    axes = np.stack([u, v, normal])
    start = normal * float(np.asarray(grid.origin_mm) @ normal)
    half_mm = _half_width_mm(scene, axes, start, grid) + MARGIN_MM
    n = 2 * math.ceil(half_mm / CHANNEL_PITCH_MM)
    centres = (np.arange(n, dtype=np.float64) - (n - 1) / 2) * CHANNEL_PITCH_MM
    sub = ((np.arange(N_SUB, dtype=np.float64) + 0.5) / N_SUB - 0.5) * CHANNEL_WIDTH_MM
    wanted = math.ceil(math.pi * half_mm / VIEW_SPACING_MM)
    n_views = min(max(wanted, N_VIEWS_MIN), N_VIEWS_MAX)
    angles = np.arange(n_views) * math.pi / n_views
    rows_per_slice = math.ceil(machine.slice_step_mm / ROW_MAX_MM - 1e-9)
    row_mm = machine.slice_step_mm / rows_per_slice
    return _Turn(
        scene=scene,
        views=Views(axes, angles, centres[:, None] + sub),
        detector=Detector.of(machine, beam, centres, n_views, row_mm),
        grid=grid,
        kernel=machine.kernel,
        start_mm=start,
        row_mm=row_mm,
        rows_per_slice=rows_per_slice,
        profile=slice_profile(machine.slice_thickness_mm, row_mm),
        n_outside=max(
            0, math.ceil((_corner_mm(grid) - half_mm) / CHANNEL_PITCH_MM) + 1
        ),
    )


def _corner_mm(grid: Grid) -> float:
    """Distance of the farthest pixel from the rotation axis."""
    index = [(0, i, j) for i in (0, grid.shape[1]) for j in (0, grid.shape[2])]
    corners = grid.to_world_mm(np.array(index)) @ np.asarray(grid.direction[1:]).T
    return float(np.hypot(corners[:, 0], corners[:, 1]).max())


def slice_profile(thickness_mm: float, row_mm: float) -> tuple[tuple[int, float], ...]:
    """Weights of rows in a slice: a trapezoid of the thickness at half height.

    Examples
    --------
    >>> [(j, round(w, 3)) for j, w in slice_profile(1.0, 0.5)]
    [(-1, 0.25), (0, 0.5), (1, 0.25)]
    """
    ramp = PROFILE_SMOOTHING * thickness_mm
    reach = math.ceil((thickness_mm + ramp) / 2 / row_mm)
    rows = np.arange(-reach, reach + 1)
    height = np.clip(
        ((thickness_mm + ramp) / 2 - np.abs(rows * row_mm)) / ramp, 0.0, 1.0
    )
    height /= height.sum()
    return tuple((int(j), float(w)) for j, w in zip(rows, height, strict=True) if w > 0)


def _half_width_mm(
    scene: TracedPhantom, axes: Array, start_mm: Array, grid: Grid
) -> float:
    """Distance from the rotation axis that holds every ray that meets something."""
    offsets = np.arange(-SEARCH_MM, SEARCH_MM + 1e-9, SEARCH_STEP_MM)
    views = Views(
        axes, np.arange(N_SEARCH_VIEWS) * math.pi / N_SEARCH_VIEWS, offsets[:, None]
    )
    n_energies = int(scene.attenuation_per_mm.shape[1])
    source = np.full((len(offsets), n_energies), 1 / n_energies)
    length = grid.extent_mm[0]
    reach = 0.0
    for part in np.linspace(0, 1, N_SEARCH_ROWS):
        place = start_mm + part * length * axes[2]
        signal, _ = row_signals(
            scene, views, place, source, np.ones(n_energies, np.float64)
        )
        hit = (signal < 1 - 1e-9).any(axis=0)
        if hit.any():
            reach = max(reach, float(np.abs(offsets[hit]).max()))
    if reach == 0:
        msg = (
            "Expected a body in the range to be scanned, got nothing but air. Move "
            "the range or the body."
        )
        raise InputError(msg)
    return reach + SEARCH_STEP_MM


def _reconstructed(
    turn: _Turn, index: range, rows: dict[int, Floats], seed: int
) -> Array:
    """HU of some slices, shape (slice, row, column); adds what it reads to `rows`."""
    slices: list[Floats] = []
    for k in index:
        total = np.zeros(turn.shape, np.float32)
        for offset, weight in turn.profile:
            j = k * turn.rows_per_slice + offset
            if j not in rows:
                rows[j] = _read_row(turn, j, seed)
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


def _read_row(turn: _Turn, row: int, seed: int) -> Floats:
    """Water lengths of one detector row, with the noise that belongs to its place."""
    signal, variance = turn.uniform or _expected(turn, row)
    height = float(turn.place_mm(row) @ turn.views.axes[2]) / turn.row_mm
    rng = np.random.default_rng((seed, ROW_SEED_OFFSET + round(height)))
    return turn.detector.water_length_mm(signal, variance, rng)


def _expected(turn: _Turn, row: int) -> tuple[Array, Array]:
    """Signal of one detector row and variance of its photons, without noise."""
    signal, variance = np.zeros(turn.shape), np.zeros(turn.shape)
    for sub in range(N_SUB_ROWS):
        place = turn.place_mm(row + (sub + 0.5) / N_SUB_ROWS - 0.5)
        one, spread = row_signals(
            turn.scene,
            turn.views,
            place,
            turn.detector.source_kev,
            turn.detector.energies_kev,
        )
        signal += one / N_SUB_ROWS
        variance += spread / N_SUB_ROWS
    return signal, variance


def lattice(
    machine: Machine, first_mm: tuple[float, float, float], shape: tuple[int, int, int]
) -> Grid:
    """Axial voxels of a machine's pixels and slices from a corner (x, y, z) on."""
    spacing = (machine.slice_step_mm, machine.pixel_mm, machine.pixel_mm)
    return Grid(shape, spacing, first_mm)


def with_slices(machine: Machine, thickness_mm: float) -> Machine:
    """The same machine with contiguous slices of a thickness."""
    return replace(machine, slice_thickness_mm=thickness_mm, slice_step_mm=thickness_mm)
