"""What lies in or at a labelled structure is named after it, and never gains by it."""

from dataclasses import replace

import numpy as np
import pytest

from calcitrace.analysis.detection.components import Components
from calcitrace.analysis.detection.labelled import LABEL_RULES, named
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.structures import LabelMap, Structure, StructureKind
from calcitrace.model.volume import LabelVolume

GRID = Grid((12, 20, 20), (1.0, 0.5, 0.5))
BOX = (slice(4, 8), slice(8, 12), slice(8, 12))
DEPOSIT = Candidate(
    label=1,
    status=Status.ACCEPTED,
    reason=Reason.SOFT_TISSUE_CALCIUM,
    probability=0.9,
    centroid_mm=(0.0, 0.0, 0.0),
    volume_mm3=16.0,
    hu_max=600.0,
    touches_bone=False,
    is_cut=False,
)


def judged(
    candidate: Candidate, kind: StructureKind, where: tuple[slice, ...]
) -> Candidate:
    """Decide on one candidate that fills BOX beside one structure."""
    found = np.zeros(GRID.shape, np.int32)
    found[BOX] = 1
    labels = np.zeros(GRID.shape, np.uint8)
    labels[where] = 7
    structures = LabelMap(LabelVolume(labels, GRID), (Structure(7, "it", kind),))
    (one,) = named([candidate], Components(found, 0, [BOX, BOX]), structures)
    return one


IN = (slice(2, 10), slice(6, 14), slice(6, 14))
AT = (slice(2, 10), slice(6, 14), slice(12, 20))  # 0.5 mm beside the nearest voxels
AWAY = (slice(2, 10), slice(6, 14), slice(17, 20))
REASON_OF = {rule.kind: rule.reason for rule in LABEL_RULES}
NAMING = sorted(set(REASON_OF) - {StructureKind.BONE})


@pytest.mark.parametrize("kind", NAMING)
def test_what_lies_in_it_is_dropped_by_its_name(kind: StructureKind) -> None:
    one = judged(DEPOSIT, kind, IN)

    assert (one.status, one.reason) == (Status.DROPPED, REASON_OF[kind])
    assert one.probability < 0.3


@pytest.mark.parametrize(
    "kind", sorted(set(NAMING) - {StructureKind.IMPLANT, StructureKind.TOOTH})
)
def test_what_lies_at_it_goes_to_a_reader(kind: StructureKind) -> None:
    one = judged(DEPOSIT, kind, AT)

    assert (one.status, one.reason) == (Status.REVIEW, REASON_OF[kind])


@pytest.mark.parametrize("kind", NAMING)
def test_what_lies_away_from_it_is_left_alone(kind: StructureKind) -> None:
    assert judged(DEPOSIT, kind, AWAY) == DEPOSIT


def test_a_rim_around_a_labelled_bone_is_possibly_bone() -> None:
    one = judged(DEPOSIT, StructureKind.BONE, AT)

    assert (one.status, one.reason) == (Status.REVIEW, Reason.POSSIBLE_BONE)
    assert judged(DEPOSIT, StructureKind.BONE, AWAY) == DEPOSIT
    bone = replace(DEPOSIT, status=Status.DROPPED, reason=Reason.SKELETON)
    assert judged(bone, StructureKind.BONE, AT) == bone


def test_a_structure_of_unknown_kind_names_nothing() -> None:
    assert judged(DEPOSIT, StructureKind.OTHER, IN) == DEPOSIT


@pytest.mark.parametrize("where", [IN, AT])
def test_what_was_dropped_stays_dropped(where: tuple[slice, ...]) -> None:
    noise = replace(
        DEPOSIT, status=Status.DROPPED, reason=Reason.NOISE, probability=0.02
    )

    one = judged(noise, StructureKind.VESSEL, where)

    assert (one.status, one.reason) == (Status.DROPPED, Reason.VESSEL_WALL)
    assert one.probability <= 0.02


def test_without_a_map_nothing_changes() -> None:
    empty = Components(np.zeros(GRID.shape, np.int32), 0, [])

    assert named([DEPOSIT], empty, None) == [DEPOSIT]
