"""CT volumes in."""

import gzip
import io
import math
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.fileholders import FileHolder
from nibabel.nifti1 import Nifti1Image
from nibabel.nifti2 import Nifti2Image
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from calcitrace.adapters.archive import Member, reading_members
from calcitrace.adapters.clipping import TopPlateau
from calcitrace.adapters.input_hash import input_hash
from calcitrace.adapters.nifti.geometry import (
    NiftiError,
    affine_lps_mm,
    grid_of,
    order_of,
)
from calcitrace.adapters.scan_flags import slice_flags
from calcitrace.adapters.unmeasured import AIR_HU, FieldOfView, unmeasured
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.scan import Scan
from calcitrace.model.volume import Coverage, HuVolume

GZIP_MAGIC = b"\x1f\x8b"
HEADER_BYTES = 540  # of NIfTI-2, the longer one
# Magic strings and where they stand, for one file and for a header apart.
MAGICS = ((344, b"n+1\0"), (344, b"ni1\0"), (4, b"n+2\0"), (4, b"ni2\0"))
APART = frozenset({b"ni1\0", b"ni2\0"})
MAX_VOXELS = 2**31
# A CT holds air or at least fat; a label map, PET or MR holds no such values.
FAT_OR_AIR_HU = -50.0
FAT_OR_AIR_FRACTION = 1e-3
LARGEST_HU = 65536.0  # metal on extended scales stays below; other units do not
BROKEN = (
    ImageFileError,
    HeaderDataError,
    ValueError,
    TypeError,
    EOFError,
    OSError,
    OverflowError,
    zlib.error,
)

Array = NDArray[Any]
Shape = tuple[int, int, int]


def is_nifti(member: Member) -> bool:
    """Whether the content is a NIfTI image, packed by gzip or not."""
    with reading_members(), member.open() as stream:
        return _magic(_start(stream)) is not None


def read_nifti(member: Member) -> Scan:
    """Read a CT volume.

    Parameters
    ----------
    member
        The file; what it is called does not matter.

    Returns
    -------
    Scan
        Without anything that only DICOM says: tube voltage, kernel, slice thickness.

    Raises
    ------
    UnreadableSourceError
        If the image is broken, not three-dimensional, sheared, without orientation, too
        large, or if its values are not Hounsfield units.
    """
    with _opened(member) as (image, affine, shape):
        stored = np.asanyarray(image.dataobj.get_unscaled()).reshape(shape)
        hu = _hu(_reordered(stored, affine), image.dataobj)
    return _scan(HuVolume(hu, grid_of(affine, shape)))


def read_array(member: Member) -> tuple[Array, NDArray[np.float64], Shape]:
    """Scaled values as (slice, row, column), affine in LPS mm, shape as stored.

    Raises
    ------
    UnreadableSourceError
        As `read_nifti`, whatever the values are.
    """
    with _opened(member) as (image, affine, shape):
        values = np.asanyarray(image.dataobj).reshape(shape)
        return _reordered(values, affine), affine, shape


@contextmanager
def _opened(member: Member) -> Generator[tuple[Any, NDArray[np.float64], Shape]]:
    """Image, affine in LPS mm and shape, with all that makes it unusable refused."""
    with reading_members(), member.open() as stream:
        magic = _magic(_start(stream))
        if magic in APART:
            raise NiftiError(
                expected="one .nii file",
                got="a header without its image",
                action="Convert to .nii.gz",
            )
        with _understood(), _unpacked(stream) as content:
            kind: Any = Nifti2Image if magic == b"n+2\0" else Nifti1Image
            holder = FileHolder(fileobj=content)
            image: Any = kind.from_file_map({"header": holder, "image": holder})
            affine = affine_lps_mm(image.header)
            yield image, affine, _shape(image)


def _start(stream: BinaryIO) -> bytes:
    """First bytes of the unpacked image; empty if they cannot be unpacked."""
    start = stream.read(HEADER_BYTES)
    stream.seek(0)
    if start[:2] != GZIP_MAGIC:
        return start
    try:
        start = gzip.GzipFile(fileobj=stream).read(HEADER_BYTES)
    except (OSError, EOFError, zlib.error):
        start = b""
    stream.seek(0)
    return start


def _magic(start: bytes) -> bytes | None:
    return next((m for at, m in MAGICS if start[at : at + 4] == m), None)


