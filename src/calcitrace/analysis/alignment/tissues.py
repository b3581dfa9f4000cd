"""Soft tissue: what bones leave open is found by symmetric demons.

SimpleITK's fast symmetric forces demons [1]_ after histogram matching. Deposits of both
visits, and what one of them did not see, exert no force.

References
----------
.. [1] Vercauteren et al., Diffeomorphic demons: efficient non-parametric image
   registration, NeuroImage 2009. https://doi.org/10.1016/j.neuroimage.2008.10.040
"""

import numpy as np
import SimpleITK as sitk  # noqa: N813 -- the name its documentation uses
from numpy.typing import NDArray

from calcitrace.analysis.alignment.matrices import (
    Matrix,
)
from calcitrace.analysis.alignment.pictures import Picture, node_places, to_image
from calcitrace.model.grid import Grid

Floats = NDArray[np.float32]

LOWEST_HU, HIGHEST_HU = -250.0, 500.0
# Coarse to fine: nodes per block, iterations, smoothing of the displacement in nodes.
LEVELS: tuple[tuple[int, int, float], ...] = ((3, 30, 1.5), (2, 25, 1.5), (1, 20, 1.5))
N_HISTOGRAM, N_MATCH = 128, 15
HIDDEN = 0.02  # share of a deposit at a node that takes no part
HALF = 0.5


def soft_mm(
    reference: Picture, moving: Picture, first: Matrix, residual_mm: Floats
) -> Floats:
    """Displacement within the reference after which CT numbers agree.

    Parameters
    ----------
    reference, moving
        Both visits, each on its own lattice.
    first, residual_mm
        Motion of the whole, and what bones add to it on the reference's lattice.

    Returns
    -------
    Floats
        Shape (slice, row, column, 3); to be applied before the other two.
    """
    way = _transform(reference.grid, first, residual_mm)

    def warped(array: Floats, beyond: float) -> Floats:
        image = to_image(array, moving.grid)
        like = _like(reference.grid)
        read = sitk.Resample(
            image, like, way, sitk.sitkLinear, beyond, sitk.sitkFloat32
        )
        return np.asarray(sitk.GetArrayFromImage(read), np.float32)

    usable = (warped(moving.seen, 0.0) > HALF) & (reference.seen > HALF)
    usable &= (warped(moving.deposit, 0.0) < HIDDEN) & (reference.deposit < HIDDEN)
    fixed = np.clip(reference.hu, LOWEST_HU, HIGHEST_HU)
    other = np.clip(warped(moving.hu, LOWEST_HU), LOWEST_HU, HIGHEST_HU)
    other = np.where(usable, _matched(fixed, other, reference.grid), fixed)
    return _demons(fixed, other, reference.grid)


def composed_mm(
    grid: Grid, first: Matrix, residual_mm: Floats, inner_mm: Floats
) -> Floats:
    """What the inner displacement, then the others, add to the first motion."""
    field = _vectors(residual_mm, grid)
    way = sitk.DisplacementFieldTransform(_vectors(inner_mm, grid))
    like = _like(grid)
    added = sitk.Resample(field, like, way, sitk.sitkLinear, 0.0)
    # Beyond the lattice there is nothing to read: there the old value stays.
    held = sitk.Resample(_ones(grid), like, way, sitk.sitkLinear, 0.0)
    array = np.asarray(sitk.GetArrayFromImage(added), np.float32)
    is_held = np.asarray(sitk.GetArrayFromImage(held), np.float32) > 1 - 1e-3
    array = np.where(is_held[..., None], array, residual_mm)
    return (array + inner_mm @ first[:3, :3].T.astype(np.float32)).astype(np.float32)


def _demons(fixed: Floats, moving: Floats, grid: Grid) -> Floats:
    images = [to_image(a.astype(np.float32), grid) for a in (fixed, moving)]
    field: sitk.Image | None = None
    for block, n_iterations, smoothing in LEVELS:
        least = 4 * block
        if min(grid.shape) < least and block > 1:
            continue
        a, b = (sitk.BinShrink(i, [block] * 3) if block > 1 else i for i in images)
        demons = sitk.FastSymmetricForcesDemonsRegistrationFilter()
        demons.SetNumberOfIterations(n_iterations)
        demons.SetStandardDeviations(smoothing)
        demons.SetSmoothDisplacementField(True)  # noqa: FBT003 -- of SimpleITK
        if field is None:
            field = demons.Execute(a, b)
        else:
            field = demons.Execute(a, b, _on(field, a))
    assert field is not None  # noqa: S101 -- the finest level always runs
    return np.asarray(sitk.GetArrayFromImage(field), np.float32)


def _on(field: sitk.Image, like: sitk.Image) -> sitk.Image:
    """Displacement on another lattice; the nearest value beyond the outer nodes."""
    extrapolate = sitk.ResampleImageFilter()
    extrapolate.SetReferenceImage(like)
    extrapolate.SetInterpolator(sitk.sitkLinear)
    extrapolate.SetUseNearestNeighborExtrapolator(True)  # noqa: FBT003 -- a setter
    return extrapolate.Execute(field)


def _matched(fixed: Floats, moving: Floats, grid: Grid) -> Floats:
    """Moving CT numbers with the histogram of the fixed ones."""
    matching = sitk.HistogramMatchingImageFilter()
    matching.SetNumberOfHistogramLevels(N_HISTOGRAM)
    matching.SetNumberOfMatchPoints(N_MATCH)
    matching.SetThresholdAtMeanIntensity(True)  # noqa: FBT003 -- a setter
    matched = matching.Execute(
        to_image(moving.astype(np.float32), grid),
        to_image(fixed.astype(np.float32), grid),
    )
    return np.asarray(sitk.GetArrayFromImage(matched), np.float32)


def _transform(grid: Grid, first: Matrix, residual_mm: Floats) -> sitk.Transform:
    nodes = node_places(grid)
    turned = nodes @ first[:3, :3].T + first[:3, 3]
    return sitk.DisplacementFieldTransform(_vectors(turned + residual_mm - nodes, grid))


def _vectors(field: NDArray[np.floating], grid: Grid) -> sitk.Image:
    image = sitk.GetImageFromArray(field.astype(np.float64), isVector=True)
    image.CopyInformation(_like(grid))
    return image


def _ones(grid: Grid) -> sitk.Image:
    return to_image(np.ones(grid.shape, np.float32), grid)


def _like(grid: Grid) -> sitk.Image:
    image = sitk.Image(grid.shape[::-1], sitk.sitkUInt8)
    image.SetSpacing(grid.spacing_mm[::-1])
    image.SetOrigin(grid.origin_mm)
    return image
