"""Variance of weighted sums of correlated noise."""

import numpy as np
import pytest
from scipy import ndimage

from calcitrace.analysis.quantification.variance import noise_variance


def test_white_noise_adds_in_quadrature() -> None:
    weights = np.zeros((5, 6, 7))
    weights[2, 2:4, 3] = [1.0, -2.0]

    assert noise_variance(weights, 3.0, np.ones((1, 1, 1))) == pytest.approx(9 * 5)


def test_agrees_with_weighing_pair_by_pair() -> None:
    rng = np.random.default_rng(5)
    weights = rng.normal(size=(4, 5, 6))
    kernel = rng.uniform(0, 1, (3, 5, 3))
    correlation = kernel + kernel[::-1, ::-1, ::-1]
    correlation /= correlation[1, 2, 1]

    total = 0.0
    for i in np.ndindex(weights.shape):
        for j in np.ndindex(weights.shape):
            lag = np.subtract(i, j) + np.array([1, 2, 1])
            if (lag >= 0).all() and (lag < correlation.shape).all():
                total += weights[i] * weights[j] * correlation[tuple(lag)]

    assert noise_variance(weights, 2.0, correlation) == pytest.approx(4 * max(0, total))


def test_predicts_the_spread_of_sums_over_smoothed_noise() -> None:
    rng = np.random.default_rng(6)
    noise = ndimage.gaussian_filter(rng.normal(size=(60, 160, 160)), 1.0, mode="wrap")
    noise /= noise.std()
    lags = range(-6, 7)
    correlation = np.array(
        [
            [
                [(noise * np.roll(noise, (a, b, c), (0, 1, 2))).mean() for c in lags]
                for b in lags
            ]
            for a in lags
        ]
    )
    box = np.ones((4, 6, 6))

    sums = ndimage.uniform_filter(noise, box.shape, mode="wrap") * box.size

    assert noise_variance(box, 1.0, correlation) == pytest.approx(sums.var(), rel=0.05)
