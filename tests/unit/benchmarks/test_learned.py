"""The learned stage of the benchmark: features, and what probabilities change."""

import numpy as np
import pytest
from benchmarks.detection.cases import Case
from benchmarks.detection.learned import asked, peeled
from benchmarks.detection.voxels import BRIGHT_HU, features

from calcitrace.analysis.detection.finding import Detection
from calcitrace.analysis.noise import measure_noise
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.volume import LabelVolume, Tissue
from tests.fakes.insertion import known, thigh_scan


@pytest.fixture(scope="module")
def case() -> Case:
    scan = thigh_scan()
    seen = known(scan)
    noise, _ = measure_noise(scan.volume, seen.anatomy)
    return Case("024", 0, scan, None, seen.anatomy, noise, seen)


def test_every_bright_voxel_of_the_body_has_finite_features_of_its_own(
    case: Case,
) -> None:
    at, x, names = features(case)

    bright = (case.scan.volume.hu > BRIGHT_HU) & case.anatomy.body
    assert len(at) == np.count_nonzero(bright)
    assert x.shape == (len(at), len(set(names)))
    assert np.isfinite(x).all()
    assert (x.std(axis=0) > 0).sum() > len(names) - 5


def test_what_is_believed_leaves_the_skeleton_and_crumbs_stay(case: Case) -> None:
    bone = np.equal(case.anatomy.tissue.labels, Tissue.SKELETON)
    k, i, j = (int(v) for v in np.argwhere(bone)[bone.sum() // 2])
    half = np.zeros(bone.shape, np.float32)
    half[k:] = bone[k:]
    crumb = np.zeros(bone.shape, np.float32)
    crumb[k, i, j] = 1.0

    without = peeled(case, half)
    left = np.equal(without.tissue.labels, Tissue.SKELETON)

    assert not left[k:].any()
    np.testing.assert_array_equal(left[:k], bone[:k])
    assert 0 < len(without.skeleton_mm) < len(case.anatomy.skeleton_mm)
    kept = peeled(case, crumb)
    np.testing.assert_array_equal(kept.tissue.labels, case.anatomy.tissue.labels)


def candidate(label: int, status: Status, reason: Reason) -> Candidate:
    return Candidate(
        label,
        status,
        reason,
        0.1,
        (0.0, 0.0, 0.0),
        1.0,
        300.0,
        touches_bone=False,
        is_cut=False,
    )


def test_a_reader_is_asked_for_what_is_believed_but_never_for_bone() -> None:
    labels = np.zeros((3, 6, 6), np.int32)
    for k in range(4):
        labels[:, k] = k + 1
    found = Detection(
        (
            candidate(1, Status.DROPPED, Reason.SKELETON),
            candidate(2, Status.DROPPED, Reason.POSSIBLE_BONE),
            candidate(3, Status.DROPPED, Reason.VESSEL_WALL),
            candidate(4, Status.ACCEPTED, Reason.SOFT_TISSUE_CALCIUM),
        ),
        LabelVolume(labels, Grid(labels.shape, (1.0, 1.0, 1.0))),
    )
    probability = np.ones(labels.shape, np.float32)
    probability[labels == 3] = 0.2

    after = [c.status for c in asked(found, probability).candidates]

    assert after == [Status.DROPPED, Status.REVIEW, Status.DROPPED, Status.ACCEPTED]
