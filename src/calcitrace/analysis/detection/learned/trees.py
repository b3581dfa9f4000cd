"""Values of boosted trees, compiled."""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy.special import expit

from calcitrace.model.trees import Trees

# Feature, threshold, left and right child of each node.
Nodes = tuple[
    NDArray[np.int16], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]
]


def logits(trees: Trees, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum of all trees for each row, the same for any number of threads.

    Parameters
    ----------
    x
        Shape (row, feature), in the order of `Trees.names`; finite.
    """
    out = np.zeros(len(x))
    _sum(
        np.ascontiguousarray(x, np.float32),
        (trees.feature, trees.threshold, trees.left, trees.right),
        trees.leaf,
        trees.roots,
        out,
    )
    return out


def probabilities(trees: Trees, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """The same on the scale of probability."""
    return np.asarray(expit(logits(trees, x)))


@njit(parallel=True, cache=True)
def _sum(
    x: NDArray[np.float32],
    nodes: Nodes,
    leaf: NDArray[np.float64],
    roots: NDArray[np.int32],
    out: NDArray[np.float64],
) -> None:
    feature, threshold, left, right = nodes
    for row in prange(len(x)):
        total = 0.0
        for tree in range(len(roots)):
            node = roots[tree]
            while node >= 0:
                if x[row, feature[node]] <= threshold[node]:
                    node = left[node]
                else:
                    node = right[node]
            total += leaf[-1 - node]
        out[row] = total
