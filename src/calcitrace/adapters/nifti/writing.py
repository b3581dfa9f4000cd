"""Label and mass images out; the same image gives the same bytes."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from nibabel.fileholders import FileHolder
from nibabel.nifti1 import Nifti1Image
from numpy.typing import NDArray

from calcitrace.adapters.nifti.geometry import affine_ras
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume, LabelVolume, MassVolume

GZIP_LEVEL = 3  # labels are mostly zeros: more gains nothing
SCANNER = 1  # NIFTI_XFORM_SCANNER_ANAT: world is that of the scanner
WRITE_BYTES = 2**20


def write_nifti(volume: LabelVolume, path: Path) -> None:
    """Write labels as `.nii.gz` in RAS, without time, name or comment.

    Parameters
    ----------
    volume
        Labels; their type is kept.
    path
        File to write, replaced if it exists.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    _write(volume.labels, volume.grid, path)


def write_mass_nifti(volume: MassVolume, path: Path) -> None:
    """Write mg per voxel as `.nii.gz` in RAS, float32.

    Parameters
    ----------
    volume
        True mass.
    path
        File to write, replaced if it exists.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    _write(volume.mg, volume.grid, path)


def write_hu_nifti(volume: HuVolume, path: Path) -> None:
    """Write CT numbers as `.nii.gz` in RAS, without time, name or comment.

    Parameters
    ----------
    volume
        CT numbers; their type is kept.
    path
        File to write, replaced if it exists.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    _write(volume.hu, volume.grid, path)


def _write(array: NDArray[Any], grid: Grid, path: Path) -> None:
    affine = affine_ras(grid)
    # nibabel carries no types.
    image_of: Any = Nifti1Image
    image = image_of(np.transpose(array), affine, dtype=array.dtype)
    image.header.set_xyzt_units("mm")
    image.set_qform(affine, SCANNER)
    image.set_sform(affine, SCANNER)
    with (
        path.open("wb") as file,
        # A named archive would carry the path, and a dated one the time.
        gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed,
    ):
        image.to_file_map({"image": FileHolder(fileobj=packed)})
