"""A segmenter as a plug-in: whatever is denser than a threshold is called femur.

It finds no anatomy. It shows all that a plug-in has to provide.
"""

import numpy as np

from calcitrace import (
    HuVolume,
    LabelMap,
    LabelVolume,
    Laterality,
    Region,
    SegmentationError,
    Structure,
    StructureKind,
)

FEMUR = 1


class ThresholdSegmenter:
    """Calls everything above a threshold a femur."""

    name = "example"
    version = "1.0"
    licence = "Apache-2.0"

    def __init__(self, threshold_hu: float) -> None:
        self.threshold_hu = threshold_hu

    def segment(self, volume: HuVolume) -> LabelMap:
        """Label the scan; a real one would run a network here."""
        dense = volume.hu > self.threshold_hu
        return LabelMap(
            labels=LabelVolume(
                np.where(dense, np.uint8(FEMUR), np.uint8(0)), volume.grid
            ),
            structures=(
                Structure(
                    FEMUR, "femur", StructureKind.BONE, Region.THIGH, Laterality.LEFT
                ),
            ),
        )


def segmenter(options: str) -> ThresholdSegmenter:
    """Make one; `options` is what follows the colon in `--segmenter example:300`."""
    try:
        return ThresholdSegmenter(float(options or 250))
    except ValueError as error:
        msg = f"Expected example:THRESHOLD in HU, got '{options}'."
        raise SegmentationError(msg) from error
