"""The skeleton by classical means: a dense shell around a less dense interior.

What makes a dense component bone is its marrow: an interior of lower CT number that a
denser cortex encloses. Size plays no part, so a large solid deposit is not bone, and a
bone cut by the end of the scan still shows its marrow there.
"""

import cc3d
import edt
import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.anatomy.holes import enclosed
from calcitrace.analysis.anatomy.marrow import find_marrow, noise_hu, not_too_wide
from calcitrace.analysis.anatomy.morphology import closed, dilated, eroded
from calcitrace.analysis.anatomy.protrusions import find_protrusions
from calcitrace.model.lattice import Lattice
from calcitrace.model.protocol import AnatomySettings
from calcitrace.model.volume import HuVolume, Mask
from calcitrace.model.work import for_each_span, threads_for

COARSE_MM = 1.0
N_BLOCKS_MAX = 16e6
# A dense component without a voxel this far above the threshold is no bone.
SEED_ABOVE_HU = 100.0
# Cortex thinner than the blur has gaps; they are closed over this radius.
CLOSE_MM = 2.1
# In thin bone the cortex falls below the threshold, but still encloses.
THIN_CORTEX_HU, THIN_CORTEX_REACH_MM = 130.0, 12.0
THIN_CORTEX_RIM_MM = 1.6
THIN_CORTEX_ABOVE_HU, THIN_CORTEX_NOISE_SIGMAS = 55.0, 5.0
# Marrow that a component must have to be bone.
MARROW_MIN_MM3, MARROW_MIN_FRACTION = 20.0, 0.04
# Or: its middle is less dense than the shell around by this fraction (dense small bones,
# as the patella), where a solid deposit is densest in the middle.
DROP_MIN, DROP_CORTEX_HU, DROP_RADIUS_MM = 0.25, 450.0, 3.5
DROP_LAYER_MM, DROP_LAYER_VOXELS = 1.0, 6

Hu = NDArray[np.int16]


def find_skeleton(volume: HuVolume, body: Mask, settings: AnatomySettings) -> Mask:
    """Bones with their marrow, at the resolution of the scan.

    Parameters
    ----------
    volume
        CT numbers, cropped to the body.
    body
        Same shape.
    settings
        CT number of bone's surface.

    Returns
    -------
    Mask
        Same shape. Dense components without marrow are not in it, whatever their size,
        nor are solid pieces that hang on a bone by a neck.
    """
    lattice = Lattice.over(volume.grid, COARSE_MM, N_BLOCKS_MAX)
    hu = lattice.mean(volume.hu)
    s, r, c = lattice.block
    hu[~body[::s, ::r, ::c]] = -1000
    marrow = find_marrow(hu, lattice)
    bone = _bones(hu, marrow, lattice, settings.skeleton_threshold_hu)
    bone &= ~find_protrusions(_filled(bone, hu, lattice), marrow, hu, lattice)
    bone = _with_thin_cortex(bone, hu, lattice)
    return _refined(volume, body, lattice, bone, settings.skeleton_threshold_hu)


def _bones(hu: Hu, marrow: Mask, lattice: Lattice, threshold_hu: float) -> Mask:
    """Dense components that have marrow, and their marrow."""
    labels = cc3d.connected_components((hu > threshold_hu) | marrow, connectivity=6)
    n = int(labels.max()) + 1
    size = np.bincount(labels.ravel(), minlength=n)
    n_marrow = np.bincount(labels[marrow], minlength=n)
    n_seed = np.bincount(labels[hu > threshold_hu + SEED_ABOVE_HU], minlength=n)
    block_mm3 = float(np.prod(lattice.spacing_mm))
    is_bone = (n_marrow * block_mm3 >= MARROW_MIN_MM3) & (n_seed > 0)
    is_bone &= n_marrow >= MARROW_MIN_FRACTION * size
    boxes = cc3d.statistics(labels)["bounding_boxes"]
    least = 4 / 3 * np.pi * DROP_RADIUS_MM**3 / block_mm3
    for label in range(1, n):
        if not is_bone[label] and size[label] >= least and n_seed[label]:
            box = boxes[label]
            is_bone[label] = _has_shell(hu[box], labels[box] == label, lattice)
    is_bone[0] = False
    return np.asarray(is_bone[labels])


