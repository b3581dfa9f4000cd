"""Deposits in a real thigh: truth, noise, and what lies where."""

from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

import calcitrace
from calcitrace.model.insertion import Gap, InsertionSettings, Morphology
from calcitrace.model.volume import Tissue

SETTINGS = InsertionSettings(n_deposits=12, mass_mg=(0.5, 500.0), seed=1020)


@pytest.mark.slow
def test_deposits_in_a_real_thigh_are_what_they_are_said_to_be(
    real_data: Path,
) -> None:
    scan = calcitrace.read_scan(real_data / "sts" / "STS_024_CT.zip")

    insertion = calcitrace.insert(scan, SETTINGS)
    result = calcitrace.measure(insertion.scan)

    assert len(insertion.deposits) == SETTINGS.n_deposits
    assert {d.kind for d in insertion.deposits} >= {Morphology.SHEET, Morphology.NODULE}
    true_mg = sum(d.mass_in_scan_mg for d in insertion.deposits)
    assert insertion.mass.mg.sum() == pytest.approx(true_mg, rel=1e-3)
    changed = insertion.scan.volume.hu != scan.volume.hu
    reach = ndimage.distance_transform_edt(
        insertion.mass.mg == 0, sampling=scan.volume.grid.spacing_mm
    )
    assert float(np.asarray(reach)[changed].max()) < 8.0  # 4.5 sigmas across slices
    bone = result.anatomy.tissue.labels == Tissue.SKELETON
    assert bone.any()
    assert insertion.scan.headers == ()


@pytest.mark.slow
def test_a_large_nodule_in_a_real_muscle_is_found_with_its_mass(
    real_data: Path,
) -> None:
    scan = calcitrace.read_scan(real_data / "sts" / "STS_024_CT.zip")
    settings = InsertionSettings(
        1, (Morphology.NODULE,), (150.0, 150.0), (400.0, 400.0), (Gap.FAR,), seed=1021
    )

    insertion = calcitrace.insert(scan, settings)
    result = calcitrace.measure(insertion.scan)

    (truth,) = insertion.deposits
    (found,) = [
        d
        for d in result.deposits
        if np.linalg.norm(np.subtract(d.centroid_mm, truth.centroid_mm)) < 4.0
    ]
    assert found.mass.value == pytest.approx(150.0, rel=0.25)
