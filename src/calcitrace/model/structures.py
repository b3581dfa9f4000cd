"""Named structures that a segmenter found: bones, vessels, organs."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from calcitrace.errors import InputError
from calcitrace.model.volume import LabelVolume, Mask

UNKNOWN = "unknown"


class StructureKind(StrEnum):
    """What a structure is, as far as it matters to calcium in it or beside it."""

    BONE = "bone"
    CARTILAGE = "cartilage"
    TOOTH = "tooth"
    VESSEL = "vessel"
    PROSTATE = "prostate"
    URINARY = "urinary"
    GUT = "gut"
    AIRWAY = "airway"
    IMPLANT = "implant"
    ORGAN = "organ"
    OTHER = "other"


class Laterality(StrEnum):
    """Side of the patient's body."""

    LEFT = "left"
    RIGHT = "right"
    UNKNOWN = UNKNOWN


class Region(StrEnum):
    """Part of the body; the words of the table of deposits."""

    FINGER = "finger"
    HAND = "hand"
    WRIST = "wrist"
    FOREARM = "forearm"
    ELBOW = "elbow"
    UPPER_ARM = "upper arm"
    SHOULDER = "shoulder"
    HIP = "hip"
    THIGH = "thigh"
    KNEE = "knee"
    LEG = "leg"
    ANKLE = "ankle"
    FOOT = "foot"
    TRUNK = "trunk"
    PELVIS = "pelvis"
    HEAD_NECK = "head/neck"
    UNKNOWN = UNKNOWN


class PlaceSource(StrEnum):
    """What a region or a side of a deposit was taken from."""

    HEADER = "header"
    SEGMENTER = "segmenter"
    POSITION = "position"
    CONTRADICTION = "contradiction"  # two of them differ, so nothing is said
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Structure:
    """One label of a label map and what it means.

    Attributes
    ----------
    label
        Its value in the map, from 1.
    name
        As the segmenter calls it.
    region, laterality
        Where in the body it lies, if its name says so.
    """

    label: int
    name: str
    kind: StructureKind = StructureKind.OTHER
    region: Region = Region.UNKNOWN
    laterality: Laterality = Laterality.UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class LabelMap:
    """Labels and their meanings.

    Attributes
    ----------
    labels
        Value = `Structure.label`, 0 elsewhere; on any grid in patient space (LPS, mm).
    structures
        One for each label that may occur.
    has_whole_skeleton
        No bone of the scan is missing, so what has no label is not bone. A map that
        knows some bones only leaves the others to the built-in search.
    frame_of_reference_uid
        Where the map says in whose space it lies; `None` is "it does not say".
    """

    labels: LabelVolume
    structures: tuple[Structure, ...]
    has_whole_skeleton: bool = False
    frame_of_reference_uid: str | None = None

    def __post_init__(self) -> None:
        known = [s.label for s in self.structures]
        if len(set(known)) != len(known) or min(known, default=1) < 1:
            msg = f"Expected each label once, from 1, got {sorted(known)}."
            raise InputError(msg)

    def mask(self, *kinds: StructureKind) -> Mask:
        """Voxels of all structures of some kinds, bool, shape of the map."""
        highest = max(
            int(self.labels.labels.max(initial=0)),
            max((s.label for s in self.structures), default=0),
        )
        is_kind = np.zeros(highest + 1, bool)
        for structure in self.structures:
            is_kind[structure.label] = structure.kind in kinds
        return np.asarray(is_kind[self.labels.labels])
