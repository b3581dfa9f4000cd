"""Logits to how often they are right."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit


def line_to_truth(
    said: NDArray[np.float64], true: NDArray[np.floating]
) -> tuple[float, float]:
    """Slope and offset of the line that makes logits most likely right.

    Parameters
    ----------
    said
        Logits, shape (n,).
    true
        1 or 0, shape (n,); as in [1]_ neither is taken for quite certain.

    References
    ----------
    .. [1] Platt JC, Probabilistic outputs for support vector machines and comparisons
       to regularized likelihood methods, 1999.
    """
    n_true = float(true.sum())
    n_false = len(true) - n_true
    aim = np.where(true > 0, (n_true + 1) / (n_true + 2), 1 / (n_false + 2))

    def cost(line: NDArray[np.float64]) -> float:
        logit = np.asarray(line[0] * said + line[1], np.float64)
        surprise = np.asarray(np.logaddexp(0.0, logit), np.float64) - aim * logit
        return float(surprise.mean())

    def slopes(line: NDArray[np.float64]) -> NDArray[np.float64]:
        logit = np.asarray(line[0] * said + line[1], np.float64)
        wrong = expit(logit) - aim
        return np.array([np.mean(wrong * said), np.mean(wrong)], np.float64)

    found = minimize(cost, np.array([1.0, 0.0]), jac=slopes, method="BFGS")
    return float(found.x[0]), float(found.x[1])
