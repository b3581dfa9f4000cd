"""CT number of the tissue that a deposit lies in, as a robust plane around it.

The plane is fitted to a shell that holds only the tissue class (fat or muscle) next to
the deposit, away from other classes, from bone and from other deposits. Its value under
the deposit is a weighted sum of the shell's voxels; the weights are kept, because the
error of the mass follows from them.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.layer import Layer
from calcitrace.analysis.quantification.plane import (
    Plane,
    design_rows,
    robust_plane,
    textbook_plane,
)
from calcitrace.analysis.quantification.site import (
    AIR_BELOW_HU,
    FAT_BELOW_HU,
    FloatArray,
    Site,
    distance_mm,
)
from calcitrace.analysis.quantification.skin import find_skin, read_skin
from calcitrace.model.image_quality import Psf
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Mask

MIN_SHELL_VOXELS = 40
# Skin and its blur are no plain tissue to this depth.
SKIN_ONLY_MM = 3.2
# Within this distance of a deposit its blur hides which tissue a voxel is.
HIDDEN_MM = 1.6
# A border is drawn on from the voxels this near to it and to the deposit.
BORDER_DEPTH_MM, BORDER_REACH_MM = 2.0, 5.0
# Part of the surroundings from which a second tissue matters.
MIN_OTHER_SHARE = 0.03
# Part of the surroundings from which a deposit lies along the border of two tissues.
BESIDE_SHARE = 0.25
# How wrong the border between two tissues, and the mix under a deposit, may be, as a
# part of the step between them.
BOUNDARY_STD = 0.35
MIXTURE_STD = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """The tissue under a deposit.

    Attributes
    ----------
    hu
        CT number at every voxel of the box, without deposit.
    plane
        Fit of the tissue that adjoins the deposit most.
    boundary_std_hu
        One sigma at each voxel of where one tissue ends and the other begins.
    mixture_hu_mm3
        One sigma, summed over the deposit, of which tissue the deposit displaced; a
        fact of its place, shared by scans.
    skin
        Part of `hu` that is skin.
    """

    hu: FloatArray
    plane: Plane
    boundary_std_hu: FloatArray
    mixture_hu_mm3: float
    skin: Layer


def fit_background(
    site: Site, psf: Psf, n_correlated: float, settings: QuantificationSettings
) -> Background:
    """Predict the tissue under one deposit from what surrounds it.

    Parameters
    ----------
    site
        The deposit in its surroundings.
    psf
        Point spread of the scan, by which the border between two tissues is blurred.
    n_correlated
        Voxels that share one noise value (sum of the noise autocorrelation).
    settings
        Shell radii and margins.

    References
    ----------
    .. [1] Beaton and Tukey, Technometrics 16:147, 1974. doi 10.2307/1267936
    """
    skin = find_skin(site)
    plain = site.is_valid & ~(site.core | site.others | site.bone)
    plain &= site.smooth > AIR_BELOW_HU
    if skin is not None:
        plain &= skin.depth_mm > SKIN_ONLY_MM
    found = _without_skin(site, plain, psf, n_correlated, settings)
    layer = None if skin is None else read_skin(site, skin, found.hu, n_correlated)
    if layer is None:
        return found
    return replace(
        found,
        hu=found.hu + layer.hu,
        skin=layer,
        boundary_std_hu=np.hypot(found.boundary_std_hu, layer.std_hu),
    )


def _without_skin(
    site: Site,
    plain: Mask,
    psf: Psf,
    n_correlated: float,
    settings: QuantificationSettings,
) -> Background:
    """Fat and muscle under a deposit, from voxels of plain tissue."""
    no_skin = Layer.nothing(site.hu.shape)
    is_fat_map = site.smooth < FAT_BELOW_HU
    is_fat = _adjoining_class(site, plain, is_fat_map)
    in_class = plain & (is_fat_map == is_fat)
    plane = _plane(site, in_class, n_correlated, settings, is_fat=is_fat)
    share = _share_of_other_tissue(site, plain, in_class, psf)
    if share is None:
        return Background(plane.hu, plane, np.zeros(site.hu.shape), 0.0, no_skin)
    in_other = plain & (is_fat_map != is_fat)
    other = _plane(site, in_other, n_correlated, settings, is_fat=not is_fat)
    step_hu = other.hu - plane.hu
    spread = np.sqrt(np.clip(share * (1 - share), 0.0, None))
    under = site.distance_mm <= HIDDEN_MM
    hidden = float((np.abs(step_hu) * spread)[under].sum())
    return Background(
        hu=plane.hu + share * step_hu,
        plane=plane,
        boundary_std_hu=BOUNDARY_STD * 2 * spread * np.abs(step_hu),
        mixture_hu_mm3=MIXTURE_STD * hidden * site.voxel_volume_mm3,
        skin=no_skin,
    )


def _plane(
    site: Site,
    in_class: Mask,
    n_correlated: float,
    settings: QuantificationSettings,
    *,
    is_fat: bool,
) -> Plane:
    """Plane of one tissue, or the textbook's where too little of it is near."""
    shell = _shell(site, in_class, settings)
    if shell is None:
        return textbook_plane(site, is_fat=is_fat)
    return robust_plane(site, shell, n_correlated)