def _has_shell(hu: Hu, part: Mask, lattice: Lattice) -> bool:
    """Whether a component is clearly less dense in its middle than in a layer around."""
    padded = np.pad(part, 1, mode="edge")
    depth_mm = edt.edt(
        padded.view(np.uint8), anisotropy=lattice.spacing_mm, parallel=1
    )[1:-1, 1:-1, 1:-1]
    deepest_mm = depth_mm.max()
    # Where no surface shows it is infinite.
    if deepest_mm < DROP_RADIUS_MM or np.isinf(deepest_mm):
        return False
    layer = (depth_mm[part] / DROP_LAYER_MM).astype(np.int64)
    count = np.bincount(layer)
    filled = count >= DROP_LAYER_VOXELS
    mean = np.bincount(layer, weights=hu[part])[filled] / count[filled]
    if not mean.size:
        return False
    return bool(
        mean.max() >= DROP_CORTEX_HU and mean[-1] <= (1 - DROP_MIN) * mean.max()
    )


def _filled(bone: Mask, hu: Hu, lattice: Lattice) -> Mask:
    """Bones with what they enclose; their outer surface stays as it is."""
    holes = enclosed(closed(bone, lattice.ball(CLOSE_MM)), hu, lattice.spacing_mm)
    return bone | not_too_wide(holes, lattice)


def _with_thin_cortex(bone: Mask, hu: Hu, lattice: Lattice) -> Mask:
    """Fill bones, also where part of their cortex is too thin to reach the threshold."""
    whole = closed(bone, lattice.ball(CLOSE_MM))
    whole |= not_too_wide(enclosed(whole, hu, lattice.spacing_mm), lattice)
    near = _within(whole, THIN_CORTEX_REACH_MM, lattice)
    above_hu = THIN_CORTEX_ABOVE_HU + THIN_CORTEX_NOISE_SIGMAS * noise_hu(hu)
    thin = near & (hu > max(THIN_CORTEX_HU, above_hu))
    shell = closed(whole | thin, lattice.ball(CLOSE_MM))
    inner = not_too_wide(enclosed(shell, hu, lattice.spacing_mm) & near, lattice)
    rim = dilated(inner, lattice.ball(THIN_CORTEX_RIM_MM)) & shell
    return whole | inner | rim


def _within(mask: Mask, reach_mm: float, lattice: Lattice) -> Mask:
    """Everything within a distance of a mask."""
    if not mask.any():
        return mask
    distance_mm = edt.edt(
        (~mask).view(np.uint8),
        anisotropy=lattice.spacing_mm,
        parallel=threads_for(mask.size),
    )
    return np.asarray(distance_mm <= reach_mm)


def _refined(
    volume: HuVolume, body: Mask, lattice: Lattice, bone: Mask, threshold_hu: float
) -> Mask:
    """Draw the outer surface at the resolution of the scan."""
    step = lattice.ball(1.01 * max(lattice.spacing_mm[1:]))
    inner, outer = eroded(bone, step), dilated(bone, step)
    out = np.zeros(volume.hu.shape, bool)

    def draw(span: range) -> None:
        for k in span:
            if not outer[k].any():
                continue
            sure, maybe = lattice.slab(inner, k), lattice.slab(outer, k)
            for i in range(*lattice.slices(k).indices(lattice.shape[0])):
                np.greater(volume.hu[i], threshold_hu, out=out[i])
                out[i] &= maybe
                out[i] |= sure
                out[i] &= body[i]

    for_each_span(draw, len(bone))
    return out
