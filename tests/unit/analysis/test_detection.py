"""Candidates of simulated limbs: what is kept, what is dropped, and why."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.detection import Detection, Sight, find_candidates
from calcitrace.analysis.detection.chains import chain_lengths
from calcitrace.analysis.detection.threshold import floor_hu
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.flags import FlagKind
from calcitrace.model.protocol import AnatomySettings, DetectionSettings
from calcitrace.model.volume import Coverage
from tests.fakes.limb import FAT, MUSCLE, UNKNOWN, Limb, ball, rod, thigh

BONE_EDGE_MM = 37.5
ROW_MM = 38.5
KEPT = {Status.ACCEPTED, Status.REVIEW}


def detect(
    limb: Limb,
    acquisition: Acquisition = UNKNOWN,
    coverage: Coverage | None = None,
) -> Detection:
    volume, covered = limb.image(), coverage or limb.coverage
    anatomy = find_anatomy(volume, covered, AnatomySettings())
    sight = Sight(volume, covered, anatomy, limb.noise(), acquisition)
    return find_candidates(sight, DetectionSettings())


def kept(detection: Detection) -> list[Candidate]:
    return [c for c in detection.candidates if c.status in KEPT]


def beside_bone(gap_mm: float, radius_mm: float, hu: float) -> Limb:
    centre = (24.0, ROW_MM, BONE_EDGE_MM + gap_mm + radius_mm)
    return thigh((ball(centre, radius_mm), hu))


class TestDeposits:
    @pytest.mark.parametrize("hu", [500.0, 900.0])
    @pytest.mark.parametrize("gap_mm", [0.0, 1.0, 2.0, 5.0, 15.0])
    def test_is_kept_at_any_gap_to_bone(self, gap_mm: float, hu: float) -> None:
        found = kept(detect(beside_bone(gap_mm, 3.0, hu)))

        assert len(found) == 1
        assert 0.4 * 113 < found[0].volume_mm3 < 2.0 * 113

    @pytest.mark.parametrize("gap_mm", [0.0, 1.0])
    def test_that_touches_bone_goes_to_review_and_says_so(self, gap_mm: float) -> None:
        (found,) = kept(detect(beside_bone(gap_mm, 4.0, 600.0)))

        assert found.status is Status.REVIEW
        assert found.reason is Reason.TOUCHES_BONE
        assert found.touches_bone
        assert FlagKind.TOUCHES_BONE in {f.kind for f in found.flags}

    @pytest.mark.parametrize("noise_hu", [10.0, 20.0, 40.0])
    @pytest.mark.parametrize("background", [MUSCLE, FAT])
    def test_under_the_skin_is_accepted_in_any_noise(
        self, noise_hu: float, background: float
    ) -> None:
        limb = thigh(
            (ball((24.0, ROW_MM, 63.0), 3.0), 500.0),
            background=background,
            noise_hu=noise_hu,
        )

        accepted = [c for c in detect(limb).candidates if c.status is Status.ACCEPTED]

        assert len(accepted) == 1
        assert accepted[0].reason is Reason.SOFT_TISSUE_CALCIUM
        assert accepted[0].probability > 0.7

    def test_solid_mass_of_seven_grams_is_accepted_not_called_bone(self) -> None:
        limb = thigh((ball((24.0, ROW_MM, 54.0), 13.0), 1000.0))

        (found,) = kept(detect(limb))

        assert found.status is Status.ACCEPTED
        assert found.volume_mm3 > 8000

    def test_cut_by_the_scan_end_goes_to_review(self) -> None:
        limb = thigh((ball((0.0, ROW_MM, 62.0), 4.0), 600.0))

        (found,) = kept(detect(limb))

        assert found.status is Status.REVIEW
        assert found.is_cut

    def test_cut_by_a_missing_slice_goes_to_review(self) -> None:
        limb = thigh((ball((24.0, ROW_MM, 62.0), 4.0), 600.0))
        slices = np.ones(limb.shape[0], bool)
        slices[24] = False
        coverage = Coverage(slices, np.ones(limb.shape[1:], bool))

        assert all(c.is_cut for c in kept(detect(limb, coverage=coverage)))

    def test_metal_goes_to_review(self) -> None:
        limb = thigh((ball((24.0, ROW_MM, 62.0), 3.0), 9000.0))

        (found,) = kept(detect(limb))

        assert found.status is Status.REVIEW
        assert found.reason is Reason.METAL

    def test_smooth_and_moderate_goes_to_review_when_contrast_was_given(self) -> None:
        limb = thigh((rod((ROW_MM, 60.0), 3.0, (8.0, 40.0)), 250.0))

        enhanced = detect(limb, replace(UNKNOWN, is_contrast_enhanced=True))

        (found,) = kept(enhanced)
        assert found.status is Status.REVIEW
        assert FlagKind.CONTRAST_LIKE in {f.kind for f in found.flags}


class TestWhatIsNoDeposit:
    @pytest.mark.parametrize("noise_hu", [10.0, 20.0, 40.0])
    def test_limb_without_deposits_has_nothing_kept(self, noise_hu: float) -> None:
        assert kept(detect(thigh(noise_hu=noise_hu))) == []

    def test_bone_is_listed_as_dropped(self) -> None:
        bones = [c for c in detect(thigh()).candidates if c.volume_mm3 > 5000]

        assert [c.reason for c in bones] == [Reason.SKELETON]
        assert bones[0].status is Status.DROPPED

    def test_row_of_deep_specks_is_called_a_vessel_wall(self) -> None:
        specks = [
            (ball((z, ROW_MM + 4 + z / 12, 55.0), 1.3), 600.0) for z in range(4, 46, 7)
        ]

        found = detect(thigh(*specks)).candidates

        specks_found = [c for c in found if c.volume_mm3 < 100]
        assert len(specks_found) == len(specks)
        assert {c.reason for c in specks_found} == {Reason.VESSEL_WALL}
        assert Status.ACCEPTED not in {c.status for c in specks_found}


class TestLabels:
    def test_number_candidates_from_one_without_gaps(self) -> None:
        detection = detect(beside_bone(5.0, 3.0, 500.0))

        numbers = [c.label for c in detection.candidates]
        assert numbers == list(range(1, len(numbers) + 1))
        assert set(np.unique(detection.labels.labels)) == {0, *numbers}
        assert detection.labels.labels.dtype in (np.uint16, np.int32)

    def test_hold_as_much_as_the_candidate_says(self) -> None:
        limb = beside_bone(5.0, 3.0, 500.0)
        detection = detect(limb)

        counts = np.bincount(detection.labels.labels.ravel())

        for candidate in detection.candidates:
            volume_mm3 = counts[candidate.label] * limb.grid.voxel_volume_mm3
            assert candidate.volume_mm3 == pytest.approx(volume_mm3)

    def test_are_the_same_on_a_second_run(self) -> None:
        limb = beside_bone(1.0, 3.0, 500.0)

        first, second = detect(limb), detect(limb)

        assert first.candidates == second.candidates
        np.testing.assert_array_equal(first.labels.labels, second.labels.labels)


class TestThreshold:
    def test_falls_with_kvp_as_published_thresholds_of_equal_density_do(self) -> None:
        published = {70: 207, 80: 177, 100: 145, 120: 130, 135: 119}

        for kvp, hu in published.items():
            own = floor_hu(Acquisition(kvp=float(kvp)), DetectionSettings())
            assert own == pytest.approx(hu, rel=0.05)


class TestChains:
    def test_count_points_on_a_line(self) -> None:
        points = np.array([[0, 0, 8.0 * i] for i in range(5)] + [[0, 200.0, 0]])

        lengths = chain_lengths(points, np.ones(6, bool))

        assert list(lengths) == [5, 5, 5, 5, 5, 1]

    def test_cluster_is_no_row(self) -> None:
        points = np.random.default_rng(0).normal(0, 12, (40, 3))

        assert (chain_lengths(points, np.ones(40, bool)) < 5).all()