def _share_of_other_tissue(
    site: Site, plain: Mask, in_class: Mask, psf: Psf
) -> FloatArray | None:
    """Share of the second tissue at each voxel; `None` where there is none nearby.

    Outside the deposit's blur each voxel shows what it is. Inside, the border between
    the tissues is hidden and is drawn on from what shows of it, straight. The deposit
    itself displaced the tissue that it adjoins most, unless it lies along the border:
    then the border runs through it.
    """
    shown = plain & (site.distance_mm > HIDDEN_MM) & (site.bone_mm > HIDDEN_MM)
    shown &= site.others_mm > HIDDEN_MM
    second = shown & ~in_class
    near = shown & (site.distance_mm <= HIDDEN_MM + 3.0)
    if (second & near).sum() < MIN_OTHER_SHARE * near.sum():
        return None
    inward_mm = _drawn_border_mm(site, shown & ~second, second)
    share = np.where(shown, second, inward_mm > 0).astype(np.float64)
    if (second & near).sum() < BESIDE_SHARE * near.sum():
        share[site.core] = 0.0
    sigma = [s / d for s, d in zip(psf.sigma_mm, site.grid.spacing_mm, strict=True)]
    return ndimage.gaussian_filter(share, sigma, mode="nearest", truncate=3.0)


def _adjoining_class(site: Site, plain: Mask, is_fat_map: Mask) -> bool:
    """Whether fat is the larger part of the tissue that the deposit touches."""
    for reach_mm in (3.5, 5.5, 8.5):
        near = plain & (site.distance_mm > 1.5) & (site.distance_mm <= reach_mm)  # noqa: PLR2004 -- mm, beyond the blur
        near &= (site.bone_mm > 1.5) & (site.others_mm > 1.5)  # noqa: PLR2004 -- mm, beyond the blur
        if near.sum() >= MIN_SHELL_VOXELS:
            # The blurred rim of a deposit turns fat into "muscle", never the reverse.
            return bool(is_fat_map[near].mean() > 0.4)  # noqa: PLR2004 -- nearly half
    return False


def _shell(site: Site, in_class: Mask, settings: QuantificationSettings) -> Mask | None:
    """Shell of one tissue class; margins give way where too little is left.

    A deposit's own rim and bright vessels are neither fat nor muscle.
    """
    other_class = ~in_class & (site.distance_mm > settings.shell_inner_mm)
    to_other_class_mm = distance_mm(other_class, site.grid)
    for strictness, outer_mm in (
        (1.0, settings.shell_outer_mm),
        (0.5, settings.shell_outer_mm),
        (0.5, settings.shell_outer_mm + 3.0),
        (0.0, settings.shell_outer_mm + 3.0),
    ):
        shell: Mask = in_class & (site.distance_mm <= outer_mm)
        shell &= site.distance_mm >= settings.shell_inner_mm
        shell &= to_other_class_mm > strictness * settings.class_margin_mm
        shell &= site.bone_mm > max(strictness, 0.4) * settings.bone_margin_mm
        shell &= site.others_mm > max(strictness, 0.4) * settings.shell_inner_mm
        if shell.sum() >= MIN_SHELL_VOXELS:
            return shell
    return None


def _drawn_border_mm(site: Site, first: Mask, second: Mask) -> FloatArray:
    """Distance into the second tissue, of a straight border fitted to what shows."""
    to_first, to_second = distance_mm(first, site.grid), distance_mm(second, site.grid)
    inward = np.where(second, to_first, -to_second)
    use = (first | second) & (np.abs(inward) <= BORDER_DEPTH_MM)
    use &= site.distance_mm <= BORDER_REACH_MM
    if use.sum() < MIN_SHELL_VOXELS:
        return np.where(to_second < to_first, 1.0, -1.0)
    centre_mm = np.argwhere(site.core).mean(axis=0) * np.asarray(site.grid.spacing_mm)
    design = design_rows(site, use, centre_mm)
    slope, *_ = np.linalg.lstsq(design, inward[use], rcond=None)
    everywhere = design_rows(site, np.ones_like(use), centre_mm)
    return np.asarray(everywhere @ slope, np.float64).reshape(use.shape)
