"""Signal that the blur carries from bone into its neighbourhood.

The surface of the bone is found to a fraction of a voxel where no deposit hides it, and
the CT number at each distance from it is read there. Drawn on under the deposit, that is
what bone adds. Within about 3 mm of bone nothing else makes a mass credible.

A detected component often creeps along the bone, whose blurred rim is as bright as it
is. So only what stands clear of the bone is kept out of the reading, which is a median.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.quantification.layer import Layer, read_profile
from calcitrace.analysis.quantification.site import FloatArray, Site, distance_mm
from calcitrace.analysis.quantification.surface import find_surface
from calcitrace.model.image_quality import Psf
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Mask

CLEAR_OF_BONE_MM = 1.2  # past this a bright voxel is no rim of bone
CLEAR_OF_DEPOSIT_MM = 2.2
# The surface lies where this part of the way from tissue to cortex is gone.
LEVEL_SHARE, LEAST_LEVEL_HU = 0.4, 150.0
RIM_MM = 1.6
SPAN_MM = (-1.0, 4.0)
# A voxel of the bone's mask so far outside of its surface is none.
STRAY_MM = 0.4
# So near to a deposit, a mask of bone may be the deposit's own blur.
DEPOSIT_RIM_MM = 1.2
LEAST_BONE_MM3 = 15.0
DEFAULT_SHIFT_STD_MM = 0.3
DEFAULT_AMPLITUDE_STD = 0.25  # relative


@dataclass(frozen=True, slots=True, eq=False)
class BoneNear:
    """Bone near a deposit.

    Attributes
    ----------
    spill
        What it adds at every voxel of the box.
    mask
        Its voxels: those of the segmentation, without the rim of the deposit that was
        taken for bone.
    """

    spill: Layer
    mask: Mask


def fit_bone_spill(
    site: Site,
    tissue_hu: FloatArray,
    psf: Psf,
    n_correlated: float,
    settings: QuantificationSettings,
) -> BoneNear:
    """Read what bone adds at each distance from it, one bone at a time.

    Parameters
    ----------
    site
        The deposit in its surroundings.
    tissue_hu
        Background at every voxel of the box.
    psf
        Point spread of the scan; used only where the bone's surface is hidden.
    n_correlated
        Voxels that share one noise value.
    settings
        Distance within which bone matters.
    """
    reach_mm = settings.bone_spill_mm + settings.region_margin_mm
    free = _free_of_deposits(site)
    rim = (_from_deposit_mm(site) <= _rim_mm(site)) | (site.others_mm <= DEPOSIT_RIM_MM)
    labels, parted = _apart(site.bone, site), _apart(site.bone & ~rim, site)
    # A deposit's rim matters where it joins two bones.
    if len(np.unique(parted)) > len(np.unique(labels)):
        labels = parted
    near = np.unique(labels[site.distance_mm <= reach_mm])
    spill, hidden = (
        Layer.nothing(site.hu.shape),
        site.distance_mm <= CLEAR_OF_DEPOSIT_MM,
    )
    inside = np.full(site.hu.shape, np.inf)
    stays = False
    for label in near[near > 0]:
        bone = labels == label
        others = distance_mm((labels > 0) & ~bone, site.grid)
        one = replace(site, bone=bone, bone_mm=distance_mm(bone, site.grid))
        alone = free & (others > SPAN_MM[1] - CLEAR_OF_BONE_MM)
        layer, depth_mm = _one_bone(one, tissue_hu, alone, psf, n_correlated)
        spill = spill.joined(layer)
        if depth_mm is None:
            stays = True
        else:
            inside = np.minimum(inside, depth_mm)
    if stays or np.isinf(inside).all():
        return BoneNear(spill, site.bone)
    drawn = (site.bone & (inside <= STRAY_MM)) | (inside <= 0.0)
    return BoneNear(spill, np.where(hidden, drawn, site.bone) & ~site.core)


def _apart(bone: Mask, site: Site) -> NDArray[np.int32]:
    """Number each bone; crumbs count as none."""
    labels, n = ndimage.label(bone)
    size = np.bincount(labels.ravel(), minlength=n + 1) * site.voxel_volume_mm3
    return np.where((size >= LEAST_BONE_MM3)[labels], labels, 0).astype(np.int32)


def _one_bone(
    site: Site, tissue_hu: FloatArray, free: Mask, psf: Psf, n_correlated: float
) -> tuple[Layer, FloatArray | None]:
    """Layer of one bone, and depth from its surface; None where that is hidden."""
    level = _level_hu(site, tissue_hu, free)
    surface = find_surface(site, level, free & _rim(site))
    if surface is not None:
        use = free & site.is_valid & (site.smooth > -200.0)  # noqa: PLR2004 -- no gas
        excess, noise = site.hu - tissue_hu, (site.sigma_hu, n_correlated)
        profile = read_profile(excess, surface, use, SPAN_MM, noise)
        if profile is not None:
            layer = Layer.of(profile, surface.depth_mm, site.sigma_hu)
            return layer, surface.depth_mm
    return _default_spill(site, tissue_hu, psf), None


def _free_of_deposits(site: Site) -> Mask:
    """Voxels whose CT number no deposit has changed."""
    away = _from_deposit_mm(site)
    return (away > CLEAR_OF_DEPOSIT_MM) & (site.others_mm > CLEAR_OF_DEPOSIT_MM)


def _clear(site: Site) -> Mask:
    """Voxels of a component that cannot be the rim of bone."""
    return site.core & (site.bone_mm > CLEAR_OF_BONE_MM)


def _from_deposit_mm(site: Site) -> FloatArray:
    """Distance to what stands clear of bone; to the whole component if nothing does."""
    clear = _clear(site)
    return distance_mm(clear if clear.any() else site.core, site.grid)


def _rim_mm(site: Site) -> float:
    """How far the blur of a deposit may lie in the mask, counted from the same part."""
    return CLEAR_OF_DEPOSIT_MM if _clear(site).any() else DEPOSIT_RIM_MM


def _rim(site: Site) -> Mask:
    """Voxels at the surface of the skeleton, on both sides."""
    inside_mm = distance_mm(~site.bone, site.grid)
    return (site.bone_mm <= RIM_MM) & (inside_mm <= RIM_MM)


def _level_hu(site: Site, tissue_hu: FloatArray, free: Mask) -> float:
    """CT number at which the surface is drawn: nearer to tissue than to cortex."""
    cortex = site.bone & free & _rim(site)
    if not cortex.any():
        return LEAST_LEVEL_HU
    tissue = float(np.median(tissue_hu[cortex]))
    dense = float(np.percentile(site.hu[cortex], 75))
    return max(LEAST_LEVEL_HU, tissue + LEVEL_SHARE * (dense - tissue))


def _default_spill(site: Site, tissue_hu: FloatArray, psf: Psf) -> Layer:
    """Bone surface hidden by deposits: brightness of the bone, edge where it is."""
    near = site.bone & (site.distance_mm <= SPAN_MM[1] + 1.0)
    if not near.any():
        near = site.bone
    amplitude = float(np.percentile(site.hu[near], 75) - tissue_hu[near].mean())
    amplitude = max(amplitude, 0.0)
    template = _blurred(site, 0.0, psf)
    shifted = _blurred(site, DEFAULT_SHIFT_STD_MM, psf)
    modes = (
        DEFAULT_AMPLITUDE_STD * amplitude * template,
        amplitude * (shifted - template),
    )
    std = np.hypot(modes[0], modes[1])
    return Layer(amplitude * template, std, modes, template > 0)


def _blurred(site: Site, shift_mm: float, psf: Psf) -> FloatArray:
    """Blurred occupancy of the bone whose edge is moved outward by a shift."""
    signed = np.where(site.bone, -distance_mm(~site.bone, site.grid), site.bone_mm)
    width = float(np.mean(site.grid.spacing_mm[1:]))
    # Distances run between voxel centres; the surface lies half a voxel before.
    signed = signed + np.where(site.bone, 0.5 * width, -0.5 * width)
    occupancy = np.clip(0.5 + (shift_mm - signed) / width, 0.0, 1.0)
    # The ramp of the occupancy is a voxel wide: its variance is not blurred in twice.
    sigma = [
        max(s**2 - width**2 / 12, 0.01 * s**2) ** 0.5 / d
        for s, d in zip(psf.sigma_mm, site.grid.spacing_mm, strict=True)
    ]
    return ndimage.gaussian_filter(occupancy, sigma, mode="nearest", truncate=4.0)
