"""Trees that are walked, and scans that are like those learnt from."""

import numpy as np
import pytest

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.detection.learned.likeness import (
    cavity_mm3,
    described,
    distance,
    kin_of,
)
from calcitrace.analysis.detection.learned.trees import logits, probabilities
from calcitrace.model.protocol import AnatomySettings
from calcitrace.model.trees import Trees
from calcitrace.model.volume import HuVolume
from tests.fakes.limb import ball, thigh

DEPOSIT = (ball((24.0, 38.5, 60.0), 3.0), 600.0)


class TestTrees:
    def test_sum_of_leaves_is_found_by_walking(self) -> None:
        two = Trees(
            ("a", "b"),
            np.array([0, 1, 1], np.int16),
            np.array([0.5, 2.0, -1.0]),
            np.array([1, -1, -4], np.int32),
            np.array([-3, -2, -5], np.int32),
            np.array([1.0, 2.0, 4.0, 8.0, 16.0]),
            np.array([0, 2], np.int32),
        )
        x = np.array([[0.5, 2.0], [0.5, 2.1], [0.6, -1.0]], np.float32)

        np.testing.assert_array_equal(logits(two, x), [17.0, 18.0, 12.0])
        np.testing.assert_allclose(probabilities(two, x)[0], 1 / (1 + np.exp(-17.0)))

    def test_a_tree_may_be_a_single_leaf(self) -> None:
        leaf = Trees(
            ("a",),
            np.zeros(0, np.int16),
            np.zeros(0),
            np.zeros(0, np.int32),
            np.zeros(0, np.int32),
            np.array([0.25]),
            np.array([-1], np.int32),
        )
        np.testing.assert_array_equal(logits(leaf, np.zeros((2, 1), np.float32)), 0.25)


class TestLikeness:
    def test_own_scan_is_near_and_another_far(self) -> None:
        limb = thigh(DEPOSIT)
        anatomy = find_anatomy(limb.image(), limb.coverage, AnatomySettings())
        row = described(limb.image(), anatomy)
        rng = np.random.default_rng(1)
        rows = row + 0.05 * rng.standard_normal((20, len(row)))
        kin = kin_of(rows, [str(k // 2) for k in range(20)])

        assert distance(kin, row) < kin.limit
        assert distance(kin, row + 1.0) > kin.limit
        assert distance(kin, np.full(len(row), np.nan)) == np.inf

    def test_gas_of_cavities_counts_and_that_of_folds_does_not(self) -> None:
        limb = thigh()
        anatomy = find_anatomy(limb.image(), limb.coverage, AnatomySettings())
        volume = limb.image()
        hu = volume.hu.copy()
        middle = tuple(n // 2 for n in hu.shape)
        hole = tuple(slice(m - 4, m + 4) for m in middle)
        hu[hole] = -900

        grid = volume.grid
        found = cavity_mm3(HuVolume(hu, grid), anatomy)
        expected = float(np.prod([8 * s for s in grid.spacing_mm]))
        assert found == pytest.approx(expected, rel=0.5)
        assert cavity_mm3(volume, anatomy) == 0
