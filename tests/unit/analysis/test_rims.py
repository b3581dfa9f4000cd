"""How far the rim of a deposit is summed."""

from dataclasses import replace

import numpy as np

from calcitrace.analysis.quantification.region import Floor, Region, grow_region
from calcitrace.model.protocol import QuantificationSettings
from tests.fakes.sites import GRID, SIGMA_HU, blurred, millimetres, site_of

MUSCLE_HU, BLUR_MM = 50.0, (0.6, 0.6, 0.6)
FROM_MIDDLE_MM = np.linalg.norm(millimetres() - (12.0, 12.0, 12.0), axis=-1)
NOTHING = np.zeros(GRID.shape, bool)


def grown(floor_is_low_by_hu: float, sigma_mm: float = 0.6) -> Region:
    """Region of a ball of 2 mm whose floor is too low by a constant."""
    ball = FROM_MIDDLE_MM < 2.0
    hu = blurred(np.where(ball, 450.0, MUSCLE_HU), sigma_mm)
    site = replace(site_of(hu, ball, NOTHING, ~NOTHING), sigma_hu=SIGMA_HU)
    floor = Floor(
        hu=np.full(GRID.shape, MUSCLE_HU - floor_is_low_by_hu),
        std_hu=np.zeros(GRID.shape),
        shell=FROM_MIDDLE_MM > 6.0,
        n_correlated=1.0,
        structure_hu=1.0,
        blur_mm=BLUR_MM,
    )
    return grow_region(site, floor, QuantificationSettings())


def test_a_floor_that_is_too_low_does_not_widen_the_rim_without_end() -> None:
    right, wrong = grown(0.0), grown(8.0)

    # One layer more, 0.3 mm wide, is what it takes to see that the next is no fainter.
    radii = [FROM_MIDDLE_MM[region.mask].max() for region in (right, wrong)]
    assert wrong.mask.sum() >= right.mask.sum()
    assert radii[1] < radii[0] + 0.6


def test_a_deposit_that_fades_out_is_summed_further_than_a_sharp_one() -> None:
    sharp, fuzzy = grown(0.0), grown(0.0, sigma_mm=1.1)

    radii = [FROM_MIDDLE_MM[region.mask].max() for region in (sharp, fuzzy)]
    assert radii[1] > radii[0] + 0.5
