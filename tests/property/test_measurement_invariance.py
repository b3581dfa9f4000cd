"""Flipping, turning or moving a scan changes no measurement."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcitrace.analysis.quantification import Context, Measurement, measure_deposits
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.grid import Grid
from calcitrace.model.image_quality import Noise, Psf
from calcitrace.model.protocol import QuantificationSettings
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Tissue
from tests.fakes.measuring import bright_labels
from tests.fakes.phantom import Phantom, ball, known_calibration

ISOTROPIC = Phantom(shape=(36, 36, 36), spacing_mm=(0.7, 0.7, 0.7), noise_hu=10, seed=4)
IMAGE, _, _ = ISOTROPIC.image([(ball((12.0, 13.0, 12.5), 2.0), 300)])
LABELS = bright_labels(ISOTROPIC, IMAGE, 120.0)
AXES = tuple(
    tuple(float(v) for v in row) for row in np.asarray(ISOTROPIC.grid.direction)
)


def measure(hu: np.ndarray, labels: np.ndarray, grid: Grid) -> Measurement:
    """Measure the largest component of a turned or moved copy."""
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    n = grid.shape[0]
    context = Context(
        volume=HuVolume(np.ascontiguousarray(hu), grid),
        coverage=Coverage.full(grid),
        anatomy=Anatomy(
            tissue=LabelVolume(np.full(grid.shape, int(Tissue.SOFT), np.uint8), grid),
            body=np.ones(grid.shape, bool),
            skin_mm=grid.to_world_mm(np.zeros((1, 3))),
            skeleton_mm=np.zeros((0, 3)),
            body_diameter_mm=np.full(n, 80.0),
            is_truncated=False,
            segmenter="none",
        ),
        labels=LabelVolume(np.ascontiguousarray(labels), grid),
        kept=(int(sizes.argmax()),),
        bystanders=(),
        cut=frozenset(),
        kvp=120.0,
        psf=Psf(0.54, 0.54, 0.0, 0.0, "known", "known"),
        noise=Noise.uniform(10.0, np.ones((1, 1, 1))),
        calibration=known_calibration(),
    )
    (found,) = measure_deposits(context, QuantificationSettings(), lambda _done: None)
    return found


REFERENCE = measure(IMAGE.hu, LABELS.labels, ISOTROPIC.grid)


@settings(max_examples=12, deadline=None)
@given(
    order=st.permutations([0, 1, 2]),
    flips=st.lists(st.integers(0, 2), unique=True),
)
def test_axis_order_and_flips_change_nothing(
    order: list[int], flips: list[int]
) -> None:
    hu, labels = IMAGE.hu.transpose(order), LABELS.labels.transpose(order)
    direction = [list(AXES[i]) for i in order]
    corner = np.zeros(3)
    for axis in flips:
        hu, labels = np.flip(hu, axis), np.flip(labels, axis)
        direction[axis] = [-v for v in direction[axis]]
        corner[order[axis]] = ISOTROPIC.shape[order[axis]] - 1
    x, y, z = (float(v) for v in ISOTROPIC.grid.to_world_mm(corner))
    a, b, c = ((row[0], row[1], row[2]) for row in direction)
    grid = Grid(hu.shape, ISOTROPIC.spacing_mm, (x, y, z), (a, b, c))

    found = measure(hu, labels, grid)

    assert found.mass.value == pytest.approx(REFERENCE.mass.value, rel=1e-6)
    assert found.mass.std == pytest.approx(REFERENCE.mass.std, rel=1e-6)
    assert found.centroid_mm == pytest.approx(REFERENCE.centroid_mm, abs=1e-6)
    assert found.diameter_max_mm == pytest.approx(REFERENCE.diameter_max_mm)
    assert found.shape_class is REFERENCE.shape_class


@settings(max_examples=8, deadline=None)
@given(
    shift=st.tuples(*[st.floats(-500, 500, allow_nan=False, width=32)] * 3),
    offset=st.integers(0, 6),
)
def test_moving_the_patient_or_cropping_far_away_changes_no_mass(
    shift: tuple[float, float, float], offset: int
) -> None:
    x, y, z = (o + s for o, s in zip(ISOTROPIC.grid.origin_mm, shift, strict=True))
    moved = Grid(ISOTROPIC.shape, ISOTROPIC.spacing_mm, (x, y, z))
    n = ISOTROPIC.shape[0]
    box = (slice(0, n), slice(0, n), slice(0, n - offset // 3))

    found = measure(IMAGE.hu[box], LABELS.labels[box], moved.crop(box))

    # Cropping takes away voxels of the outer shell, so the background moves a little.
    assert found.mass.value == pytest.approx(REFERENCE.mass.value, rel=2e-3)
    there = np.asarray(REFERENCE.centroid_mm) + np.asarray(shift)
    assert found.centroid_mm == pytest.approx(tuple(there), abs=0.02)
