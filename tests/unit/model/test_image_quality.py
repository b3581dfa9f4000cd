"""Values that vary slowly over a scan."""

import numpy as np
import pytest

from calcitrace.model.image_quality import Noise, Places, Psf

# Centres of places lie at voxels 1.5 and 5.5, then 9.5 along columns.
SLOPE = Places(np.arange(12.0).reshape(2, 2, 3), (4, 4, 4))


def test_between_the_centres_of_places_values_run_straight() -> None:
    index = np.array([[1, 1, 1], [2, 2, 2], [3, 4, 5], [5, 5, 9]])
    shares = np.clip((index + 0.5) / 4 - 0.5, 0.0, [1.0, 1.0, 2.0])

    assert SLOPE.at(index) == pytest.approx(shares @ np.array([6.0, 3.0, 1.0]))


def test_a_slice_holds_the_same_values_as_its_voxels() -> None:
    rows, columns = np.indices((8, 11))
    index = np.stack([np.full(88, 3), rows.ravel(), columns.ravel()], axis=1)

    assert SLOPE.at_slice(3, (8, 11)).ravel() == pytest.approx(SLOPE.at(index))


def test_beyond_the_outermost_places_values_stay() -> None:
    ends = SLOPE.at(np.array([[0, 0, 0], [7, 7, 40]]))

    assert ends == pytest.approx([0.0, 11.0])


def test_uniform_noise_is_the_same_everywhere() -> None:
    noise = Noise.uniform(12.0, np.ones((1, 1, 1)))

    assert noise.sigma_hu.at(np.array([[0, 0, 0], [90, 400, 7]])) == pytest.approx(12.0)
    assert noise.n_correlated == 1.0


def test_both_directions_of_the_plane_err_together() -> None:
    psf = Psf(0.6, 1.0, 0.05, 0.12, "skin edge", "slice thickness")

    assert psf.volume_relative_std == pytest.approx(np.hypot(0.10, 0.12))
