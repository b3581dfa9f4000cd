"""Pictures of deposits: the right side of the patient, to scale, outlined."""

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from calcitrace.adapters.key_image_files import KeyImageFiles
from calcitrace.adapters.key_images import key_images, scale_bar_mm
from calcitrace.adapters.overviews import LABEL_STEP_PX, overviews, spread
from calcitrace.adapters.pictures import SUBJECT_RGB, Frame, resampled
from calcitrace.adapters.views import Plane, orientation_letters, view_of
from calcitrace.model.deposit import Status
from calcitrace.model.grid import AXIAL, Direction, Grid
from calcitrace.model.result import ScanResult
from calcitrace.model.volume import HuVolume, LabelVolume
from tests.fakes.scan_result import limb_deposits, limb_result

# How the same patient may be stored; by where slices, rows and columns grow to.
X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
MINUS_X, MINUS_Y, MINUS_Z = (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)
STORED: tuple[Direction, ...] = (
    AXIAL,
    (MINUS_Z, Y, X),  # head first or feet first
    (Z, MINUS_Y, MINUS_X),  # prone, as stored by some scanners
    (Y, MINUS_Z, X),  # coronal slices
    (X, MINUS_Z, Y),  # sagittal slices
    (MINUS_X, Y, Z),
)
SPACING_MM = {0: 0.9, 1: 0.7, 2: 2.0}  # along the patient's x, y, z
SIZE_MM = {0: 72.0, 1: 56.0, 2: 60.0}


def stored(direction: Direction) -> Grid:
    """Return a grid over the same box of the patient, stored in another way."""
    axes = [int(np.argmax(np.abs(axis))) for axis in direction]
    spacing = [SPACING_MM[a] for a in axes]
    shape = [round(SIZE_MM[a] / SPACING_MM[a]) for a in axes]
    origin = np.zeros(3)
    for axis, patient_axis, n, step in zip(
        direction, axes, shape, spacing, strict=True
    ):
        if axis[patient_axis] < 0:
            origin[patient_axis] = (n - 1) * step
    return Grid(
        (shape[0], shape[1], shape[2]),
        (spacing[0], spacing[1], spacing[2]),
        (float(origin[0]), float(origin[1]), float(origin[2])),
        direction,
    )


def asymmetric(grid: Grid) -> ScanResult:
    """A patient with one deposit: right, in front, below the middle."""
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), -1)
    x, y, z = np.moveaxis(grid.to_world_mm(index), -1, 0)
    hu = np.full(grid.shape, 40, np.int16)
    hu[x > 54.3] = -900  # air on the patient's left
    hu[y > 46] = 900  # bone at the back
    hu[z > 48] = 2000  # metal at the head
    spot = (np.abs(x - 18) < 4) & (np.abs(y - 14) < 3) & (np.abs(z - 20) < 4)
    hu[spot] = 600
    result = limb_result(grid=Grid((4, 8, 8), (1.0, 1.0, 1.0)), spots=())
    deposit = replace(
        limb_deposits()[0], centroid_mm=(18.0, 14.0, 20.0), diameter_max_mm=9.0
    )
    labels = LabelVolume(spot.astype(np.uint16), grid)
    return replace(
        result,
        scan=replace(result.scan, volume=HuVolume(hu, grid)),
        anatomy=replace(result.anatomy, body=np.ones(grid.shape, bool)),
        deposits=(deposit,),
        deposit_labels=labels,
        candidate_labels=labels,
    )


def grey(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)))


def corners(path: str) -> NDArray[np.float64]:
    """Points (x, y) of SVG path data."""
    return np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path), np.float64)


