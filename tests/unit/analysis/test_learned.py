"""The learned stages: features, trees, belief, likeness, decisions."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.detection import Sight, find_candidates
from calcitrace.analysis.detection.components import label_components
from calcitrace.analysis.detection.finding import describe
from calcitrace.analysis.detection.judgement import judge
from calcitrace.analysis.detection.learned.believing import (
    LEAST_MM3,
    believe,
    believed_blocks,
    block_features,
    blocks_in,
    smoothed,
)
from calcitrace.analysis.detection.learned.blocks import BRIGHT_HU, spread
from calcitrace.analysis.detection.learned.components import (
    NAMES,
    numbers_of,
    probabilities_of,
)
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.belief import Belief
from calcitrace.model.deposit import Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.learned import ComponentStage
from calcitrace.model.protocol import AnatomySettings, DetectionSettings
from calcitrace.model.trees import Trees
from calcitrace.model.volume import HuVolume, Tissue
from tests.fakes.limb import UNKNOWN, Limb, ball, thigh

SETTINGS = DetectionSettings()
DEPOSIT = (ball((24.0, 38.5, 60.0), 3.0), 600.0)


def stump(
    names: tuple[str, ...], feature: str, threshold: float, low: float, high: float
) -> Trees:
    """One question: `low` up to the threshold, `high` above."""
    return Trees(
        names,
        np.array([names.index(feature)], np.int16),
        np.array([threshold]),
        np.array([-1], np.int32),
        np.array([-2], np.int32),
        np.array([low, high]),
        np.array([0], np.int32),
    )


@pytest.fixture(scope="module")
def limb() -> Limb:
    return thigh(DEPOSIT)


@pytest.fixture(scope="module")
def anatomy(limb: Limb) -> Anatomy:
    return find_anatomy(limb.image(), limb.coverage, AnatomySettings())


def sight_of(limb: Limb, anatomy: Anatomy, belief: Belief | None = None) -> Sight:
    return Sight(limb.image(), limb.coverage, anatomy, limb.noise(), UNKNOWN, belief)


def no_belief(limb: Limb) -> Belief:
    shape = limb.image().grid.shape
    nothing = np.zeros(shape, bool)
    return Belief(np.zeros(shape, np.float32), nothing, nothing)


class TestFeatures:
    def test_every_bright_block_has_finite_features_of_its_own(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        blocks = blocks_in(limb.image(), anatomy, None)
        names, x = block_features(blocks)

        bright = (blocks.hu > BRIGHT_HU) & blocks.body
        assert len(blocks.at) == np.count_nonzero(bright) > 100
        assert x.shape == (len(blocks.at), len(set(names)))
        assert np.isfinite(x).all()
        assert (x.std(axis=0) > 0).sum() > len(names) - 8

    def test_distances_and_means_are_what_they_say(self) -> None:
        grid = Grid((40, 40, 40), (1.0, 1.0, 1.0))
        hu = np.full(grid.shape, 40, np.int16)
        hu[:, :20] = 1000
        tissue = np.full(grid.shape, Tissue.SOFT, np.uint8)
        tissue[:, :20] = Tissue.SKELETON
        hu[20, 30, 20] = 300
        body = np.ones(grid.shape, bool)
        template = find_anatomy(thigh().image(), thigh().coverage, AnatomySettings())
        anatomy = replace(
            template,
            tissue=replace(template.tissue, labels=tissue, grid=grid),
            body=body,
        )
        blocks = blocks_in(HuVolume(hu, grid), anatomy, 120.0)
        names, x = block_features(blocks)
        row = int(
            np.flatnonzero(blocks.at == np.ravel_multi_index((20, 30, 20), grid.shape))[
                0
            ]
        )
        value = dict(zip(names, x[row], strict=True))

        assert value["to bone"] == pytest.approx(11.0)
        assert value["hu"] == 300
        assert value["highest 1.6"] == 300
        assert value["lowest 1.6"] == 40
        assert value["mean 0.8"] == pytest.approx(40 + 260 * 0.122, abs=12)
        assert value["bend 0"] < 0
        assert value["bend 2"] < 0
        assert value["piece 200"] == pytest.approx(np.log(2))

    def test_contrast_of_calcium_is_that_at_120_kvp(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        low = blocks_in(limb.image(), anatomy, 80.0)
        plain = blocks_in(limb.image(), anatomy, 120.0)

        bright = plain.hu > BRIGHT_HU
        share = (low.hu[bright] - 50) / (plain.hu[bright] - 50)
        np.testing.assert_allclose(share, (80 / 120) ** 0.85, rtol=1e-4)
        dark = plain.hu < 50
        np.testing.assert_array_equal(low.hu[dark], plain.hu[dark])

    def test_thin_voxels_are_put_together_and_spread_again(self) -> None:
        limb = thigh(DEPOSIT)
        anatomy = find_anatomy(limb.image(), limb.coverage, AnatomySettings())
        blocks = blocks_in(limb.image(), anatomy, None)
        field = np.arange(np.prod(blocks.shape), dtype=np.float32).reshape(blocks.shape)

        out = spread(field, blocks, limb.image().grid.shape)

        z, y, x = blocks.lattice.block
        assert (out[blocks.box][::z, ::y, ::x] == field).all()
        assert len(np.unique(out)) <= field.size + 1


class TestBelief:
    def test_what_is_believed_leaves_the_skeleton(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        names, _ = block_features(blocks_in(limb.image(), anatomy, None))
        sure = stump(names, "hu", 200.0, -9.0, 9.0)
        never = stump(names, "hu", 200.0, -9.0, -9.0)
        bone = np.equal(anatomy.tissue.labels, Tissue.SKELETON)

        all_of_it = believe(limb.image(), anatomy, None, sure)
        nothing = believe(limb.image(), anatomy, None, never)

        assert (all_of_it.taken & bone).sum() > 0.5 * (
            bone & (limb.image().hu > 250)
        ).sum()
        assert not (all_of_it.taken & ~bone).any()
        assert not nothing.believed.any()
        assert nothing.probability.max() < 0.01

    def test_a_crumb_is_left_and_a_doubtful_piece_as_well(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        blocks = blocks_in(limb.image(), anatomy, None)
        volume = float(np.prod(blocks.spacing_mm))
        n = int(LEAST_MM3 / volume) + 2
        field = np.zeros(blocks.shape, np.float32)
        field[2, 5, 5] = 1.0
        field[4, 5, 5 : 5 + n] = 0.45
        field[8, 5, 5 : 5 + n] = 0.3
        field[8, 5, 5] = 0.6

        kept = believed_blocks(blocks, field)

        assert kept[2].sum() == 0
        assert kept[4].sum() == 0
        assert kept[8].sum() == n

    def test_averaging_stays_within_what_is_bright(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        blocks = blocks_in(limb.image(), anatomy, None)
        field = smoothed(blocks, np.full(len(blocks.at), 0.7, np.float32))

        np.testing.assert_allclose(field.reshape(-1)[blocks.at], 0.7, rtol=1e-3)
        assert np.count_nonzero(field) == len(blocks.at)

    def test_the_rim_of_a_bone_does_not_take_what_is_believed(self) -> None:
        bright = np.zeros((5, 20, 20), bool)
        bright[:, 5:12, 5:12] = True
        tissue = np.zeros(bright.shape, np.uint8)
        tissue[:, 5:11, 5:12] = Tissue.SKELETON
        beside = np.zeros(bright.shape, bool)
        beside[:, 11, 5:12] = True

        alone = label_components(bright, tissue, (1.0, 1.0, 1.0))
        kept = label_components(bright, tissue, (1.0, 1.0, 1.0), beside)

        assert alone.n == alone.n_bones == 1
        assert (kept.n, kept.n_bones) == (2, 1)
        assert (kept.labels[beside] == 2).all()


class TestDecision:
    def test_probability_of_the_trees_decides_and_mimics_stay_in_review(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        sight = sight_of(limb, anatomy, no_belief(limb))
        cases = describe(sight, SETTINGS).cases
        deposit = max(cases, key=lambda c: c.features.volume_mm3)

        assert judge(deposit, SETTINGS, 0.95).status is Status.ACCEPTED
        assert judge(deposit, SETTINGS, 0.2).status is Status.REVIEW
        assert judge(deposit, SETTINGS, 0.2).probability == 0.2
        assert judge(deposit, SETTINGS, 0.1).status is Status.DROPPED
        in_row = replace(
            deposit,
            chain_length=6,
            features=replace(deposit.features, depth_mm=25.0),
        )
        assert judge(in_row, SETTINGS, 0.95).status is Status.REVIEW
        touching = replace(deposit, features=replace(deposit.features, bone_gap_mm=0.5))
        assert judge(touching, SETTINGS, 0.95).status is Status.REVIEW

    def test_deep_in_a_body_with_cavities_a_reader_decides(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        sight = sight_of(limb, anatomy, no_belief(limb))
        cases = describe(sight, SETTINGS).cases
        case = max(cases, key=lambda c: c.features.volume_mm3)
        faint = replace(case.features, depth_mm=40.0, hu_max=240.0)  # no phlebolith
        deep = replace(case, features=faint)

        assert judge(deep, SETTINGS, 0.95).status is Status.ACCEPTED
        within = replace(deep, has_cavities=True)
        assert judge(within, SETTINGS, 0.95).status is Status.REVIEW

    def test_what_was_bone_to_the_search_is_left_to_a_reader(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        sight = sight_of(limb, anatomy, no_belief(limb))
        cases = describe(sight, SETTINGS).cases
        case = max(cases, key=lambda c: c.features.volume_mm3)
        assert case.believed is not None
        patella = replace(case, believed=replace(case.believed, taken_fraction=0.9))

        assert judge(case, SETTINGS, 0.95).status is Status.ACCEPTED
        asked = judge(patella, SETTINGS, 0.95)
        assert (asked.status, asked.reason) == (Status.REVIEW, Reason.POSSIBLE_BONE)

    def test_numbers_are_finite_and_named(self, limb: Limb, anatomy: Anatomy) -> None:
        sight = sight_of(limb, anatomy, no_belief(limb))
        for case in describe(sight, SETTINGS).cases:
            numbers = numbers_of(case)
            assert numbers.shape == (len(NAMES),)
            assert np.isfinite(numbers).all()

    def test_line_of_the_calibration_is_applied(
        self, limb: Limb, anatomy: Anatomy
    ) -> None:
        sight = sight_of(limb, anatomy, no_belief(limb))
        trees = stump(NAMES, "volume", -9.0, 0.0, 2.0)
        stage = ComponentStage(trees, 0.5, -1.0)

        cases = describe(sight, SETTINGS).cases
        assert probabilities_of(stage, cases) == pytest.approx([0.5] * len(cases))
        found = find_candidates(sight, SETTINGS, stage)
        others = [c for c in found.candidates if c.label > 2]
        assert all(c.probability <= 0.5 for c in others)
