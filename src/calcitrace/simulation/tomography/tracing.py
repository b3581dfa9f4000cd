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
    add_passed,
    attenuate,
    insert,
    lengths_along,
)

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_EVENTS = 512
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
    owner
        Part of each solid, shape (solid,).
    """

    at: Array
    hole_at: Array
    matrix: Array
    hole: Array
    plane_rest: Array
    plane_uv: Array
    owner: Ints


class Rays(NamedTuple):
    """Rays of one row, and what they carry.

    Attributes
    ----------
    angles_rad, offsets_mm
        Shapes (view,) and (channel, sub-ray).
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
def _roots(q: Array, s: float, out: Array) -> bool:
    """Where a ray enters and leaves one quadric; False if it misses."""
    b = q[1] + s * q[2]
    c = q[3] - 1.0 + s * (2.0 * q[4] + s * q[5])
    if q[0] < PARALLEL_SQUARED:  # along a cylinder
        out[0], out[1] = -ENDLESS_MM, ENDLESS_MM
        return bool(c <= 0.0)
    disc = b * b - q[0] * c
    if disc <= 0.0:
        return False
    root = np.sqrt(disc)
    out[0], out[1] = (-b - root) / q[0], (-b + root) / q[0]
    return True


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
def _clipped(rest: Array, sideways: Array, along: Array, s: float, out: Array) -> bool:
    """Cut an interval at planes; False if nothing is left."""
    for k in range(rest.shape[0]):
        room = rest[k] - s * sideways[k]
        slope = along[k]
        if slope > PARALLEL:
            out[1] = min(out[1], room / slope)
        elif slope < -PARALLEL:
            out[0] = max(out[0], room / slope)
        elif room < 0.0:
            return False
    return bool(out[0] < out[1])


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
def _met(row: Row, view: _View, s: float, span: Array, events: Events) -> int:
    """List where one ray enters and leaves solids; returns how many events."""
    n = 0
    for i in range(row.owner.shape[0]):
        if s < view.shadow[i, 0] or s > view.shadow[i, 1]:
            continue
        if not _roots(view.outer[i], s, span[0]):
            continue
        if not _clipped(
            row.plane_rest[i], view.plane_s[i], view.plane_d[i], s, span[0]
        ):
            continue
        code = row.owner[i] + 1
        n = insert(events, n, span[0, 0], code)
        n = insert(events, n, span[0, 1], -code)
        if view.inner[i, 0] > 0.0 and _roots(view.inner[i], s, span[1]):
            low, high = max(span[1, 0], span[0, 0]), min(span[1, 1], span[0, 1])
            if low < high:
                n = insert(events, n, low, -code)
                n = insert(events, n, high, code)
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
        span, lengths = np.empty((2, 2)), np.zeros(n_materials)
        lines, sums = np.empty(n_energies), np.empty(2)
        for channel in range(n_channels):
            sums[:] = 0.0
            for sub in range(n_sub):
                n = _met(row, seen, rays.offsets_mm[channel, sub], span, events)
                lengths[:] = 0.0
                lengths_along(events, n, filling, count, lengths)
                attenuate(lengths, filling.attenuation_per_mm, lines)
                add_passed(
                    lines, rays.source_kev[channel], rays.energies_kev, n_sub, sums
                )
            signal[view, channel], variance[view, channel] = sums[0], sums[1]
    return signal, variance
