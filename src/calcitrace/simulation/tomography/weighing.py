"""What one ray meets, in order, and what of the beam passes, compiled."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


class Filling(NamedTuple):
    """What parts are made of; as in `TracedPhantom`."""

    material: Ints
    filled: Array
    attenuation_per_mm: Array


class Events(NamedTuple):
    """Where a ray enters and leaves parts, in order."""

    times: Array
    codes: Ints


@njit(cache=True, fastmath=True)
def insert(events: Events, n: int, time: float, code: int) -> int:
    """Put an event in its place; codes are part + 1, negative where it ends."""
    k = n
    while k > 0 and events.times[k - 1] > time:
        events.times[k], events.codes[k] = events.times[k - 1], events.codes[k - 1]
        k -= 1
    events.times[k], events.codes[k] = time, code
    return n + 1


@njit(cache=True, fastmath=True)
def lengths_along(
    events: Events, n: int, filling: Filling, count: Ints, out: Array
) -> None:
    """Walk along the ray and add up the length in each material.

    `count` is all zeros before and after.
    """
    calcium = out.shape[0] - 1
    top, dense = -1, -1
    for k in range(n - 1):
        code = events.codes[k]
        part = abs(code) - 1
        count[part] += 1 if code > 0 else -1
        if filling.filled[part] > 0.0:
            dense = part if count[part] > 0 else (-1 if dense == part else dense)
        elif count[part] > 0:
            top = max(top, part)
        elif part == top:
            while top >= 0 and count[top] == 0:
                top -= 1
        step = events.times[k + 1] - events.times[k]
        if step <= 0.0:
            continue
        share = 0.0 if dense < 0 else filling.filled[dense]
        out[calcium] += share * step
        if top >= 0:
            out[filling.material[top]] += (1.0 - share) * step
    for k in range(n):
        count[abs(events.codes[k]) - 1] = 0


@njit(cache=True, fastmath=True)
def attenuate(lengths: Array, per_mm: Array, lines: Array) -> None:
    """Line integral at each energy."""
    lines[:] = 0.0
    for m in range(lengths.shape[0]):
        if lengths[m] > 0.0:
            for e in range(lines.shape[0]):
                lines[e] += per_mm[m, e] * lengths[m]


@njit(cache=True, fastmath=True)
def passed(
    lines: Array, source: Array, channel: int, energies: Array
) -> tuple[float, float]:
    """Signal that passes in one channel, and its variance.

    exp(-x) as (series of exp(-x / 64))^64: within 3e-10, and without a call, so that
    several energies are done at once.
    """
    signal, variance = 0.0, 0.0
    for e in range(lines.shape[0]):
        x = -lines[e] / 64.0
        y = 1.0 + x * (
            1.0
            + x
            / 2.0
            * (
                1.0
                + x
                / 3.0
                * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))
            )
        )
        y = y * y
        y = y * y
        y = y * y
        y = y * y
        y = y * y
        y = y * y
        part = source[channel, e] * y
        signal += part
        variance += part * energies[e]
    return signal, variance
