"""A made-up measured limb that looks like one: for reports and the pictures in them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.deposit import (
    Burden,
    Candidate,
    Deposit,
    Reason,
    ShapeClass,
    Status,
)
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.grid import Grid
from calcitrace.model.identity import derived_uid
from calcitrace.model.image_quality import Noise, Psf
from calcitrace.model.protocol import Protocol
from calcitrace.model.result import Provenance, ScanResult
from calcitrace.model.scan import Scan, SeriesSummary
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume
from tests.fakes.limb_picture import (
    LIMB_GRID,
    SPOTS,
    Spot,
    limb_hu,
    limb_labels,
    many_spots,
    tissues,
)

NO_CALCIUM_MG = Estimate(0.0, 0.0, 0.0, Unit.MG)


def limb_deposits(grid: Grid = LIMB_GRID) -> tuple[Deposit, ...]:
    """Accepted, cut, below the limit, without volume; in review by bone and vessel."""
    plain = [_deposit(i, spot, grid) for i, spot in enumerate(SPOTS, start=1)]
    return (
        plain[0],
        replace(
            plain[1],
            flags=(Flag(FlagKind.CROWDED), Flag(FlagKind.NEAR_BONE, "2.4 mm")),
        ),
        replace(
            plain[2],
            shape_class=ShapeClass.SHEET,
            volume=None,
            density_mean=None,
            flags=(Flag(FlagKind.VOLUME_NOT_IDENTIFIABLE),),
        ),
        replace(plain[3], is_lower_bound=True, flags=(Flag(FlagKind.CUT_BY_SCAN_END),)),
        replace(
            plain[4],
            mass=Estimate(0.06, 0.05, 0.004, Unit.MG),
            is_quantifiable=False,
            volume=None,
            density_mean=None,
            agatston=None,
            shape_class=ShapeClass.PUNCTATE,
            flags=(
                Flag(FlagKind.BELOW_DETECTION_LIMIT, "< 0.11 mg"),
                Flag(FlagKind.FAINT),
            ),
        ),
        replace(
            plain[5],
            status=Status.REVIEW,
            reason=Reason.TOUCHES_BONE,
            probability=0.55,
            bone_distance_mm=0.0,
            flags=(Flag(FlagKind.TOUCHES_BONE, "0.4 mm"),),
        ),
        replace(
            plain[6],
            status=Status.REVIEW,
            reason=Reason.VESSEL_WALL,
            probability=0.42,
            depth_mm=None,
            bone_distance_mm=None,
            shape_class=ShapeClass.ELONGATED,
            flags=(Flag(FlagKind.VESSEL_LIKE),),
        ),
    )


def _deposit(number: int, spot: Spot, grid: Grid) -> Deposit:
    a, b, c = spot.half_axes_mm
    volume_mm3 = 4 / 3 * np.pi * a * b * c
    mass_mg = volume_mm3 * spot.hu * 0.77 / 1000
    middle = grid.to_world_mm((np.array(grid.shape) - 1) / 2)
    x, y, z = map(float, middle + np.array([spot.x_mm, spot.y_mm, spot.z_mm]))
    return Deposit(
        deposit_id=number,
        tracking_uid=derived_uid("limb", str(number)),
        label=number,
        status=Status.ACCEPTED,
        reason=Reason.SOFT_TISSUE_CALCIUM,
        probability=0.93,
        region="thigh",
        laterality="left",
        centroid_mm=(x, y, z),
        seed_mm=(x, y, z),
        mass=Estimate(mass_mg, 0.02 * mass_mg + 0.1, 0.07 * mass_mg, Unit.MG),
        detection_limit_mg=0.11,
        volume=Estimate(volume_mm3, 0.06 * volume_mm3, 0.03 * volume_mm3, Unit.MM3),
        density_mean=Estimate(spot.hu * 0.77, 22.0, 25.0, Unit.MG_PER_CM3),
        hu_max=spot.hu + 90,
        diameter_max_mm=2 * max(spot.half_axes_mm),
        agatston=mass_mg * 2.4,
        depth_mm=6.2,
        bone_distance_mm=14.8,
        shape_class=ShapeClass.COMPACT,
        is_lower_bound=False,
        is_quantifiable=True,
    )


def limb_result(
    deposits: tuple[Deposit, ...] | None = None,
    *,
    grid: Grid = LIMB_GRID,
    spots: Sequence[Spot] = SPOTS,
) -> ScanResult:
    """Return a whole result, its voxels and labels drawn from `spots`."""
    deposits = limb_deposits(grid) if deposits is None else deposits
    scan = limb_scan(grid, spots)
    labels = limb_labels(deposits, grid, spots)
    tissue, body = tissues(grid, labels)
    return ScanResult(
        scan=scan,
        protocol=Protocol(),
        anatomy=Anatomy(
            tissue=LabelVolume(tissue, grid),
            body=body,
            skin_mm=np.zeros((0, 3)),
            skeleton_mm=np.zeros((0, 3)),
            body_diameter_mm=np.full(grid.shape[0], 104.0),
            is_truncated=False,
            segmenter="classical 1",
        ),
        psf=Psf(0.72, 0.81, 0.12, 0.12, "skin edge", "slice thickness"),
        noise=Noise.uniform(14.2, np.ones((1, 1, 1))),
        calibration=Calibration(
            slope_mg_cm3_per_hu=0.681,
            std_systematic=0.048,
            std_random=0.0,
            grade=Grade.D,
            kvp=120.0,
            body_diameter_mm=104.0,
            hardening_cm2_per_mg=5e-5,
            source="a table of computed responses by tube voltage and body size",
        ),
        candidates=(*map(_candidate, deposits), *dropped_candidates(len(deposits))),
        candidate_labels=LabelVolume(labels, grid),
        deposits=deposits,
        deposit_labels=LabelVolume(labels, grid),
        total=burden_of([d for d in deposits if d.status is Status.ACCEPTED]),
        total_with_review=burden_of(deposits),
        flags=(
            Flag(FlagKind.CALIBRATION_GRADE_D, "7%"),
            Flag(FlagKind.SHARP_KERNEL, "Br64d"),
            Flag(FlagKind.BLUR_MISMATCH, "sigma 0.62 mm, 0.50 mm expected"),
        ),
        provenance=Provenance("0.1.0", Protocol().hash, "3f" * 32, None, "classical 1"),
    )


def limb_scan(grid: Grid = LIMB_GRID, spots: Sequence[Spot] = SPOTS) -> Scan:
    """Return the scan alone, with two more series beside the chosen one."""
    return Scan(
        volume=HuVolume(limb_hu(grid, spots), grid),
        acquisition=Acquisition(
            kvp=120.0,
            kernel="Br40d",
            slice_thickness_mm=2.0,
            manufacturer="Maker",
            model_name="Model",
            acquired=datetime(2024, 3, 4, 15, 6, 7),  # noqa: DTZ001 -- naive, as in DICOM
            tube_current_time_mas=85.0,
            ctdi_vol_mgy=2.31,
            body_part="THIGH",
            laterality="L",
            is_contrast_enhanced=False,
            series_uid="1.2.826.0.1.3680043.8.498.3",
            study_uid="1.2.826.0.1.3680043.8.498.2",
        ),
        coverage=Coverage.full(grid),
        source_kind="dicom",
        input_hash="3f" * 32,
        series=(
            SeriesSummary("1.2.3", "CT", "Doe^Jane soft", 70, True, "chosen"),
            SeriesSummary(
                "1.2.4",
                "CT",
                "bone",
                70,
                False,
                "sharper kernel than the chosen series",
            ),
            SeriesSummary(
                "1.2.5", "SR", "dose", 1, False, "not CT images (modality SR, none)"
            ),
        ),
    )


def many_deposits(n: int, grid: Grid = LIMB_GRID) -> tuple[Deposit, ...]:
    """One deposit per spot of `many_spots`, a quarter of them in review."""
    deposits = [_deposit(i, s, grid) for i, s in enumerate(many_spots(n), start=1)]
    return tuple(
        replace(d, status=Status.REVIEW, reason=Reason.PHLEBOLITH, probability=0.5)
        if d.deposit_id > 0.75 * n
        else d
        for d in deposits
    )


def burden_of(deposits: Sequence[Deposit]) -> Burden:
    """Totals over deposits."""
    return Burden(
        n_deposits=len(deposits),
        mass=Estimate.total([d.mass for d in deposits], Unit.MG),
        volume_mm3=sum((d.volume.value for d in deposits if d.volume), 0.0),
        agatston=sum((d.agatston for d in deposits if d.agatston), 0.0),
        is_lower_bound=any(d.is_lower_bound for d in deposits),
    )


def _candidate(deposit: Deposit) -> Candidate:
    return Candidate(
        label=deposit.label,
        status=deposit.status,
        reason=deposit.reason,
        probability=deposit.probability,
        centroid_mm=deposit.centroid_mm,
        volume_mm3=20.0,
        hu_max=deposit.hu_max,
        touches_bone=deposit.reason is Reason.TOUCHES_BONE,
        is_cut=deposit.is_lower_bound,
        flags=deposit.flags,
    )


def dropped_candidates(first_label: int) -> tuple[Candidate, ...]:
    """Skeleton, a phlebolith and noise, as `first_label` + 1 and on."""
    kinds = (
        (Reason.SKELETON, 63210.0, 1480.0),
        (Reason.PHLEBOLITH, 41.0, 520.0),
        *((Reason.NOISE, 2.0 + i, 150.0 + i) for i in range(12)),
        (Reason.OUTSIDE_BODY, 812.0, 180.0),
    )
    return tuple(
        Candidate(
            label=first_label + i,
            status=Status.DROPPED,
            reason=reason,
            probability=0.02,
            centroid_mm=(4.0 * i, -3.0 * i, 300.0 + i),
            volume_mm3=volume_mm3,
            hu_max=hu_max,
            touches_bone=reason is Reason.SKELETON,
            is_cut=reason is Reason.SKELETON,
        )
        for i, (reason, volume_mm3, hu_max) in enumerate(kinds, start=1)
    )