@contextmanager
def _unpacked(stream: BinaryIO) -> Generator[Any]:
    start = stream.read(2)
    stream.seek(0)
    if start != GZIP_MAGIC:
        yield stream
        return
    with io.BufferedReader(gzip.GzipFile(fileobj=stream), 2**20) as unpacked:
        yield unpacked


@contextmanager
def _understood() -> Generator[None]:
    """Turn what nibabel raises on broken images into an error of ours."""
    try:
        yield
    except BROKEN as error:
        name = type(error).__name__
        raise NiftiError(
            expected="a whole NIfTI image",
            got=f"a broken one ({name})",
            action="Convert or copy it again",
        ) from error


def _shape(image: Any) -> Shape:  # noqa: ANN401 -- NIfTI-1 or -2
    """Shape without further axes of length 1, checked before anything is allocated."""
    shape = tuple(int(n) for n in image.shape)
    if len(shape) < 3 or any(n != 1 for n in shape[3:]):  # noqa: PLR2004 -- a volume has three axes
        listed = " x ".join(map(str, shape))
        raise NiftiError(
            expected="a volume of three axes", got=listed, action="Extract one volume"
        )
    if math.prod(shape) > MAX_VOXELS or min(shape) < 1:
        n = math.prod(shape) / 1e6
        raise NiftiError(
            expected="1 to 2147 million voxels",
            got=f"{n:.0f} million",
            action="Crop the image",
        )
    if image.get_data_dtype().kind not in "iuf":
        raise NiftiError(
            expected="one number in each voxel",
            got="colour or complex values",
            action="Export the CT numbers",
        )
    return shape[0], shape[1], shape[2]


def _reordered(stored: Array, affine: NDArray[np.float64]) -> Array:
    """Array as (slice, row, column), by exchange and reversal of axes alone."""
    order, is_reversed = order_of(affine)
    return np.transpose(stored, order)[
        tuple(slice(None, None, -1 if flip else None) for flip in is_reversed)
    ]


def _hu(stored: Array, proxy: Any) -> NDArray[np.int16] | NDArray[np.float32]:  # noqa: ANN401 -- nibabel has no type for it
    """CT numbers: int16 if all are whole and fit, else float32; slice by slice."""
    # nibabel takes the scaling out of the header; slope 0 or none means 1 there.
    slope, intercept = float(proxy.slope), float(proxy.inter)
    limits = np.iinfo(np.int16)
    whole = np.empty(stored.shape, np.int16)
    for i, part in enumerate(stored):
        hu = part if (slope, intercept) == (1, 0) else part * slope + intercept
        fits = bool((hu >= limits.min).all() and (hu <= limits.max).all())
        if not fits or (hu.dtype.kind == "f" and (np.rint(hu) != hu).any()):
            break
        whole[i] = hu
    else:
        return whole
    del whole
    out = np.empty(stored.shape, np.float32)
    for i, part in enumerate(stored):
        out[i] = part * slope + intercept
    return out


def _scan(volume: HuVolume) -> Scan:
    field, plateau = FieldOfView(volume.grid.shape[1:]), TopPlateau()
    n_low = 0
    for hu in volume.hu:
        certain = unmeasured(hu)
        if certain is not None:
            hu[certain] = AIR_HU
        field.add(certain, None)
        plateau.add(hu)
        n_low += int(np.count_nonzero(hu < FAT_OR_AIR_HU))
        n_low -= 0 if certain is None else int(np.count_nonzero(certain))
    _check_values(volume, n_low)
    plane = field.measured()
    coverage = Coverage(np.ones(volume.grid.shape[0], bool), plane)
    acquisition = Acquisition()
    flags = list(slice_flags(volume, coverage, acquisition))
    detail = plateau.detail(float(np.iinfo(np.int16).max))
    if detail is not None:
        flags.append(Flag(FlagKind.HU_CLIPPED, detail))
    return Scan(
        volume=volume,
        acquisition=acquisition,
        coverage=coverage,
        source_kind="nifti",
        input_hash=input_hash(volume, coverage),
        flags=tuple(flags),
    )


def _check_values(volume: HuVolume, n_low: int) -> None:
    """Refuse label maps, MR, PET and CT without its intercept."""
    top = float(volume.hu.max())
    if n_low < FAT_OR_AIR_FRACTION * volume.grid.n_voxels or top > LARGEST_HU:
        low = float(volume.hu.min())
        raise NiftiError(
            expected="Hounsfield units, with fat or air below -50 HU",
            got=f"values from {low:.4g} to {top:.4g}",
            action="Give the CT itself, not a label map, MR or PET",
        )
