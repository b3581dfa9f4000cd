"""A scan is the same however its files are ordered, named, packed or turned."""

import itertools
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from calcitrace.adapters.nifti import write_nifti
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.model.grid import Grid
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume
from tests.fakes.dicom_series import CtSeries, limb, write_series

HU = limb((5, 24, 20))
SERIES = CtSeries(HU)
AFFINE = np.array(
    [[-0.5, 0, 0, 12.5], [0, -0.75, 0, -20.25], [0, 0, 1.5, 100.0], [0, 0, 0, 1]]
)
make: Any = nib.Nifti1Image


def assert_same(scan: Scan) -> None:
    np.testing.assert_array_equal(scan.volume.hu, HU)
    grid = Grid(HU.shape, SERIES.spacing_mm, SERIES.origin_mm)
    np.testing.assert_allclose(scan.volume.grid.affine, grid.affine, atol=1e-5)


@settings(max_examples=20)
@given(st.permutations(range(5)), st.booleans())
def test_order_names_and_packing_change_nothing(
    order: list[int], is_packed: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = [f"image {i} of someone" for i in order]
        source = write_series(folder / "scan", SERIES, names)
        if is_packed:
            with zipfile.ZipFile(folder / "scan.zip", "w") as archive:
                for path in source.iterdir():
                    archive.write(path, f"deep/{order[0]}/{path.name}")
            source = folder / "scan.zip"

        scan = FileScanReader().read(source)

    assert_same(scan)


@settings(max_examples=48)
@given(
    st.sampled_from(list(itertools.permutations(range(3)))),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_turned_axes_of_a_nifti_image_change_nothing(
    order: tuple[int, int, int], is_flipped: tuple[bool, bool, bool]
) -> None:
    data = np.transpose(HU.T, order)
    affine = AFFINE[:, [*order, 3]].copy()
    for axis, flip in enumerate(is_flipped):
        if flip:
            affine[:3, 3] += affine[:3, axis] * (data.shape[axis] - 1)
            affine[:3, axis] *= -1
            data = np.flip(data, axis)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "scan.nii.gz")
        make(data, affine).to_filename(path)

        scan = FileScanReader().read(path)

    assert_same(scan)


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.tuples(*[st.floats(0.3, 5.0)] * 3),
    st.tuples(*[st.floats(-500, 500)] * 3),
)
def test_what_is_written_is_what_is_read_back(
    seed: int, spacing: tuple[float, float, float], origin: tuple[float, float, float]
) -> None:
    rng = np.random.default_rng(seed)
    # A proper CT, so that the reader takes it; labels are not read back by us.
    values = rng.integers(-1000, 2000, (4, 5, 6)).astype(np.int32)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    axes = np.eye(3)[::-1] if seed % 2 else rotation
    direction = tuple(tuple(float(v) for v in axis) for axis in axes)
    grid = Grid((4, 5, 6), spacing, origin, direction)  # type: ignore[arg-type]  # values by name
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "values.nii.gz")
        write_nifti(LabelVolume(values, grid), path)

        volume = FileScanReader().read(path).volume

    # Each voxel has its value at its place, in whatever order they are now.
    index = np.array(list(np.ndindex(grid.shape)))
    there = np.rint(volume.grid.to_index(grid.to_world_mm(index))).astype(int)
    np.testing.assert_allclose(
        volume.grid.to_world_mm(there), grid.to_world_mm(index), atol=2e-3
    )
    np.testing.assert_array_equal(volume.hu[tuple(there.T)], values.reshape(-1))
