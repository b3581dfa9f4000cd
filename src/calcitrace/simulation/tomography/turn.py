"""Geometry of one scan: rows, views and channels that hold the whole body."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import InputError
from calcitrace.model.grid import Grid
from calcitrace.simulation.tomography.beam import beam_of
from calcitrace.simulation.tomography.detector import (
    CHANNEL_PITCH_MM,
    CHANNEL_WIDTH_MM,
    Detector,
)
from calcitrace.simulation.tomography.machine import Kernel, Machine
from calcitrace.simulation.tomography.rays import TracedPhantom, Views, row_signals

Array = NDArray[np.float64]

ROW_MAX_MM = 0.5
N_SUB = 2
# The profile of a slice: a box smoothed by a box of this part of it.
PROFILE_SMOOTHING = 0.5
N_VIEWS_MIN, N_VIEWS_MAX, VIEW_SPACING_MM = 300, 1000, 0.55
MARGIN_MM = 6.0
SEARCH_MM, SEARCH_STEP_MM, N_SEARCH_VIEWS, N_SEARCH_ROWS = 420.0, 2.0, 16, 9


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
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

    @property
    def shape(self) -> tuple[int, int]:
        """Views and channels."""
        return len(self.views.angles_rad), len(self.views.offsets_mm)

    def place_mm(self, row: float) -> Array:
        """Where the rotation axis meets a row."""
        return np.asarray(self.start_mm + row * self.row_mm * self.views.axes[2])


def turn_around(scene: TracedPhantom, machine: Machine, grid: Grid) -> Turn:
    """Choose channels and views so that they hold the whole body."""
    beam = beam_of(machine)
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
    return Turn(
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
        place = start_mm + (part * length - grid.spacing_mm[0] / 2) * axes[2]
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
