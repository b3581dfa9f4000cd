"""Rescans of simulated bodies, repositioned: what is called a change, and what is true.

Every body is scanned twice by the same machine, then by others (kernel, slices, voltage),
lying otherwise each time; and once more with true changes. Deposits are found, followed and
weighed by the whole pipeline; only the alignment is the true one, so that what is counted is
the error of identity and change.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from benchmarks.following.poses import TruePose, pose_of
from calcitrace.analysis.rivals import RIVALS
from calcitrace.analysis.rivals.surroundings import surroundings
from calcitrace.errors import InputError
from calcitrace.model.comparison import AlignmentSummary, Comparison, Followed
from calcitrace.model.reading import Estimator
from calcitrace.model.visit import Visit
from calcitrace.services.comparing import (
    ComparisonRequest,
    Laid,
    Unmoved,
    compare_visits,
    visit_of,
)
from calcitrace.services.study.measuring import Known
from calcitrace.services.study.running import known_scan
from calcitrace.services.study.stock import Planned, Stock
from calcitrace.services.study.suites import BASE, REPORT, TUNE, Setup
from calcitrace.services.study.truth import distances_mm
from calcitrace.simulation.forms import Pose
from calcitrace.simulation.tomography.machine import Kernel

FIRST_DAY = datetime(2021, 1, 1, 12)  # noqa: DTZ001 -- as in headers
# Bodies that no other table has looked at.
FIRST_SCENE = {TUNE: 300, REPORT: 5000}
LIMB = Setup("limb", "limb", BASE, "low", n_deposits=18)
OTHERS = (
    replace(LIMB, name="sharp kernel",
            machine=replace(BASE, kernel=Kernel.SHARP, dose_mas=60.0)),
    replace(LIMB, name="3 mm slices",
            machine=replace(BASE, slice_thickness_mm=3.0, slice_step_mm=3.0)),
    replace(LIMB, name="80 kV", machine=replace(BASE, kvp=80.0, dose_mas=60.0)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One true deposit in a pair of scans.

    Attributes
    ----------
    name
        Of the deposit, or "total".
    true_ratio
        Later over earlier mass.
    call
        Ours; empty where it was found at neither visit.
    z
        Of our test; NaN where nothing was compared.
    fixed
        Call of +-25 % of our mass.
    volume_ratio
        Of the volume above 130 HU; NaN without one.
    """

    scene: int
    pair: str
    name: str
    true_mg: float
    true_ratio: float
    call: str
    z: float
    before_mg: float
    after_mg: float
    detectable_mg: float
    fixed: str
    volume_ratio: float
    is_near_bone: bool


def rescans(purpose: str, n_scenes: int, first: int = 0) -> Iterator[Row]:
    """Every deposit of every pair of scans of unchanged bodies."""
    stock = Stock()
    for scene in range(first, first + n_scenes):
        number = FIRST_SCENE[purpose] + scene
        one = known_scan(Planned(LIMB, purpose, number, 1), stock)
        for setup in (LIMB, *OTHERS):
            # Scans of one pose share their rays.
            plan = Planned(setup, purpose, number, 2)
            other = known_scan(plan, stock)
            pair = "same protocol" if setup is LIMB else setup.name
            yield from rows_of(scene, pair, (one, other), pose_of(plan))


def rows_of(scene: int, pair: str, scans: tuple[Known, Known], pose: Pose) -> list[Row]:
    """Compare two scans and set what was called beside the truth."""
    visits = [
        replace(
            visit_of(known.result),
            number=n,
            acquired=FIRST_DAY + timedelta(days=90 * n),
        )
        for n, known in enumerate(scans, start=1)
    ]

    def align(_first: Visit, other: Visit) -> Laid:
        if other.number == 1:
            return Laid(Unmoved(), AlignmentSummary(1, "reference", None))
        return Laid(TruePose(pose), AlignmentSummary(2, "ok", 0.0))

    comparison = compare_visits(visits, align, ComparisonRequest())
    rows = [
        _row(scene, pair, scans, comparison, index)
        for index in range(len(scans[0].phantom.deposits))
    ]
    false = _unexplained(scans, comparison)
    rows += [
        _told(scene, pair, f"nothing there {k}", comparison, t)
        for k, t in enumerate(false, 1)
    ]
    return [*rows, _total(scene, pair, scans, comparison)]


