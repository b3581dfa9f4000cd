"""From candidates and their measurements to the table of deposits and its totals."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from calcitrace.analysis.quantification.measurement import Measurement
from calcitrace.errors import InputError
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.deposit import Burden, Candidate, Deposit, Status
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.identity import derived_uid
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume
from calcitrace.model.work import for_each_span
from calcitrace.services.places import NamedPlace, place_of

# A tracking UID must not hang on the last bit of a centroid.
TRACKING_STEP_MM = 0.1
MAX_LABEL = int(np.iinfo(np.uint16).max)


NOBODY: Mapping[int, str] = MappingProxyType({})


def merged_flags(*groups: Iterable[Flag]) -> tuple[Flag, ...]:
    """Flags of all groups, one of a kind, in the order in which they came.

    Where two of a kind differ, the first that carries numbers stays.

    Examples
    --------
    >>> cut = Flag(FlagKind.CUT_BY_SCAN_END)
    >>> merged_flags([cut], [cut]) == (cut,)
    True
    """
    merged: dict[FlagKind, Flag] = {}
    for group in groups:
        for flag in group:
            kept = merged.setdefault(flag.kind, flag)
            if not kept.detail and flag.detail:
                merged[flag.kind] = flag
    return tuple(merged.values())


def deposits_of(
    scan: Scan,
    anatomy: Anatomy,
    candidates: Sequence[Candidate],
    measurements: Sequence[Measurement],
    known_uids: Mapping[int, str] = NOBODY,
) -> tuple[Deposit, ...]:
    """Join what was decided and what was measured, in the order of the table.

    Accepted deposits come first, then those in review; each by falling mass, ties by
    position. The numbers of the table follow, and so do tracking UIDs: the same scan
    gives the same ones on every machine.

    Parameters
    ----------
    scan
        What was measured.
    candidates, measurements
        Decisions and numbers, of the same labels.
    known_uids
        Tracking UIDs by label, of candidates that have one already: a neighbour that a
        reader takes away must not give them another.

    Raises
    ------
    InputError
        If there are more deposits than a label image can number.
    """
    if len(measurements) > MAX_LABEL:
        msg = (
            f"Expected at most {MAX_LABEL} deposits, got {len(measurements)}. Raise "
            "detection.threshold_hu in the protocol."
        )
        raise InputError(msg)
    by_label = {candidate.label: candidate for candidate in candidates}
    pairs = [(by_label[m.label], m) for m in measurements]
    pairs.sort(key=_table_order)
    steps: Counter[tuple[int, ...]] = Counter()
    deposits: list[Deposit] = []
    for number, (candidate, measured) in enumerate(pairs, start=1):
        step = tuple(round(v / TRACKING_STEP_MM) for v in measured.centroid_mm)
        steps[step] += 1  # one deposit inside another can share its centre
        uid = known_uids.get(candidate.label) or derived_uid(
            "deposit", scan.input_hash, *map(str, step), str(steps[step])
        )
        place = place_of(measured.centroid_mm, scan, anatomy)
        deposits.append(_deposit(number, uid, candidate, measured, place))
    return tuple(deposits)


def _table_order(
    pair: tuple[Candidate, Measurement],
) -> tuple[bool, float, float, float, float]:
    candidate, measured = pair
    x_mm, y_mm, z_mm = measured.centroid_mm
    is_in_review = candidate.status is Status.REVIEW
    return is_in_review, -measured.mass.value, z_mm, y_mm, x_mm


def _deposit(
    number: int,
    tracking_uid: str,
    candidate: Candidate,
    measured: Measurement,
    place: NamedPlace,
) -> Deposit:
    return Deposit(
        deposit_id=number,
        tracking_uid=tracking_uid,
        label=candidate.label,
        status=candidate.status,
        reason=candidate.reason,
        probability=candidate.probability,
        region=place.region,
        laterality=place.laterality,
        centroid_mm=measured.centroid_mm,
        seed_mm=measured.seed_mm,
        mass=measured.mass,
        detection_limit_mg=measured.detection_limit_mg,
        volume=measured.volume,
        density_mean=measured.density_mean,
        hu_max=measured.hu_max,
        diameter_max_mm=measured.diameter_max_mm,
        agatston=measured.agatston,
        depth_mm=measured.depth_mm,
        bone_distance_mm=measured.bone_distance_mm,
        shape_class=measured.shape_class,
        is_lower_bound=measured.is_lower_bound,
        is_quantifiable=measured.is_quantifiable,
        flags=merged_flags(candidate.flags, measured.flags),
        edits=candidate.edits,
        region_source=place.region_source,
        laterality_source=place.laterality_source,
        mass_std_noise_mg=measured.mass_std_noise_mg,
    )


def label_image(
    candidate_labels: LabelVolume, deposits: Sequence[Deposit]
) -> LabelVolume:
    """Label image of deposits, uint16, value = `Deposit.deposit_id`.

    Slices without a kept candidate are not touched: they stay untouched memory.
    """
    source = candidate_labels.labels
    highest = max((d.label for d in deposits), default=0)
    number_of = np.zeros(highest + 1, np.uint16)
    for deposit in deposits:
        number_of[deposit.label] = deposit.deposit_id
    image = np.zeros(source.shape, np.uint16)

    def number(span: range) -> None:
        for k in span:
            part = source[k].reshape(-1)
            kept = np.flatnonzero(part)
            values = part[kept]
            is_low = values <= highest
            image[k].reshape(-1)[kept[is_low]] = number_of[values[is_low]]

    for_each_span(number, len(source))
    return LabelVolume(image, candidate_labels.grid)


def accepted_burden(deposits: Sequence[Deposit]) -> Burden:
    """Totals over the accepted ones among deposits."""
    return burden([d for d in deposits if d.status is Status.ACCEPTED])


def burden(deposits: Sequence[Deposit]) -> Burden:
    """Totals over deposits, those below their detection limit included unclipped."""
    volumes = [d.volume.value for d in deposits if d.volume is not None]
    scores = [d.agatston for d in deposits if d.agatston is not None]
    return Burden(
        n_deposits=len(deposits),
        mass=Estimate.total([d.mass for d in deposits], Unit.MG),
        volume_mm3=math.fsum(volumes) if volumes or not deposits else None,
        agatston=math.fsum(scores) if scores or not deposits else None,
        is_lower_bound=any(d.is_lower_bound for d in deposits),
    )
