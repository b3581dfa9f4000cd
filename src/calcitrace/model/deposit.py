"""One deposit and one candidate: what was found, what was measured, how sure we are."""

from dataclasses import dataclass
from enum import StrEnum

from calcitrace.model.edits import Operation, Point
from calcitrace.model.estimate import Estimate
from calcitrace.model.flags import Flag
from calcitrace.model.structures import PlaceSource


class Status(StrEnum):
    """What happens to a candidate."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    DROPPED = "dropped"


class Reason(StrEnum):
    """Why a candidate was kept or dropped; words a reader understands."""

    SOFT_TISSUE_CALCIUM = "soft_tissue_calcium"
    TOUCHES_BONE = "touches_bone"
    CUT_BY_SCAN_END = "cut_by_scan_end"
    POSSIBLE_BONE = "possible_bone"
    SKELETON = "skeleton"
    BONE_FRAGMENT = "bone_fragment"
    TOOTH = "tooth"
    VESSEL_WALL = "vessel_wall"
    PROSTATE = "prostate"
    URINARY = "urinary"
    GUT = "gut"
    AIRWAY = "airway"
    ORGAN = "organ"
    CARTILAGE = "cartilage"
    PHLEBOLITH = "phlebolith"
    CONTRAST = "contrast"
    METAL = "metal"
    OUTSIDE_BODY = "outside_body"
    NOISE = "noise"
    TOO_SMALL = "too_small"
    SKIN_SURFACE = "skin_surface"
    DEEP_IN_TRUNK = "deep_in_trunk"
    READER = "reader"
    DEEP_INSIDE_BODY = "deep_inside_body"


class ShapeClass(StrEnum):
    """Form of a deposit, from its axes with the blur removed."""

    PUNCTATE = "punctate"
    COMPACT = "compact"
    ELONGATED = "elongated"
    SHEET = "sheet"
    CLUSTER = "cluster"
    MASS = "mass"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bright component and the decision on it.

    Attributes
    ----------
    label
        Its value in the candidate label image, from 1.
    probability
        Of being soft-tissue calcinosis, 0 to 1.
    touches_bone, is_cut
        Forced into review or marked as lower bound by what they touch.
    edits
        What a reader did to it.
    """

    label: int
    status: Status
    reason: Reason
    probability: float
    centroid_mm: tuple[float, float, float]
    volume_mm3: float
    hu_max: float
    touches_bone: bool
    is_cut: bool
    flags: tuple[Flag, ...] = ()
    edits: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class Deposit:
    """A measured deposit.

    Attributes
    ----------
    deposit_id
        Number in the table, in the label image and on the pictures, from 1.
    label
        Its value in the candidate label image.
    seed_mm
        Its brightest voxel in patient space: a place that is surely in it, by which a
        reader's corrections name it.
    mass
        Hydroxyapatite. Also held when not quantifiable: totals need it unclipped.
    mass_std_noise_mg
        The part of the mass's random error that is noise of the image; the rest, from
        tissue and bone around it, is much the same again at the next visit. `None`
        where it is not known.
    detection_limit_mg
        95th percentile of the mass that empty tissue would give at this place.
    volume, density_mean
        `None` where the scan cannot tell (too small, too thin, not quantifiable).
    depth_mm
        From the skin to the nearest point; `None` where no skin is in the scan.
    bone_distance_mm
        To the nearest skeleton voxel; `None` without skeleton in the scan.
    edits
        What a reader did to it.
    region_source, laterality_source
        What said so, a value of `structures.PlaceSource`.
    """

    deposit_id: int
    tracking_uid: str
    label: int
    status: Status
    reason: Reason
    probability: float
    region: str
    laterality: str
    centroid_mm: tuple[float, float, float]
    seed_mm: Point
    mass: Estimate
    detection_limit_mg: float
    volume: Estimate | None
    density_mean: Estimate | None
    hu_max: float
    diameter_max_mm: float
    agatston: float | None
    depth_mm: float | None
    bone_distance_mm: float | None
    shape_class: ShapeClass
    is_lower_bound: bool
    is_quantifiable: bool
    flags: tuple[Flag, ...] = ()
    edits: tuple[Operation, ...] = ()
    region_source: PlaceSource = PlaceSource.NONE
    laterality_source: PlaceSource = PlaceSource.NONE
    mass_std_noise_mg: float | None = None

    @property
    def mass_ci95_mg(self) -> tuple[float | None, float | None]:
        """Bounds of the mass that may be shown; `None` is "no such bound".

        A deposit that is not quantifiable has an upper bound only; one that is cut by
        the scan's end has none, for the rest of it was not seen.
        """
        low_mg, high_mg = self.mass.ci95
        if not self.is_quantifiable:
            high_mg = max(high_mg, self.detection_limit_mg)
        return (
            low_mg if self.is_quantifiable else None,
            None if self.is_lower_bound else high_mg,
        )


@dataclass(frozen=True, slots=True)
class Burden:
    """Sum over deposits of one scan.

    Attributes
    ----------
    is_lower_bound
        At least one deposit is cut, so the true sum is larger.
    volume_mm3, agatston
        Sums over deposits that have them; `None` where some deposit has none and a
        sum would pretend otherwise only if no deposit has one.
    """

    n_deposits: int
    mass: Estimate
    volume_mm3: float | None
    agatston: float | None
    is_lower_bound: bool

    @property
    def mass_ci95_mg(self) -> tuple[float | None, float | None]:
        """Bounds of the mass that may be shown; `None` is "no such bound".

        Without any deposit there is no upper bound: what lies below the detection
        limit was not seen.
        """
        low_mg, high_mg = self.mass.ci95
        is_open = self.is_lower_bound or self.n_deposits == 0
        return low_mg, None if is_open else high_mg
