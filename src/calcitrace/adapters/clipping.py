"""CT numbers cut off at the top of their scale, as scanners do next to metal."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Twelve bits from -1024: the top of the usual scale.
USUAL_TOP_HU = 3071.0
# A free maximum is reached by a voxel or two; a plateau has many.
MIN_VOXELS_AT_TOP = 4
MIN_VOXELS_ANYWHERE = 25
MIN_PLATEAU_HU = 1000.0


class TopPlateau:
    """Counts, slice by slice, the voxels that share the maximum."""

    def __init__(self) -> None:
        self._max_hu = -np.inf
        self._n = 0

    def add(self, hu: NDArray[Any]) -> None:
        """Take in one slice of CT numbers."""
        top = float(hu.max())
        if top < self._max_hu:
            return
        n = int(np.count_nonzero(hu == top))
        self._n = n + (self._n if top == self._max_hu else 0)
        self._max_hu = top

    def detail(self, ceiling_hu: float) -> str | None:
        """What to say of a plateau; `None` without one.

        Parameters
        ----------
        ceiling_hu
            Highest CT number that the stored values can express.
        """
        is_top = self._max_hu in {USUAL_TOP_HU, ceiling_hu}
        enough = MIN_VOXELS_AT_TOP if is_top else MIN_VOXELS_ANYWHERE
        if self._max_hu < MIN_PLATEAU_HU or self._n < enough:
            return None
        return f"{self._max_hu:.0f} HU, {self._n} voxels"
