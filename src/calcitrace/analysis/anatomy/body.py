"""The body in a scan, without table, mattress, clothing and supports."""

import cc3d
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.anatomy.marrow import noise_hu
from calcitrace.analysis.anatomy.morphology import (
    closed,
    dilated,
    eroded,
    opened,
    widened,
)
from calcitrace.model.lattice import Lattice
from calcitrace.model.protocol import AnatomySettings
from calcitrace.model.volume import Coverage, HuVolume, Mask
from calcitrace.model.work import for_each_span

COARSE_MM, N_BLOCKS_MAX = 1.5, 16e6
# Table shells, cloth and tubes are thinner than twice this; a child's finger is not.
THIN_RADIUS_MM = 2.5
# What opening took from real body (ears, folds, nails) lies within this of the rest.
RESTORE_MM = 4.0
# CT numbers of fat to muscle. Inside table shells and plastic most values lie above,
# inside foam below. Both ends give way by one sigma of the noise.
FLESH_HU = (-130, 100)
FLESH_FRACTION, FLESH_FRACTION_WITH_BONE = 0.62, 0.25
FOAM_FRACTION_MAX, INNER_FRACTION_MIN = 0.1, 0.17
BONE_HU, BONE_FRACTION = 450, 0.05
PART_MIN_CM3, PART_WITH_BONE_MIN_CM3 = 2.0, 0.1
# Aerated lung, block mean: room air lies below.
LUNG_HU = (-925, -400)
POCKET_MAX_CM3 = 20.0
LUNG_MIN_CM3, LUNG_ENCLOSED = 20.0, 0.6
MM3_PER_CM3 = 1000.0


def find_body(volume: HuVolume, coverage: Coverage, settings: AnatomySettings) -> Mask:
    """Body with its cavities, at the resolution of the scan.

    Parts are found on a lattice of about 1.5 mm: everything denser than a threshold,
    thin things shed by an opening, and of the connected parts those that are made of
    flesh. Holes are filled slice by slice. The surface is then drawn at half height
    between air and skin at the resolution of the scan.

    Returns
    -------
    Mask
        Shape of the scan; all False where no body is in the images.
    """
    lattice = Lattice.over(volume.grid, COARSE_MM, N_BLOCKS_MAX)
    hu = lattice.mean(volume.hu)
    solid = hu > settings.body_threshold_hu
    core = _flesh_parts(hu, opened(solid, lattice.ball(THIN_RADIUS_MM)), lattice)
    body = ndimage.binary_dilation(
        core, lattice.ball(RESTORE_MM / 2), iterations=2, mask=solid
    )
    if body.any():
        _fill_slices(body)
        body |= _lungs(hu, body, lattice)
        _fill_slices(body)
        body |= _pockets(body, lattice)
    return _refined(volume, coverage, lattice, body, settings.skin_threshold_hu)


def _flesh_parts(hu: NDArray[np.int16], parts: Mask, lattice: Lattice) -> Mask:
    """Of connected parts, those that are a piece of a body.

    What a part is made of is read one block below its surface, where nothing is mixed
    with air.
    """
    labels = cc3d.connected_components(parts, connectivity=6)
    n = int(labels.max()) + 1
    size = np.bincount(labels.ravel(), minlength=n)
    cross = ndimage.generate_binary_structure(3, 1)
    inner_labels = np.where(eroded(parts, cross), labels, 0)
    inner = np.bincount(inner_labels.ravel(), minlength=n)
    inner[0] = 0

    def count(is_kind: Mask) -> NDArray[np.int64]:
        return np.bincount(inner_labels[is_kind], minlength=n)

    sigma = noise_hu(hu)
    low, high = FLESH_HU[0] - sigma, FLESH_HU[1] + sigma
    is_flesh = (hu >= low) & (hu <= high)
    flesh = count(is_flesh)
    flesh_of_all = np.bincount(labels[is_flesh], minlength=n)
    foam, bone = count(hu < low), count(hu > BONE_HU)
    cm3 = size * float(np.prod(lattice.spacing_mm)) / MM3_PER_CM3
    has_bone = (bone >= BONE_FRACTION * inner) & (bone > 0)
    keep = (flesh >= FLESH_FRACTION * inner) & (cm3 >= PART_MIN_CM3)
    keep |= (
        has_bone
        & (flesh_of_all >= FLESH_FRACTION_WITH_BONE * size)
        & (cm3 >= PART_WITH_BONE_MIN_CM3)
    )
    keep &= (foam <= FOAM_FRACTION_MAX * inner) & (inner >= INNER_FRACTION_MIN * size)
    keep[0] = False
    return np.asarray(keep[labels])


def _lungs(hu: NDArray[np.int16], body: Mask, lattice: Lattice) -> Mask:
    """Lung that the field of view cuts open, so that no slice encloses it.

    A mattress has the same CT numbers, but touches the body with one face only.
    """
    out = np.zeros(body.shape, bool)
    is_lung = (hu >= LUNG_HU[0]) & (hu <= LUNG_HU[1]) & ~body
    n_min = LUNG_MIN_CM3 * MM3_PER_CM3 / float(np.prod(lattice.spacing_mm))
    if is_lung.sum() < n_min:
        return out
    thin, wide = lattice.ball(THIN_RADIUS_MM), lattice.ball(2 * THIN_RADIUS_MM)
    labels = cc3d.connected_components(opened(is_lung, thin), connectivity=6)
    statistics = cc3d.statistics(labels)
    for label in range(1, int(labels.max()) + 1):
        if statistics["voxel_counts"][label] < n_min:
            continue
        box = widened(statistics["bounding_boxes"][label], wide.shape, body.shape)
        part = closed(labels[box] == label, wide)  # with its vessels
        rim = dilated(part, thin) & ~part
        if (rim & body[box]).sum() >= LUNG_ENCLOSED * rim.sum():
            out[box] |= part
    return out


def _pockets(body: Mask, lattice: Lattice) -> Mask:
    """Gas that the edge of the image cuts open: too little of it to be the room's."""
    labels = cc3d.connected_components(~body, connectivity=6)
    size = np.bincount(labels.ravel())
    keep = size * float(np.prod(lattice.spacing_mm)) < POCKET_MAX_CM3 * MM3_PER_CM3
    keep[0] = False
    return np.asarray(keep[labels])


def _fill_slices(mask: Mask) -> None:
    """Fill holes of every slice in place."""
    for plane in mask:
        if plane.any():
            labels = cc3d.connected_components(
                np.pad(~plane, 1, constant_values=True), connectivity=4
            )
            plane[labels[1:-1, 1:-1] > 1] = True  # the first component is the outside


def _refined(
    volume: HuVolume, coverage: Coverage, lattice: Lattice, body: Mask, skin_hu: float
) -> Mask:
    """Draw the surface at the resolution of the scan, within a block of the coarse one."""
    step = lattice.ball(1.01 * max(lattice.spacing_mm[1:]))
    inner, outer = eroded(body, step), dilated(body, step)
    out = np.zeros(volume.hu.shape, bool)

    def draw(span: range) -> None:
        for k in span:
            if not outer[k].any():
                continue
            sure = lattice.slab(inner, k) & coverage.plane
            maybe = lattice.slab(outer, k) & coverage.plane
            for i in range(*lattice.slices(k).indices(lattice.shape[0])):
                np.greater(volume.hu[i], skin_hu, out=out[i])
                out[i] &= maybe
                out[i] |= sure

    for_each_span(draw, len(body))
    return out
