"""The surroundings of one deposit, cut out of the scan and ready for arithmetic."""

from collections.abc import Sequence
from dataclasses import dataclass

import edt
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.analysis.quantification.bones import without_bridges
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise, Psf
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Mask, Tissue

Box = tuple[slice, slice, slice]
FloatArray = NDArray[np.float64]

BOX_MARGIN_MM = 10.0  # the widest shell of background and a little more
# Light smoothing before a voxel is called fat, muscle or deposit; mass never sees it.
CLASS_SMOOTHING_MM = 0.7
AIR_BELOW_HU = -250.0
FAT_BELOW_HU = -22.0


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """All that quantification needs of one scan.

    Attributes
    ----------
    labels
        Candidate labels on the scan's grid.
    kept
        Labels to be measured.
    bystanders
        Labels of other dense things (dropped vessels, implants ...) whose signal must
        stay out of backgrounds and regions; noise specks are not among them.
    cut
        Labels that detection saw cut by the end of the scan or of the field of view.
    kvp
        Tube voltage, for the thresholds of the Agatston-type score.
    """

    volume: HuVolume
    coverage: Coverage
    anatomy: Anatomy
    labels: LabelVolume
    kept: tuple[int, ...]
    bystanders: tuple[int, ...]
    cut: frozenset[int]
    kvp: float | None
    psf: Psf
    noise: Noise
    calibration: Calibration


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One deposit in its box; every array has the shape of the box.

    Attributes
    ----------
    hu
        CT numbers, float64.
    smooth
        The same after light smoothing, for decisions only.
    core
        Voxels of the component as it was detected.
    others
        Voxels of other deposits and dense things.
    distance_mm, others_mm, bone_mm
        Distance of each voxel to the core, to others and to bone (infinite without).
    bone
        Voxels of the skeleton.
    is_valid
        Voxels that were measured by the scanner and lie in the body.
    """

    label: int
    box: Box
    grid: Grid
    hu: FloatArray
    smooth: FloatArray
    core: Mask
    others: Mask
    bone: Mask
    is_valid: Mask
    distance_mm: FloatArray
    others_mm: FloatArray
    bone_mm: FloatArray
    sigma_hu: float

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel."""
        return self.grid.voxel_volume_mm3


def distance_mm(mask: Mask, grid: Grid) -> FloatArray:
    """Distance of every voxel centre to the nearest voxel centre of a mask, in mm."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    # One byte per voxel: twice as fast as the same values as bool.
    field = edt.edt((~mask).view(np.uint8), anisotropy=grid.spacing_mm)
    return np.asarray(field, np.float64)


def boxes(context: Context, margin_mm: float = BOX_MARGIN_MM) -> dict[int, Box]:
    """Return the box of every kept component, grown by a margin and cut at the scan."""
    grid = context.volume.grid
    last = max(context.kept, default=0)
    found = _extents(context.labels, last)
    parts = {label: found[label - 1] for label in context.kept}
    grow = grid.radius_voxels(margin_mm)
    result: dict[int, Box] = {}
    # A label that was given no voxel has no box.
    for label, part in ((k, p) for k, p in parts.items() if p is not None):
        s, r, c = (
            slice(max(0, p.start - g), min(n, p.stop + g))
            for p, g, n in zip(part, grow, grid.shape, strict=True)
        )
        result[label] = (s, r, c)
    return result


def _extents(labels: LabelVolume, last: int) -> Sequence[tuple[slice, ...] | None]:
    """Box of every label from 1; `None` for a label without a voxel."""
    return ndimage.find_objects(labels.labels, max_label=last)


def cut_site(context: Context, label: int, box: Box) -> Site:
    """Cut one deposit with its surroundings out of the scan."""
    grid = context.volume.grid.crop(box)
    hu = context.volume.hu[box].astype(np.float64)
    labels = context.labels.labels[box]
    core = labels == label
    dense = np.asarray((*context.kept, *context.bystanders), labels.dtype)
    others = np.isin(labels, dense) & ~core
    tissue = context.anatomy.tissue.labels[box]
    sigma_hu = _noise_here(context, core, box)
    bone = without_bridges(tissue == Tissue.SKELETON, hu, sigma_hu) & ~core
    sigma_voxels = [CLASS_SMOOTHING_MM / d for d in grid.spacing_mm]
    return Site(
        label=label,
        box=box,
        grid=grid,
        hu=hu,
        smooth=ndimage.gaussian_filter(hu, sigma_voxels, mode="nearest", truncate=3.0),
        core=core,
        others=others,
        bone=bone,
        is_valid=context.coverage.mask(box) & context.anatomy.body[box],
        distance_mm=distance_mm(core, grid),
        others_mm=distance_mm(others, grid),
        bone_mm=distance_mm(bone, grid),
        sigma_hu=sigma_hu,
    )


def _noise_here(context: Context, core: Mask, box: Box) -> float:
    """Noise at the voxels of a deposit, in the mean of squares."""
    index = np.argwhere(core) + np.array([part.start for part in box])
    return float(np.sqrt(np.mean(context.noise.sigma_hu.at(index) ** 2)))
