"""Outlines of masks."""

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.key_images import svg_path
from calcitrace.adapters.outlines import outlines


def test_outlines_go_round_parts_and_holes() -> None:
    mask = np.zeros((7, 7), bool)
    mask[1:6, 1:6] = True
    mask[3, 3] = False
    mask[6, 6] = True  # touches the square in one corner only

    loops = outlines(mask)

    areas = sorted(round(abs(area(loop)), 3) for loop in loops)
    assert areas == [1.0, 1.0, 24.5]  # corners are cut by an eighth of a pixel each


def area(loop: NDArray[np.float64]) -> float:
    """Area inside a closed line, by the shoelace formula."""
    r, c = loop.T
    return float(0.5 * np.sum(r * np.roll(c, -1) - c * np.roll(r, -1)))


def test_an_outline_holds_the_area_of_any_mask() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        mask = rng.random((12, 13)) < 0.5
        n_corner_cuts = sum(len(loop) for loop in outlines(mask)) / 8 + 1
        total = sum(area(loop) for loop in outlines(mask))
        assert abs(abs(total) - mask.sum()) <= n_corner_cuts


def test_an_empty_mask_has_no_outline() -> None:
    assert outlines(np.zeros((3, 3), bool)) == ()
    assert svg_path(()) == ""
