"""What speaks for and against each component: a table of named observations.

Every observation has a weight on the logit scale. Weights were set by hand on the tuning
patients named in the documentation; the probability that comes of them orders candidates,
it is not calibrated.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from calcitrace.analysis.detection.features import Features
from calcitrace.model.deposit import Reason
from calcitrace.model.flags import FlagKind


@dataclass(frozen=True, slots=True)
class Believed:
    """What the voxel stage says of a component.

    Attributes
    ----------
    mean, highest
        Of the probability of its voxels.
    sure_fraction
        Part of its voxels with a probability over one half.
    taken_fraction
        Part that left the skeleton.
    """

    mean: float
    highest: float
    sure_fraction: float
    taken_fraction: float


@dataclass(frozen=True, slots=True)
class Case:
    """One component and what is known beyond it.

    Attributes
    ----------
    chain_length
        Components in line with it, itself included; 1 for a lone one.
    is_contrast_enhanced
        As the header says; False where it says nothing.
    touching_mm
        Gap to bone below which it touches.
    believed
        What trees say of it; `None` where they were not asked.
    has_cavities
        The body holds gas, as a trunk or a head does: much calcium deep in it is no
        calcinosis.
    """

    features: Features
    chain_length: int
    is_contrast_enhanced: bool
    touching_mm: float
    believed: Believed | None = None
    has_cavities: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """One kind of evidence.

    Attributes
    ----------
    reason
        What the component is if this weighs most against its being a deposit.
    weigh
        Logit, 0 where it does not apply; negative speaks against a deposit.
    flag
        Raised where it applies.
    is_mimic
        Calcium of another kind looks so: never accepted without a reader, however sure
        trees are.
    """

    reason: Reason
    weigh: Callable[[Case], float]
    flag: FlagKind | None = None
    is_mimic: bool = False


PRIOR = 2.6

METAL_HU = 3000.0
BONE_SIDES = 5
# Blur beside a bone stays near the threshold of bone: above it would be bone.
BLUR_MAX_HU = 300.0
# Nor does it reach this far.
LUMP_REACH_MM = 4.5
CHAIN_MIN, CHAIN_LONG = 3, 5


def _faint(case: Case) -> float:
    """Little above the noise: from 0 at 14 sigma to -3.4 at 6."""
    z = case.features.significance
    return -3.4 * min(1.0, max(0.0, (14.0 - z) / 8.0))


def _few_voxels(case: Case) -> float:
    n = case.features.n_voxels
    return -1.5 if n <= 2 else (-0.7 if n <= 4 else 0.0)


def _bone_blur(case: Case) -> float:
    """No brighter than its contact with bone: blur, or a cortex too thin to be found."""
    f = case.features
    if f.contact_fraction == 0 or f.hu_max > BLUR_MAX_HU:
        return 0.0
    is_lump = f.bone_reach_mm > LUMP_REACH_MM and f.elongation < 2.5 and f.fill > 0.5
    if is_lump and f.contact_fraction < 0.3:
        return 0.0
    if f.bump_hu > max(2.5 * f.sigma_hu, 0.25 * f.excess_hu):
        return 0.0
    return -5.0


def _inside_bone(case: Case) -> float:
    """Bone on nearly all sides: a piece of cancellous bone."""
    return -5.0 if case.features.bone_sides >= BONE_SIDES else 0.0


def _near_bone_faint(case: Case) -> float:
    """Faint and small beside bone: tendon insertions, streaks, partial volume."""
    f = case.features
    is_near = f.bone_gap_mm <= 2 * case.touching_mm
    return -1.8 if is_near and f.excess_hu < 200 and f.volume_mm3 < 150 else 0.0


def _hollow(case: Case) -> float:
    """Less dense in its middle than around: a bone without clear marrow."""
    return -2.2 if case.features.core_drop > 0.08 else 0.0


def _chain(case: Case) -> float:
    """Small deep pieces in a row: calcium along an artery."""
    f = case.features
    if case.chain_length < CHAIN_MIN or f.depth_mm < 12:
        return 0.0
    is_sure = case.chain_length >= CHAIN_LONG and f.depth_mm > 20
    return -4.0 if is_sure else -2.8


def _tube(case: Case) -> float:
    """One long thin deep piece."""
    f = case.features
    is_tube = f.elongation > 2.5 and f.axes_mm[1] < 8 and f.axes_mm[0] > 9
    return -2.4 if is_tube and f.depth_mm > 20 else 0.0


def _lone_speck(case: Case) -> float:
    """Small, and as deep as vessels run: from 0 at 10 mm to -1.5 at 25."""
    f = case.features
    is_speck = f.volume_mm3 < 60
    return -1.5 * min(1.0, max(0.0, (f.depth_mm - 10.0) / 15.0)) if is_speck else 0.0


def _phlebolith(case: Case) -> float:
    """Small, round, dense and deep."""
    f = case.features
    diameter_mm = (6 * f.volume_mm3 / math.pi) ** (1 / 3)
    is_round = f.elongation < 2.2 and f.fill > 0.6 and f.contact_fraction == 0
    if not (is_round and diameter_mm < 8.5 and f.excess_hu > 250):
        return 0.0
    return -3.6 if f.depth_mm > 45 else (-2.4 if f.depth_mm > 20 else 0.0)


def _deep(case: Case) -> float:
    """Deeper than subcutaneous fat, fascia and limb muscle: from 0 at 30 mm."""
    depth_mm = case.features.depth_mm
    if math.isinf(depth_mm):
        return -1.0
    return -3.0 * min(1.0, max(0.0, (depth_mm - 30.0) / 40.0))


def _gut_or_airway(case: Case) -> float:
    """Deep and beside gas: bowel content, the wall of an airway."""
    return -2.4 if case.features.has_gas_near else 0.0


def _contrast(case: Case) -> float:
    """Smooth and not dense, with contrast given; or much of it, deep: swallowed, voided."""
    f = case.features
    if f.contact_fraction > 0:
        return 0.0
    is_smooth = f.hu_max < 500 and f.hu_mean > 0.5 * f.hu_max
    is_pool = f.volume_mm3 > 400 and f.hu_max < 400 and f.depth_mm > 35
    return -2.4 if is_smooth and (case.is_contrast_enhanced or is_pool) else 0.0


def _metal(case: Case) -> float:
    return -2.4 if case.features.hu_max >= METAL_HU else 0.0


def _on_skin(case: Case) -> float:
    """Stands out of the skin: a marker, jewellery, a wire."""
    f = case.features
    return -2.4 if f.depth_mm < 1 and f.gas_fraction > 0.6 else 0.0


OBSERVATIONS = (
    Observation(Reason.NOISE, _faint, FlagKind.FAINT),
    Observation(Reason.TOO_SMALL, _few_voxels),
    Observation(Reason.SKELETON, _bone_blur, FlagKind.BONE_LIKE, is_mimic=True),
    Observation(Reason.SKELETON, _inside_bone, FlagKind.BONE_LIKE, is_mimic=True),
    Observation(
        Reason.POSSIBLE_BONE, _near_bone_faint, FlagKind.BONE_LIKE, is_mimic=True
    ),
    Observation(Reason.POSSIBLE_BONE, _hollow, FlagKind.BONE_LIKE, is_mimic=True),
    Observation(Reason.VESSEL_WALL, _lone_speck, FlagKind.VESSEL_LIKE),
    Observation(Reason.VESSEL_WALL, _chain, FlagKind.VESSEL_LIKE, is_mimic=True),
    Observation(Reason.VESSEL_WALL, _tube, FlagKind.VESSEL_LIKE, is_mimic=True),
    Observation(
        Reason.PHLEBOLITH, _phlebolith, FlagKind.PHLEBOLITH_LIKE, is_mimic=True
    ),
    Observation(Reason.DEEP_IN_TRUNK, _deep, FlagKind.INSIDE_BODY),
    Observation(
        Reason.DEEP_IN_TRUNK, _gut_or_airway, FlagKind.INSIDE_BODY, is_mimic=True
    ),
    Observation(Reason.CONTRAST, _contrast, FlagKind.CONTRAST_LIKE),
    Observation(Reason.METAL, _metal, FlagKind.METAL_LIKE),
    Observation(Reason.SKIN_SURFACE, _on_skin),
)
