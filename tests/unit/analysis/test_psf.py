"""Blur measured on simulated skin of known blur."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.psf import measure_psf
from calcitrace.analysis.psf.kernels import SOFT
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.image_quality import Psf
from calcitrace.model.volume import HuVolume
from tests.fakes.skin_phantom import Limb, anatomy_of, skin_of


def measured(limb: Limb, acquisition: Acquisition | None = None) -> Psf:
    volume = limb.volume()
    return measure_psf(volume, skin_of(volume), acquisition or Acquisition())[0]


def kinds(flags: tuple[Flag, ...]) -> set[FlagKind]:
    return {flag.kind for flag in flags}


@pytest.mark.parametrize("pixel_mm", [0.3, 0.5, 0.7, 0.98])
@pytest.mark.parametrize("sigma_mm", [0.3, 0.6, 0.9, 1.2])
def test_blur_is_found_within_a_few_percent(pixel_mm: float, sigma_mm: float) -> None:
    psf = measured(Limb(sigma_mm, pixel_mm))

    assert psf.sigma_plane_mm == pytest.approx(sigma_mm, rel=0.06)
    assert psf.plane_source == "skin edge"


@pytest.mark.parametrize("skin_mm", [1.0, 2.0])
@pytest.mark.parametrize("semi_axes_mm", [(60.0, 60.0), (10.0, 8.0)])
def test_thickness_of_skin_and_roundness_matter_little(
    skin_mm: float, semi_axes_mm: tuple[float, float]
) -> None:
    n_slices = 30 if semi_axes_mm[0] < 20 else 6
    limb = Limb(0.6, 0.5, semi_axes_mm, skin_mm, n_slices=n_slices)

    assert measured(limb).sigma_plane_mm == pytest.approx(0.6, rel=0.06)


def test_strong_noise_is_borne() -> None:
    assert measured(Limb(0.6, 0.7, noise_hu=40.0)).sigma_plane_mm == pytest.approx(
        0.6, rel=0.1
    )


def test_cloth_on_half_of_the_skin_is_passed_over() -> None:
    assert measured(Limb(0.6, 0.7, cloth_hu=-850.0)).sigma_plane_mm == pytest.approx(
        0.6, rel=0.1
    )


def test_the_slice_profile_follows_the_nominal_thickness() -> None:
    volume = Limb().volume()
    anatomy = skin_of(volume)
    thick, _ = measure_psf(volume, anatomy, Acquisition(slice_thickness_mm=5.0))

    # Between a box of 5 mm and a triangle of 5 mm at half maximum.
    assert 5 / 12**0.5 < thick.sigma_slice_mm < 5 / 6**0.5


def test_an_unknown_thickness_is_taken_from_the_spacing_and_said() -> None:
    volume = Limb().volume()
    psf, flags = measure_psf(volume, skin_of(volume), Acquisition(kernel="B30f"))

    assert FlagKind.UNKNOWN_SLICE_THICKNESS in kinds(flags)
    assert 0.25 < psf.sigma_slice_mm < 0.6


def test_without_skin_the_kernel_table_stands_in() -> None:
    volume = Limb(pixel_mm=0.3).volume()
    nothing = anatomy_of(
        volume.grid, np.zeros(volume.grid.shape, np.uint8), np.empty((0, 3))
    )
    psf, flags = measure_psf(
        volume, nothing, Acquisition(kernel="SOFT", slice_thickness_mm=1.0)
    )

    assert psf.plane_source == "kernel table"
    assert psf.sigma_plane_mm == pytest.approx(SOFT.sigma_mm, rel=0.02)
    assert psf.plane_relative_std > 0.1
    assert flags == ()


def test_an_unknown_kernel_is_said_and_costs_certainty_without_skin() -> None:
    volume = Limb().volume()
    nothing = anatomy_of(
        volume.grid, np.zeros(volume.grid.shape, np.uint8), np.empty((0, 3))
    )
    seen, seen_flags = measure_psf(volume, skin_of(volume), Acquisition())
    guessed, guessed_flags = measure_psf(volume, nothing, Acquisition())

    assert FlagKind.UNKNOWN_KERNEL in kinds(seen_flags) & kinds(guessed_flags)
    assert guessed.plane_relative_std > seen.plane_relative_std + 0.1


def test_a_sharp_kernel_is_said() -> None:
    volume = Limb(0.3).volume()
    _, flags = measure_psf(volume, skin_of(volume), Acquisition(kernel="BONE"))

    assert FlagKind.SHARP_KERNEL in kinds(flags)


def test_skin_that_contradicts_the_kernel_is_said_and_widens_the_error() -> None:
    volume = Limb(0.85).volume()
    named = Acquisition(kernel="STANDARD", slice_thickness_mm=1.0)
    psf, flags = measure_psf(volume, skin_of(volume), named)

    assert kinds(flags) == {FlagKind.BLUR_MISMATCH}
    assert psf.plane_relative_std > 0.15
    assert 0.5 < psf.sigma_plane_mm < 0.85
    assert psf.sigma_plane_mm * (1 + 2 * psf.plane_relative_std) > 0.85


def test_an_edge_far_too_wide_for_the_kernel_is_no_skin() -> None:
    volume = Limb(1.4).volume()
    named = Acquisition(kernel="STANDARD", slice_thickness_mm=1.0)
    psf, flags = measure_psf(volume, skin_of(volume), named)

    assert kinds(flags) == {FlagKind.BLUR_MISMATCH}
    assert psf.plane_source == "kernel table"
    assert psf.sigma_plane_mm < 0.7


def test_a_rerun_gives_the_same_bits() -> None:
    assert measured(Limb()) == measured(Limb())


@pytest.mark.parametrize("margin_mm", [6.0, 8.0, 9.0, 10.0, 12.0])
def test_skin_beside_the_end_of_the_image_is_read_or_left_alone(
    margin_mm: float,
) -> None:
    volume = Limb(0.6, 0.7).volume()
    body = np.flatnonzero((volume.hu > -500).any(axis=(0, 1)))
    edge = int(body[-1]) + round(margin_mm / 0.7)
    box = (slice(None), slice(None), slice(0, edge))
    cropped = HuVolume(volume.hu[box], volume.grid.crop(box))

    anatomy = skin_of(cropped)
    middle_mm = anatomy.skin_mm.mean(axis=0)
    deeper = (
        1 - 2.0 / np.linalg.norm((anatomy.skin_mm - middle_mm)[:, :2], axis=1).max()
    )
    shifted = middle_mm + deeper * (anatomy.skin_mm - middle_mm)  # good to two voxels

    psf, _ = measure_psf(cropped, replace(anatomy, skin_mm=shifted), Acquisition())

    assert psf.sigma_plane_mm == pytest.approx(0.6, rel=0.08)
