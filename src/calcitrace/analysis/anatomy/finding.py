"""From CT numbers to body, tissues and skeleton."""

from dataclasses import dataclass

import numpy as np

from calcitrace.analysis.anatomy.body import find_body
from calcitrace.analysis.anatomy.skeleton import find_skeleton
from calcitrace.analysis.anatomy.surface import (
    body_diameter_mm,
    is_truncated,
    skin_points_mm,
    surface_points_mm,
)
from calcitrace.analysis.anatomy.tissues import tissue_map
from calcitrace.errors import GridMismatchError
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.protocol import AnatomySettings
from calcitrace.model.volume import (
    Coverage,
    HuVolume,
    LabelVolume,
    Mask,
    bounding_box,
)

CLASSICAL = "calcitrace classical 1"


@dataclass(frozen=True, slots=True, eq=False)
class SegmentedSkeleton:
    """Skeleton that something else than this module found: a network, a person, a file.

    Attributes
    ----------
    mask
        Bones with their marrow, shape of the scan.
    segmenter
        Name and version of what found it.
    is_whole
        It holds every bone of the scan; else the classical skeleton is added.
    """

    mask: Mask
    segmenter: str
    is_whole: bool = True

    @property
    def made_by(self) -> str:
        """What found the skeleton, all in all."""
        return self.segmenter if self.is_whole else f"{self.segmenter} + {CLASSICAL}"


def find_anatomy(
    volume: HuVolume,
    coverage: Coverage,
    settings: AnatomySettings,
    skeleton: SegmentedSkeleton | None = None,
) -> Anatomy:
    """Find body, tissues, skeleton and skin of one scan.

    Parameters
    ----------
    volume
        CT numbers.
    coverage
        What the scanner measured; the rest holds no body.
    settings
        Thresholds.
    skeleton
        Takes the place of the classical skeleton, or is joined to it, where another
        segmenter has run.

    Returns
    -------
    Anatomy
        The same for any number of threads. Without a body in the images, `body` is
        empty and the diameters are NaN.

    Raises
    ------
    GridMismatchError
        If a given skeleton has another shape than the scan.
    """
    grid = volume.grid
    if skeleton is not None and skeleton.mask.shape != grid.shape:
        raise GridMismatchError(grid.shape, skeleton.mask.shape)
    body = find_body(volume, coverage, settings)
    box = bounding_box(body)
    part = HuVolume(volume.hu[box], grid.crop(box))
    if skeleton is not None and skeleton.is_whole:
        bones = skeleton.mask[box] & body[box]
    else:
        bones = find_skeleton(part, body[box], settings)
        if skeleton is not None:
            bones |= skeleton.mask[box] & body[box]
    tissue = np.zeros(grid.shape, np.uint8)
    tissue[box] = tissue_map(
        part.hu, body[box], bones, min(grid.spacing_mm[1:]), settings
    )
    return Anatomy(
        tissue=LabelVolume(tissue, grid),
        body=body,
        skin_mm=skin_points_mm(body, coverage, grid),
        skeleton_mm=surface_points_mm(
            bones, ~bones, grid, (box[0].start, box[1].start, box[2].start)
        ),
        body_diameter_mm=body_diameter_mm(volume, body),
        is_truncated=is_truncated(body, coverage),
        segmenter=CLASSICAL if skeleton is None else skeleton.made_by,
    )
