"""Key image of a deposit: the axial slice through its centre, outlined, to scale.

Pictures are grey PNG; outline, scale bar and letters are lines to be drawn over them, so
that they stay sharp on paper and can be read aloud.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.outlines import Loop, outlines
from calcitrace.adapters.pictures import BONE, SOFT_TISSUE, Frame, png, resampled
from calcitrace.adapters.views import Plane, View, view_of
from calcitrace.model.deposit import Deposit, Status
from calcitrace.model.result import ScanResult

SIDE_PX = 320
CLOSE_SIDE_PX = 280
# Of the picture in the patient: round a small deposit, and how it grows with a large one.
SIDE_MIN_MM, SIDE_MAX_MM, SIDE_MARGIN_MM = 70.0, 240.0, 50.0
CLOSE_MIN_MM, CLOSE_MARGIN_MM = 24.0, 14.0
SCALE_BARS_MM = (5.0, 10.0, 20.0, 50.0, 100.0)
SCALE_BAR_SHARE = 0.3  # of the picture's width at most
LABEL_GAP_PX = 5.0


@dataclass(frozen=True, slots=True)
class Outline:
    """Line around a deposit in the picture.

    Attributes
    ----------
    loops
        Closed lines of (x, y), in pixels of the picture.
    path
        The same as SVG path data.
    label_x, label_y
        Where its number goes.
    is_subject
        Whether the picture is about this deposit, not about its neighbour.
    """

    deposit_id: int
    is_in_review: bool
    is_subject: bool
    loops: tuple[tuple[tuple[float, float], ...], ...]
    path: str
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Picture:
    """One square picture and its scale.

    Attributes
    ----------
    side_px
        Width and height of the PNG.
    side_mm
        What they show of the patient.
    scale_bar_mm
        Length that the scale bar stands for.
    """

    png: bytes
    side_px: int
    side_mm: float
    scale_bar_mm: float

    @property
    def scale_bar_px(self) -> float:
        """Length of the scale bar in the picture."""
        return self.scale_bar_mm * self.side_px / self.side_mm


@dataclass(frozen=True, slots=True)
class KeyImage:
    """What is shown of one deposit.

    Attributes
    ----------
    context
        Soft-tissue window, to be outlined.
    close
        Bone window, nearer, without lines: soft-tissue windows saturate calcium.
    letters
        Orientation at the left, right, top and bottom.
    position_mm
        Of the slice, along the patient's z axis (DICOM LPS).
    """

    deposit_id: int
    context: Picture
    close: Picture
    outlines: tuple[Outline, ...]
    letters: tuple[str, str, str, str]
    position_mm: float


def key_images(
    result: ScanResult, deposits: Sequence[Deposit]
) -> Mapping[int, KeyImage]:
    """Key images by number of the deposit.

    Parameters
    ----------
    result
        Whose voxels and labels are shown.
    deposits
        Those to be shown.
    """
    view = view_of(result.scan.volume.grid, Plane.AXIAL)
    hu = view.turned(result.scan.volume.hu)
    labels = view.turned(result.deposit_labels.labels)
    status = {d.deposit_id: d.status for d in result.deposits}
    return {
        d.deposit_id: _key_image(_Scene(result, view, hu, labels, status), d)
        for d in deposits
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The turned scan that all key images are cut from."""

    result: ScanResult
    view: View
    hu: NDArray[np.generic]
    labels: NDArray[np.generic]
    status: Mapping[int, Status]


def _key_image(scene: _Scene, deposit: Deposit) -> KeyImage:
    grid = scene.result.scan.volume.grid
    index = grid.to_index(np.asarray(deposit.centroid_mm))
    depth, row, column = scene.view.index(index, grid.shape)
    k = _slice_of(scene.labels, deposit.deposit_id, depth)
    side_mm = float(
        np.clip(deposit.diameter_max_mm + SIDE_MARGIN_MM, SIDE_MIN_MM, SIDE_MAX_MM)
    )
    close_mm = max(CLOSE_MIN_MM, deposit.diameter_max_mm + CLOSE_MARGIN_MM)
    frame = _frame(scene.view, (row, column), side_mm)
    close = _frame(scene.view, (row, column), close_mm)
    wide_hu = resampled(scene.hu[k], frame, (SIDE_PX, SIDE_PX))
    close_hu = resampled(scene.hu[k], close, (CLOSE_SIDE_PX, CLOSE_SIDE_PX))
    shift = np.zeros(3)
    shift[scene.view.axes[0]] = (k - depth) * scene.view.signs[0]
    return KeyImage(
        deposit_id=deposit.deposit_id,
        context=_picture(png(wide_hu, SOFT_TISSUE), SIDE_PX, side_mm),
        close=_picture(png(close_hu, BONE), CLOSE_SIDE_PX, close_mm),
        outlines=_outlines(scene, k, frame, deposit.deposit_id),
        letters=scene.view.letters,
        position_mm=float(grid.to_world_mm(index + shift)[2]),
    )


