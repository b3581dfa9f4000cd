"""Places in the images that a mapped deposit may fill."""

from dataclasses import dataclass
from statistics import NormalDist

import edt
import numpy as np

from calcitrace.model.grid import Grid
from calcitrace.model.volume import Mask


def reaching(mask: Mask, grid: Grid, reach_mm: float) -> Mask:
    """Voxels of a mask and those whose centres lie within a reach of one of its own."""
    if reach_mm <= 0:
        return mask
    field = edt.edt((~mask).view(np.uint8), anisotropy=grid.spacing_mm)
    return np.asarray(field <= reach_mm, np.bool_)


@dataclass(frozen=True, slots=True)
class Luck:
    """What the brightest of many places in noise is worth, in its sigmas.

    Attributes
    ----------
    expected
        Of the brightest one, on average.
    limit
        What it stays below, but for one look in a thousand.
    """

    expected: float
    limit: float


# Looking where nothing was detected must not find something by chance.
FALSE_LOOKS = 1e-3


def luck_of(n_voxels: int, n_correlated: float) -> Luck:
    """How far chance alone lifts the brightest voxel of a place.

    A place where nothing stands out is weighed about its brightest voxel, which is no
    fair draw. The mean of the largest of n normal values is Blom's approximation [1]_.

    Parameters
    ----------
    n_voxels
        Of the place.
    n_correlated
        Voxels that share one noise value.

    Examples
    --------
    >>> luck = luck_of(100, 1.0)
    >>> round(luck.expected, 2), round(luck.limit, 2)
    (2.5, 4.26)

    References
    ----------
    .. [1] G. Blom, Statistical Estimates and Transformed Beta-Variables, 1958.
    """
    n = max(1.0, n_voxels / max(n_correlated, 1.0))
    normal = NormalDist()
    return Luck(
        expected=normal.inv_cdf((n - 0.375) / (n + 0.25)),
        limit=normal.inv_cdf(1 - FALSE_LOOKS / n),
    )
