"""Known inserts of a scan set beside what was measured on it."""

import math
from collections.abc import Sequence

from calcitrace.errors import InputError
from calcitrace.model.deposit import Deposit
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.reading import (
    Condition,
    Estimator,
    KnownInsert,
    Mode,
    Reading,
    TrueSite,
)
from calcitrace.model.result import ScanResult

# How far a deposit may lie beyond an insert and still be it.
TOLERANCE_MM = 5.0
INSERT, UNKNOWN = "insert", "unknown"


def insert_readings(
    inserts: Sequence[KnownInsert],
    result: ScanResult,
    *,
    scene: str = "scan",
    tolerance_mm: float = TOLERANCE_MM,
) -> tuple[Reading, ...]:
    """Readings of known inserts by Calcitrace, which found them by itself.

    Each deposit goes to the nearest insert, by the distance of centres less the radius
    of a ball of the insert's volume where that is known. An insert with several deposits
    gets their sum; one that was cut by the scan's end has a lower bound and no mass,
    for the rest of it was not seen. Deposits in review count as found.

    Parameters
    ----------
    inserts
        As the table of truth says.
    result
        The scan, measured.
    scene
        Name of the object that was scanned.
    tolerance_mm
        Deposits further than this from every insert are false ones.

    Returns
    -------
    tuple of Reading
        One per insert in the order of the table, missed ones without a mass; then one
        per false deposit, at a blank site of its own.

    Raises
    ------
    InputError
        If there is no insert.
    """
    if not inserts:
        msg = "Expected at least one known insert, got none."
        raise InputError(msg)
    condition = _condition(result)
    members: list[list[Deposit]] = [[] for _ in inserts]
    false: list[Deposit] = []
    for deposit in result.deposits:
        outside = [_outside_mm(deposit, insert) for insert in inserts]
        nearest = min(range(len(inserts)), key=outside.__getitem__)
        if outside[nearest] > tolerance_mm:
            false.append(deposit)
        else:
            members[nearest].append(deposit)
    known = [
        found_reading(_site(insert, scene), condition, 1, found)
        for insert, found in zip(inserts, members, strict=True)
    ]
    return (
        *known,
        *(
            found_reading(false_site(deposit, scene), condition, 1, [deposit])
            for deposit in false
        ),
    )


def _outside_mm(deposit: Deposit, insert: KnownInsert) -> float:
    volume_mm3 = insert.volume_mm3 or 0.0
    radius_mm = math.cbrt(3 * volume_mm3 / (4 * math.pi))
    return max(0.0, math.dist(deposit.centroid_mm, insert.centroid_mm) - radius_mm)


def _condition(result: ScanResult) -> Condition:
    acquisition = result.acquisition
    return Condition(
        name="scan",
        body=(acquisition.body_part or UNKNOWN).lower(),
        kvp=acquisition.kvp,
        kernel=acquisition.kernel,
        slice_thickness_mm=acquisition.slice_thickness_mm,
        noise_hu=result.noise.sigma_median_hu if result.noise.is_measured else None,
        dose=UNKNOWN,
    )


def _site(insert: KnownInsert, scene: str) -> TrueSite:
    return TrueSite(
        scene=scene,
        deposit=insert.name,
        kind=INSERT,
        tissue=UNKNOWN,
        mass_mg=insert.mass_mg,
        volume_mm3=insert.volume_mm3,
        gap_mm=None,
        depth_mm=None,
    )


def false_site(deposit: Deposit, scene: str) -> TrueSite:
    """Place where a deposit was found and none is."""
    return TrueSite(
        scene=scene,
        deposit=f"false, deposit {deposit.deposit_id}",
        kind=UNKNOWN,
        tissue=UNKNOWN,
        mass_mg=0.0,
        volume_mm3=None,
        gap_mm=deposit.bone_distance_mm,
        depth_mm=deposit.depth_mm,
        is_blank=True,
    )


def found_reading(
    site: TrueSite, condition: Condition, repeat: int, found: Sequence[Deposit]
) -> Reading:
    """Sum of what was found of one deposit, with the bounds that a reader is shown."""
    way = Estimator.CALCITRACE, Mode.DETECTED
    if not found:
        return Reading(site, condition, repeat, *way, None, is_found=False)
    mass = Estimate.total([d.mass for d in found], Unit.MG)
    low_mg, high_mg = found[0].mass_ci95_mg if len(found) == 1 else mass.ci95
    is_cut = any(d.is_lower_bound for d in found)
    volumes = [d.volume for d in found if d.volume is not None]
    is_whole = len(volumes) == len(found) and not is_cut
    volume = Estimate.total(volumes, Unit.MM3) if is_whole else None
    return Reading(
        site, condition, repeat, *way,
        None if is_cut else mass.value,
        None if is_cut else mass.std,
        low_mg,
        None if is_cut else high_mg,
        None if volume is None else volume.value,
        None if volume is None else volume.ci95[0],
        None if volume is None else volume.ci95[1],
        is_quantifiable=any(d.is_quantifiable for d in found),
    )  # fmt: skip
