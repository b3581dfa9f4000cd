"""What lies at each depth below a surface, read where no deposit hides it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.quantification.site import FloatArray
from calcitrace.analysis.quantification.surface import (
    BISQUARE_TUNING,
    MAD_TO_SIGMA,
    Surface,
)
from calcitrace.model.volume import Mask

BIN_MM, MIN_BIN_VOXELS = 0.25, 12
# Patches with fewer voxels than this part of the largest one say too little.
MIN_PATCH_SHARE = 0.4
# How far off the surface under the deposit may be as a whole.
SHIFT_STD_MM = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """CT number at each depth, less what lies far from the surface.

    Attributes
    ----------
    depth_mm, hu
        Rising depths, and medians there.
    std_hu, mean_std_hu
        One sigma of single voxels about them, noise included, and of the medians.
    patch_std_hu, patch_voxels
        One sigma by which the mean of one patch of the surface differs from that of all
        beyond what noise explains, and how many voxels a patch has.
    """

    depth_mm: FloatArray
    hu: FloatArray
    std_hu: FloatArray
    mean_std_hu: FloatArray
    patch_std_hu: float
    patch_voxels: float


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """What a skin or a bone adds to the tissue around it, at every voxel of the box.

    Attributes
    ----------
    hu
        To be added.
    std_hu
        One sigma of it in a single voxel, noise left out.
    modes_hu
        One-sigma deviations of all voxels together.
    acts
        Where it adds anything.
    patch_std_hu, patch_voxels
        As in `Profile`.
    """

    hu: FloatArray
    std_hu: FloatArray
    modes_hu: tuple[FloatArray, ...]
    acts: Mask
    patch_std_hu: float = 0.0
    patch_voxels: float = 1.0

    @classmethod
    def nothing(cls, shape: tuple[int, ...]) -> "Layer":
        """No skin and no bone."""
        zero = np.zeros(shape)
        return cls(zero, zero, (), np.zeros(shape, bool))

    @classmethod
    def of(cls, profile: Profile, depth_mm: FloatArray, sigma_hu: float) -> "Layer":
        """Apply a profile to the depths of a box."""
        acts = depth_mm < profile.depth_mm[-1]

        def at(values: FloatArray) -> FloatArray:
            return np.where(acts, np.interp(depth_mm, profile.depth_mm, values), 0.0)

        spread = np.sqrt(np.clip(profile.std_hu**2 - sigma_hu**2, 0.0, None))
        hu = at(profile.hu)
        moved = np.interp(depth_mm - SHIFT_STD_MM, profile.depth_mm, profile.hu)
        return cls(
            hu=hu,
            std_hu=at(spread),
            modes_hu=(np.where(acts, moved - hu, 0.0), at(profile.mean_std_hu)),
            acts=acts,
            patch_std_hu=profile.patch_std_hu,
            patch_voxels=profile.patch_voxels,
        )

    def joined(self, other: "Layer") -> "Layer":
        """Both together; the rougher one tells the patches."""
        rough = max(self, other, key=lambda layer: layer.patch_std_hu)
        return Layer(
            hu=self.hu + other.hu,
            std_hu=np.hypot(self.std_hu, other.std_hu),
            modes_hu=(*self.modes_hu, *other.modes_hu),
            acts=self.acts | other.acts,
            patch_std_hu=rough.patch_std_hu,
            patch_voxels=rough.patch_voxels,
        )

    def sum_std_hu(self, region: Mask) -> float:
        """One sigma of the sum over a region."""
        variance = sum(float(mode[region].sum()) ** 2 for mode in self.modes_hu)
        n = int((region & self.acts).sum())
        patches = max(1.0, n / self.patch_voxels)
        return float(np.sqrt(variance + (self.patch_std_hu * n) ** 2 / patches))


def read_profile(
    excess_hu: FloatArray,
    surface: Surface,
    use: Mask,
    span_mm: tuple[float, float],
    noise: tuple[float, float],
) -> Profile | None:
    """Median of an image at each depth.

    Parameters
    ----------
    excess_hu
        Image less what lies far from the surface, shape of the box.
    use
        Voxels free of deposits and of other surfaces.
    span_mm
        First and last depth.
    noise
        One sigma of a voxel in HU, and how many voxels share one noise value.

    Returns
    -------
    Profile or None
        None where fewer than half of the depths are seen.
    """
    first, last = span_mm
    number = np.floor((surface.depth_mm - first) / BIN_MM).astype(np.int64)
    n = round((last - first) / BIN_MM)
    inside = use & (number >= 0) & (number < n)
    order = np.argsort(number[inside], kind="stable")
    bins, values = number[inside][order], excess_hu[inside][order]
    depths = surface.depth_mm[inside][order]
    rows: list[tuple[float, float, float, float]] = []
    cuts = np.flatnonzero(np.diff(bins)) + 1
    for part, depth in zip(np.split(values, cuts), np.split(depths, cuts), strict=True):
        if len(part) >= MIN_BIN_VOXELS:
            middle = float(np.median(part))
            spread = MAD_TO_SIGMA * float(np.median(np.abs(part - middle)))
            error = spread * float(np.sqrt(min(1.0, noise[1] / len(part))))
            rows.append((float(depth.mean()), middle, spread, error))
    if 2 * len(rows) < n:
        return None
    depth_mm, hu, std_hu, error_hu = (np.array(v) for v in zip(*rows, strict=True))
    outer = inside & (surface.depth_mm > 0)
    residual = excess_hu - np.interp(surface.depth_mm, depth_mm, hu)
    patch_std_hu, patch_voxels = _patches(residual, outer, surface.cell, noise)
    return Profile(depth_mm, hu, std_hu, error_hu, patch_std_hu, patch_voxels)


def _patches(
    residual_hu: FloatArray,
    use: Mask,
    cell: NDArray[np.int64],
    noise: tuple[float, float],
) -> tuple[float, float]:
    """Spread of the means of patches beyond noise, and voxels in a typical patch."""
    _, which = np.unique(cell[use], return_inverse=True)
    count = np.bincount(which)
    if count.size == 0:
        return 0.0, 1.0
    large = count >= MIN_PATCH_SHARE * count.max()
    reach = BISQUARE_TUNING * max(noise[0], 10.0)
    values = np.clip(residual_hu[use], -2 * reach, 2 * reach)
    means = np.bincount(which, values)[large] / count[large]
    typical = float(count[large].mean())
    if means.size < 3:  # noqa: PLR2004 -- nothing contradicts a surface as rough as noise
        return noise[0], typical
    explained = noise[0] ** 2 * min(1.0, noise[1] / typical)
    excess = float(np.mean(means**2)) - explained
    return float(np.sqrt(max(excess, 0.0))), typical
