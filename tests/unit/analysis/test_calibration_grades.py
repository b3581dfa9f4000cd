"""Grades B and C, and what a cut body adds to the error."""

import math
from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.calibration import (
    calibrate_by_scanner,
    calibrate_by_table,
    calibrate_by_tissue,
    find_tissues,
    widened_by_truncation,
)
from calcitrace.analysis.calibration.by_tissue import Tissues
from calcitrace.analysis.calibration.tissue import setting_terms
from calcitrace.analysis.calibration.tissue_table import TISSUE_FIT
from calcitrace.analysis.calibration.truncation import cut_fraction
from calcitrace.errors import CalibrationError
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.flags import FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.rods import ScannerReference
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Tissue

REFERENCE = ScannerReference(
    manufacturer="Maker",
    model_name="Model 7",
    kvp=120.0,
    kernel=None,
    measured=None,
    body_diameter_mm=100.0,
    slope_mg_cm3_per_hu=0.64,
    std_random=0.006,
    std_systematic=0.005,
    hardening_cm2_per_mg=6e-5,
    rods=(),
)
HEADER = Acquisition(kvp=120.0, manufacturer="MAKER ", model_name="model  7")


def table(size_mm: float, kvp: float = 120.0) -> Calibration:
    return calibrate_by_table(kvp, size_mm)[0]


def by_scanner(size_mm: float) -> Calibration:
    found, _ = calibrate_by_scanner(REFERENCE, HEADER, size_mm)
    assert found is not None
    return found


def test_a_scanner_measured_before_keeps_its_slope_in_a_body_like_the_phantom() -> None:
    found = by_scanner(100.0)

    assert found.grade is Grade.B
    assert found.slope_mg_cm3_per_hu == pytest.approx(0.64)
    assert found.std_random == 0.0


def test_the_slope_follows_the_table_to_another_size_and_so_does_its_error() -> None:
    near, far = by_scanner(100.0), by_scanner(300.0)

    assert far.slope_mg_cm3_per_hu / near.slope_mg_cm3_per_hu == pytest.approx(
        table(300.0).slope_mg_cm3_per_hu / table(100.0).slope_mg_cm3_per_hu
    )
    assert near.relative_std < far.relative_std < table(300.0).relative_std
    # Each slice takes the slope of its own size, as from a table.
    assert near.at_diameter(300.0).slope_mg_cm3_per_hu == pytest.approx(
        far.slope_mg_cm3_per_hu, rel=1e-3
    )


@pytest.mark.parametrize(
    "header",
    [
        replace(HEADER, model_name="Model 8"),
        replace(HEADER, manufacturer=None),
        replace(HEADER, model_name=None),
        replace(HEADER, kvp=None),
    ],
)
def test_another_or_unknown_scanner_is_not_calibrated_and_flagged(
    header: Acquisition,
) -> None:
    found, flags = calibrate_by_scanner(REFERENCE, header, 100.0)

    assert found is None
    assert [flag.kind for flag in flags] == [FlagKind.CALIBRATION_FILE_UNUSED]


def test_another_voltage_is_refused() -> None:
    with pytest.raises(CalibrationError, match=r"120 kVp.*got 100 kVp"):
        calibrate_by_scanner(REFERENCE, replace(HEADER, kvp=100.0), 100.0)


def usual(size_mm: float, kvp: float = 120.0) -> Tissues:
    terms = np.array(setting_terms(kvp, size_mm))
    return Tissues(
        float(terms @ np.array(TISSUE_FIT.usual_fat_hu)),
        float(terms @ np.array(TISSUE_FIT.usual_muscle_hu)),
    )


def test_usual_tissues_leave_the_slope_and_narrow_the_error() -> None:
    found = calibrate_by_tissue(table(45.0), usual(45.0))

    assert found is not None
    assert found[0].grade is Grade.C
    assert found[0].slope_mg_cm3_per_hu == pytest.approx(
        table(45.0).slope_mg_cm3_per_hu
    )
    assert found[0].relative_std < table(45.0).relative_std
    assert [flag.kind for flag in found[1]] == [FlagKind.CALIBRATION_GRADE_C]


def test_darker_fat_means_a_softer_beam_that_sees_more_of_calcium() -> None:
    darker = replace(usual(45.0), fat_hu=usual(45.0).fat_hu - 10.0)

    found = calibrate_by_tissue(table(45.0), darker)

    assert found is not None
    assert found[0].hu_per_mg_cm3 > 1.005 * table(45.0).hu_per_mg_cm3


