"""From evidence to a decision with its reason."""

import math

from calcitrace.analysis.detection.evidence import (
    OBSERVATIONS,
    PRIOR,
    Case,
    Observation,
)
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.protocol import DetectionSettings

# An observation names the component if it weighs at least this much.
NAMING_LOGIT = -1.2
FLAGGING_LOGIT = -1.0
# These are never decided without a reader, however sure the other evidence is.
ALWAYS_REVIEWED = frozenset({Reason.METAL, Reason.CONTRAST, Reason.SKIN_SURFACE})
# A small round deposit looks the same: never dropped without a reader.
REVIEWED_AT_LEAST = frozenset({Reason.PHLEBOLITH})
# Marrow and cortex were seen in so much of it that a whole small bone may have been taken
# for a deposit (a patella was).
BONE_FRACTION = 0.3
# Deeper than this a body with cavities has vessels, organs, gut.
CAVITY_DEPTH_MM = 25.0
# Below these, a component is noise and not listed unless it stands out this much.
SIGNIFICANCE_MIN, SIGNIFICANCE_LISTED = 6.0, 5.0


def judge(
    case: Case, settings: DetectionSettings, learned: float | None = None
) -> Candidate:
    """Decide on one component.

    Parameters
    ----------
    case
        The component.
    settings
        From which probability on it is shown, and accepted.
    learned
        Probability that trees give it; without one, the logits of all observations
        are summed.

    Returns
    -------
    Candidate
        What would be accepted but touches bone, is cut by the end of what was scanned
        or looks like calcium of another kind goes to review.
    """
    f = case.features
    weights = [(o, o.weigh(case)) for o in OBSERVATIONS]
    ruled = 1 / (1 + math.exp(-(PRIOR + sum(w for _, w in weights))))
    probability = ruled if learned is None else learned
    against = [(o, w) for o, w in weights if w <= NAMING_LOGIT]
    touches = f.contact_fraction > 0 or f.bone_gap_mm <= case.touching_mm
    is_cut = f.is_at_scan_end or f.is_at_field_edge
    shown_from = (
        settings.review_probability
        if learned is None
        else settings.learned_review_probability
    )
    status = _status(probability, shown_from, settings.accept_probability)
    is_mimic = learned is not None and (
        any(o.is_mimic for o, _ in against)
        or (case.has_cavities and f.depth_mm > CAVITY_DEPTH_MM)
        or _was_bone(case)
    )
    if f.significance < SIGNIFICANCE_MIN:
        status, probability = Status.DROPPED, min(probability, 0.05)
    elif (
        (
            any(o.reason in ALWAYS_REVIEWED for o, _ in against)
            and _main_reason(against) is not Reason.NOISE
        )
        or (status is Status.ACCEPTED and (touches or is_cut or is_mimic))
        or (status is Status.DROPPED and _main_reason(against) in REVIEWED_AT_LEAST)
    ):
        status = Status.REVIEW
        if learned is None:
            probability = max(probability, settings.review_probability)
    return Candidate(
        label=f.label,
        status=status,
        reason=(
            Reason.POSSIBLE_BONE
            if status is Status.REVIEW and not against and _was_bone(case)
            else _reason(status, against, touches=touches, is_cut=is_cut)
        ),
        probability=round(probability, 3),
        centroid_mm=f.centroid_mm,
        volume_mm3=f.volume_mm3,
        hu_max=f.hu_max,
        touches_bone=touches,
        is_cut=is_cut,
        flags=_flags(case, weights, touches=touches, is_cut=is_cut),
    )


def _was_bone(case: Case) -> bool:
    """Whether trees took it out of the skeleton, whole or for a good part."""
    b = case.believed
    return b is not None and b.taken_fraction > BONE_FRACTION


def _status(probability: float, shown_from: float, accepted_above: float) -> Status:
    if probability > accepted_above:
        return Status.ACCEPTED
    if probability >= shown_from:
        return Status.REVIEW
    return Status.DROPPED


def _main_reason(against: list[tuple[Observation, float]]) -> Reason | None:
    """What weighs most against a deposit."""
    if not against:
        return None
    return min(against, key=lambda pair: pair[1])[0].reason


def _reason(
    status: Status,
    against: list[tuple[Observation, float]],
    *,
    touches: bool,
    is_cut: bool,
) -> Reason:
    """Name what weighs most against a deposit, or why it needs a reader, or calcium."""
    if status is Status.ACCEPTED:
        return Reason.SOFT_TISSUE_CALCIUM
    main = _main_reason(against)
    if main is not None:
        return main
    if is_cut:
        return Reason.CUT_BY_SCAN_END
    if touches:
        return Reason.TOUCHES_BONE
    return Reason.SOFT_TISSUE_CALCIUM if status is Status.REVIEW else Reason.NOISE


def _flags(
    case: Case,
    weights: list[tuple[Observation, float]],
    *,
    touches: bool,
    is_cut: bool,
) -> tuple[Flag, ...]:
    f = case.features
    kinds: dict[FlagKind, str] = {}
    if touches:
        kinds[FlagKind.TOUCHES_BONE] = f"{f.bone_gap_mm:.1f} mm"
    if is_cut:
        kinds[FlagKind.CUT_BY_SCAN_END] = ""
    for observation, weight in weights:
        if observation.flag is not None and weight <= FLAGGING_LOGIT:
            is_metal = observation.flag is FlagKind.METAL_LIKE
            kinds.setdefault(observation.flag, f"{f.hu_max:.0f} HU" if is_metal else "")
    return tuple(Flag(kind, detail) for kind, detail in kinds.items())
