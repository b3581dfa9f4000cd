"""Reads a mass image back, by nibabel alone."""

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

load: Any = nib.load  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # no stubs


def read_mass(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mg, shape (slice, row, column), and the matrix from them to LPS in mm."""
    image = load(path)
    mg = np.transpose(np.asarray(image.dataobj, np.float64))
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(image.affine)
    return mg, to_lps[:, [2, 1, 0, 3]]
