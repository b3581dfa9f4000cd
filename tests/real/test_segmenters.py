"""Label maps that a network made of real scans: what they change, and what is refused."""

from pathlib import Path

import pytest

import calcitrace
from calcitrace.adapters.segmentation_reader import read_segmentation
from calcitrace.model.deposit import Reason, Status
from calcitrace.model.flags import FlagKind
from calcitrace.model.result import ScanResult
from calcitrace.model.structures import PlaceSource, Region

PAIRS = {
    "example_ct_sm.nii.gz": "example_seg.nii.gz",
    "example_ct_dicom": "example_seg_dicom.nii.gz",
}


@pytest.fixture(scope="module")
def folder(real_data: Path) -> Path:
    return real_data / "totalseg" / "tests" / "reference_files"


@pytest.fixture(scope="module", params=PAIRS, ids=["trunk", "abdomen"])
def both(request: pytest.FixtureRequest, folder: Path) -> tuple[ScanResult, ScanResult]:
    """Result of the built-in search alone, and with the label map."""
    scan = calcitrace.read_scan(folder / request.param)
    labels = calcitrace.segmenter(
        str(folder / PAIRS[request.param]), "totalsegmentator"
    )
    return calcitrace.measure(scan), calcitrace.measure(scan, segmenter=labels)


def in_review(result: ScanResult) -> list[float]:
    return [d.mass.value for d in result.deposits if d.status is Status.REVIEW]


def test_no_more_is_accepted_and_much_less_is_left_to_a_reader(
    both: tuple[ScanResult, ScanResult],
) -> None:
    plain, labelled = both

    assert labelled.total.n_deposits <= plain.total.n_deposits
    assert labelled.total.mass.value <= 1.01 * plain.total.mass.value
    assert len(in_review(labelled)) < 0.75 * len(in_review(plain))
    assert sum(in_review(labelled)) < 0.75 * sum(in_review(plain))


def test_organs_and_cartilage_are_named_as_such(
    both: tuple[ScanResult, ScanResult],
) -> None:
    plain, labelled = both
    names = {Reason.URINARY, Reason.GUT, Reason.ORGAN, Reason.CARTILAGE}

    assert not names & {c.reason for c in plain.candidates}
    dropped = {c.reason for c in labelled.candidates if c.status is Status.DROPPED}
    assert Reason.CARTILAGE in dropped
    assert len(names & dropped) >= 2


def test_places_are_named_by_the_labels(both: tuple[ScanResult, ScanResult]) -> None:
    plain, labelled = both

    assert {d.region for d in plain.deposits} == {"unknown"}
    known = [d for d in labelled.deposits if d.region != "unknown"]
    assert len(known) >= 0.9 * len(labelled.deposits)
    assert {d.region for d in known} <= {
        Region.TRUNK,
        Region.UPPER_ARM,
        Region.SHOULDER,
    }
    assert {d.region_source for d in known} == {PlaceSource.SEGMENTER}


def test_provenance_names_both_searches(both: tuple[ScanResult, ScanResult]) -> None:
    _, labelled = both

    assert labelled.provenance.segmenter.startswith("TotalSegmentator file ")
    assert labelled.provenance.segmenter.endswith("+ calcitrace classical 1")
    assert FlagKind.SEGMENTATION_EMPTY not in {flag.kind for flag in labelled.flags}


@pytest.mark.parametrize(
    ("scan", "labels"),
    [
        ("example_ct_sm.nii.gz", "example_seg_dicom.nii.gz"),
        ("example_ct_dicom", "example_seg.nii.gz"),
        ("example_ct.nii.gz", "example_seg.nii.gz"),  # same header, other patient
    ],
)
def test_the_map_of_another_scan_is_refused(
    folder: Path, scan: str, labels: str
) -> None:
    other = calcitrace.segmenter(str(folder / labels), "totalsegmentator")

    with pytest.raises(calcitrace.SegmentationError):
        calcitrace.measure(calcitrace.read_scan(folder / scan), segmenter=other)


def test_a_segmentation_of_another_series_is_refused(
    folder: Path, real_data: Path
) -> None:
    liver = real_data / "dcmqi" / "data" / "segmentations" / "liver.dcm"
    other = calcitrace.segmenter(str(liver))

    with pytest.raises(calcitrace.SegmentationError):
        calcitrace.measure(
            calcitrace.read_scan(folder / "example_ct_dicom"), segmenter=other
        )


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("dcmqi/data/segmentations/liver.dcm", ["organ"]),
        ("dcmqi/data/segmentations/24x38x3/seg/label.seg", ["organ"]),
        ("highdicom/data/test_files/seg_image_ct_binary.dcm", ["bone"]),
        ("highdicom/data/test_files/seg_image_ct_true_fractional.dcm", ["bone"]),
        ("highdicom/data/test_files/seg_image_ct_binary_overlap.dcm", ["bone"] * 2),
    ],
)
def test_segmentations_of_other_programs_are_understood(
    real_data: Path, name: str, kinds: list[str]
) -> None:
    found = read_segmentation(real_data / name)

    assert [s.kind for s in found.structures] == kinds
    assert found.labels.labels.any()


@pytest.mark.parametrize(
    "name",
    [
        "dcmqi/data/segmentations/24x38x3/image/IMG0001.dcm",
        "highdicom/data/test_files/seg_image_cr_binary.dcm",
    ],
)
def test_what_is_no_segmentation_of_slices_is_refused(
    real_data: Path, name: str
) -> None:
    with pytest.raises(calcitrace.SegmentationError, match="Expected a DICOM SEG"):
        read_segmentation(real_data / name)