def _picture(data: bytes, side_px: int, side_mm: float) -> Picture:
    return Picture(data, side_px, side_mm, scale_bar_mm(side_mm))


def scale_bar_mm(side_mm: float) -> float:
    """Longest round length that fits into a picture of a width."""
    fitting = [bar for bar in SCALE_BARS_MM if bar <= SCALE_BAR_SHARE * side_mm]
    return max(fitting, default=SCALE_BARS_MM[0])


def _slice_of(labels: NDArray[np.generic], number: int, depth: float) -> int:
    """Slice nearest to the centre that holds the deposit: a bow can miss its centre."""
    n = len(labels)
    middle = min(max(round(depth), 0), n - 1)
    for k in sorted(range(n), key=lambda k: (abs(k - depth), k)):
        if np.any(labels[k] == number):
            return k
    return middle


def _frame(view: View, centre: tuple[float, float], side_mm: float) -> Frame:
    """Square of a size around a centre given as (row, column) of voxel centres."""
    row, column = centre[0] + 0.5, centre[1] + 0.5
    half_rows = side_mm / view.spacing_mm[1] / 2
    half_columns = side_mm / view.spacing_mm[2] / 2
    return Frame(
        row - half_rows, column - half_columns, row + half_rows, column + half_columns
    )


def _outlines(scene: _Scene, k: int, frame: Frame, subject: int) -> tuple[Outline, ...]:
    """Outlines of all deposits in the frame, the subject last and so on top."""
    plane = scene.labels[k]
    top, left = max(int(frame.top), 0), max(int(frame.left), 0)
    part = plane[top : int(frame.bottom) + 1, left : int(frame.right) + 1]
    numbers = [int(n) for n in np.unique(part) if n != 0]
    scale = np.array(
        [
            SIDE_PX / (frame.bottom - frame.top),
            SIDE_PX / (frame.right - frame.left),
        ]
    )
    offset = np.array([top - frame.top, left - frame.left]) + 0.5
    lines: list[Outline] = []
    for number in sorted(numbers, key=lambda n: (n == subject, n)):
        loops = [(loop + offset) * scale for loop in outlines(part == number)]
        if loops:
            is_in_review = scene.status.get(number) is Status.REVIEW
            lines.append(_outline(number, loops, subject, is_in_review=is_in_review))
    return tuple(lines)


def _outline(
    number: int, loops: Sequence[Loop], subject: int, *, is_in_review: bool
) -> Outline:
    points = np.concatenate(loops)
    # Number at the upper right, inside the picture.
    y = float(np.clip(points[:, 0].min() - LABEL_GAP_PX, 14, SIDE_PX - 6))
    x = float(np.clip(points[:, 1].max() + LABEL_GAP_PX, 4, SIDE_PX - 26))
    return Outline(
        deposit_id=number,
        is_in_review=is_in_review,
        is_subject=number == subject,
        loops=tuple(
            tuple((round(float(c), 1), round(float(r), 1)) for r, c in loop)
            for loop in loops
        ),
        path=svg_path(loops),
        label_x=round(x, 1),
        label_y=round(y, 1),
    )


def svg_path(loops: Sequence[Loop]) -> str:
    """SVG path data of closed lines of (row, column) pixels, to a tenth of a pixel.

    Examples
    --------
    >>> svg_path([np.array([[1.0, 2.0], [1.0, 4.0], [3.0, 4.0]])])
    'M2 1L4 1L4 3Z'
    """
    return "".join(
        "M" + "L".join(f"{c:.4g} {r:.4g}" for r, c in np.round(loop, 1)) + "Z"
        for loop in loops
    )
