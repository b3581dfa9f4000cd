"""How blur spreads a uniform ellipsoid: the closed form behind volume.

For an image g of a uniform body, (sum g)^2 / sum g^2 is a volume: that of the body where
blur is negligible, that of the point spread where the body is a point. It needs no
threshold, and for an ellipsoid under a Gaussian point spread it is an integral over
spatial frequency that has no image in it.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_N_POLAR, _N_AZIMUTH, _N_RADIAL = 8, 8, 160
POINT_VOLUME = (4 * math.pi) ** 1.5  # spread volume of a point, in sigma cubed


@cache
def _octant_nodes() -> tuple[FloatArray, FloatArray]:
    """Directions of one octant of the sphere, shape (n, 3), and their solid angles."""
    x, w = np.polynomial.legendre.leggauss(_N_POLAR)
    cosine, weight = (x + 1) / 2, w / 2
    y, v = np.polynomial.legendre.leggauss(_N_AZIMUTH)
    azimuth, angle = (y + 1) * math.pi / 4, v * math.pi / 4
    sine = np.sqrt(1 - cosine**2)
    nodes = np.stack(
        [
            np.outer(sine, np.cos(azimuth)),
            np.outer(sine, np.sin(azimuth)),
            np.outer(cosine, np.ones_like(azimuth)),
        ],
        axis=-1,
    )
    # Eight equal octants make the sphere: their weights sum to 4 pi.
    return nodes.reshape(-1, 3), 8 * np.outer(weight, angle).ravel()


@cache
def _radial_nodes() -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on 0 to 1."""
    x, w = np.polynomial.legendre.leggauss(_N_RADIAL)
    return (x + 1) / 2, w / 2


def _ball_spectrum(x: FloatArray) -> FloatArray:
    """Fourier transform of the unit ball over its volume, at x = 2 pi |q|."""
    small = np.abs(x) < 1e-2  # noqa: PLR2004 -- series there, the quotient cancels
    safe = np.where(small, 1.0, x)
    value = 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3
    return np.where(small, 1 - x**2 / 10, value)


def spread_volume(semi_axes: FloatArray) -> float:
    """Spread volume (sum g)^2 / sum g^2 of a blurred uniform ellipsoid.

    Parameters
    ----------
    semi_axes
        Three semi-axes in units of the point spread's sigma, shape (3,).

    Returns
    -------
    float
        Volume in units of sigma cubed.

    Notes
    -----
    With the ellipsoid's transform V Phi(2 pi |q|), q = semi_axes * frequency, Parseval
    gives abc / integral of Phi^2 exp(-4 pi^2 sum (q/semi_axis)^2) over q.
    """
    axes = np.maximum(np.asarray(semi_axes, np.float64), 1e-3)
    nodes, solid_angles = _octant_nodes()
    decay = 4 * math.pi**2 * (nodes**2 @ (1 / axes**2))
    # exp(-decay q^2) and the fall of Phi^2 (as q^-4) both end the integral.
    last = min(6.0 / math.sqrt(float(decay.min())), 12.0)
    radius, weight = (part * last for part in _radial_nodes())
    spectrum = (_ball_spectrum(2 * math.pi * radius) * radius) ** 2 * weight
    integral = float(spectrum @ (np.exp(-np.outer(radius**2, decay)) @ solid_angles))
    # Beyond the last node Phi^2 averages 9 / (2 (2 pi q)^4): add its tail.
    tail = 4 * math.pi * 9 / (2 * (2 * math.pi) ** 4 * last)
    integral += tail * float(np.exp(-decay * last**2) @ solid_angles) / (4 * math.pi)
    return float(axes.prod() / integral)
