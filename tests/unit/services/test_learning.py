"""Training: who may learn from whom, calibration, files, the collection."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from calcitrace.adapters.boosting import fit
from calcitrace.analysis.detection.learned.platt import line_to_truth
from calcitrace.analysis.noise import measure_noise
from calcitrace.errors import DetectorError
from calcitrace.insertion import insert_deposits
from calcitrace.model.deposit import Status
from calcitrace.model.flags import FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.insertion import InsertionSettings
from calcitrace.model.learned import RULES, LearnedDetector
from calcitrace.model.protocol import Protocol
from calcitrace.services.detecting import detect
from calcitrace.services.learning.collection import KNOWN_CALCIUM, unsure_in
from calcitrace.services.learning.example import Example
from calcitrace.services.learning.format import from_bytes, to_bytes
from calcitrace.services.learning.samples import samples_of
from calcitrace.services.learning.training import Source, Trainer
from tests.fakes.insertion import known, thigh_scan

N_FOLDS = 3


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    scan = thigh_scan()
    seen = known(scan)
    out: list[Example] = []
    for number in range(N_FOLDS):
        settings = InsertionSettings(6, mass_mg=(20.0, 300.0), seed=40 + number)
        insertion = insert_deposits(scan, seen, settings)
        noise, _ = measure_noise(insertion.scan.volume, seen.anatomy)
        out.append(
            Example(str(number), 1, insertion.scan, insertion, seen.anatomy, noise)
        )
    return out


def sources(
    examples: list[Example], loaded: list[str] | None = None
) -> tuple[Source, ...]:
    def loader(example: Example) -> Callable[[], Example]:
        def load() -> Example:
            if loaded is not None:
                loaded.append(example.patient)
            return example

        return load

    return tuple(
        Source(e.patient, e.repeat, fold, loader(e)) for fold, e in enumerate(examples)
    )


@pytest.fixture(scope="module")
def detector(examples: list[Example]) -> LearnedDetector:
    trainer = Trainer(sources(examples), fit)
    return trainer.detector(trainer.folds)


class TestTraining:
    def test_the_same_scans_give_the_same_bytes(
        self, examples: list[Example], detector: LearnedDetector
    ) -> None:
        again = Trainer(sources(examples), fit)
        assert to_bytes(again.detector(again.folds)) == to_bytes(detector)

    def test_a_detector_of_some_folds_does_not_depend_on_the_others(
        self, examples: list[Example]
    ) -> None:
        other = replace(examples[2], insertion=None)
        one = Trainer(sources(examples), fit).detector(frozenset({0, 1}))
        two = Trainer(sources([*examples[:2], other]), fit).detector(frozenset({0, 1}))
        assert to_bytes(one) == to_bytes(two)

    def test_rows_are_deposits_and_what_is_surely_none(
        self, examples: list[Example]
    ) -> None:
        example = examples[0]
        everywhere = np.ones(example.scan.volume.grid.shape, bool)

        plain = samples_of(example, 1)
        unsure = samples_of(replace(example, unsure=everywhere), 1)
        blank = samples_of(replace(example, insertion=None), 1)

        assert plain.y.sum() > 20
        assert (plain.y == 0).sum() > 20
        assert (unsure.y == 0).sum() == 0
        assert unsure.y.sum() == plain.y.sum()
        assert blank.y.sum() == 0
        assert plain.weight[plain.y > 0].max() <= 2.0

    def test_it_finds_what_it_was_trained_to_find(
        self, examples: list[Example], detector: LearnedDetector
    ) -> None:
        example = examples[0]
        found = detect(
            example.scan,
            example.anatomy,
            example.noise,
            Protocol().detection,
            replace(detector, kin=replace(detector.kin, limit=9.0)),
        )
        kept = [c for c in found.detection.candidates if c.status is not Status.DROPPED]
        assert len(kept) >= 4
        assert found.made_by.startswith("calcitrace trees")

    def test_anatomy_that_it_does_not_know_is_left_to_the_rules(
        self, examples: list[Example], detector: LearnedDetector
    ) -> None:
        example = examples[0]
        far = replace(
            detector, kin=replace(detector.kin, middle=detector.kin.middle + 9)
        )
        settings = Protocol().detection
        given = example.scan, example.anatomy, example.noise, settings

        by_rules, unlike = detect(*given, None), detect(*given, far)

        assert [f.kind for f in unlike.flags] == [FlagKind.ANATOMY_UNLIKE_TRAINING]
        assert unlike.detection.candidates == by_rules.detection.candidates
        assert unlike.made_by == by_rules.made_by == RULES

    def test_a_skeleton_of_another_segmenter_is_not_doubted(
        self, examples: list[Example], detector: LearnedDetector
    ) -> None:
        example = examples[0]
        given = replace(example.anatomy, segmenter="a network 1")
        found = detect(
            example.scan, given, example.noise, Protocol().detection, detector
        )
        assert found.made_by == RULES
        assert found.anatomy is given


class TestCalibration:
    @pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, -1.0), (2.0, 1.5)])
    def test_the_line_that_made_them_is_found(
        self, slope: float, offset: float
    ) -> None:
        rng = np.random.default_rng(3)
        said = rng.normal(0, 2, 40_000)
        true = rng.random(said.size) < 1 / (1 + np.exp(-(slope * said + offset)))

        found = line_to_truth(said, true.astype(np.float64))

        assert found == pytest.approx((slope, offset), abs=0.06)

    def test_classes_that_never_meet_stay_finite(self) -> None:
        said = np.array([-2.0, -1.0, 1.0, 2.0])
        slope, offset = line_to_truth(said, (said > 0).astype(np.float64))
        assert 0 < slope < 50
        assert abs(offset) < 1e-6


class TestFile:
    def test_comes_back_as_it_went(self, detector: LearnedDetector) -> None:
        content = to_bytes(detector)
        back = from_bytes(content)

        assert to_bytes(back) == content
        assert back.voxels.names == detector.voxels.names
        np.testing.assert_array_equal(back.stage.trees.leaf, detector.stage.trees.leaf)
        assert back.kin.limit == detector.kin.limit
        assert len(back.digest) == 64

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"[detection]"])
    def test_another_file_is_refused(self, content: bytes) -> None:
        with pytest.raises(DetectorError, match="Expected a detector"):
            from_bytes(content)


def test_unsure_places_are_balls_around_calcium_of_tumours() -> None:
    ball = next(b for b in KNOWN_CALCIUM if not b.is_mimic)
    x, y, z = (v - 30.0 for v in ball.centre_mm)
    grid = Grid((60, 60, 60), (1.0, 1.0, 1.0), (x, y, z))

    mask = unsure_in(ball.patient, grid)

    assert mask is not None
    assert mask[30, 30, 30]
    assert mask.sum() >= 0.9 * 4 / 3 * np.pi * min(ball.radius_mm, 29) ** 3
    assert unsure_in("024", grid) is None
