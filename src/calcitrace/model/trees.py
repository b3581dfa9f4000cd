"""Boosted decision trees as plain arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A sum of binary trees on the logit scale.

    Attributes
    ----------
    names
        Features, in the order of their columns.
    feature, threshold, left, right
        One entry for each inner node, all trees one after the other. A value at most
        the threshold goes left. A child that is not negative is a node, a negative one
        is the leaf ``-1 - child``.
    leaf
        Value of each leaf, on the logit scale.
    roots
        First node of each tree, as a child is written.
    """

    names: tuple[str, ...]
    feature: NDArray[np.int16]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    leaf: NDArray[np.float64]
    roots: NDArray[np.int32]
