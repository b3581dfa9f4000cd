"""Blur and noise do not depend on how the scan is laid out."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcitrace.analysis.noise import measure_noise
from calcitrace.analysis.psf import measure_psf
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.grid import AXIAL, Grid
from calcitrace.model.volume import HuVolume
from tests.fakes.skin_phantom import Limb, anatomy_of, skin_of

ACQUISITION = Acquisition(kernel="B30f", slice_thickness_mm=1.0)


@cache
def limb() -> tuple[HuVolume, Anatomy]:
    volume = Limb(0.7, 0.8, n_slices=8).volume()
    return volume, skin_of(volume)


def turned(flip: tuple[bool, bool, bool], *, swap: bool) -> tuple[HuVolume, Anatomy]:
    """Store the same body in another order of slices, rows and columns."""
    volume, anatomy = limb()
    grid = volume.grid
    step = tuple(-1 if f else 1 for f in flip)
    corner = np.array(
        [n - 1 if f else 0 for f, n in zip(flip, grid.shape, strict=True)]
    )
    axes = [np.asarray(AXIAL[a]) * step[a] for a in range(3)]
    cut = tuple(slice(None, None, s) for s in step)
    hu, tissue = volume.hu[cut], anatomy.tissue.labels[cut]
    if swap:
        hu, tissue = hu.swapaxes(1, 2), tissue.swapaxes(1, 2)
        axes = [axes[0], axes[2], axes[1]]
    x, y, z = (float(v) for v in grid.to_world_mm(corner))
    s, r, c = (tuple(float(v) for v in axis) for axis in axes)
    other = Grid(hu.shape, grid.spacing_mm, (x, y, z), (s, r, c))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    return HuVolume(hu, other), anatomy_of(other, tissue, anatomy.skin_mm)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


@settings(max_examples=6, deadline=None)
@given(st.tuples(st.booleans(), st.booleans(), st.booleans()), st.booleans())
def test_flips_and_exchanged_axes_keep_the_blur(
    flip: tuple[bool, bool, bool], swap: bool
) -> None:
    here, _ = measure_psf(*limb(), ACQUISITION)
    there, _ = measure_psf(*turned(flip, swap=swap), ACQUISITION)

    assert there.sigma_plane_mm == pytest.approx(here.sigma_plane_mm, rel=0.03)
    assert there.sigma_slice_mm == here.sigma_slice_mm


@settings(max_examples=6, deadline=None)
@given(st.tuples(st.booleans(), st.booleans(), st.booleans()), st.booleans())
def test_flips_and_exchanged_axes_keep_the_noise(
    flip: tuple[bool, bool, bool], swap: bool
) -> None:
    here, _ = measure_noise(*limb())
    there, _ = measure_noise(*turned(flip, swap=swap))

    assert there.sigma_median_hu == pytest.approx(here.sigma_median_hu, rel=0.05)


@settings(max_examples=5, deadline=None)
@given(st.floats(0.5, 1.9))
def test_twice_the_noise_reads_twice_the_noise(factor: float) -> None:
    volume, anatomy = limb()
    plain, _ = measure_noise(volume, anatomy)
    scaled = HuVolume((volume.hu * factor).astype(np.float32), volume.grid)
    found, _ = measure_noise(scaled, anatomy)

    assert found.sigma_median_hu == pytest.approx(
        factor * plain.sigma_median_hu, rel=0.02
    )
    assert found.correlation == pytest.approx(plain.correlation, abs=1e-6)
