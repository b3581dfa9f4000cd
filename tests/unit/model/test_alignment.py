"""An alignment maps points there and back, and may be wrong by what it says."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from calcitrace.errors import GridMismatchError
from calcitrace.model.alignment import Alignment, AlignmentQuality, Verdict
from calcitrace.model.grid import Grid
from calcitrace.simulation.forms import Pose

GRID = Grid((31, 26, 28), (5.0, 5.0, 5.0), (-60.0, -55.0, -70.0))
QUALITY = AlignmentQuality(0.2, 0.5, 1.0, 1.0, 0.98, 1.0, 2, Verdict.OK)
SHIFT_MM = (12.0, -7.0, 30.0)


def alignment(bend: float = 0.4, error_mm: float = 1.5) -> Alignment:
    """Turn and shift, and beyond it a bend of everything above z = 0."""
    pose = Pose.of_angles((5.0, -8.0, 20.0), SHIFT_MM)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = pose.rotation, pose.shift_mm
    nodes = GRID.to_world_mm(np.moveaxis(np.indices(GRID.shape), 0, -1))
    above = np.maximum(nodes[..., 2], 0.0)
    residual = np.zeros((*GRID.shape, 3), np.float32)
    residual[..., 1] = bend * above
    error = np.full(GRID.shape, error_mm, np.float32)
    return Alignment(matrix, residual, error, GRID, QUALITY)


def points(n: int = 400) -> NDArray[np.float64]:
    low = np.array(GRID.origin_mm)
    high = low + np.array(GRID.extent_mm)[::-1] - 5.0
    return np.random.default_rng(0).uniform(low, high, (n, 3))


def test_a_point_moves_by_the_matrix_and_the_field() -> None:
    below = np.array([[10.0, -20.0, -30.0]])
    above = np.array([[10.0, -20.0, 30.0]])
    pose = Pose.of_angles((5.0, -8.0, 20.0), SHIFT_MM)

    assert alignment().to_moving(below)[0] == pytest.approx(pose.point(below[0]))
    bent = np.array(pose.point(above[0])) + np.array([0.0, 12.0, 0.0])
    assert alignment().to_moving(above)[0] == pytest.approx(bent, abs=1e-5)
    moved = alignment().displacement_at(above)
    assert moved[0] == pytest.approx(bent - above[0], abs=1e-5)


@pytest.mark.parametrize("bend", [0.0, 0.4, 1.2])
def test_there_and_back_is_where_one_was(bend: float) -> None:
    made = alignment(bend)

    back = made.to_reference(made.to_moving(points()))

    assert np.abs(back - points()).max() < 0.01


def test_beyond_the_lattice_the_nearest_value_holds() -> None:
    far = np.array([[0.0, 0.0, 500.0]])
    edge = np.array([[0.0, 0.0, 80.0]])

    rest = [alignment().to_moving(p) - alignment(0.0).to_moving(p) for p in (far, edge)]

    assert rest[0] == pytest.approx(rest[1])
    assert alignment().error_mm_at(far) == pytest.approx([1.5])


def test_a_perturbed_one_errs_by_as_much_as_is_said_and_smoothly() -> None:
    made = alignment(error_mm=2.0)
    where = points()
    moves = np.stack(
        [made.perturbed(k).to_moving(where) - made.to_moving(where) for k in range(200)]
    )

    assert np.sqrt((moves**2).sum(-1).mean()) == pytest.approx(2.0, rel=0.05)
    beside = where + np.array([1.0, 0.0, 0.0])
    other = made.perturbed(3).to_moving(beside) - made.to_moving(beside)
    assert np.abs(other - moves[3]).max() < 0.5
    assert (
        made.perturbed(3).to_moving(where) == made.perturbed(3).to_moving(where)
    ).all()


def test_a_perturbed_one_has_an_inverse_too() -> None:
    made = alignment().perturbed(7)

    assert np.abs(made.to_reference(made.to_moving(points())) - points()).max() < 0.01


def test_fields_must_lie_on_the_grid() -> None:
    made = alignment()

    with pytest.raises(GridMismatchError):
        replace(made, residual_mm=made.residual_mm[1:])
    with pytest.raises(GridMismatchError):
        replace(made, uncertainty_mm=made.uncertainty_mm[1:])
