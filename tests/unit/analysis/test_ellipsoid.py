"""The closed form of how blur spreads a uniform body."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erf

from calcitrace.analysis.quantification.ellipsoid import POINT_VOLUME, spread_volume


def blurred_ball(r: float, radius: float) -> float:
    """Unit ball density blurred by a Gaussian of sigma 1, at distance r."""
    inside = 0.5 * (erf((radius + r) / math.sqrt(2)) + erf((radius - r) / math.sqrt(2)))
    edge = math.exp(-((r - radius) ** 2) / 2) - math.exp(-((r + radius) ** 2) / 2)
    return inside - edge / (r * math.sqrt(2 * math.pi))


@pytest.mark.parametrize("radius", [0.5, 1.0, 3.0, 8.0])
def test_a_ball_agrees_with_its_radial_integral(radius: float) -> None:
    def shell(r: float, power: int) -> float:
        return 4 * math.pi * r * r * blurred_ball(r, radius) ** power

    first = quad(shell, 1e-6, radius + 9, args=(1,))[0]
    second = quad(shell, 1e-6, radius + 9, args=(2,))[0]

    assert spread_volume(np.full(3, radius)) == pytest.approx(
        first**2 / second, rel=1e-5
    )


def test_a_point_spreads_to_the_volume_of_the_blur() -> None:
    assert spread_volume(np.full(3, 0.01)) == pytest.approx(POINT_VOLUME, rel=1e-3)


def test_a_large_ball_keeps_its_volume_but_for_its_rim() -> None:
    radius = 60.0
    volume, surface = 4 / 3 * math.pi * radius**3, 4 * math.pi * radius**2
    expected = volume / (1 - surface / (math.sqrt(math.pi) * volume))

    assert spread_volume(np.full(3, radius)) == pytest.approx(expected, rel=5e-3)


def test_a_thin_lens_spreads_like_its_areal_density_across_the_blur() -> None:
    # A flat ellipsoid: area (8/9) pi R^2 in the plane, 2 sqrt(pi) sigma across it.
    expected = 8 / 9 * math.pi * 40.0**2 * 2 * math.sqrt(math.pi)

    assert spread_volume(np.array([40.0, 40.0, 0.1])) == pytest.approx(
        expected, rel=0.03
    )


def test_the_order_of_the_axes_does_not_matter() -> None:
    one = spread_volume(np.array([1.0, 2.0, 5.0]))

    assert spread_volume(np.array([5.0, 1.0, 2.0])) == pytest.approx(one, rel=1e-4)
