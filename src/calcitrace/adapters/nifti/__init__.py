"""NIfTI images.

RAS and (i, j, k) exist here only: what leaves is LPS, (slice, row, column), with slices to the head, rows to the back and columns to the left, or as near to
it as exchanging and reversing axes brings it.
"""

from calcitrace.adapters.nifti.labels import read_label_nifti
from calcitrace.adapters.nifti.reading import is_nifti, read_nifti
from calcitrace.adapters.nifti.writing import (
    write_hu_nifti,
    write_mass_nifti,
    write_nifti,
)

__all__ = [
    "is_nifti",
    "read_label_nifti",
    "read_nifti",
    "write_hu_nifti",
    "write_mass_nifti",
    "write_nifti",
]
