"""Exact chords of rays through solids, and the spectrum behind them, compiled.

A ray p(t) = place + s (cos u + sin v) + t (-sin u + cos v) meets a quadric
|M (p - c)|^2 = 1 where a t^2 + 2 (b0 + s b1) t + c0 + 2 s c1 + s^2 c2 = 0, with
coefficients that depend on the view alone. Along the ray the last part that covers a
point decides its material; a deposit fills its share of the volume with hydroxyapatite
and leaves the rest to what lies beneath.
"""

from typing import NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from calcitrace.simulation.tomography.weighing import (
    Events,
    Filling,
    attenuate,
    insert,
    lengths_along,
    passed,
)

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_EVENTS = 512
BLOCK = 16  # channels that share a list of the solids near them
ENDLESS_MM = 1e5
PARALLEL, PARALLEL_SQUARED = 1e-12, 1e-18


class Row(NamedTuple):
    """Solids as one row of the detector meets them.

    Attributes
    ----------
    at, hole_at
        Quadrics applied to the row's centre, shape (solid, 3).
    matrix, hole
        Quadrics applied to u and v, shape (solid, 3, 2).
    plane_rest, plane_uv
        Room to each plane, shape (solid, plane), and its normal along u and v.
    n_planes
        Planes that count, the first ones, shape (solid,).
    owner
        Part of each solid, shape (solid,).
    """

    at: Array
    hole_at: Array
    matrix: Array
    hole: Array
    plane_rest: Array
    plane_uv: Array
    n_planes: Ints
    owner: Ints


class Rays(NamedTuple):
    """Rays of one row, and what they carry.

    Attributes
    ----------
    angles_rad, offsets_mm
        Shapes (view,) and (channel, sub-ray); offsets rise along both axes.
    source_kev, energies_kev
        Shapes (channel, energy) and (energy,).
    """

    angles_rad: Array
    offsets_mm: Array
    source_kev: Array
    energies_kev: Array


class _View(NamedTuple):
    """Coefficients of all solids in one view."""

    outer: Array
    inner: Array
    plane_s: Array
    plane_d: Array
    shadow: Array


@njit(cache=True, fastmath=True)
def _quadric(at: Array, sideways: Array, along: Array, out: Array) -> None:
    """Coefficients a, b0, b1, c0, c1, c2 of one solid in one view."""
    for k in range(6):
        out[k] = 0.0
    for i in range(3):
        out[0] += along[i] * along[i]
        out[1] += along[i] * at[i]
        out[2] += along[i] * sideways[i]
        out[3] += at[i] * at[i]
        out[4] += at[i] * sideways[i]
        out[5] += sideways[i] * sideways[i]


@njit(cache=True, fastmath=True)
def _roots(quadrics: Array, i: int, s: float) -> tuple[float, float]:
    """Where a ray enters and leaves one quadric; the wrong way round if it misses."""
    a = quadrics[i, 0]
    b = quadrics[i, 1] + s * quadrics[i, 2]
    c = quadrics[i, 3] - 1.0 + s * (2.0 * quadrics[i, 4] + s * quadrics[i, 5])
    if a < PARALLEL_SQUARED:  # along a cylinder
        far = ENDLESS_MM if c <= 0.0 else -ENDLESS_MM
        return -far, far
    disc = b * b - a * c
    if disc <= 0.0:
        return ENDLESS_MM, -ENDLESS_MM
    root = np.sqrt(disc)
    return (-b - root) / a, (-b + root) / a


@njit(cache=True, fastmath=True)
def _shadow(q: Array, out: Array) -> None:
    """Between which distances from the axis rays can meet one quadric."""
    # Its discriminant is a parabola in s: bend s^2 + 2 slope s + level.
    bend = q[2] * q[2] - q[0] * q[5]
    slope = q[1] * q[2] - q[0] * q[4]
    level = q[1] * q[1] - q[0] * (q[3] - 1.0)
    if q[0] < PARALLEL_SQUARED or bend > -PARALLEL_SQUARED:
        out[0], out[1] = -ENDLESS_MM, ENDLESS_MM
        return
    inside = slope * slope - bend * level
    if inside <= 0.0:
        out[0], out[1] = ENDLESS_MM, -ENDLESS_MM
        return
    root = np.sqrt(inside)
    out[0], out[1] = (-slope + root) / bend, (-slope - root) / bend