@pytest.mark.parametrize("direction", STORED)
def test_the_patients_right_is_on_the_left_and_the_front_on_top(
    direction: Direction,
) -> None:
    result = asymmetric(stored(direction))

    image = key_images(result, result.deposits)[1]

    assert image.letters == ("R", "L", "A", "P")
    assert image.position_mm == pytest.approx(20.0, abs=1.0)
    shown = grey(image.context.png)
    scale = image.context.side_px / image.context.side_mm
    middle = image.context.side_px // 2
    assert shown[middle, middle] == 255  # the deposit is in the middle
    left_air = middle + round((60 - 18) * scale)
    if left_air < image.context.side_px:
        assert shown[middle, left_air] == 0
    assert shown[middle - round(8 * scale), middle] < 200  # muscle in front
    back = middle + round((50 - 14) * scale)
    if back < image.context.side_px:
        assert shown[back, middle] == 255  # bone at the back


@pytest.mark.parametrize("direction", STORED)
def test_however_stored_the_pictures_are_the_same(direction: Direction) -> None:
    reference, other = asymmetric(stored(AXIAL)), asymmetric(stored(direction))

    expected = key_images(reference, reference.deposits)[1]
    shown = key_images(other, other.deposits)[1]

    for ours, theirs in (
        (shown.context, expected.context),
        (shown.close, expected.close),
    ):
        change = grey(ours.png).astype(int) - grey(theirs.png)
        assert np.abs(change).max() <= 1  # rounding
    (line,), (reference_line,) = shown.outlines, expected.outlines
    assert len(corners(line.path)) == len(corners(reference_line.path))
    assert line.label_x == pytest.approx(reference_line.label_x, abs=0.2)
    assert line.label_y == pytest.approx(reference_line.label_y, abs=0.2)


