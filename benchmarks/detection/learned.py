"""A first learned stage: voxels of deposits are taken out of the skeleton.

The classical detector misses most deposits that touch bone because they are part of the
skeleton that it never looks into. Boosted trees (LightGBM) tell each bright voxel how
probably it is a deposit; connected ones leave the skeleton, and the classical rules judge
them. What the rules drop and the trees believe goes to a reader.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import cc3d
import edt
import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.detection.cases import Case, cases
from benchmarks.detection.detectors import Detector, classical
from benchmarks.detection.running import training_patients
from benchmarks.detection.voxels import features
from calcitrace.analysis.anatomy.surface import surface_points_mm
from calcitrace.analysis.detection.finding import Detection
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.deposit import Reason, Status
from calcitrace.model.volume import LabelVolume, Mask, Tissue

# Per case, at most so many voxels of each kind; a deposit weighs no more than so many.
N_VOXELS, DEPOSIT_WEIGHT, TRUE_WEIGHT = 6000, 60.0, 2.0
BLURRED_MM = 2.2  # beside a deposit a voxel is neither
N_TREES = 200
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 63,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.5,
    "lambda_l2": 5.0,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}
SMOOTH_MM, TAKEN_OUT, LEAST_MM3 = 0.8, 0.4, 8.0
BELIEVED = 0.5

Array = NDArray[np.float32]


def learned(folder: Path, fold: int) -> Detector:
    """Detector of one fold, trained on the patients of the others."""
    model = _trained(folder, fold)

    def detect(case: Case) -> Detection:
        probability = _probability(model, case)
        without = replace(case, anatomy=peeled(case, probability))
        return asked(classical(without), probability)

    return detect


@cache
def _trained(folder: Path, fold: int) -> lgb.Booster:
    parts = [
        part
        for patient in training_patients(fold)
        for part in _samples(folder, patient)
    ]
    x, y, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return lgb.train(SETTINGS, lgb.Dataset(x, y, weight=weight), N_TREES)


@cache
def _samples(folder: Path, patient: str) -> list[tuple[Array, Array, Array]]:
    """Features, truth and weight of some voxels of each case of one patient."""
    rng = np.random.default_rng(int(patient))
    out: list[tuple[Array, Array, Array]] = []
    for case in cases(folder, (patient,)):
        at, x, _ = features(case)
        label, is_clear = _truth(case, at)
        others = _some(np.flatnonzero((label == 0) & is_clear), rng)
        true = _some(np.flatnonzero(label > 0), rng)
        size = np.bincount(label)[label[true]]
        weight = TRUE_WEIGHT * np.minimum(1.0, DEPOSIT_WEIGHT / np.maximum(size, 1))
        chosen = np.concatenate([true, others])
        out.append(
            (
                x[chosen],
                (label[chosen] > 0).astype(np.float32),
                np.concatenate([weight, np.ones(len(others))]).astype(np.float32),
            )
        )
    return out


def _truth(case: Case, at: NDArray[np.intp]) -> tuple[NDArray[np.int64], Mask]:
    """Deposit of each voxel, 0 for none, and whether it is clear of others' blur."""
    if case.insertion is None:
        return np.zeros(len(at), np.int64), np.ones(len(at), bool)
    labels = np.asarray(case.insertion.labels.labels)
    spacing = case.scan.volume.grid.spacing_mm
    apart = edt.edt((labels == 0).view(np.uint8), anisotropy=spacing).ravel()[at]
    return labels.ravel()[at].astype(np.int64), apart >= BLURRED_MM


def _some(index: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
    if len(index) <= N_VOXELS:
        return index
    return rng.choice(index, N_VOXELS, replace=False)


def _probability(model: lgb.Booster, case: Case) -> Array:
    """Of each voxel, lightly averaged over bright neighbours; 0 where it is not bright."""
    at, x, _ = features(case)
    grid = case.scan.volume.grid
    field = np.zeros(grid.shape, np.float32)
    bright = np.zeros(grid.shape, np.float32)
    field.reshape(-1)[at] = np.asarray(model.predict(x, num_threads=2))
    bright.reshape(-1)[at] = 1
    sigma = [SMOOTH_MM / d for d in grid.spacing_mm]
    total = ndimage.gaussian_filter(bright, sigma)
    mean = ndimage.gaussian_filter(field, sigma) / np.maximum(total, 1e-3)
    return np.where(bright > 0, mean, 0).astype(np.float32)


def peeled(case: Case, probability: Array) -> Anatomy:
    """Anatomy whose skeleton has lost what is probably a deposit."""
    grid = case.scan.volume.grid
    labels = cc3d.connected_components(probability > TAKEN_OUT, connectivity=18)
    is_large = np.bincount(labels.ravel()) * grid.voxel_volume_mm3 >= LEAST_MM3
    is_large[0] = False
    tissue = np.array(case.anatomy.tissue.labels, np.uint8)
    tissue[(tissue == Tissue.SKELETON) & is_large[labels]] = Tissue.OTHER_DENSE
    bone = tissue == Tissue.SKELETON
    return replace(
        case.anatomy,
        tissue=LabelVolume(tissue, grid),
        skeleton_mm=surface_points_mm(bone, ~bone, grid, (0, 0, 0)),
    )


def asked(detection: Detection, probability: Array) -> Detection:
    """Send to a reader what was dropped although the trees believe it."""
    labels = np.asarray(detection.labels.labels)
    size = np.bincount(labels.ravel())
    total = np.bincount(labels.ravel(), weights=probability.ravel())
    mean = total / np.maximum(size, 1)
    return replace(
        detection,
        candidates=tuple(
            replace(c, status=Status.REVIEW, probability=BELIEVED)
            if c.status is Status.DROPPED
            and c.reason is not Reason.SKELETON
            and mean[c.label] > BELIEVED
            else c
            for c in detection.candidates
        ),
    )
