"""CT numbers as grey PNG pictures: window, true proportions, the same bytes every run."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# What lies outside of the volume, or of the body where a picture shows the body alone.
OUTSIDE_HU = -1024.0
# Runs of equal bytes alone (zlib's Z_RLE): after PNG's line filters that is as small as
# a full search on CT pictures, four times as fast.
COMPRESS_LEVEL, COMPRESS_TYPE = 6, 3
GREYS = 255


@dataclass(frozen=True, slots=True)
class Window:
    """Display window: black up to level - width / 2, white from level + width / 2."""

    width_hu: float
    level_hu: float


SOFT_TISSUE = Window(400.0, 40.0)
BONE = Window(1500.0, 400.0)
# Wide enough to see limbs as well as bone in a projection.
PROJECTION = Window(1400.0, 300.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """Part of a plane to be shown, in pixel edges: pixel i reaches from i to i + 1.

    Attributes
    ----------
    top, left, bottom, right
        May be fractional and may lie outside of the plane.
    """

    top: float
    left: float
    bottom: float
    right: float


def resampled(
    plane: NDArray[np.generic], frame: Frame, size_px: tuple[int, int]
) -> NDArray[np.float32]:
    """Return a frame of a plane on `size_px` = (width, height) pixels, bicubic."""
    top, left = int(np.floor(frame.top)) - 2, int(np.floor(frame.left)) - 2
    bottom, right = int(np.ceil(frame.bottom)) + 2, int(np.ceil(frame.right)) + 2
    part = np.full((bottom - top, right - left), OUTSIDE_HU, np.float32)
    rows = slice(max(top, 0), min(bottom, plane.shape[0]))
    columns = slice(max(left, 0), min(right, plane.shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        part[
            rows.start - top : rows.stop - top,
            columns.start - left : columns.stop - left,
        ] = plane[rows, columns]
    box = (frame.left - left, frame.top - top, frame.right - left, frame.bottom - top)
    resized = Image.fromarray(part).resize(size_px, Image.Resampling.BICUBIC, box=box)
    return np.asarray(resized, np.float32)


def png(hu: NDArray[np.float32], window: Window) -> bytes:
    """Grey PNG of CT numbers in a window, without any metadata."""
    low = window.level_hu - window.width_hu / 2
    grey = np.clip((hu - low) * (GREYS / window.width_hu) + 0.5, 0, GREYS)
    stream = io.BytesIO()
    Image.fromarray(grey.astype(np.uint8)).save(
        stream,
        format="PNG",
        compress_level=COMPRESS_LEVEL,
        compress_type=COMPRESS_TYPE,
    )
    return stream.getvalue()
