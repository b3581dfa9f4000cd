"""Coronal and sagittal projections of the body with its deposits numbered.

Each pixel is the brightest voxel of the body along the line of sight, so table and
clothing are gone. Numbers stand in the margins, joined to their deposits by thin lines,
so that they never hide the picture or each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.key_images import scale_bar_mm, svg_path
from calcitrace.adapters.outlines import outlines
from calcitrace.adapters.pictures import (
    PROJECTION,
    Frame,
    png,
    resampled,
)
from calcitrace.adapters.projections import (
    Projection,
    body_frame,
    projections_of,
    size_mm,
)
from calcitrace.adapters.views import Plane, View
from calcitrace.model.deposit import Deposit, Status
from calcitrace.model.result import ScanResult

# Both projections share one scale, so that heights can be compared.
HEIGHT_MAX_PX, WIDTH_MAX_PX = 640, 820
PX_PER_MM_MAX = 4.0
SIDE_MIN_PX = 48
GUTTER_PX = 46
LABEL_STEP_PX = 18.0
BORDER_PX = 10.0


@dataclass(frozen=True, slots=True)
class Label:
    """A number in the margin and the line to its deposit, in pixels of the figure."""

    deposit_id: int
    is_in_review: bool
    x: float
    y: float
    is_right: bool
    line: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Silhouette:
    """Outline of the deposits of one kind, projected."""

    is_in_review: bool
    path: str


@dataclass(frozen=True, slots=True)
class Overview:
    """One projection.

    Attributes
    ----------
    width, height
        Of the whole figure, margins included, in pixels.
    x, y, picture_width, picture_height
        Where the picture lies in it.
    letters
        Orientation at the left, right, top and bottom of the picture.
    """

    plane: Plane
    png: bytes
    width: float
    height: float
    x: float
    y: float
    picture_width: int
    picture_height: int
    px_per_mm: float
    scale_bar_mm: float
    letters: tuple[str, str, str, str]
    labels: tuple[Label, ...]
    silhouettes: tuple[Silhouette, ...]

    @property
    def scale_bar_px(self) -> float:
        """Length of the scale bar in the figure."""
        return self.scale_bar_mm * self.px_per_mm


def overviews(result: ScanResult, numbered: Sequence[Deposit]) -> tuple[Overview, ...]:
    """Coronal and sagittal overview; none where there is no body to be seen.

    Parameters
    ----------
    result
        Whose voxels, body and labels are shown.
    numbered
        Deposits that get their number; all are outlined.
    """
    if not result.anatomy.body.any():
        return ()
    projections = projections_of(result)
    frames = [body_frame(p) for p in projections]
    px_per_mm = _scale(projections, frames)
    return tuple(
        _overview(result, projection, frame, px_per_mm, numbered)
        for projection, frame in zip(projections, frames, strict=True)
    )


def _scale(projections: Sequence[Projection], frames: Sequence[Frame]) -> float:
    sizes = [size_mm(p, f) for p, f in zip(projections, frames, strict=True)]
    return min(
        HEIGHT_MAX_PX / max(height for _, height in sizes),
        WIDTH_MAX_PX / sum(width for width, _ in sizes),
        PX_PER_MM_MAX,
    )


def _overview(
    result: ScanResult,
    projection: Projection,
    frame: Frame,
    px_per_mm: float,
    numbered: Sequence[Deposit],
) -> Overview:
    width_mm, height_mm = size_mm(projection, frame)
    width = max(1, round(width_mm * px_per_mm))
    height = max(1, round(height_mm * px_per_mm))
    scale = np.array(
        [height / (frame.bottom - frame.top), width / (frame.right - frame.left)]
    )
    points = _points(result, projection.view, frame, scale, numbered)
    n_most = -(-len(points) // 2)
    total_height = max(height + 2 * BORDER_PX, (n_most + 1) * LABEL_STEP_PX)
    x, y = float(GUTTER_PX), (total_height - height) / 2
    shifted = {d: (px + x, py + y) for d, (px, py) in points.items()}
    silhouettes = (
        Silhouette(is_review, _silhouette(mask, frame, scale, (x, y)))
        for is_review, mask in (
            (False, projection.accepted),
            (True, projection.in_review),
        )
    )
    return Overview(
        plane=projection.plane,
        png=png(resampled(projection.hu, frame, (width, height)), PROJECTION),
        width=width + 2 * GUTTER_PX,
        height=round(total_height, 1),
        x=x,
        y=round(y, 1),
        picture_width=width,
        picture_height=height,
        px_per_mm=px_per_mm,
        scale_bar_mm=scale_bar_mm(width / px_per_mm),
        letters=projection.view.letters,
        labels=_labels(shifted, numbered, width, total_height),
        silhouettes=tuple(s for s in silhouettes if s.path),
    )


def _points(
    result: ScanResult,
    view: View,
    frame: Frame,
    scale: NDArray[np.float64],
    numbered: Sequence[Deposit],
) -> Mapping[int, tuple[float, float]]:
    """Where deposits lie in the picture, as (x, y) by their number."""
    grid = result.scan.volume.grid
    points: dict[int, tuple[float, float]] = {}
    for deposit in numbered:
        index = grid.to_index(np.asarray(deposit.centroid_mm))
        _, row, column = view.index(index, grid.shape)
        points[deposit.deposit_id] = (
            (column + 0.5 - frame.left) * float(scale[1]),
            (row + 0.5 - frame.top) * float(scale[0]),
        )
    return points


def _silhouette(
    mask: NDArray[np.bool_],
    frame: Frame,
    scale: NDArray[np.float64],
    shift: tuple[float, float],
) -> str:
    offset = 0.5 - np.array([frame.top, frame.left])
    loops = [
        (loop + offset) * scale + np.array([shift[1], shift[0]])
        for loop in outlines(mask)
    ]
    return svg_path(loops)


def _labels(
    points: Mapping[int, tuple[float, float]],
    numbered: Sequence[Deposit],
    width: int,
    height: float,
) -> tuple[Label, ...]:
    """Half of the numbers to each margin, in the order of their height."""
    in_review = {d.deposit_id: d.status is Status.REVIEW for d in numbered}
    by_x = sorted(points, key=lambda n: (points[n][0], n))
    half = len(by_x) // 2
    labels: list[Label] = []
    for is_right, side in ((False, by_x[:half]), (True, by_x[half:])):
        ordered = sorted(side, key=lambda n: (points[n][1], n))
        heights = spread([points[n][1] for n in ordered], LABEL_STEP_PX, height)
        edge = GUTTER_PX + width + 6.0 if is_right else GUTTER_PX - 6.0
        for number, y in zip(ordered, heights, strict=True):
            px, py = points[number]
            labels.append(
                Label(
                    deposit_id=number,
                    is_in_review=in_review[number],
                    x=edge + (4.0 if is_right else -4.0),
                    y=round(y, 1),
                    is_right=is_right,
                    line=(edge, round(y, 1), round(px, 1), round(py, 1)),
                )
            )
    return tuple(labels)


def spread(wanted: Sequence[float], step: float, height: float) -> tuple[float, ...]:
    """Heights near the wanted ones, in the same order, at least a step apart.

    Parameters
    ----------
    wanted
        Rising.
    height
        All stay half a step inside 0 and this; it must have room for all.

    Examples
    --------
    >>> spread([10.0, 11.0, 50.0], 10.0, 100.0)
    (10.0, 20.0, 50.0)
    """
    placed: list[float] = []
    for i, y in enumerate(wanted):
        low = step / 2 if i == 0 else placed[-1] + step
        placed.append(max(y, low))
    limit = height - step / 2
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - step
    return tuple(placed)
