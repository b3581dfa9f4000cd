"""Blur across slices, measured on simulated skin that leans."""

from functools import cache

import numpy as np
import pytest
from scipy.special import ndtr

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.psf import measure_psf
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Psf
from calcitrace.model.protocol import Protocol
from calcitrace.model.volume import Coverage, HuVolume

RADII_MM = np.array([60.0, 44.0, 48.0])  # along (slice, row, column)
PLANE_MM, STANDARD = 0.55, "STANDARD"
LAYERS = ((0.0, 1050.0), (1.6, -150.0), (9.0, 155.0))


@cache
def heel(step_mm: float, sigma_slice_mm: float) -> HuVolume:
    """An ellipsoid of skin, fat and muscle whose every edge is blurred as it faces."""
    spacing = np.array([step_mm, 0.6, 0.6])
    shape = (round(104 / step_mm), 170, 180)
    at = [(np.arange(n) - (n - 1) / 2) * d for n, d in zip(shape, spacing, strict=True)]
    points = np.stack(np.meshgrid(*at, indexing="ij"), axis=-1)
    q = np.linalg.norm(points / RADII_MM, axis=-1) + 1e-9
    slope = points / RADII_MM**2 / q[..., None]
    length = np.linalg.norm(slope, axis=-1) + 1e-9
    depth = (1 - q) / length
    lean = (slope[..., 0] / length) ** 2
    sigma = np.sqrt(PLANE_MM**2 * (1 - lean) + sigma_slice_mm**2 * lean)
    hu = np.full(shape, -1000.0)
    for start_mm, rise in LAYERS:
        hu += rise * np.asarray(ndtr((depth - start_mm) / sigma), np.float64)
    hu += np.random.default_rng(3).normal(0.0, 10.0, shape)
    s, r, c = shape
    return HuVolume(np.rint(hu).astype(np.int16), Grid((s, r, c), (step_mm, 0.6, 0.6)))


def measured(
    step_mm: float, sigma_slice_mm: float, thickness_mm: float | None
) -> tuple[Psf, tuple[Flag, ...]]:
    volume = heel(step_mm, sigma_slice_mm)
    anatomy = find_anatomy(volume, Coverage.full(volume.grid), Protocol().anatomy)
    header = Acquisition(kernel=STANDARD, slice_thickness_mm=thickness_mm)
    return measure_psf(volume, anatomy, header)


@pytest.mark.parametrize(
    ("step_mm", "thickness_mm", "sigma_mm"),
    [(1.0, 1.0, 0.41), (2.0, 3.0, 1.0), (3.0, 3.0, 1.0), (5.0, 5.0, 1.63)],
)
def test_leaning_skin_confirms_the_slice_profile(
    step_mm: float, thickness_mm: float, sigma_mm: float
) -> None:
    psf, flags = measured(step_mm, sigma_mm, thickness_mm)

    assert flags == ()
    assert psf.sigma_slice_mm == pytest.approx(sigma_mm, rel=0.1)
    assert psf.slice_source == "tilted skin and slice thickness"
    assert psf.slice_relative_std < 0.12


@pytest.mark.parametrize(("said_mm", "true_mm"), [(1.0, 1.0), (5.0, 1.0)])
def test_a_header_with_another_thickness_is_found_out(
    said_mm: float, true_mm: float
) -> None:
    psf, flags = measured(2.0, true_mm, said_mm)

    assert [flag.kind for flag in flags] == [FlagKind.BLUR_MISMATCH]
    assert "across slices" in flags[0].detail
    assert psf.sigma_slice_mm == pytest.approx(true_mm, rel=0.15)
    assert psf.slice_source == "tilted skin"


def test_a_thickness_that_is_not_given_is_measured() -> None:
    psf, _ = measured(3.0, 1.0, None)

    assert psf.sigma_slice_mm == pytest.approx(1.0, rel=0.1)
    assert psf.slice_relative_std < 0.12
