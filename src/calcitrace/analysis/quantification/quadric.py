"""Quadric through points with normals: x'Ax + b'x + c = 0, and distances from it.

The fit is linear in the ten coefficients: values at the points are to vanish, gradients
there to equal the normals, so that the value is a distance near the surface.

References
----------
.. [1] Taubin, IEEE Trans Pattern Anal Mach Intell 13:1115, 1991. doi 10.1109/34.103273
"""

from dataclasses import dataclass

import numpy as np

from calcitrace.analysis.quantification.site import FloatArray

N_TERMS = 10
NORMAL_WEIGHT = 0.5
# Surfaces are flat unless points say otherwise.
RIDGE = 1e-3
N_STEPS = 3
LEAST_SLOPE = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Quadric:
    """Zero of x'Ax + b'x + c, gradients pointing to the positive side.

    Attributes
    ----------
    matrix, vector, constant
        A (symmetric, 3 x 3), b (3) and c, in the unit of the points.
    """

    matrix: FloatArray
    vector: FloatArray
    constant: float

    @classmethod
    def nowhere(cls) -> "Quadric":
        """No surface: value and gradient are zero everywhere."""
        return cls(np.zeros((3, 3)), np.zeros(3), 0.0)

    @classmethod
    def of(cls, terms: FloatArray) -> "Quadric":
        """From the coefficients of xx, yy, zz, xy, xz, yz, x, y, z and 1."""
        xx, yy, zz, xy, xz, yz = terms[:6]
        matrix = [[xx, xy / 2, xz / 2], [xy / 2, yy, yz / 2], [xz / 2, yz / 2, zz]]
        return cls(np.array(matrix), terms[6:9], float(terms[9]))

    def _value_and_slope(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Value, shape (n,), and gradient, shape (n, 3), at points."""
        bent = x @ self.matrix
        value = ((bent + self.vector) * x).sum(axis=1) + self.constant
        return value, 2 * bent + self.vector

    def distance(self, x: FloatArray) -> FloatArray:
        """Signed distance of points, shape (n, 3), to first order [1]_."""
        value, slope = self._value_and_slope(x)
        length = np.sqrt((slope**2).sum(axis=1))
        return np.asarray(value / np.maximum(length, LEAST_SLOPE), np.float64)

    def foot_distance(self, x: FloatArray) -> FloatArray:
        """Signed distance of points near it, by Newton steps along the gradient."""
        foot = x.copy()
        side = np.sign(self._value_and_slope(x)[0])
        for _ in range(N_STEPS):
            value, slope = self._value_and_slope(foot)
            length2 = np.maximum((slope**2).sum(axis=1), LEAST_SLOPE**2)
            foot -= slope * (value / length2)[:, None]
        return np.asarray(side * np.sqrt(((x - foot) ** 2).sum(axis=1)), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Points on a surface and its normals there, ready to be fitted with any weights.

    Attributes
    ----------
    terms
        Terms of a quadric at the points, shape (n, 10).
    slopes
        Their derivatives, shape (3, n, 10).
    normals
        Unit vectors to the positive side, shape (n, 3).
    """

    terms: FloatArray
    slopes: FloatArray
    normals: FloatArray

    @classmethod
    def of(cls, x: FloatArray, normals: FloatArray) -> "Evidence":
        """Points, shape (n, 3), with a normal each."""
        a, b, c = x.T
        one = np.ones_like(a)
        terms = np.stack([a * a, b * b, c * c, a * b, a * c, b * c, a, b, c, one], 1)
        slopes = np.zeros((3, len(x), N_TERMS))
        slopes[0][:, [0, 3, 4, 6]] = np.stack([2 * a, b, c, one], 1)
        slopes[1][:, [1, 3, 5, 7]] = np.stack([2 * b, a, c, one], 1)
        slopes[2][:, [2, 4, 5, 8]] = np.stack([2 * c, a, b, one], 1)
        return cls(terms, slopes, normals)

    def fitted(self, weights: FloatArray) -> Quadric:
        """Quadric by weighted least squares."""
        lhs = self.terms.T @ (self.terms * weights[:, None])
        rhs = np.zeros(N_TERMS)
        for slope, normal in zip(self.slopes, self.normals.T, strict=True):
            side = slope * weights[:, None]
            lhs += NORMAL_WEIGHT**2 * slope.T @ side
            rhs += NORMAL_WEIGHT**2 * side.T @ normal
        lhs[np.arange(6), np.arange(6)] += RIDGE * weights.sum()
        return Quadric.of(np.asarray(np.linalg.solve(lhs, rhs), np.float64))
