"""Dilation and erosion slab by slab equal those of the whole array."""

import numpy as np
import pytest
from scipy import ndimage

from calcitrace.analysis.anatomy.morphology import dilated, eroded
from calcitrace.model.lattice import ball

SHAPES = [(1, 1, 1), (3, 40, 2), (17, 9, 23), (40, 31, 1), (25, 30, 28)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("filled", [0.0, 0.02, 0.5, 0.98, 1.0])
@pytest.mark.parametrize("radius_mm", [0.4, 1.5, 4.0])
def test_slabs_change_nothing(
    shape: tuple[int, int, int], filled: float, radius_mm: float
) -> None:
    mask = np.random.default_rng(3).random(shape) < filled
    structure = ball((1.0, 0.7, 0.9), radius_mm)
    whole = ndimage.binary_dilation(mask, structure)
    np.testing.assert_array_equal(dilated(mask, structure), whole)
    whole = ndimage.binary_erosion(mask, structure, border_value=1)
    np.testing.assert_array_equal(eroded(mask, structure), whole)
