"""Marrow: what a clearly denser shell encloses. It is what tells bone from a deposit."""

import cc3d
import edt
import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.anatomy.holes import enclosed
from calcitrace.model.lattice import Lattice
from calcitrace.model.volume import Mask

# Cortical shells are looked for at these CT numbers; marrow lies below by the margin,
# which noise must not bridge.
SHELL_HU = (150.0, 200.0, 300.0, 450.0, 650.0, 900.0)
BELOW_HU, BELOW_FRACTION, BELOW_NOISE_SIGMAS = 60.0, 0.2, 4.0
# A hole wider than any marrow space: skull, pelvic ring, rib cage.
RADIUS_MAX_MM = 25.0
# Components smaller than this are not looked into.
SHELL_MIN_MM3 = 20.0
FLAT_HU = 150.0
MAD_TO_SIGMA = 1.4826

Hu = NDArray[np.int16]


def find_marrow(hu: Hu, lattice: Lattice) -> Mask:
    """Voxels that a shell clearly denser than themselves encloses in some slice.

    Shells are looked for in one dense component at a time: a rim is connected.

    Parameters
    ----------
    hu
        CT numbers on the lattice.
    lattice
        Its spacing.
    """
    margin_hu = BELOW_NOISE_SIGMAS * noise_hu(hu)
    out = np.zeros(hu.shape, bool)
    labels = cc3d.connected_components(hu > SHELL_HU[0], connectivity=26)
    statistics = cc3d.statistics(labels)
    block_mm3 = float(np.prod(lattice.spacing_mm))
    for label in range(1, int(labels.max()) + 1):
        if statistics["voxel_counts"][label] * block_mm3 < SHELL_MIN_MM3:
            continue
        box = statistics["bounding_boxes"][label]
        own = labels[box] == label
        at_edge = tuple(
            (b.start == 0, b.stop == n) for b, n in zip(box, hu.shape, strict=True)
        )
        for shell_hu in SHELL_HU:
            shell = own & (hu[box] > shell_hu)
            if not shell.any():
                break
            below = max(BELOW_HU, BELOW_FRACTION * shell_hu, margin_hu)
            hole = enclosed(shell, hu[box], lattice.spacing_mm, at_edge)
            out[box] |= hole & (hu[box] < shell_hu - below)
    return not_too_wide(out, lattice)


def not_too_wide(holes: Mask, lattice: Lattice) -> Mask:
    """Drop connected holes that no bone could hold."""
    labels = cc3d.connected_components(holes, connectivity=6)
    n = int(labels.max()) + 1
    keep = np.ones(n, bool)
    keep[0] = False
    boxes = cc3d.statistics(labels)["bounding_boxes"]
    for label in range(1, n):
        box = boxes[label]
        sides = [
            (b.stop - b.start) * s for b, s in zip(box, lattice.spacing_mm, strict=True)
        ]
        if min(sides) > 2 * RADIUS_MAX_MM:
            part = np.pad(labels[box] == label, 1)
            radius = edt.edt(
                part.view(np.uint8), anisotropy=lattice.spacing_mm, parallel=1
            ).max()
            keep[label] = radius <= RADIUS_MAX_MM
    return np.asarray(keep[labels])


def noise_hu(hu: Hu) -> float:
    """Noise on the lattice, from differences between neighbours in flat tissue."""
    low, high = hu[:, :, :-1], hu[:, :, 1:]
    flat = (np.abs(low) < FLAT_HU) & (np.abs(high) < FLAT_HU)
    difference = low[flat].astype(np.int32) - high[flat]
    if not difference.size:
        return 0.0
    return float(MAD_TO_SIGMA * np.median(np.abs(difference)) / np.sqrt(2))
