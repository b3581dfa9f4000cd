"""Label maps in."""

import numpy as np

from calcitrace.adapters.archive import Member
from calcitrace.adapters.nifti.geometry import NiftiError, grid_of
from calcitrace.adapters.nifti.reading import read_array
from calcitrace.model.volume import LabelVolume

LARGEST_LABEL = int(np.iinfo(np.uint16).max)


def read_label_nifti(member: Member) -> LabelVolume:
    """Read a label map.

    Returns
    -------
    LabelVolume
        In the smallest type that holds its labels.

    Raises
    ------
    UnreadableSourceError
        If the image is broken, not three-dimensional, sheared, without orientation, or
        if its values are no whole numbers from 0.
    """
    values, affine, shape = read_array(member)
    low, high = float(values.min()), float(values.max())
    is_whole = values.dtype.kind in "iu" or bool((np.rint(values) == values).all())
    if not is_whole or low < 0 or high > LARGEST_LABEL:
        raise NiftiError(
            expected=f"whole numbers from 0 to {LARGEST_LABEL} in a label map",
            got=f"values from {low:.4g} to {high:.4g}",
            action="Give the label map, not the CT",
        )
    grid = grid_of(affine, shape)
    if high <= np.iinfo(np.uint8).max:
        return LabelVolume(np.ascontiguousarray(values, np.uint8), grid)
    return LabelVolume(np.ascontiguousarray(values, np.uint16), grid)
