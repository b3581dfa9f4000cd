"""CT numbers as grey PNG pictures: window, true proportions, the same bytes every run."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

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


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn over a grey picture.

    Attributes
    ----------
    loops
        Closed lines of (x, y) in pixels, each with whether it is the subject.
    letters
        At the left, right, top and bottom; empty for none.
    bar_px, bar_text
        Scale bar at the lower left.
    """

    loops: Sequence[tuple[Sequence[tuple[float, float]], bool]]
    letters: tuple[str, str, str, str]
    bar_px: float
    bar_text: str


SUBJECT_RGB, OTHER_RGB, TEXT_RGB = (255, 176, 0), (150, 150, 150), (255, 255, 255)
MARGIN_PX, FONT_PX = 12, 13


def side_by_side(pictures: Sequence[tuple[bytes, Drawing]]) -> bytes:
    """Return one colour PNG of grey PNG pictures, with what is drawn over each.

    Nothing is written in it that names a deposit, its status or the patient.
    """
    drawn = [_drawn(data, drawing) for data, drawing in pictures]
    width = sum(image.width for image in drawn)
    whole = Image.new("RGB", (width, max(image.height for image in drawn)))
    left = 0
    for image in drawn:
        whole.paste(image, (left, 0))
        left += image.width
    stream = io.BytesIO()
    whole.save(stream, format="PNG", compress_level=COMPRESS_LEVEL)
    return stream.getvalue()


def _drawn(data: bytes, drawing: Drawing) -> Image.Image:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(FONT_PX)
    for loop, is_subject in drawing.loops:
        colour = SUBJECT_RGB if is_subject else OTHER_RGB
        draw.line([*loop, loop[0]], fill=colour, width=2 if is_subject else 1)
    w, h, m = image.width, image.height, MARGIN_PX
    places = ((m, h / 2), (w - m, h / 2), (w / 2, m), (w / 2, h - m))
    for letter, place in zip(drawing.letters, places, strict=True):
        draw.text(place, letter, TEXT_RGB, font, anchor="mm")
    draw.line([(m, h - m), (m + drawing.bar_px, h - m)], fill=TEXT_RGB, width=2)
    middle = (m + drawing.bar_px / 2, h - m - 4)
    draw.text(middle, drawing.bar_text, TEXT_RGB, font, anchor="mb")
    return image
