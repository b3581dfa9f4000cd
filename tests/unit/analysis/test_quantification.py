"""Mass, volume and limits of deposits whose truth is known in closed form."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from calcitrace.analysis.quantification import measure_deposits
from calcitrace.model.calcium_scoring import thresholds_hu
from calcitrace.model.deposit import ShapeClass
from calcitrace.model.flags import FlagKind
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume
from tests.fakes.measuring import bright_labels, context_of, measure_phantom
from tests.fakes.phantom import (
    K_HU_PER_MG_CM3,
    Phantom,
    Points,
    ball,
    both,
    slab,
)

CENTRE = (16.1, 14.3, 14.6)
SETTINGS = QuantificationSettings()


@pytest.mark.parametrize("radius_mm", [0.7, 1.0, 1.5, 2.5, 4.0, 6.0])
@pytest.mark.parametrize("tissue_hu", [-100.0, 50.0])
def test_a_ball_weighs_what_it_is(radius_mm: float, tissue_hu: float) -> None:
    phantom = Phantom(tissue_hu=tissue_hu)
    (found,), (mass,), _ = measure_phantom(phantom, [(ball(CENTRE, radius_mm), 400)])

    assert found.mass.value == pytest.approx(mass, rel=0.01)


@pytest.mark.parametrize("radius_mm", [1.0, 1.5, 2.5, 4.0, 6.0])
def test_a_ball_has_its_volume(radius_mm: float) -> None:
    (found,), _, (volume,) = measure_phantom(
        Phantom(), [(ball(CENTRE, radius_mm), 300)]
    )

    assert found.volume is not None
    assert found.volume.value == pytest.approx(volume, rel=0.05)
    assert found.density_mean is not None
    assert found.density_mean.value == pytest.approx(300, rel=0.06)
    assert found.diameter_max_mm == pytest.approx(2 * radius_mm, abs=0.8)


@pytest.mark.parametrize("apart_mm", [3.3, 3.7])
def test_a_cluster_has_the_volume_of_its_parts(apart_mm: float) -> None:
    radius_mm, way = 1.6, np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    middle_mm = np.array([16.0, 14.4, 14.4])
    centres_mm = middle_mm + way * apart_mm / np.sqrt(8)
    balls = [ball((z, y, x), radius_mm) for z, y, x in centres_mm.tolist()]

    def inside(points: Points) -> NDArray[np.bool_]:
        return np.asarray(np.logical_or.reduce([one(points) for one in balls]))

    (found,), _, (truth_mm3,) = measure_phantom(Phantom(noise_hu=5), [(inside, 500)])

    volume = found.volume
    assert volume is not None
    assert volume.value == pytest.approx(truth_mm3, rel=0.15)
    low_mm3, high_mm3 = volume.ci95
    assert low_mm3 < truth_mm3 < high_mm3


def test_a_slab_thinner_than_the_blur_keeps_its_mass_but_not_its_volume() -> None:
    sheet = both(slab(1, 14.0, 14.8), ball((16.0, 14.4, 14.0), 6.0))
    (found,), (mass,), _ = measure_phantom(Phantom(noise_hu=5), [(sheet, 300)])

    assert found.mass.value == pytest.approx(mass, rel=0.02)
    assert found.shape_class is ShapeClass.SHEET
    assert FlagKind.VOLUME_NOT_IDENTIFIABLE in {f.kind for f in found.flags}


def test_a_gaussian_blob_weighs_its_integral() -> None:
    phantom = Phantom()
    axes = [
        np.arange(n) * d for n, d in zip(phantom.shape, phantom.spacing_mm, strict=True)
    ]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    s_mm, peak_hu = 1.2, 400.0
    r2 = (z - 16) ** 2 + (y - 14) ** 2 + (x - 14) ** 2
    hu = phantom.tissue_hu + peak_hu * np.exp(-r2 / (2 * s_mm**2))
    volume = HuVolume(hu.astype(np.float32), phantom.grid)
    labels = bright_labels(phantom, volume, 60.0)
    context = context_of(phantom, volume, labels, (1,))

    (found,) = measure_deposits(context, SETTINGS, lambda _done: None)

    integral = peak_hu * (2 * math.pi) ** 1.5 * s_mm**3
    k = K_HU_PER_MG_CM3 - phantom.tissue_hu / 3160
    # Tails past the region are recovered by a model that is not this blob.
    assert found.mass.value == pytest.approx(integral / k / 1000, rel=0.02)


@pytest.mark.parametrize("gap_mm", [0.0, 0.5, 1.0, 2.0])
def test_bone_next_to_a_deposit_adds_no_mass(gap_mm: float) -> None:
    radius = 1.5
    phantom = Phantom(noise_hu=11, bone=slab(1, 0.0, 10.0))
    body = ball((16.1, 10.0 + gap_mm + radius, 14.6), radius)
    volume, (mass,), _ = phantom.image([(body, 300)])
    labels = bright_labels(phantom, volume, 80.0)
    column = labels.labels[16, :, 24]
    label = int(column[round((10 + gap_mm + radius) / 0.6)])

    (found,) = measure_deposits(
        context_of(phantom, volume, labels, (label,)), SETTINGS, lambda _done: None
    )

    # Without the bone's blur subtracted this reads several times too much.
    assert found.mass.value == pytest.approx(mass, rel=0.12)


@pytest.mark.parametrize("gap_mm", [0.0, 1.0, 3.0])
def test_muscle_beside_a_deposit_in_fat_adds_no_mass(gap_mm: float) -> None:
    radius = 2.5
    phantom = Phantom(noise_hu=11, tissue_hu=-100, other=slab(1, 0.0, 11.0))
    body = ball((16.1, 11.0 + gap_mm + radius, 14.6), radius)
    volume, (mass,), _ = phantom.image([(body, 300)])
    labels = bright_labels(phantom, volume, 230.0)
    label = int(labels.labels[16, round((11 + gap_mm + radius) / 0.6), 24])

    (found,) = measure_deposits(
        context_of(phantom, volume, labels, (label,)), SETTINGS, lambda _done: None
    )

    low, high = found.mass.ci95
    # With fat as the only background the muscle in the rim would add half the mass.
    assert found.mass.value == pytest.approx(mass, rel=0.08)
    assert low <= mass <= high


def test_touching_neighbours_share_their_mass_without_loss() -> None:
    pair = [(ball((16, 12, 14), 1.5), 300.0), (ball((16, 16, 14), 1.5), 300.0)]
    found, masses, _ = measure_phantom(Phantom(noise_hu=5), pair, above_hu=150)

    assert [m.mass.value for m in found] == pytest.approx(masses, rel=0.05)
    assert sum(m.mass.value for m in found) == pytest.approx(sum(masses), rel=0.02)


def test_a_deposit_cut_by_the_scan_end_is_a_lower_bound() -> None:
    (found,), (mass,), _ = measure_phantom(Phantom(), [(ball((0.5, 14, 14), 3.0), 300)])

    assert found.is_lower_bound
    assert FlagKind.CUT_BY_SCAN_END in {f.kind for f in found.flags}
    assert 0 < found.mass.value < 1.05 * mass


def test_a_deposit_beside_a_missing_slice_is_a_lower_bound() -> None:
    phantom = Phantom()
    volume, _, _ = phantom.image([(ball(CENTRE, 3.0), 300)])
    labels = bright_labels(phantom, volume, 60.0)
    slices = np.ones(phantom.shape[0], bool)
    slices[18] = False
    coverage = Coverage(slices, np.ones(phantom.shape[1:], bool))
    context = context_of(phantom, volume, labels, (1,), coverage)

    (found,) = measure_deposits(context, SETTINGS, lambda _done: None)

    assert found.is_lower_bound


def test_a_speck_below_the_noise_is_not_quantifiable() -> None:
    phantom = Phantom(noise_hu=60, seed=3)
    volume, _, _ = phantom.image([])
    labels = np.zeros(phantom.shape, np.int32)
    labels[16, 24, 24] = 1  # a place like any other: nothing is there
    context = context_of(phantom, volume, LabelVolume(labels, phantom.grid), (1,))

    (found,) = measure_deposits(context, SETTINGS, lambda _done: None)

    assert not found.is_quantifiable
    assert found.volume is None
    assert FlagKind.BELOW_DETECTION_LIMIT in {f.kind for f in found.flags}


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    inside = 0
    n = 40
    for seed in range(n):
        phantom = Phantom(noise_hu=15, seed=seed)
        centre = (15.5 + 0.1 * (seed % 10), 14.0 + 0.07 * seed, 14.6)
        (found,), (mass,), _ = measure_phantom(phantom, [(ball(centre, 1.5), 250)])
        low, high = found.mass.ci95
        inside += low <= mass <= high

    assert 0.85 * n <= inside


def test_agatston_score_weighs_area_by_peak_and_normalises_thickness() -> None:
    phantom = Phantom(shape=(12, 40, 40), spacing_mm=(1.0, 1.0, 1.0))
    hu = np.full(phantom.shape, 50, np.float32)
    hu[5:8, 18:22, 18:22] = 250.0  # 16 mm2 of weight 2 in three slices of 1 mm
    volume = HuVolume(hu, phantom.grid)
    labels = bright_labels(phantom, volume, 60.0)

    (found,) = measure_deposits(
        context_of(phantom, volume, labels, (1,)), SETTINGS, lambda _done: None
    )

    assert found.agatston == pytest.approx(16 * 2 * 3 * 1.0 / 3.0)


def test_agatston_thresholds_follow_the_tube_voltage() -> None:
    assert thresholds_hu(120) == (130, 199, 299, 399)
    assert thresholds_hu(None) is None
    assert thresholds_hu(40) is None
    lower = thresholds_hu(110)
    assert lower is not None
    assert 130 < lower[0] < 145


@pytest.mark.parametrize(("hu", "is_open"), [(45.0, True), (170.0, False)])
def test_what_no_brighter_than_muscle_lies_in_fat_may_be_soft_tissue(
    hu: float, is_open: bool
) -> None:
    fat_hu = -100.0
    density = (hu - fat_hu) / (1.3 - fat_hu / 3160)
    phantom = Phantom(noise_hu=3.0, tissue_hu=fat_hu)

    found, _, _ = measure_phantom(phantom, [(ball(CENTRE, 4.0), density)])

    assert len(found) == 1
    assert (found[0].mass.ci95[0] <= 0.0) is is_open
