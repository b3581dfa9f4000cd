"""A deposit that is one with bone: cut off at the neck, it is weighed rightly."""

import math

import numpy as np
import pytest

from calcitrace.model.deposit import Reason, Status
from calcitrace.model.edits import Edits, Operation, Point
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from calcitrace.services.imaging import measure_scan
from tests.fakes.edits import edit
from tests.fakes.limb import MUSCLE, UNKNOWN, ball, thigh

# The bone's axis is 12 mm away, its surface 4.5 mm: the ball dips into it by 0.5 mm.
RADIUS_MM, DENSE_HU, CENTRE_MM = 5.0, 700.0, (24.0, 38.5, 18.0)
BONE_MM = (24.0, 38.5, 24.0)  # in the cortex, on its near side


def place(point_mm: tuple[float, float, float]) -> Point:
    """Patient position of a point of the limb (slice, row, column axes, in mm)."""
    grid = thigh().grid
    index = np.array(point_mm) / np.array(grid.spacing_mm) - 0.5
    x, y, z = (float(v) for v in grid.to_world_mm(index))
    return x, y, z


def test_a_deposit_that_was_read_as_bone_is_cut_off_and_weighed() -> None:
    limb = thigh((ball(CENTRE_MM, RADIUS_MM), DENSE_HU))
    scan = Scan(limb.image(), UNKNOWN, limb.coverage, "array", "ab" * 32)
    cut = edit(Operation.CUT, place(CENTRE_MM), place(BONE_MM))

    result = measure_scan(scan, Protocol(), edits=Edits((cut,)))

    slope = result.calibration.slope_mg_cm3_per_hu
    volume_mm3 = 4 / 3 * math.pi * RADIUS_MM**3
    true_mg = volume_mm3 * (DENSE_HU - MUSCLE) * slope / 1000
    (deposit,) = result.deposits
    assert result.correction is not None
    assert result.correction.total.n_deposits == 0
    assert (deposit.status, deposit.reason) == (Status.ACCEPTED, Reason.READER)
    assert deposit.mass.value == pytest.approx(true_mg, rel=0.08)
    assert deposit.bone_distance_mm == pytest.approx(0.0, abs=0.5)
