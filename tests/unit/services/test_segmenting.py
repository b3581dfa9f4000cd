"""What a segmenter found is used where it belongs to the scan, and refused elsewhere."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from calcitrace.errors import InputError, SegmentationError
from calcitrace.model.deposit import Reason, Status
from calcitrace.model.flags import FlagKind
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from calcitrace.model.structures import (
    LabelMap,
    Laterality,
    PlaceSource,
    Region,
    Structure,
    StructureKind,
)
from calcitrace.model.volume import HuVolume, LabelVolume, Mask, Tissue
from calcitrace.services.imaging import measure_scan
from calcitrace.services.segmenting import segmented
from tests.fakes.limbs import BALLS_MM, limb_scan

FEMUR = Structure(1, "femur", StructureKind.BONE, Region.THIGH, Laterality.LEFT)
ARTERY = Structure(2, "femoral artery", StructureKind.VESSEL)


@dataclass(frozen=True)
class Known:
    """Says what it was told to say."""

    found: LabelMap
    name: str = "known"
    version: str = "7"
    licence: str = "CC0"

    def segment(self, volume: HuVolume) -> LabelMap:
        del volume
        return self.found


class Broken(Known):
    """Fails as a plug-in may."""

    def segment(self, volume: HuVolume) -> LabelMap:
        raise ZeroDivisionError(volume.hu.shape)


@pytest.fixture(scope="module")
def scan() -> Scan:
    """A limb with two deposits and, in its axis, a bone with marrow."""
    limb = limb_scan()
    grid = limb.volume.grid
    points = grid.to_world_mm(np.moveaxis(np.indices(grid.shape), 0, -1))
    radius_mm = np.hypot(points[..., 0], points[..., 1])
    hu = limb.volume.hu.copy()
    hu[radius_mm < 7.0] = 1000
    hu[radius_mm < 4.5] = -40
    return replace(limb, volume=HuVolume(hu, grid))


@pytest.fixture(scope="module")
def bone(scan: Scan) -> Mask:
    """The skeleton as the built-in search finds it."""
    tissue = measure_scan(scan, Protocol()).anatomy.tissue.labels
    return np.asarray(tissue == Tissue.SKELETON)


def known(scan: Scan, bone: Mask, **changes: object) -> Known:
    labels = LabelVolume(bone.astype(np.uint8), scan.volume.grid)
    return Known(replace(LabelMap(labels, (FEMUR,)), **changes))  # type: ignore[arg-type]  # values by name


def moved(segmenter: Known, x_mm: float) -> Known:
    volume = segmenter.found.labels
    x, y, z = volume.grid.origin_mm
    grid = replace(volume.grid, origin_mm=(x + x_mm, y, z))
    return replace(
        segmenter,
        found=replace(segmenter.found, labels=LabelVolume(volume.labels, grid)),
    )


def test_bones_become_the_skeleton_and_the_version_is_kept(
    scan: Scan, bone: Mask
) -> None:
    found = segmented(scan, known(scan, bone, has_whole_skeleton=True))

    assert found.flags == ()
    assert found.skeleton is not None
    np.testing.assert_array_equal(found.skeleton.mask, bone)
    assert found.skeleton.made_by == "known 7 (CC0)"


def test_a_map_that_may_lack_bones_is_joined_to_the_built_in_search(
    scan: Scan, bone: Mask
) -> None:
    half = bone.copy()
    half[: len(half) // 2] = False

    result = measure_scan(scan, Protocol(), segmenter=known(scan, half))

    tissue = result.anatomy.tissue.labels
    np.testing.assert_array_equal(tissue == Tissue.SKELETON, bone)
    assert result.provenance.segmenter == "known 7 (CC0) + calcitrace classical 1"


def test_labels_name_the_place_of_each_deposit(scan: Scan, bone: Mask) -> None:
    silent = replace(
        scan, acquisition=replace(scan.acquisition, body_part=None, laterality=None)
    )

    result = measure_scan(silent, Protocol(), segmenter=known(scan, bone))

    assert len(result.deposits) == len(BALLS_MM)
    for deposit in result.deposits:
        assert (deposit.region, deposit.laterality) == ("thigh", "left")
        assert deposit.region_source is PlaceSource.SEGMENTER
        assert deposit.laterality_source is PlaceSource.SEGMENTER


def test_calcium_in_a_labelled_vessel_is_no_deposit(scan: Scan, bone: Mask) -> None:
    plain = measure_scan(scan, Protocol())
    heaviest = plain.deposits[0]
    labels = bone.astype(np.uint8)
    labels[plain.deposit_labels.labels == heaviest.deposit_id] = 2
    with_artery = Known(
        LabelMap(LabelVolume(labels, scan.volume.grid), (FEMUR, ARTERY))
    )

    result = measure_scan(scan, Protocol(), segmenter=with_artery)

    assert len(result.deposits) == len(plain.deposits) - 1
    reasons = [c.reason for c in result.candidates if c.status is Status.DROPPED]
    assert reasons.count(Reason.VESSEL_WALL) == 1


@pytest.mark.parametrize("x_mm", [-500.0, 500.0])
def test_a_map_beside_the_scan_is_refused(scan: Scan, bone: Mask, x_mm: float) -> None:
    with pytest.raises(SegmentationError, match="wholly beside it"):
        segmented(scan, moved(known(scan, bone), x_mm))


@pytest.mark.parametrize("x_mm", [-12.0, 12.0])
def test_a_map_of_another_place_is_refused(scan: Scan, bone: Mask, x_mm: float) -> None:
    with pytest.raises(SegmentationError, match="Expected bone where"):
        segmented(scan, moved(known(scan, bone), x_mm))


def test_a_map_of_another_frame_of_reference_is_refused(scan: Scan, bone: Mask) -> None:
    here = replace(
        scan, acquisition=replace(scan.acquisition, frame_of_reference_uid="1.2")
    )

    same = known(scan, bone, frame_of_reference_uid="1.2")
    other = known(scan, bone, frame_of_reference_uid="1.3")

    assert segmented(here, same).skeleton is not None
    assert segmented(scan, other).skeleton is not None  # the scan does not say its own
    with pytest.raises(SegmentationError, match="frame of reference"):
        segmented(here, other)


def test_a_map_of_half_the_scan_is_flagged_and_joined(scan: Scan, bone: Mask) -> None:
    grid = scan.volume.grid
    half = grid.crop((slice(0, grid.shape[0] // 2), slice(None), slice(None)))
    labels = LabelVolume(bone[: half.shape[0]].astype(np.uint8), half)
    part = Known(LabelMap(labels, (FEMUR,), has_whole_skeleton=True))

    found = segmented(scan, part)

    assert [flag.kind for flag in found.flags] == [FlagKind.SEGMENTATION_PARTIAL]
    assert found.flags[0].detail in {"49 %", "50 %", "51 %"}
    assert found.skeleton is not None
    assert not found.skeleton.is_whole


def test_a_map_without_bone_leaves_the_built_in_search(scan: Scan, bone: Mask) -> None:
    nothing = known(scan, np.zeros_like(bone))

    result = measure_scan(scan, Protocol(), segmenter=nothing)

    assert FlagKind.SEGMENTATION_EMPTY in {flag.kind for flag in result.flags}
    assert result.provenance.segmenter == "calcitrace classical 1"


def test_what_a_plug_in_raises_ends_in_one_line(scan: Scan, bone: Mask) -> None:
    broken = Broken(known(scan, bone).found)

    with pytest.raises(InputError, match="'known', got ZeroDivisionError") as caught:
        segmented(scan, broken)

    assert "\n" not in str(caught.value)
