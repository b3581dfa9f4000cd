"""Outlines of masks as closed lines."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.volume import Mask

Loop = NDArray[np.float64]
MIN_CORNERS = 4


def outlines(mask: Mask) -> tuple[Loop, ...]:
    """Closed lines around a mask, corners cut half-way.

    Parameters
    ----------
    mask
        Shape (row, column).

    Returns
    -------
    tuple
        One line per edge of a part or hole, shape (n, 2): (row, column), where (0, 0) is
        the centre of the first pixel. The last point joins the first.
    """
    return tuple(_rounded(corners) for corners in _loops(mask))


def _loops(mask: Mask) -> list[Loop]:
    """Follow pixel edges with the mask on the right hand."""
    padded = np.pad(mask, 1)
    ahead: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    # An edge between two pixels of a row, then between two of a column; corner (r, c) is
    # the upper left one of padded pixel (r, c).
    across = padded[:, 1:].astype(np.int8) - padded[:, :-1]
    down = padded[1:].astype(np.int8) - padded[:-1]
    for r, c in np.argwhere(across):
        ends = (int(r), int(c) + 1), (int(r) + 1, int(c) + 1)
        start, stop = ends[::-1] if across[r, c] > 0 else ends
        ahead[start].append(stop)
    for r, c in np.argwhere(down):
        ends = (int(r) + 1, int(c)), (int(r) + 1, int(c) + 1)
        start, stop = ends if down[r, c] > 0 else ends[::-1]
        ahead[start].append(stop)
    loops: list[Loop] = []
    while ahead:
        corner = first = min(ahead)
        path: list[tuple[int, int]] = []
        before: tuple[int, int] | None = None
        while not path or corner != first:
            path.append(corner)
            before, corner = corner, _step(ahead, corner, before)
        loops.append(np.array(path, np.float64) - 1.5)
    return loops


def _step(
    ahead: dict[tuple[int, int], list[tuple[int, int]]],
    corner: tuple[int, int],
    before: tuple[int, int] | None,
) -> tuple[int, int]:
    """Take the next edge; where two parts meet in a corner, stay on one part."""
    ways = ahead[corner]
    if before is not None and len(ways) > 1:
        back = (corner[0] - before[0], corner[1] - before[1])
        right = (corner[0] + back[1], corner[1] - back[0])
        ways.sort(key=lambda way: way != right)
    step = ways.pop(0)
    if not ways:
        del ahead[corner]
    return step


def _rounded(path: Loop) -> Loop:
    """Middles of the edges: diagonals become straight, corners are cut."""
    middles = (path + np.roll(path, -1, axis=0)) / 2
    if len(path) <= MIN_CORNERS:
        return path  # a lone pixel keeps its size
    is_bend = np.any(
        np.roll(middles, -1, axis=0) - middles != middles - np.roll(middles, 1, axis=0),
        axis=1,
    )
    return np.asarray(middles[is_bend])
