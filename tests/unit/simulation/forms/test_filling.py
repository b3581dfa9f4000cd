"""Voxels in solids, line by line, against one question per voxel."""

import numpy as np
import pytest

from calcitrace.model.grid import Grid
from calcitrace.simulation.forms import Form, Pose
from calcitrace.simulation.forms.clearance import bounding_ball
from calcitrace.simulation.forms.filling import fill
from tests.fakes.forms import FORMS, contains


@pytest.mark.parametrize("form", FORMS, ids=lambda f: type(f).__name__)
def test_voxels_are_those_whose_centre_the_form_contains(form: Form) -> None:
    turned = form.moved(Pose.of_angles((17.0, -23.0, 41.0), (0.3, -0.2, 0.1)))
    centre, reach = bounding_ball(turned)
    first = centre - 0.8 * reach  # the grid cuts the form
    n = 40
    step = 2 * reach / n
    x, y, z = (float(v) for v in first)
    grid = Grid((n + 3, n + 2, n + 1), (step, 0.9 * step, 1.1 * step), (x, y, z))
    mask = np.zeros(grid.shape, bool)

    fill(mask, grid, turned.solids, value=True)

    index = np.moveaxis(np.indices(grid.shape, dtype=np.float64), 0, -1)
    expected = contains(turned, grid.to_world_mm(index).reshape(-1, 3))
    assert expected.any()
    assert (mask.ravel() == expected).all()


def test_what_is_filled_can_be_taken_out_again() -> None:
    form = FORMS[0]
    x, y, z = (float(v) for v in bounding_ball(form)[0])
    grid = Grid((5, 5, 5), (0.2, 0.2, 0.2), (x - 0.4, y - 0.4, z - 0.4))
    mask = np.ones(grid.shape, bool)

    fill(mask, grid, form.solids, value=False)

    assert not mask[2, 2, 2]
