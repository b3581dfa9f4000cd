"""A made-up result of a made-up scan, with every kind of deposit that outputs meet."""

from dataclasses import replace
from datetime import datetime

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

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
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume, Tissue

SHAPE = (12, 40, 48)
GRID = Grid(SHAPE, (2.0, 0.75, 0.75), (-18.0, -15.0, 100.0))
PATIENT_NAME = "Doe^Jane"
ACQUIRED = datetime(2021, 3, 4, 5, 6, 7)  # noqa: DTZ001 -- naive, as in DICOM


def ct_header(index: int, grid: Grid = GRID) -> Dataset:
    """Header of one slice of a standard axial CT series."""
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.SOPClassUID = CTImageStorage
    header.SOPInstanceUID = f"1.2.826.0.1.3680043.8.498.1.{index + 1}"
    header.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    header.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.3"
    header.FrameOfReferenceUID = "1.2.826.0.1.3680043.8.498.4"
    header.PatientName = PATIENT_NAME
    header.PatientID = "P-1"
    header.PatientBirthDate = "19700101"
    header.PatientSex = "F"
    header.StudyID = "1"
    header.StudyDate = "20210304"
    header.StudyTime = "050607"
    header.AccessionNumber = ""
    header.ReferringPhysicianName = ""
    header.PositionReferenceIndicator = ""
    header.Modality = "CT"
    header.Manufacturer = "Maker"
    _, header.Rows, header.Columns = grid.shape
    header.ImagePositionPatient = list(
        grid.to_world_mm(np.array([index, 0, 0])).round(6)
    )
    header.ImageOrientationPatient = [*grid.direction[2], *grid.direction[1]]
    header.PixelSpacing = list(grid.spacing_mm[1:])
    header.SliceThickness = grid.spacing_mm[0]
    header.InstanceNumber = index + 1
    return header


def made_up_scan(grid: Grid = GRID) -> Scan:
    """Return a DICOM scan of noise with its headers."""
    hu = np.random.default_rng(0).normal(40, 10, grid.shape).astype(np.int16)
    return Scan(
        volume=HuVolume(hu, grid),
        acquisition=Acquisition(
            kvp=120.0,
            kernel="B30f",
            slice_thickness_mm=grid.spacing_mm[0],
            acquired=ACQUIRED,
            body_part="HAND",
            laterality="R",
            series_uid="1.2.826.0.1.3680043.8.498.3",
        ),
        coverage=Coverage.full(grid),
        source_kind="dicom",
        input_hash="ab" * 32,
        flags=(Flag(FlagKind.THICK_SLICES, "2 mm"),),
        series=(
            SeriesSummary("1.2.3", "CT", "soft", grid.shape[0], True, "best"),
            SeriesSummary("1.2.4", "SR", "dose", 1, False, "no image"),
        ),
        headers=tuple(ct_header(i, grid) for i in range(grid.shape[0])),
    )


def made_up_deposit(number: int, **changes: object) -> Deposit:
    """One well-behaved deposit; `changes` replace its fields."""
    mass_mg = 100.0 / number
    deposit = Deposit(
        deposit_id=number,
        tracking_uid=derived_uid("test", str(number)),
        label=number,
        status=Status.ACCEPTED,
        reason=Reason.SOFT_TISSUE_CALCIUM,
        probability=0.9,
        region="hand",
        laterality="right",
        centroid_mm=(1.25 * number, -2.0, 104.0),
        seed_mm=(1.25 * number, -2.0, 104.0),
        mass=Estimate(mass_mg, 0.05 * mass_mg, 0.1 * mass_mg, Unit.MG),
        detection_limit_mg=0.1,
        volume=Estimate(2 * mass_mg, 5.0, 1.0, Unit.MM3),
        density_mean=Estimate(500.0, 20.0, 10.0, Unit.MG_PER_CM3),
        hu_max=900.0,
        diameter_max_mm=6.5,
        agatston=12.5,
        depth_mm=3.25,
        bone_distance_mm=8.0,
        shape_class=ShapeClass.COMPACT,
        is_lower_bound=False,
        is_quantifiable=True,
    )
    return replace(deposit, **changes)  # type: ignore[arg-type]  # values by name


