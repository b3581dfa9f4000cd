"""Deposits inserted into a thigh: mass, place, noise, the same every time."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.errors import InsertionError
from calcitrace.insertion import Known, insert_deposits
from calcitrace.insertion.painting import FIBROUS_HU
from calcitrace.model.insertion import (
    FAR_MM,
    Gap,
    InsertedDeposit,
    Insertion,
    InsertionSettings,
    Morphology,
)
from calcitrace.model.scan import Scan
from calcitrace.model.volume import Tissue
from tests.fakes.insertion import PLAIN, known, thigh_scan
from tests.fakes.limb import FAT

VOXEL_CM3 = 1.0 * 0.7 * 0.7 / 1000
MANY = InsertionSettings(n_deposits=12, mass_mg=(0.5, 300.0), seed=1000)


@pytest.fixture(scope="module")
def scan() -> Scan:
    return thigh_scan()


@pytest.fixture(scope="module")
def seen(scan: Scan) -> Known:
    return known(scan)


@pytest.fixture(scope="module")
def many(scan: Scan, seen: Known) -> Insertion:
    return insert_deposits(scan, seen, MANY)


def one(
    scan: Scan, seen: Known, kind: Morphology, gap: Gap, mass_mg: float
) -> tuple[Insertion, InsertedDeposit]:
    settings = InsertionSettings(
        1, (kind,), (mass_mg, mass_mg), (300.0, 600.0), (gap,), seed=1001
    )
    insertion = insert_deposits(scan, seen, settings)
    return insertion, insertion.deposits[0]


def added_hu(insertion: Insertion, scan: Scan) -> NDArray[np.float64]:
    return insertion.scan.volume.hu.astype(np.float64) - scan.volume.hu


def test_every_form_and_gap_is_placed(many: Insertion) -> None:
    assert len(many.deposits) == MANY.n_deposits
    assert {d.kind for d in many.deposits} == set(Morphology)
    assert [d.deposit_id for d in many.deposits] == list(range(1, 13))
    assert any(d.gap_to_bone_mm and d.gap_to_bone_mm > FAR_MM for d in many.deposits)


def test_the_truth_image_holds_every_milligram(many: Insertion) -> None:
    for deposit in many.deposits:
        inside = many.labels.labels == deposit.deposit_id
        assert many.mass.mg[inside].sum() == pytest.approx(deposit.mass_mg, rel=1e-4)
        assert deposit.mass_in_scan_mg == pytest.approx(deposit.mass_mg, rel=1e-6)
        density = deposit.mass_mg / deposit.volume_mm3 * 1000
        assert deposit.density_mean_mg_cm3 == pytest.approx(density)
    assert not many.mass.mg[many.labels.labels == 0].any()


@pytest.mark.parametrize("kind", [Morphology.NODULE, Morphology.TUMORAL])
def test_added_hu_hold_the_mass(scan: Scan, seen: Known, kind: Morphology) -> None:
    insertion, deposit = one(scan, seen, kind, Gap.FIVE, 150.0)

    # Mass is the sum of HU over k, which falls as hydroxyapatite displaces muscle.
    soft = np.median(scan.volume.hu[seen.anatomy.tissue.labels == Tissue.SOFT])
    found_mg = added_hu(insertion, scan).sum() * VOXEL_CM3 / PLAIN.k_in_tissue(soft)
    assert deposit.tissue == "soft"
    assert found_mg == pytest.approx(150.0, rel=1e-3)


def test_a_speck_is_blurred_as_the_scan_is(scan: Scan, seen: Known) -> None:
    insertion, deposit = one(scan, seen, Morphology.PUNCTATE, Gap.FIVE, 0.3)

    added = added_hu(insertion, scan)
    z, y, x = np.indices(added.shape)
    spacing = scan.volume.grid.spacing_mm
    sigma: list[float] = []
    for index, d in zip((z, y, x), spacing, strict=True):
        mean = (index * added).sum() / added.sum()
        sigma.append(
            float(((index - mean) ** 2 * added).sum() / added.sum()) ** 0.5 * d
        )
    own = (deposit.volume_mm3 * 3 / 4 / np.pi) ** (1 / 3) / 5**0.5  # of the ball itself
    want = [np.hypot(s, own) for s in seen.psf.sigma_mm]
    assert sigma == pytest.approx(want, rel=0.1)


def test_in_fat_a_deposit_lies_in_connective_tissue() -> None:
    fat_scan = thigh_scan(background=FAT)
    insertion, deposit = one(
        fat_scan, known(fat_scan), Morphology.NODULE, Gap.FIVE, 60.0
    )

    # Hydroxyapatite displaces connective tissue of 40 HU, which has displaced fat.
    hydroxyapatite = deposit.mass_mg / VOXEL_CM3 * PLAIN.k_in_tissue(FIBROUS_HU)
    matrix = added_hu(insertion, fat_scan).sum() - hydroxyapatite
    filled_voxels = deposit.volume_mm3 / 1000 / VOXEL_CM3
    assert deposit.tissue == "fat"
    assert matrix / filled_voxels == pytest.approx(FIBROUS_HU - FAT, rel=0.03)


@pytest.mark.parametrize("gap", Gap)
@pytest.mark.parametrize("kind", [Morphology.NODULE, Morphology.SHEET])
def test_gaps_to_bone_are_kept(
    scan: Scan, seen: Known, kind: Morphology, gap: Gap
) -> None:
    insertion, deposit = one(scan, seen, kind, gap, 25.0)

    inside = insertion.mass.mg > 0
    bone = seen.anatomy.tissue.labels == Tissue.SKELETON
    distance = ndimage.distance_transform_edt(~bone, sampling=(1.0, 0.7, 0.7))
    voxels_apart = float(np.asarray(distance)[inside].min())
    assert deposit.gap_to_bone_mm is not None
    if gap is Gap.FAR:
        assert deposit.gap_to_bone_mm >= FAR_MM
    else:
        assert gap.least_mm <= deposit.gap_to_bone_mm <= gap.least_mm + 0.6
    # Between voxel centres, so a voxel's half on either side.
    assert voxels_apart == pytest.approx(deposit.gap_to_bone_mm + 0.35, abs=0.8)


def test_nothing_lies_in_bone_near_the_ends_or_outside(
    many: Insertion, seen: Known
) -> None:
    inside = many.mass.mg > 0
    tissue = seen.anatomy.tissue.labels

    assert not inside[:8].any()
    assert not inside[-8:].any()
    assert not (inside & (tissue == Tissue.AIR)).any()
    in_bone = many.mass.mg[tissue == Tissue.SKELETON].sum()
    assert in_bone < 0.02 * many.mass.mg.sum()  # voxels that bone's surface crosses


def test_deposits_keep_apart(many: Insertion) -> None:
    for deposit in many.deposits:
        others = (many.labels.labels > 0) & (many.labels.labels != deposit.deposit_id)
        far = ndimage.distance_transform_edt(~others, sampling=(1.0, 0.7, 0.7))
        inside = many.labels.labels == deposit.deposit_id
        assert float(np.asarray(far)[inside].min()) > 6.0


def test_noise_stays_as_it_was(many: Insertion, scan: Scan) -> None:
    reached = ndimage.binary_dilation(many.mass.mg > 0, iterations=6)

    assert not added_hu(many, scan)[~reached].any()
    assert many.scan.volume.hu.dtype == np.int16


def test_the_same_seed_gives_the_same_and_another_another(
    scan: Scan, seen: Known, many: Insertion
) -> None:
    again = insert_deposits(scan, seen, MANY)
    other = insert_deposits(scan, seen, InsertionSettings(12, seed=1002))

    assert again.deposits == many.deposits
    assert np.array_equal(again.scan.volume.hu, many.scan.volume.hu)
    assert again.scan.input_hash == many.scan.input_hash
    assert other.scan.input_hash != many.scan.input_hash
    assert other.deposits != many.deposits


def test_deposits_can_be_cut_by_the_ends_of_the_scan(scan: Scan, seen: Known) -> None:
    settings = InsertionSettings(
        3, (Morphology.NODULE,), (50.0, 90.0), at_scan_ends=True, seed=1003
    )

    insertion = insert_deposits(scan, seen, settings)

    assert all(d.is_cut for d in insertion.deposits)
    for deposit in insertion.deposits:
        inside = insertion.labels.labels == deposit.deposit_id
        slices = np.flatnonzero(inside.any(axis=(1, 2)))
        assert slices[0] == 0 or slices[-1] == len(inside) - 1
        in_scan = insertion.mass.mg[inside].sum()
        assert in_scan == pytest.approx(deposit.mass_in_scan_mg, rel=1e-4)
        assert in_scan < 0.999 * deposit.mass_mg


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_deposits": 0}, "1 to 500 deposits"),
        ({"kinds": ()}, "at least one kind"),
        ({"mass_mg": (5.0, 1.0)}, "lower end first"),
        ({"density_mg_cm3": (100.0, 5000.0)}, "within 50 and 1200 mg/cm3"),
        ({"seed": -1}, "seed of 0 or more"),
    ],
)
def test_what_cannot_be_made_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(InsertionError, match=says):
        InsertionSettings(**change)  # type: ignore[arg-type]  # values by name


def test_a_scan_without_room_is_refused(scan: Scan, seen: Known) -> None:
    huge = InsertionSettings(
        1, (Morphology.TUMORAL,), (20_000.0, 20_000.0), (120.0, 150.0), seed=1
    )

    with pytest.raises(InsertionError, match="Expected room"):
        insert_deposits(scan, seen, huge)
