"""From trials to a table by mass, and to the mass that is found."""

import numpy as np
import pytest

from calcitrace.errors import InsertionError
from calcitrace.model.insertion import (
    Gap,
    InsertedDeposit,
    InsertionSettings,
    Morphology,
)
from calcitrace.services.detection_limit import (
    Trial,
    detection_limit,
    limit_masses,
    mass_bins,
    share_interval,
)
from tests.fakes.insertion import thigh_scan


def trial(mass_mg: float, *, found: bool, measured_mg: float | None = None) -> Trial:
    truth = InsertedDeposit(
        deposit_id=1,
        kind=Morphology.NODULE,
        along="",
        tissue="soft",
        mass_mg=mass_mg,
        mass_in_scan_mg=mass_mg,
        volume_mm3=mass_mg,
        density_mean_mg_cm3=1000.0,
        centroid_mm=(0.0, 0.0, 0.0),
        gap_to_bone_mm=None,
        depth_mm=None,
        is_cut=False,
    )
    is_covered = None if measured_mg is None else measured_mg < 2 * mass_mg
    return Trial(1, truth, found, found, measured_mg, is_covered)


def test_bins_double_and_count() -> None:
    trials = [
        trial(1.5, found=False),
        trial(1.9, found=True, measured_mg=1.9 * 1.2),
        trial(1.1, found=True, measured_mg=1.1 * 2.5),
        trial(9.0, found=True),
    ]

    small, large = mass_bins(trials)

    assert (small.low_mg, small.high_mg, small.n, small.n_found) == (1.0, 2.0, 3, 2)
    assert (small.n_measured, small.n_covered) == (2, 1)
    assert small.error_median == pytest.approx((0.2 + 1.5) / 2)
    assert (large.low_mg, large.n, large.error_median) == (8.0, 1, None)


def test_wilson_interval_by_hand() -> None:
    # Newcombe, Stat Med 17:857, 1998, table I: 81 of 263 and 0 of 20.
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert share_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)


def test_the_curve_that_made_the_trials_comes_back() -> None:
    rng = np.random.default_rng(1005)
    masses = np.exp(rng.uniform(np.log(0.1), np.log(1000), 3000))
    chance = 1 / (1 + (4.0 / masses) ** 2)  # half at 4 mg, 95 % at 4 sqrt(19) mg
    trials = [
        trial(float(m), found=bool(rng.uniform() < c))
        for m, c in zip(masses, chance, strict=True)
    ]

    half, most = limit_masses(trials)

    assert half.mass_mg == pytest.approx(4.0, rel=0.1)
    assert most.mass_mg == pytest.approx(4.0 * 19**0.5, rel=0.2)
    assert half.low_mg is not None
    assert half.high_mg is not None
    assert half.low_mg < 4.0 < half.high_mg


@pytest.mark.parametrize("found", [True, False])
def test_no_limit_is_told_where_all_or_none_are_found(found: bool) -> None:
    half, most = limit_masses([trial(m, found=found) for m in (1.0, 5.0, 20.0, 90.0)])

    assert half.mass_mg is None
    assert most.mass_mg is None


def test_large_deposits_in_a_calm_scan_are_found_and_measured() -> None:
    settings = InsertionSettings(
        3, (Morphology.NODULE,), (100.0, 300.0), (300.0, 600.0), (Gap.FIVE,), seed=1006
    )

    limit = detection_limit(thigh_scan(), settings, 1)

    assert len(limit.trials) == 3
    assert all(t.is_found for t in limit.trials)
    errors = [t.error for t in limit.trials if t.error is not None]
    assert errors
    assert max(map(abs, errors)) < 0.3


def test_repeats_are_counted() -> None:
    with pytest.raises(InsertionError, match="1 to 100 repeats"):
        detection_limit(thigh_scan(), InsertionSettings(), 0)
