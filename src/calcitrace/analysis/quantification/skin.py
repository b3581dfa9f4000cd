"""Skin over a deposit: a bright sheet in fat, blurred into the air above it."""

import numpy as np
from scipy import ndimage

from calcitrace.analysis.quantification.layer import Layer, read_profile
from calcitrace.analysis.quantification.site import FloatArray, Site
from calcitrace.analysis.quantification.surface import Surface, find_surface
from calcitrace.model.volume import Mask

SURFACE_HU = -500.0
# Skin and its blur: 1 to 3 mm of skin, less than 2 mm of blur.
SKIN_MM = 4.5
CLEAR_MM, CLEAR_OF_BONE_MM = 2.2, 3.0
# The surface is looked for within this of where the body ends.
BAND_MM = 1.6


def find_skin(site: Site) -> Surface | None:
    """Surface of the body near a deposit, depth positive inside.

    Returns
    -------
    Surface or None
        None where the deposit lies away from skin or too little of it shows.
    """
    outside = (site.hu < SURFACE_HU) & ~site.is_valid
    if not (outside & (site.distance_mm <= SKIN_MM + CLEAR_MM)).any():
        return None
    clear = (site.distance_mm > CLEAR_MM) & (site.others_mm > CLEAR_MM)
    found = find_surface(site, SURFACE_HU, clear & _band(site, outside))
    return None if found is None else Surface(-found.depth_mm, found.cell)


def read_skin(
    site: Site, surface: Surface, tissue_hu: FloatArray, n_correlated: float
) -> Layer | None:
    """Read the skin beside a deposit at each depth.

    Parameters
    ----------
    site
        The deposit in its surroundings.
    surface
        As `find_skin` returns it.
    tissue_hu
        Fat or muscle at every voxel, as if there were no skin.
    n_correlated
        Voxels that share one noise value.

    Returns
    -------
    Layer or None
        None where too little of it shows.
    """
    use = (site.distance_mm > CLEAR_MM) & (site.others_mm > CLEAR_MM)
    use &= (site.bone_mm > CLEAR_OF_BONE_MM) & site.is_valid
    profile = read_profile(
        site.hu - tissue_hu, surface, use, (0.0, SKIN_MM), (site.sigma_hu, n_correlated)
    )
    return (
        None if profile is None else Layer.of(profile, surface.depth_mm, site.sigma_hu)
    )


def _band(site: Site, outside: Mask) -> Mask:
    """Voxels at the border of the body."""
    steps = max(1, round(BAND_MM / min(site.grid.spacing_mm[1:])))
    ball = ndimage.generate_binary_structure(3, 1)
    wide = ndimage.binary_dilation(outside, ball, iterations=steps)
    inner = ndimage.binary_dilation(~outside, ball, iterations=steps)
    return np.asarray(wide & inner)
