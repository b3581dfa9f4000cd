"""Noise measured on simulated scans of known noise."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.noise import measure_noise
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.flags import FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise
from calcitrace.model.volume import HuVolume, Tissue
from tests.fakes.skin_phantom import anatomy_of, shared_noise

Array = NDArray[np.float64]
SIGMA_HU = 14.0
HU_OF = {Tissue.AIR: -1000.0, Tissue.SOFT: 55.0, Tissue.FAT: -100.0}


def thigh(
    spacing_mm: tuple[float, float, float], noise_hu: Array
) -> tuple[HuVolume, Anatomy]:
    """Muscle in fat in air, blurred, with noise added."""
    shape = noise_hu.shape
    y, x = (
        (np.arange(n, dtype=np.float64) - n / 2) * d
        for n, d in zip(shape[1:], spacing_mm[1:], strict=True)
    )
    radius = np.hypot(y[:, None], x)
    half = min(shape[1] * spacing_mm[1], shape[2] * spacing_mm[2]) / 2
    plane = np.where(radius < 0.7 * half, Tissue.SOFT, Tissue.FAT)
    plane = np.where(radius < 0.95 * half, plane, Tissue.AIR).astype(np.uint8)
    clean = np.choose(plane, [HU_OF[t] for t in (Tissue.AIR, Tissue.SOFT, Tissue.FAT)])
    clean = ndimage.gaussian_filter(clean, 0.6 / spacing_mm[1])
    grid = Grid((shape[0], shape[1], shape[2]), spacing_mm)
    volume = HuVolume((clean + noise_hu).astype(np.float32), grid)
    return volume, anatomy_of(
        grid, np.repeat(plane[None], shape[0], 0), np.empty((0, 3))
    )


def box_std_predicted(noise: Noise, box: tuple[int, int, int]) -> float:
    """Standard deviation of a sum over a box, by the definition."""
    total = 0.0
    middle = [n // 2 for n in noise.correlation.shape]
    for place in np.ndindex(noise.correlation.shape):
        lags = [abs(i - m) for i, m in zip(place, middle, strict=True)]
        pairs = np.prod([max(0, b - lag) for b, lag in zip(box, lags, strict=True)])
        total += float(noise.correlation[place] * pairs)
    return float(noise.sigma_median_hu * total**0.5)


def box_std_true(noise_hu: Array, box: tuple[int, int, int]) -> float:
    sums = ndimage.uniform_filter(noise_hu, box, mode="wrap") * np.prod(box)
    return float(sums.std())


def box_of(
    edge_mm: float, spacing_mm: tuple[float, float, float]
) -> tuple[int, int, int]:
    s, r, c = (max(1, round(edge_mm / d)) for d in spacing_mm)
    return s, r, c


@pytest.mark.parametrize(
    ("spacing_mm", "shape"),
    [((1.0, 0.5, 0.5), (40, 260, 260)), ((3.0, 0.98, 0.98), (30, 180, 180))],
)
@pytest.mark.parametrize("blur_mm", [0.45, 0.6])
def test_sums_over_boxes_vary_as_predicted(
    spacing_mm: tuple[float, float, float], shape: tuple[int, int, int], blur_mm: float
) -> None:
    noise_hu = SIGMA_HU * shared_noise(shape, spacing_mm, blur_mm, seed=1)
    noise, flags = measure_noise(*thigh(spacing_mm, noise_hu))

    assert flags == ()
    assert noise.sigma_median_hu == pytest.approx(SIGMA_HU, rel=0.04)
    for edge_mm, tolerance in ((2.0, 0.06), (4.0, 0.08), (8.0, 0.15)):
        box = box_of(edge_mm, spacing_mm)
        assert box_std_predicted(noise, box) == pytest.approx(
            box_std_true(noise_hu, box), rel=tolerance
        )


def test_white_noise_is_shared_by_nobody() -> None:
    noise_hu = np.random.default_rng(2).normal(0, SIGMA_HU, (20, 200, 200))
    noise, _ = measure_noise(*thigh((2.0, 0.7, 0.7), noise_hu))
    middle = tuple(n // 2 for n in noise.correlation.shape)
    others = noise.correlation.copy()
    others[middle] = 0.0

    assert noise.correlation[middle] == pytest.approx(1.0)
    assert np.abs(others).max() < 0.05


def test_correlation_is_even_and_never_gives_a_negative_variance() -> None:
    noise_hu = SIGMA_HU * shared_noise((20, 200, 200), (2.0, 0.7, 0.7), 0.3, seed=3)
    noise, _ = measure_noise(*thigh((2.0, 0.7, 0.7), noise_hu))
    correlation = noise.correlation
    padded = np.zeros([2 * n for n in correlation.shape])
    padded[tuple(slice(n) for n in correlation.shape)] = correlation
    shift = [-(n // 2) for n in correlation.shape]
    power = np.fft.fftn(np.roll(padded, shift, (0, 1, 2))).real

    assert all(n % 2 for n in correlation.shape)
    assert correlation == pytest.approx(correlation[::-1, ::-1, ::-1], abs=1e-9)
    assert power.min() > -1e-9


def test_noise_follows_the_dose_along_the_patient() -> None:
    noise_hu = SIGMA_HU * shared_noise((120, 150, 150), (3.0, 0.9, 0.9), 0.5, seed=4)
    truth = np.linspace(0.5, 1.5, 120)
    noise, _ = measure_noise(*thigh((3.0, 0.9, 0.9), noise_hu * truth[:, None, None]))

    inner = slice(12, -12)
    middle = np.array([[k, 75, 75] for k in range(120)])
    found = noise.sigma_hu.at(middle)

    assert found[inner] == pytest.approx(SIGMA_HU * truth[inner], rel=0.08)


def test_coarse_anatomy_in_a_quarter_of_the_muscle_hardly_counts() -> None:
    spacing = (1.0, 0.7, 0.7)
    noise_hu = SIGMA_HU * shared_noise((40, 200, 200), spacing, 0.5, seed=5)
    rng = np.random.default_rng(6)
    strands = ndimage.gaussian_filter(rng.normal(size=noise_hu.shape), (4, 2, 2))
    strands *= 12.0 / strands.std()
    strands[:, 100:] = 0.0
    strands[:, :, 100:] = 0.0
    clean, _ = measure_noise(*thigh(spacing, noise_hu))
    textured, _ = measure_noise(*thigh(spacing, noise_hu + strands))
    box = box_of(4.0, spacing)

    assert textured.sigma_median_hu == pytest.approx(clean.sigma_median_hu, rel=0.05)
    assert box_std_predicted(textured, box) < 1.25 * box_std_predicted(clean, box)


def test_without_uniform_tissue_a_wide_default_is_said() -> None:
    grid = Grid((4, 30, 30), (1.0, 0.7, 0.7))
    volume = HuVolume(np.zeros(grid.shape, np.float32), grid)
    anatomy = anatomy_of(grid, np.zeros(grid.shape, np.uint8), np.empty((0, 3)))
    noise, flags = measure_noise(volume, anatomy)

    assert [flag.kind for flag in flags] == [FlagKind.NOISE_NOT_MEASURED]
    assert not noise.is_measured
    assert noise.sigma_median_hu >= 30.0


def test_a_finger_is_wide_enough() -> None:
    spacing = (0.6, 0.25, 0.25)
    noise_hu = SIGMA_HU * shared_noise((60, 110, 110), spacing, 0.4, seed=7)
    noise, _ = measure_noise(*thigh(spacing, noise_hu))

    assert noise.is_measured
    assert noise.sigma_median_hu == pytest.approx(SIGMA_HU, rel=0.1)


def test_muscle_between_the_bones_of_a_hand_is_enough() -> None:
    spacing = (1.0, 0.3, 0.3)
    noise_hu = SIGMA_HU * shared_noise((40, 200, 200), spacing, 0.4, seed=9)
    y, x = np.ogrid[:200, :200]
    plane = np.full((200, 200), Tissue.SKELETON, np.uint8)
    for row, column in ((45, 45), (62, 140), (110, 80), (150, 30), (155, 152)):
        muscle = np.hypot(y - row, x - column) * spacing[1] < 5.9
        plane[muscle] = Tissue.SOFT
    grid = Grid((40, 200, 200), spacing)
    anatomy = anatomy_of(grid, np.repeat(plane[None], 40, 0), np.empty((0, 3)))

    noise, _ = measure_noise(HuVolume(noise_hu.astype(np.float32), grid), anatomy)

    assert noise.is_measured
    assert noise.sigma_median_hu == pytest.approx(SIGMA_HU, rel=0.1)


def test_high_noise_is_said() -> None:
    noise_hu = np.random.default_rng(8).normal(0, 50.0, (12, 150, 150))
    _, flags = measure_noise(*thigh((2.0, 0.9, 0.9), noise_hu))

    assert [flag.kind for flag in flags] == [FlagKind.HIGH_NOISE]


@pytest.mark.parametrize("n_slices", [1, 2])
def test_a_single_slice_will_do(n_slices: int) -> None:
    noise_hu = SIGMA_HU * shared_noise((8, 250, 250), (2.0, 0.7, 0.7), 0.5, seed=9)
    noise, _ = measure_noise(*thigh((2.0, 0.7, 0.7), noise_hu[:n_slices]))

    middle = noise.sigma_hu.at_slice(n_slices - 1, (250, 250))[100:150, 100:150]
    assert middle == pytest.approx(np.full((50, 50), SIGMA_HU), rel=0.12)


def test_noise_follows_the_body_from_its_middle_to_its_skin() -> None:
    spacing = (2.0, 0.6, 0.6)
    noise_hu = SIGMA_HU * shared_noise((16, 240, 240), spacing, 0.5, seed=10)
    x = np.abs(np.arange(240) - 119.5) * 0.6
    truth = 2.0 - x / 60.0
    noise, _ = measure_noise(*thigh(spacing, noise_hu * truth))

    for column in (30, 75, 120, 180):
        found = noise.sigma_hu.at(np.array([[8, 120, column]]))[0]
        assert found == pytest.approx(SIGMA_HU * truth[column], rel=0.1)


@pytest.mark.parametrize("sigma_hu", [14.0, 90.0])
def test_streaks_do_not_hide_how_strong_noise_is(sigma_hu: float) -> None:
    """Between the hips noise is drawn out along the line from one to the other."""
    spacing = (2.0, 0.7, 0.7)
    shape = (16, 240, 240)
    rng = np.random.default_rng(11)
    y, x = (np.fft.fftfreq(n, d) for n, d in zip(shape[1:], spacing[1:], strict=True))
    radial = np.hypot(y[:, None], x)
    plane = np.sqrt(radial) * np.exp(-2 * (np.pi * 0.55 * radial) ** 2)
    steep = (np.abs(y[:, None]) + 1e-3) / (radial + 1e-3)
    drawn_out = plane * steep**4
    white = np.fft.fft2(rng.normal(size=shape))
    parts = [np.fft.ifft2(white * p).real for p in (plane, drawn_out)]
    plain, streaky = (np.asarray(sigma_hu * p / p.std(), np.float64) for p in parts)
    noise_hu = np.asarray(np.where(np.arange(240) < 120, plain, streaky), np.float64)
    noise, _ = measure_noise(*thigh(spacing, noise_hu))

    for column in (85, 155):
        found = noise.sigma_hu.at(np.array([[8, 120, column]]))[0]
        assert found == pytest.approx(sigma_hu, rel=0.12)