@pytest.mark.parametrize("direction", STORED)
def test_overviews_have_the_head_on_top(direction: Direction) -> None:
    result = asymmetric(stored(direction))

    coronal, sagittal = overviews(result, result.deposits)

    assert coronal.letters == ("R", "L", "S", "I")
    assert sagittal.letters == ("A", "P", "S", "I")
    for view in (coronal, sagittal):
        shown = grey(view.png)
        assert shown[round(shown.shape[0] * 0.12), shown.shape[1] // 2] == 255
        assert shown.shape == (view.picture_height, view.picture_width)
        (label,) = view.labels
        _, _, x, y = label.line
        in_picture = ((x - view.x) / view.px_per_mm, (y - view.y) / view.px_per_mm)
        across = 18.0 + 0.45 if view is coronal else 14.0 + 0.35
        assert in_picture[0] == pytest.approx(across + 4, abs=0.6)
        assert in_picture[1] == pytest.approx(60 - 20 - 1 + 4, abs=0.6)


def test_a_tilted_grid_says_so_in_its_letters() -> None:
    c, s = np.cos(0.6), np.sin(0.6)
    grid = Grid(
        (4, 5, 6), (2.0, 1.0, 1.0), direction=((0, -s, c), (0, c, s), (1.0, 0, 0))
    )

    assert view_of(grid, Plane.AXIAL).letters == ("R", "L", "AI", "PS")


@pytest.mark.parametrize(
    ("direction", "letters"),
    [((0.99, 0.1, 0.0), "L"), ((-0.6, 0.0, 0.8), "SR"), ((0.0, 0.26, -0.96), "IP")],
)
def test_letters_of_a_direction(direction: Sequence[float], letters: str) -> None:
    assert orientation_letters(np.array(direction)) == letters


def test_outline_and_scale_bar_have_the_size_of_the_deposit() -> None:
    result = asymmetric(stored(AXIAL))
    image = key_images(result, result.deposits)[1]

    (outline,) = image.outlines

    per_mm = image.context.side_px / image.context.side_mm
    width, height = np.ptp(corners(outline.path), axis=0) / per_mm
    labels = result.deposit_labels.labels
    _, rows, columns = (np.ptp(i) + 1 for i in np.nonzero(labels))
    assert width == pytest.approx(columns * 0.9, abs=0.1)
    assert height == pytest.approx(rows * 0.7, abs=0.1)
    assert image.context.scale_bar_px == pytest.approx(
        image.context.scale_bar_mm * per_mm
    )
    # The deposit itself, measured in the picture, is as wide as it is in the patient.
    line = grey(image.context.png)[image.context.side_px // 2]
    n_bright = int(np.count_nonzero(line[100:220] > 250))
    assert n_bright / per_mm == pytest.approx(columns * 0.9, abs=1.0)


@pytest.mark.parametrize(
    ("side_mm", "bar_mm"), [(70.0, 20.0), (24.0, 5.0), (240.0, 50.0), (500.0, 100.0)]
)
def test_the_scale_bar_is_round_and_fits(side_mm: float, bar_mm: float) -> None:
    assert scale_bar_mm(side_mm) == bar_mm


def test_a_bow_shaped_deposit_is_shown_where_it_is() -> None:
    result = asymmetric(stored(AXIAL))
    labels = np.zeros(result.deposit_labels.labels.shape, np.uint16)
    labels[16, 18:22, 18:22] = 1
    labels[2, 18:22, 18:22] = 1  # the centre of mass lies between
    result = replace(result, deposit_labels=LabelVolume(labels, stored(AXIAL)))

    image = key_images(result, result.deposits)[1]

    assert image.position_mm == pytest.approx(32.0)
    assert len(image.outlines) == 1


def test_neighbours_in_review_are_outlined_in_their_own_way() -> None:
    result = asymmetric(stored(AXIAL))
    first = result.deposits[0]
    second = replace(first, deposit_id=2, status=Status.REVIEW)
    labels = result.deposit_labels.labels.copy()
    labels[10, 30:33, 30:33] = 2
    result = replace(
        result,
        deposits=(first, second),
        deposit_labels=LabelVolume(labels, stored(AXIAL)),
    )

    lines = key_images(result, (first,))[1].outlines

    assert [(o.deposit_id, o.is_in_review, o.is_subject) for o in lines] == [
        (2, True, False),
        (1, False, True),
    ]


def test_a_frame_beyond_the_volume_is_black_there() -> None:
    plane = np.full((10, 10), 500, np.int16)

    shown = resampled(plane, Frame(-10.0, -10.0, 10.0, 10.0), (20, 20))

    assert np.all(shown[:8, :] < -1000)
    assert np.all(shown[13:17, 13:17] == 500)


def test_no_body_gives_no_overview() -> None:
    result = asymmetric(stored(AXIAL))
    empty = replace(
        result, anatomy=replace(result.anatomy, body=np.zeros_like(result.anatomy.body))
    )

    assert overviews(empty, ()) == ()


def test_the_table_is_not_in_the_overview() -> None:
    result = limb_result()

    coronal, _ = overviews(result, ())

    shown = grey(coronal.png)
    assert shown[0, 0] == 0
    width_mm = coronal.picture_width / coronal.px_per_mm
    assert width_mm < 130  # the table is 135 mm wide


def test_labels_in_the_margin_never_meet() -> None:
    rng = np.random.default_rng(3)
    for n in (1, 2, 30):
        wanted = sorted(rng.uniform(0, 600, n))
        placed = spread(wanted, LABEL_STEP_PX, 620.0)
        assert len(placed) == n
        assert np.all(np.diff(placed) >= LABEL_STEP_PX - 1e-9)
        assert min(placed) >= LABEL_STEP_PX / 2 - 1e-9
        assert max(placed) <= 620.0 - LABEL_STEP_PX / 2 + 1e-9


def test_a_picture_of_every_deposit_is_a_file_whatever_its_status(
    tmp_path: Path,
) -> None:
    result = limb_result()
    turned = replace(
        result,
        deposits=tuple(replace(d, status=Status.REVIEW) for d in result.deposits),
    )
    (folder,) = KeyImageFiles().write(result, tmp_path, lang="en")
    (tmp_path / "other").mkdir()
    (other,) = KeyImageFiles().write(turned, tmp_path / "other", lang="fr")

    names = {path.name for path in folder.iterdir()}
    assert names == {f"{d.deposit_id}.png" for d in result.deposits}
    for name in names:
        assert (folder / name).read_bytes() == (other / name).read_bytes()
        with Image.open(folder / name) as image:
            assert image.mode == "RGB"
            colours = {c for _, c in image.getcolors(maxcolors=1 << 20) or []}
        assert SUBJECT_RGB in colours
