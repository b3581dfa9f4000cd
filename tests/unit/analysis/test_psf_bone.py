"""Blur measured on simulated bone of known blur, without skin in the image."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.psf import measure_psf
from calcitrace.analysis.psf.bone_edge import bone_edge_blur
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from tests.fakes.skin_phantom import anatomy_of

FINE = 4
MUSCLE_HU, CORTEX_HU, MARROW_HU = 55.0, 1500.0, -60.0
NAMED = Acquisition(kernel="STANDARD", slice_thickness_mm=1.0)


@dataclass(frozen=True)
class Shaft:
    """A hollow bone in muscle; its axis moves by `lean` mm per mm across slices."""

    sigma_mm: float = 0.55
    slice_sigma_mm: float = 0.6
    pixel_mm: float = 0.6
    cortex_mm: float = 3.5
    radius_mm: float = 13.0
    lean: float = 0.0
    noise_hu: float = 15.0
    n_slices: int = 7

    def volume(self) -> HuVolume:
        n = int(46.0 / self.pixel_mm)
        image = np.stack([self._slice(n, k) for k in range(self.n_slices)])
        rng = np.random.default_rng(1000)
        image += self.noise_hu * rng.standard_normal(image.shape)
        grid = Grid(image.shape, (1.0, self.pixel_mm, self.pixel_mm), (0.0, 0.0, 0.0))
        return HuVolume(np.rint(image).astype(np.int16), grid)

    def centre_mm(self, z: float) -> tuple[float, float]:
        middle = self.lean * (z - (self.n_slices - 1) / 2)
        return 23.17 + middle, 22.81

    def _slice(self, n: int, k: int) -> NDArray[np.float64]:
        step = self.pixel_mm / FINE
        at = np.arange(n * FINE) * step
        levels = np.linspace(-3, 3, 13 if self.lean else 1)
        weights = np.exp(-(levels**2) / 2)
        seen = np.zeros((n * FINE, n * FINE))
        for level, weight in zip(levels, weights / weights.sum(), strict=True):
            row, column = self.centre_mm(k + level * self.slice_sigma_mm)
            radius = np.hypot(at[:, None] - row, at - column)
            inside = np.clip((self.radius_mm - radius) / step + 0.5, 0, 1)
            marrow = np.clip(
                (self.radius_mm - self.cortex_mm - radius) / step + 0.5, 0, 1
            )
            seen += weight * (
                MUSCLE_HU
                + (CORTEX_HU - MUSCLE_HU) * inside
                + (MARROW_HU - CORTEX_HU) * marrow
            )
        blurred = ndimage.gaussian_filter(seen, self.sigma_mm / step)
        return np.asarray(blurred[::FINE, ::FINE])

    def surface_mm(self) -> NDArray[np.float64]:
        """Points within a voxel of the outer surface, as (x, y, z)."""
        turn = np.arange(240) * (2 * np.pi / 240)
        off = self.radius_mm + 0.5 * np.sin(7 * turn)
        rings: list[NDArray[np.float64]] = []
        for k in range(self.n_slices):
            row, column = self.centre_mm(k)
            rings.append(
                np.stack(
                    [
                        column + off * np.cos(turn),
                        row + off * np.sin(turn),
                        np.full(240, float(k)),
                    ],
                    -1,
                )
            )
        return np.concatenate(rings)


@pytest.mark.parametrize("pixel_mm", [0.4, 0.6, 0.98])
@pytest.mark.parametrize("sigma_mm", [0.4, 0.7, 1.0])
def test_blur_in_the_plane_is_found_where_cortex_is_thick(
    pixel_mm: float, sigma_mm: float
) -> None:
    shaft = Shaft(sigma_mm, pixel_mm=pixel_mm)

    found = bone_edge_blur(shaft.volume(), shaft.surface_mm())

    assert found is not None
    assert found.plane.sigma_mm == pytest.approx(sigma_mm, rel=0.08)
    assert found.across is None  # nothing leans


@pytest.mark.parametrize("cortex_mm", [2.5, 5.0])
def test_thickness_of_cortex_matters_little(cortex_mm: float) -> None:
    shaft = Shaft(cortex_mm=cortex_mm)

    found = bone_edge_blur(shaft.volume(), shaft.surface_mm())

    assert found is not None
    assert found.plane.sigma_mm == pytest.approx(0.55, rel=0.06)


def test_cortex_thinner_than_its_blur_tells_nothing() -> None:
    shaft = Shaft(0.8, cortex_mm=1.2)

    assert bone_edge_blur(shaft.volume(), shaft.surface_mm()) is None


@pytest.mark.parametrize("slice_sigma_mm", [0.5, 0.9])
def test_leaning_bone_tells_the_blur_across_slices(slice_sigma_mm: float) -> None:
    shaft = Shaft(slice_sigma_mm=slice_sigma_mm, lean=0.8)

    found = bone_edge_blur(shaft.volume(), shaft.surface_mm())

    assert found is not None
    assert found.across is not None
    assert found.across.sigma_mm == pytest.approx(slice_sigma_mm, rel=0.12)


def test_thin_slices_leave_more_doubt_than_thick_ones() -> None:
    thin, thick = (
        bone_edge_blur(shaft.volume(), shaft.surface_mm())
        for shaft in (Shaft(slice_sigma_mm=s, lean=0.8) for s in (0.4, 1.0))
    )

    assert thin is not None
    assert thick is not None
    assert thin.across is not None
    assert thick.across is not None
    doubt = [a.std_mm / a.sigma_mm for a in (thin.across, thick.across)]
    assert doubt[0] > 2 * doubt[1]


def test_bone_stands_in_for_skin_out_of_view() -> None:
    shaft = Shaft()
    volume = shaft.volume()
    anatomy = anatomy_of(
        volume.grid, np.zeros(volume.grid.shape, np.uint8), np.empty((0, 3))
    )
    seen = replace(anatomy, skeleton_mm=shaft.surface_mm())

    psf, flags = measure_psf(volume, seen, NAMED)
    blind, _ = measure_psf(volume, anatomy, NAMED)

    assert psf.plane_source == "bone edge"
    assert psf.sigma_plane_mm == pytest.approx(0.55, rel=0.06)
    assert psf.plane_relative_std < blind.plane_relative_std
    assert blind.plane_source == "kernel table"
    assert not flags


def test_bone_that_contradicts_the_kernel_is_said() -> None:
    shaft = Shaft(1.0)
    volume = shaft.volume()
    anatomy = anatomy_of(
        volume.grid, np.zeros(volume.grid.shape, np.uint8), np.empty((0, 3))
    )
    seen = replace(anatomy, skeleton_mm=shaft.surface_mm())

    psf, flags = measure_psf(volume, seen, NAMED)

    assert [flag.kind for flag in flags] == [FlagKind.BLUR_MISMATCH]
    assert psf.plane_source == "bone edge and kernel table"


def test_a_sharp_kernel_keeps_its_table() -> None:
    shaft = Shaft(0.3)
    volume = shaft.volume()
    anatomy = anatomy_of(
        volume.grid, np.zeros(volume.grid.shape, np.uint8), np.empty((0, 3))
    )
    seen = replace(anatomy, skeleton_mm=shaft.surface_mm())

    psf, _ = measure_psf(volume, seen, replace(NAMED, kernel="BONE"))

    assert psf.plane_source == "kernel table"