def _row(
    scene: int,
    pair: str,
    scans: tuple[Known, Known],
    comparison: Comparison,
    index: int,
) -> Row:
    deposit = scans[0].phantom.deposits[index]
    later = scans[1].phantom.deposits[index]
    tracks = [t for t in comparison.tracks if _is_of(t, scans, index)]
    volumes = [_volume_130(known, index) for known in scans]
    ratio = volumes[1] / volumes[0] if volumes[0] > 0 else math.nan
    largest = max(tracks, key=lambda t: max(_mass(t, 1), _mass(t, 2)), default=None)
    base = Row(
        scene,
        pair,
        deposit.name,
        deposit.mass_mg,
        later.mass_mg / deposit.mass_mg,
        "",
        math.nan,
        math.nan,
        math.nan,
        math.nan,
        "",
        ratio,
        deposit.gap_mm is not None and deposit.gap_mm < 2.0,  # noqa: PLR2004 -- mm, near bone
    )
    if largest is None:
        return base
    told = _told(scene, pair, deposit.name, comparison, largest)
    return replace(
        told,
        true_mg=base.true_mg,
        true_ratio=base.true_ratio,
        volume_ratio=ratio,
        is_near_bone=base.is_near_bone,
    )


def _told(
    scene: int, pair: str, name: str, comparison: Comparison, track: Followed
) -> Row:
    change = next(
        c.change for c in comparison.changes if c.track_id == track.track.track_id
    )
    test = change.test
    return Row(
        scene,
        pair,
        name,
        0.0,
        math.nan,
        change.call.value,
        math.nan if test is None else test.z,
        _mass(track, 1),
        _mass(track, 2),
        change.detectable_mg or math.nan,
        change.fixed.value,
        math.nan,
        is_near_bone=False,
    )


def _total(
    scene: int, pair: str, scans: tuple[Known, Known], comparison: Comparison
) -> Row:
    change = comparison.totals[0].change
    test = change.test
    true = [math.fsum(d.mass_mg for d in k.phantom.deposits) for k in scans]
    return Row(
        scene,
        pair,
        "total",
        true[0],
        true[1] / true[0],
        change.call.value,
        math.nan if test is None else test.z,
        change.before.mass_mg if change.before else math.nan,
        change.after.mass_mg if change.after else math.nan,
        change.detectable_mg or math.nan,
        change.fixed.value,
        math.nan,
        is_near_bone=False,
    )


def _mass(track: Followed, visit: int) -> float:
    weighed = track.visit(visit).weighed
    return 0.0 if weighed is None else weighed.mass_mg


def _is_of(track: Followed, scans: Sequence[Known], index: int) -> bool:
    """Whether any deposit of a track is part of a true one."""
    return any(
        _owner(scans[node.visit - 1], node.deposit_id) == index
        for node in track.track.nodes
    )


def _unexplained(scans: Sequence[Known], comparison: Comparison) -> list[Followed]:
    """Tracks none of whose deposits is part of a true one."""
    return [
        t
        for t in comparison.tracks
        if all(_owner(scans[n.visit - 1], n.deposit_id) is None for n in t.track.nodes)
    ]


def _owner(known: Known, deposit_id: int) -> int | None:
    """True deposit that a found one shares most voxels with."""
    labels = known.result.deposit_labels.labels
    n = len(known.phantom.deposits)
    shared = [
        int((labels[p.box][p.inside] == deposit_id).sum()) for p in known.places[:n]
    ]
    return int(np.argmax(shared)) if max(shared, default=0) > 0 else None


def _volume_130(known: Known, index: int) -> float:
    """Volume above 130 HU, bone left out: what users take."""
    result, place = known.result, known.places[index]
    deposit_mm, bone_mm = distances_mm(known.bone, place, result.scan.volume.grid)
    try:
        around = surroundings(
            np.asarray(result.scan.volume.hu[place.box], np.float64),
            result.scan.volume.grid.spacing_mm,
            deposit_mm,
            bone_mm,
            kvp=result.scan.acquisition.kvp,
            slope_mg_cm3_per_hu=result.calibration.slope_mg_cm3_per_hu,
        )
    except InputError:
        return math.nan
    volume = RIVALS[Estimator.FIXED_THRESHOLD](around).volume_mm3
    return math.nan if volume is None else volume
