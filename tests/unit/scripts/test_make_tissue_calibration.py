"""Scanners and people behind grade C, and the coefficients that were committed."""

from pathlib import Path

import numpy as np
import pytest
from scripts.make_tissue_calibration import (
    KEPT,
    WAYS,
    drawn,
    errors,
    module_text,
    rms,
)
from scripts.tissue_scanners import HELD_OUT, TRAINING, Person, Scanner, mixture

from calcitrace.analysis.calibration.tissue import setting_terms
from calcitrace.analysis.calibration.tissue_table import TISSUE_FIT


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    made = Scanner(120.0, TRAINING, np.random.default_rng(4))
    made.scatter, made.bowtie, made.drift_hu = 0.0, ("", 0.0, 0.0), 0.0
    return made


def test_fat_and_muscle_weigh_and_read_what_they_do(scanner: Scanner) -> None:
    rng = np.random.default_rng(0)
    seen = scanner.read(Person(100.0, 0.80, 0.05), rng)

    assert mixture(0.80)[1] == pytest.approx(0.945, abs=0.005)
    assert seen.fat_hu == pytest.approx(-100.0, abs=15.0)
    assert seen.muscle_hu == pytest.approx(48.0, abs=12.0)


def test_water_reads_nothing_and_scatter_takes_its_share(scanner: Scanner) -> None:
    assert scanner.added(scanner.water, 200.0, 0.3) == pytest.approx(0.0, abs=1e-12)
    clean = scanner.k(300.0)
    scanner.scatter = 0.03
    assert scanner.k(300.0) / clean == pytest.approx(1 / 1.03)
    assert scanner.shading_hu(300.0, 0.0) < 0
    scanner.scatter = 0.0


def test_k_falls_with_size_as_in_the_table(scanner: Scanner) -> None:
    assert 1.2 < scanner.k(50.0) / scanner.k(300.0) < 1.4


def test_nothing_of_the_test_is_in_the_training() -> None:
    assert TRAINING.anode_deg != HELD_OUT.anode_deg
    assert not set(TRAINING.detectors) & set(HELD_OUT.detectors)
    assert not set(TRAINING.bowties) & set(HELD_OUT.bowties)


@pytest.mark.slow
def test_the_committed_coefficients_hold_for_scanners_drawn_anew() -> None:
    """One voltage, other draws: the same usual tissues, and errors of the same size."""
    training = drawn(TRAINING, 11, n=25, kvps=(120.0,))
    terms = np.array(setting_terms(120.0, 150.0))
    near = abs(np.log(training.columns["seen_diameter_mm"] / 150.0)) < 0.2

    assert float(training.columns["fat_hu"][near].mean()) == pytest.approx(
        float(terms @ np.array(TISSUE_FIT.usual_fat_hu)), abs=6.0
    )
    assert training.columns["fat_hu"].std() == pytest.approx(
        TISSUE_FIT.std_fat_hu, rel=0.25
    )
    left = errors(training, training, WAYS[KEPT])
    assert rms(left - left.mean()) < rms(training.log_k - training.log_k.mean())


def test_only_small_bodies_gain_enough() -> None:
    assert [size.is_better for size in TISSUE_FIT.sizes] == [True, False, False, False]
    for size in TISSUE_FIT.sizes:
        gain = size.rms_tissue / size.rms_table
        assert (gain <= 0.95) == size.is_better


def test_the_module_is_as_the_script_writes_it() -> None:
    from calcitrace.analysis.calibration import tissue_table  # noqa: PLC0415 -- loaded on use

    assert tissue_table.__file__ is not None
    text = Path(tissue_table.__file__).read_text(encoding="utf-8")
    assert text == module_text(TISSUE_FIT)
