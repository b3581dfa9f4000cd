"""What a label map says of a candidate: it lies in or at something that has a name.

A deposit may lie beside anything, so only what lies for the most part *in* a structure
is dropped; what lies *at* one goes to a reader. A label never makes a deposit of what
was dropped.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import edt
import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.detection.components import Components
from calcitrace.analysis.detection.surroundings import widened
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.grid import Grid
from calcitrace.model.structures import LabelMap, StructureKind
from calcitrace.model.volume import Mask

_K, _R, _S = StructureKind, Reason, Status

# Part of a candidate that must lie there.
WITHIN_FRACTION = 0.5
# Outlines of label maps are off by about a voxel of 1.5 mm.
OUTLINE_MM = 1.5
DROPPED_PROBABILITY = 0.05
REVIEW_PROBABILITY = 0.3


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What being in or at a kind of structure means.

    Attributes
    ----------
    reach_mm
        How far beyond the outline still counts.
    at_most
        What remains of a candidate there.
    """

    kind: StructureKind
    reach_mm: float
    reason: Reason
    at_most: Status


# The first that holds counts.
LABEL_RULES = (
    LabelRule(_K.IMPLANT, OUTLINE_MM, _R.METAL, _S.DROPPED),
    LabelRule(_K.TOOTH, OUTLINE_MM, _R.TOOTH, _S.DROPPED),
    LabelRule(_K.VESSEL, 0.0, _R.VESSEL_WALL, _S.DROPPED),
    LabelRule(_K.PROSTATE, 0.0, _R.PROSTATE, _S.DROPPED),
    LabelRule(_K.URINARY, 0.0, _R.URINARY, _S.DROPPED),
    LabelRule(_K.GUT, 0.0, _R.GUT, _S.DROPPED),
    LabelRule(_K.AIRWAY, 0.0, _R.AIRWAY, _S.DROPPED),
    LabelRule(_K.ORGAN, 0.0, _R.ORGAN, _S.DROPPED),
    LabelRule(_K.CARTILAGE, 0.0, _R.CARTILAGE, _S.DROPPED),
    LabelRule(_K.VESSEL, OUTLINE_MM, _R.VESSEL_WALL, _S.REVIEW),
    LabelRule(_K.PROSTATE, OUTLINE_MM, _R.PROSTATE, _S.REVIEW),
    LabelRule(_K.URINARY, OUTLINE_MM, _R.URINARY, _S.REVIEW),
    LabelRule(_K.GUT, OUTLINE_MM, _R.GUT, _S.REVIEW),
    LabelRule(_K.AIRWAY, OUTLINE_MM, _R.AIRWAY, _S.REVIEW),
    LabelRule(_K.ORGAN, OUTLINE_MM, _R.ORGAN, _S.REVIEW),
    LabelRule(_K.CARTILAGE, OUTLINE_MM, _R.CARTILAGE, _S.REVIEW),
    # A rim that the outline of a bone left over; what is in the bone is no candidate.
    LabelRule(_K.BONE, OUTLINE_MM, _R.POSSIBLE_BONE, _S.REVIEW),
)
REACH_MM = max(rule.reach_mm for rule in LABEL_RULES)
KINDS = tuple(dict.fromkeys(rule.kind for rule in LABEL_RULES))


def named(
    candidates: Iterable[Candidate], found: Components, structures: LabelMap | None
) -> list[Candidate]:
    """Candidates with the reason that a label map gives, where it gives one.

    Parameters
    ----------
    candidates
        Judged without the map; `Candidate.label` as in `found`.
    structures
        On the scan's grid; without it candidates stay as they are.
    """
    if structures is None:
        return list(candidates)
    labels, grid = structures.labels.labels, structures.labels.grid
    kinds = _kinds(structures)
    out: list[Candidate] = []
    for candidate in candidates:
        box = widened(found.boxes[candidate.label], grid, REACH_MM)
        inside = found.labels[box] == candidate.label
        out.append(_with_rule(candidate, _rule(inside, kinds[labels[box]], grid)))
    return out


def _kinds(structures: LabelMap) -> NDArray[np.uint8]:
    """By label, the number of its kind in `KINDS`, from 1; 0 for all others."""
    kinds = np.zeros(int(structures.labels.labels.max()) + 1, np.uint8)
    for structure in structures.structures:
        if structure.label < len(kinds) and structure.kind in KINDS:
            kinds[structure.label] = 1 + KINDS.index(structure.kind)
    return kinds


def _rule(inside: Mask, kinds: NDArray[np.uint8], grid: Grid) -> LabelRule | None:
    """First rule that holds for a component, given the kinds of its box."""
    present = set(np.unique(kinds).tolist()) - {0}
    distances_mm: dict[StructureKind, NDArray[np.float32]] = {
        KINDS[number - 1]: edt.edt(
            (kinds != number).view(np.uint8), anisotropy=grid.spacing_mm, parallel=1
        )[inside]
        for number in present
    }
    for rule in LABEL_RULES:
        if rule.kind in distances_mm:
            is_there = distances_mm[rule.kind] <= rule.reach_mm
            if is_there.mean() >= WITHIN_FRACTION:
                return rule
    return None


def _with_rule(candidate: Candidate, rule: LabelRule | None) -> Candidate:
    is_known_bone = candidate.reason is Reason.SKELETON
    if rule is None or (rule.kind is StructureKind.BONE and is_known_bone):
        return candidate
    if rule.at_most is Status.DROPPED:
        return replace(
            candidate,
            status=Status.DROPPED,
            reason=rule.reason,
            probability=min(candidate.probability, DROPPED_PROBABILITY),
        )
    if candidate.status is Status.ACCEPTED:
        return replace(
            candidate,
            status=Status.REVIEW,
            reason=rule.reason,
            probability=REVIEW_PROBABILITY,
        )
    return replace(candidate, reason=rule.reason)
