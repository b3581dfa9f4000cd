"""Whether a scan is like those that were learnt from.

A scan is described by a few numbers of its body. Its distance to the nearest one that was
learnt from tells how far the trees are asked to go beyond what they know, as in detection
by nearest neighbours (Sun et al. 2022, arXiv 2204.06507).
"""

import math

import edt
import numpy as np
from numpy.typing import NDArray

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.lattice import Lattice
from calcitrace.model.learned import Kin
from calcitrace.model.volume import HuVolume, Tissue

NAMES = ("diameter", "bone", "fat", "gas", "dense")
COARSE_MM, N_BLOCKS_MAX = 3.0, 4e6
GAS_HU, DENSE_HU = -400, 250
# Gas so near the skin is a fold's, not a cavity's.
SKIN_MM = 10.0
LEAST_SHARE = 1e-4
# Of a logarithm: scans that are all alike in something do not make the least difference
# in it count.
LEAST_SPREAD = 0.05
# Cavities that hold at least so much gas are those of a trunk or a head.
CAVITY_MM3 = 300.0
# Scans that have no other like them among those that were learnt from do not widen what
# counts as like.
LIMIT_QUANTILE, LIMIT_FACTOR = 0.9, 1.25


def described(volume: HuVolume, anatomy: Anatomy) -> NDArray[np.float64]:
    """A scan in numbers, shape (len(NAMES),); NaN without a body."""
    lattice = Lattice.over(volume.grid, COARSE_MM, N_BLOCKS_MAX)
    step = tuple(slice(b // 2, None, b) for b in lattice.block)
    body, hu = anatomy.body[step], volume.hu[step]
    tissue = np.asarray(anatomy.tissue.labels)[step]
    n = int(body.sum())
    if n == 0:
        return np.full(len(NAMES), np.nan)
    diameters = anatomy.body_diameter_mm
    shares = (
        (tissue == Tissue.SKELETON).sum(),
        (tissue == Tissue.FAT).sum(),
        cavity_mm3(volume, anatomy) / float(np.prod(lattice.spacing_mm)),
        (body & (hu > DENSE_HU) & (tissue != Tissue.SKELETON)).sum(),
    )
    return np.array(
        [
            math.log(float(np.nanmedian(diameters))),
            *(math.log(float(share) / n + LEAST_SHARE) for share in shares),
        ]
    )


def cavity_mm3(volume: HuVolume, anatomy: Anatomy) -> float:
    """Volume of gas inside the body, away from the skin."""
    lattice = Lattice.over(volume.grid, COARSE_MM, N_BLOCKS_MAX)
    step = tuple(slice(b // 2, None, b) for b in lattice.block)
    body = np.ascontiguousarray(anatomy.body[step])
    padded = np.pad(body, 1, mode="edge").view(np.uint8)
    depth = edt.edt(padded, anisotropy=lattice.spacing_mm)[1:-1, 1:-1, 1:-1]
    gas = (volume.hu[step] < GAS_HU) & (depth > SKIN_MM)
    return float(gas.sum()) * float(np.prod(lattice.spacing_mm))


def kin_of(rows: NDArray[np.float64], patients: list[str]) -> Kin:
    """What counts as like some scans.

    Parameters
    ----------
    rows
        Described scans, shape (scan, number).
    patients
        Whose each is: a patient's other scans do not make him one of many.
    """
    middle = rows.mean(axis=0)
    scale = np.maximum(rows.std(axis=0), LEAST_SPREAD)
    own = (rows - middle) / scale
    of = np.array(patients)
    nearest = [
        float(np.linalg.norm(own[of != patient] - row, axis=1).min())
        for row, patient in zip(own, patients, strict=True)
    ]
    limit = LIMIT_FACTOR * float(np.quantile(nearest, LIMIT_QUANTILE))
    return Kin(NAMES, middle, scale, own, limit)


def distance(kin: Kin, row: NDArray[np.float64]) -> float:
    """From a described scan to the nearest that was learnt from; inf without a body."""
    if not np.isfinite(row).all():
        return math.inf
    away = kin.rows - (row - kin.middle) / kin.scale
    return float(np.linalg.norm(away, axis=1).min())
