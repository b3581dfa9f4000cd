"""Blur to expect from the name of a kernel."""

import math

import pytest

from calcitrace.analysis.psf.kernels import BONE, STANDARD, kernel_family


@pytest.mark.parametrize(
    ("kernel", "family"),
    [
        ("B10s", "soft"),
        ("B30f", "standard"),
        ("B31f", "standard"),
        ("B50f", "bone"),
        ("B70f", "ultra-sharp"),
        ("B80s", "ultra-sharp"),
        ("Br36d", "standard"),
        ("Br40d", "standard"),
        ("Bv49d", "detail"),
        ("Hr60f", "bone"),
        ("Br69d", "ultra-sharp"),
        ("I30f\\3", "standard"),
        ("Qr40", "standard"),
        ("['Br40d', '3']", "standard"),
        ("STANDARD", "standard"),
        ("SOFT", "soft"),
        ("DETAIL", "detail"),
        ("LUNG", "bone"),
        ("BONE", "bone"),
        ("BONEPLUS", "ultra-sharp"),
        ("EDGE", "ultra-sharp"),
        ("FC01", "soft"),
        ("FC18", "standard"),
        ("FC30", "bone"),
        ("FC51", "bone"),
        ("FC86", "ultra-sharp"),
        ("A", "soft"),
        ("B", "standard"),
        ("C", "detail"),
        ("YA", "bone"),
        ("UB", "standard"),
        (None, "unknown"),
        ("", "unknown"),
        ("FC99", "unknown"),
        ("whatever", "unknown"),
    ],
)
def test_vendors_names_are_sorted_by_sharpness(kernel: str | None, family: str) -> None:
    assert kernel_family(kernel).name == family


def test_the_gaussian_has_the_fifty_percent_frequency_of_its_family() -> None:
    cycles_per_mm = STANDARD.mtf50_per_cm / 10
    transfer = math.exp(-2 * (math.pi * STANDARD.sigma_mm * cycles_per_mm) ** 2)

    assert transfer == pytest.approx(0.5)


def test_only_bone_kernels_are_sharp() -> None:
    assert BONE.is_sharp
    assert not STANDARD.is_sharp