def unquantifiable(number: int) -> Deposit:
    """Return a deposit below its detection limit, in a scan without skin and bone."""
    return made_up_deposit(
        number,
        status=Status.REVIEW,
        mass=Estimate(-0.02, 0.05, 0.0, Unit.MG),
        volume=None,
        density_mean=None,
        agatston=None,
        depth_mm=None,
        bone_distance_mm=None,
        is_quantifiable=False,
        flags=(
            Flag(FlagKind.BELOW_DETECTION_LIMIT, "< 0.1 mg"),
            Flag(FlagKind.FAINT),
        ),
    )


def made_up_deposits() -> tuple[Deposit, ...]:
    """Return one accepted, one cut by the scan's end, one not quantifiable."""
    cut = made_up_deposit(
        2, is_lower_bound=True, flags=(Flag(FlagKind.CUT_BY_SCAN_END),)
    )
    return made_up_deposit(1), cut, unquantifiable(3)


def made_up_labels(deposits: tuple[Deposit, ...], grid: Grid = GRID) -> LabelVolume:
    """Small bars, one per deposit, no two alike."""
    labels = np.zeros(grid.shape, np.uint16)
    for deposit in deposits:
        n = deposit.deposit_id
        s, r = n % (grid.shape[0] - 3), (3 * n) % (grid.shape[1] - 3)
        c = (5 * n + 7 * (n // 9)) % (grid.shape[2] - 5)
        free = labels[s : s + 2, r : r + 2, c : c + 3] == 0
        labels[s : s + 2, r : r + 2, c : c + 3][free] = n
    return LabelVolume(labels, grid)


def made_up_anatomy(grid: Grid = GRID) -> Anatomy:
    """Soft tissue all over, without a bone."""
    return Anatomy(
        tissue=LabelVolume(np.full(grid.shape, int(Tissue.SOFT), np.uint8), grid),
        body=np.ones(grid.shape, bool),
        skin_mm=np.zeros((0, 3)),
        skeleton_mm=np.zeros((0, 3)),
        body_diameter_mm=np.full(grid.shape[0], 60.0),
        is_truncated=False,
        segmenter="made up",
    )


def made_up_result(
    deposits: tuple[Deposit, ...] | None = None, scan: Scan | None = None
) -> ScanResult:
    """A whole result; by default with `made_up_deposits`."""
    deposits = made_up_deposits() if deposits is None else deposits
    scan = scan or made_up_scan()
    grid = scan.volume.grid
    labels = made_up_labels(deposits, grid)
    return ScanResult(
        scan=scan,
        protocol=Protocol(),
        anatomy=made_up_anatomy(grid),
        psf=Psf(0.6, 0.9, 0.1, 0.1, "skin edge", "slice thickness"),
        noise=Noise.uniform(11.0, np.ones((1, 1, 1))),
        calibration=Calibration(
            0.77, 0.05, 0.01, Grade.D, 120.0, 60.0, 1e-4, "a made-up table"
        ),
        candidates=(*map(_candidate, deposits), _dropped(len(deposits) + 1)),
        candidate_labels=labels,
        deposits=deposits,
        deposit_labels=labels,
        total=_burden([d for d in deposits if d.status is Status.ACCEPTED]),
        total_with_review=_burden(list(deposits)),
        flags=scan.flags,
        provenance=Provenance(
            "1.2.3", Protocol().hash, scan.input_hash, None, "made up"
        ),
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
        touches_bone=False,
        is_cut=deposit.is_lower_bound,
        flags=deposit.flags,
    )


def _dropped(label: int) -> Candidate:
    return Candidate(
        label=label,
        status=Status.DROPPED,
        reason=Reason.SKELETON,
        probability=0.01,
        centroid_mm=(0.0, 0.0, 0.0),
        volume_mm3=12000.0,
        hu_max=1500.0,
        touches_bone=True,
        is_cut=True,
    )


def _burden(deposits: list[Deposit]) -> Burden:
    return Burden(
        n_deposits=len(deposits),
        mass=Estimate.total([d.mass for d in deposits], Unit.MG),
        volume_mm3=sum((d.volume.value for d in deposits if d.volume), 0.0),
        agatston=sum((d.agatston for d in deposits if d.agatston), 0.0),
        is_lower_bound=any(d.is_lower_bound for d in deposits),
    )
