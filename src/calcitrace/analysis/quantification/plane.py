"""A robust plane through the CT numbers of one tissue around a deposit [1]_.

References
----------
.. [1] Beaton and Tukey, Technometrics 16:147, 1974. doi 10.2307/1267936
"""

from dataclasses import dataclass

import numpy as np

from calcitrace.analysis.quantification.site import FloatArray, Site
from calcitrace.model.volume import Mask

N_REWEIGHTINGS = 8
BISQUARE_TUNING = 4.685  # 95 % efficiency for normal errors (Beaton and Tukey 1974)
MAD_TO_SIGMA = 1.4826
SLOPE_PRIOR_HU_PER_MM = 1.5  # tissue brightens slowly; keeps one-sided shells sober
# Without a usable shell: textbook CT numbers, with the spread between people.
FALLBACK_HU = {True: (-100.0, 20.0), False: (50.0, 20.0)}


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A robust plane through the CT numbers of one tissue around a deposit.

    Attributes
    ----------
    hu
        Value of the plane at every voxel of the box.
    shell
        Voxels it was fitted to.
    shell_weights
        Robust weight of each shell voxel, shape (n,).
    precision
        Inverse of the normal matrix, shape (4, 4), of (1, x, y, z) about `centre_mm`.
    structure_hu
        One sigma of how the tissue itself varies over the size of an octant of the
        shell, noise removed.
    is_fallback
        No shell could be found; textbook values stand in.
    """

    hu: FloatArray
    shell: Mask
    shell_weights: FloatArray
    precision: FloatArray
    centre_mm: FloatArray
    structure_hu: float
    is_fallback: bool


def design_rows(site: Site, mask: Mask, centre_mm: FloatArray) -> FloatArray:
    """Rows (1, dx, dy, dz), in mm along the box's axes, of the voxels of a mask."""
    at_mm = np.argwhere(mask) * np.asarray(site.grid.spacing_mm)
    return np.column_stack([np.ones(len(at_mm)), at_mm - centre_mm])


def robust_plane(site: Site, shell: Mask, n_correlated: float) -> Plane:
    """Bisquare fit of a plane, with a weak prior that tissue is flat."""
    spacing = np.asarray(site.grid.spacing_mm)
    centre_mm = np.argwhere(site.core).mean(axis=0) * spacing
    design = design_rows(site, shell, centre_mm)
    values = site.hu[shell]
    scale = max(site.sigma_hu, 1.0)
    prior = np.diag([0.0, *[scale**2 * n_correlated / SLOPE_PRIOR_HU_PER_MM**2] * 3])
    weights = np.ones(len(values))
    beta = np.array([np.median(values), 0.0, 0.0, 0.0])
    for _ in range(N_REWEIGHTINGS):
        residual = values - design @ beta
        spread = MAD_TO_SIGMA * float(np.median(np.abs(residual)))
        reach = BISQUARE_TUNING * max(spread, 0.5 * scale, 0.5)
        weights = np.clip(1 - (residual / reach) ** 2, 0, None) ** 2
        normal = design.T @ (design * weights[:, None]) + prior
        beta = np.linalg.solve(normal, design.T @ (weights * values))
    precision = np.linalg.inv(design.T @ (design * weights[:, None]) + prior)
    everywhere = np.indices(site.hu.shape, dtype=np.float64).reshape(3, -1).T * spacing
    plane = beta[0] + (everywhere - centre_mm) @ beta[1:]
    residual = values - design @ beta
    return Plane(
        hu=plane.reshape(site.hu.shape),
        shell=shell,
        shell_weights=weights,
        precision=np.asarray(precision, np.float64),
        centre_mm=centre_mm,
        structure_hu=_structure_hu(
            residual, weights, design, site.sigma_hu, n_correlated
        ),
        is_fallback=False,
    )


def _structure_hu(
    residual: FloatArray,
    weights: FloatArray,
    design: FloatArray,
    sigma_hu: float,
    n_correlated: float,
) -> float:
    """Spread of octant means beyond what noise explains."""
    octant = (design[:, 1:] > 0) @ np.array([1, 2, 4])
    count = np.bincount(octant, weights=weights, minlength=8)
    total = np.bincount(octant, weights=weights * residual, minlength=8)
    filled = count >= max(4.0, 0.02 * count.sum())
    if filled.sum() < 3:  # noqa: PLR2004 -- a plane has three unknowns
        return (
            sigma_hu  # one-sided shell: nothing contradicts a tissue as uneven as noise
        )
    means = total[filled] / count[filled]
    expected = sigma_hu**2 * n_correlated / count[filled]
    # A plane fitted to the same voxels takes up to three of the octants' freedoms.
    freedom = max(1, int(filled.sum()) - 4)
    excess = float((means**2).sum() / freedom - expected.mean())
    return float(np.sqrt(max(0.0, excess)))


def textbook_plane(site: Site, *, is_fat: bool) -> Plane:
    """Textbook tissue with the spread between people as its error."""
    hu, spread = FALLBACK_HU[is_fat]
    return Plane(
        hu=np.full(site.hu.shape, hu),
        shell=np.zeros(site.hu.shape, bool),
        shell_weights=np.zeros(0),
        precision=np.zeros((4, 4)),
        centre_mm=np.zeros(3),
        structure_hu=spread,
        is_fallback=True,
    )


def shell_contribution(plane: Plane, site: Site, region: Mask) -> FloatArray:
    """Weight of every voxel in the sum of the background over a region.

    The sum of the plane over `region` equals the sum of these weights times the CT
    numbers of the box.
    """
    weights = np.zeros(site.hu.shape)
    if plane.is_fallback:
        return weights
    total = design_rows(site, region, plane.centre_mm).sum(axis=0)
    rows = design_rows(site, plane.shell, plane.centre_mm)
    weights[plane.shell] = rows @ (plane.precision @ total) * plane.shell_weights
    return weights