@njit(cache=True, fastmath=True)
def _seen(row: Row, angle: float) -> _View:
    """Coefficients of all solids in one view."""
    n_solids, n_planes = row.plane_rest.shape
    cos, sin = np.cos(angle), np.sin(angle)
    view = _View(
        np.empty((n_solids, 6)),
        np.empty((n_solids, 6)),
        np.empty((n_solids, n_planes)),
        np.empty((n_solids, n_planes)),
        np.empty((n_solids, 2)),
    )
    for i in range(n_solids):
        for matrix, at, out in (
            (row.matrix[i], row.at[i], view.outer[i]),
            (row.hole[i], row.hole_at[i], view.inner[i]),
        ):
            sideways = cos * matrix[:, 0] + sin * matrix[:, 1]
            along = cos * matrix[:, 1] - sin * matrix[:, 0]
            _quadric(at, sideways, along, out)
        view.plane_s[i] = cos * row.plane_uv[i, :, 0] + sin * row.plane_uv[i, :, 1]
        view.plane_d[i] = cos * row.plane_uv[i, :, 1] - sin * row.plane_uv[i, :, 0]
        _shadow(view.outer[i], view.shadow[i])
    return view


@njit(cache=True, fastmath=True)
def _near(shadow: Array, low: float, high: float, out: Ints) -> int:
    """List solids that rays between two distances can meet; returns how many."""
    n = 0
    for i in range(shadow.shape[0]):
        if shadow[i, 0] <= high and shadow[i, 1] >= low:
            out[n] = i
            n += 1
    return n


@njit(cache=True, fastmath=True)
def _chord(row: Row, view: _View, i: int, s: float) -> tuple[float, float]:
    """Where a ray enters and leaves a solid; the wrong way round if it misses."""
    low, high = _roots(view.outer, i, s)
    for k in range(row.n_planes[i]):
        room = row.plane_rest[i, k] - s * view.plane_s[i, k]
        slope = view.plane_d[i, k]
        if slope > PARALLEL:
            high = min(high, room / slope)
        elif slope < -PARALLEL:
            low = max(low, room / slope)
        elif room < 0.0:
            return ENDLESS_MM, -ENDLESS_MM
    return low, high


@njit(cache=True, fastmath=True)
def _met(
    row: Row, view: _View, near: tuple[Ints, int], s: float, events: Events
) -> int:
    """List where one ray enters and leaves solids; returns how many events."""
    n = 0
    for m in range(near[1]):
        i = near[0][m]
        if s < view.shadow[i, 0] or s > view.shadow[i, 1]:
            continue
        low, high = _chord(row, view, i, s)
        if low >= high:
            continue
        code = int(row.owner[i]) + 1
        n = insert(events, n, low, code)
        n = insert(events, n, high, -code)
        if view.inner[i, 0] > 0.0:
            start, end = _roots(view.inner, i, s)
            start, end = max(start, low), min(end, high)
            if start < end:
                n = insert(events, n, start, -code)
                n = insert(events, n, end, code)
    return n


@njit(cache=True, fastmath=True, parallel=True)
def trace_row(row: Row, filling: Filling, rays: Rays) -> tuple[Array, Array]:
    """Signal and its variance for all views of one row, shape (view, channel)."""
    n_views, (n_channels, n_sub) = rays.angles_rad.shape[0], rays.offsets_mm.shape
    n_materials, n_energies = filling.attenuation_per_mm.shape
    signal = np.zeros((n_views, n_channels))
    variance = np.zeros((n_views, n_channels))
    for view in prange(n_views):
        seen = _seen(row, rays.angles_rad[view])
        events = Events(np.empty(MAX_EVENTS), np.empty(MAX_EVENTS, np.int64))
        count = np.zeros(filling.material.shape[0], np.int64)
        lengths = np.zeros(n_materials)
        lines = np.empty(n_energies)
        near, n_near = np.empty(row.owner.shape[0], np.int64), 0
        for channel in range(n_channels):
            if channel % BLOCK == 0:
                last = min(channel + BLOCK, n_channels) - 1
                n_near = _near(
                    seen.shadow,
                    rays.offsets_mm[channel, 0],
                    rays.offsets_mm[last, n_sub - 1],
                    near,
                )
            for sub in range(n_sub):
                s = rays.offsets_mm[channel, sub]
                n = _met(row, seen, (near, n_near), s, events)
                lengths[:] = 0.0
                lengths_along(events, n, filling, count, lengths)
                attenuate(lengths, filling.attenuation_per_mm, lines)
                one, spread = passed(lines, rays.source_kev, channel, rays.energies_kev)
                signal[view, channel] += one / n_sub
                variance[view, channel] += spread / n_sub
    return signal, variance