@pytest.mark.parametrize(
    ("size_mm", "tissues"),
    [
        (45.0, replace(usual(45.0), fat_hu=-20.0)),
        (45.0, replace(usual(45.0), muscle_hu=0.0)),
        (300.0, usual(300.0)),
    ],
)
def test_odd_tissues_and_large_bodies_keep_the_table(
    size_mm: float, tissues: Tissues
) -> None:
    assert calibrate_by_tissue(table(size_mm), tissues) is None


def test_without_a_voltage_tissues_say_nothing() -> None:
    unknown, _ = calibrate_by_table(None, 45.0)

    assert calibrate_by_tissue(unknown, usual(45.0)) is None


GRID = Grid((12, 60, 60), (2.0, 1.0, 1.0))


def anatomy(tissue: np.ndarray) -> Anatomy:
    none = np.empty((0, 3))
    return Anatomy(
        tissue=LabelVolume(tissue.astype(np.uint8), GRID),
        body=tissue > 0,
        skin_mm=none,
        skeleton_mm=none,
        body_diameter_mm=np.full(GRID.shape[0], 50.0),
        is_truncated=False,
        segmenter="test",
    )


def test_tissues_are_read_away_from_everything_else() -> None:
    tissue = np.zeros(GRID.shape)
    tissue[:, 5:55, 5:55] = Tissue.FAT
    tissue[:, 15:45, 15:45] = Tissue.SOFT
    hu = np.where(
        tissue == Tissue.FAT, -104, np.where(tissue == Tissue.SOFT, 58, -1000)
    )
    mixed = (np.roll(hu, 2, axis=1) != hu) | (np.roll(hu, -2, axis=1) != hu)
    hu = np.where(mixed, 0, hu).astype(np.int16)

    found = find_tissues(HuVolume(hu, GRID), anatomy(tissue))

    assert found == Tissues(-104.0, 58.0)


def test_a_body_without_fat_has_no_pair_of_tissues() -> None:
    tissue = np.zeros(GRID.shape)
    tissue[:, 5:55, 5:55] = Tissue.SOFT
    hu = HuVolume(np.full(GRID.shape, 50, np.int16), GRID)

    assert find_tissues(hu, anatomy(tissue)) is None


def half_seen() -> np.ndarray:
    body = np.zeros(GRID.shape, bool)
    body[:, 20:40, 0:30] = True
    return body


def test_the_part_of_the_outline_on_the_edge_is_what_is_cut() -> None:
    whole = np.zeros(GRID.shape, bool)
    whole[:, 20:40, 20:40] = True

    assert cut_fraction(whole, Coverage.full(GRID)) == 0.0
    # 20 of 96 pixels of the outline of 20 x 30 pixels.
    assert cut_fraction(half_seen(), Coverage.full(GRID)) == pytest.approx(20 / 96)


def test_a_cut_body_widens_the_error_with_a_flag() -> None:
    before = table(100.0)
    after, flags = widened_by_truncation(before, half_seen(), Coverage.full(GRID))
    span = math.log(before.hu_per_mg_cm3 / table(450.0).hu_per_mg_cm3)

    assert after.slope_mg_cm3_per_hu == before.slope_mg_cm3_per_hu
    assert after.relative_std**2 - before.relative_std**2 == pytest.approx(
        (20 / 96 * span) ** 2 / 3, rel=0.02
    )
    assert [flag.kind for flag in flags] == [FlagKind.CALIBRATION_BODY_CUT]


@pytest.mark.parametrize("body_mm", [150.0, 300.0, 400.0])
@pytest.mark.parametrize("seen_part", [0.4, 0.6, 0.8, 0.95])
def test_the_widened_error_covers_the_size_that_is_not_seen(
    body_mm: float, seen_part: float
) -> None:
    """A round body in a smaller square field of view around its middle."""
    half = seen_part * body_mm / 2
    n = 2 * round(half / 2.0) + 1
    offset = 2.0 * (np.arange(n) - n // 2)
    plane = np.hypot(offset[:, None], offset[None, :]) < body_mm / 2
    seen_mm = 2 * math.sqrt(float(plane.sum()) * 4.0 / math.pi)
    grid = Grid((3, n, n), (2.0, 2.0, 2.0))
    before = table(seen_mm)

    after, _ = widened_by_truncation(before, np.stack([plane] * 3), Coverage.full(grid))

    error = math.log(before.hu_per_mg_cm3 / table(body_mm).hu_per_mg_cm3)
    added = math.sqrt(after.relative_std**2 - before.relative_std**2)
    assert 0 < error <= 2 * added
