"""One simulated scan read by every estimator, position given and found by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from calcitrace.analysis.quantification import (
    Context,
    Measurement,
    measure_deposits,
)
from calcitrace.analysis.rivals import (
    RIVALS,
    SCORES,
    Surroundings,
    rescaled,
    surroundings,
)
from calcitrace.errors import InputError
from calcitrace.model.deposit import Deposit
from calcitrace.model.reading import Condition, Estimator, Mode, Reading, TrueSite
from calcitrace.model.result import ScanResult
from calcitrace.model.volume import LabelVolume, Mask
from calcitrace.services.study.truth import (
    Place,
    bone_in,
    distances_mm,
    place_of,
    site_of,
)
from calcitrace.services.validation import (
    false_site,
    found_reading,
    rival_reading,
)
from calcitrace.simulation.forms.distance import nearest_on_surface
from calcitrace.simulation.phantom import Calcification, Phantom

BOX_MM = 12.0  # the widest ring of a rival and a little more, also for thick slices
NEAR_MM = 2.5  # a found deposit so near to a true one is part of it

Factors = Mapping[Estimator, float]


@dataclass(frozen=True, eq=False)
class Known:
    """A scan that was measured, and what is known of it.

    Attributes
    ----------
    blanks
        Places without calcium, each with a density of 0.
    scene
        Name of the body.
    """

    phantom: Phantom
    blanks: tuple[Calcification, ...]
    result: ScanResult
    condition: Condition
    scene: str
    repeat: int

    @property
    def sites(self) -> tuple[TrueSite, ...]:
        """Truth of deposits, then of blanks."""
        true = tuple(site_of(d, self.scene) for d in self.phantom.deposits)
        return (
            *true,
            *(
                TrueSite(
                    scene=self.scene,
                    deposit=b.name,
                    kind=b.kind,
                    tissue=b.tissue,
                    mass_mg=0.0,
                    volume_mm3=None,
                    gap_mm=None,
                    depth_mm=None,
                    is_blank=True,
                )
                for b in self.blanks
            ),
        )

    @cached_property
    def bone(self) -> Mask:
        """Where true bone is on the grid."""
        return bone_in(self.phantom, self.result.scan.volume.grid)

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where deposits and blanks are on the grid."""
        grid = self.result.scan.volume.grid
        every = (*self.phantom.deposits, *self.blanks)
        return tuple(place_of(d, grid, BOX_MM) for d in every)


def readings_of(known: Known, factors: Factors) -> tuple[Reading, ...]:
    """All readings of one scan.

    Parameters
    ----------
    known
        The scan.
    factors
        Milligrams per unit of each Agatston score, from scenes that are not reported.
    """
    places, sites = known.places, known.sites
    return (
        *_given(known, places, sites),
        *_rivals(known, places, sites, factors),
        *_found(known, places, sites),
    )


def agatston_scores(known: Known) -> dict[Estimator, list[tuple[float, float]]]:
    """Score and true mass of every deposit, for the one factor of each score."""
    out: dict[Estimator, list[tuple[float, float]]] = {e: [] for e in SCORES}
    for place in known.places[: len(known.phantom.deposits)]:
        around = _surroundings(known, place)
        for estimator, rival in SCORES.items():
            score = None if around is None else rival(around).score
            if score is not None:
                out[estimator].append((score, place.deposit.mass_mg))
    return out


def _given(
    known: Known, places: Sequence[Place], sites: Sequence[TrueSite]
) -> list[Reading]:
    """Ours, told which voxels the deposit fills."""
    result = known.result
    labels = np.zeros(result.scan.volume.grid.shape, np.int32)
    for number, place in enumerate(places, start=1):
        labels[place.box][place.inside] = number
    context = Context(
        volume=result.scan.volume,
        coverage=result.scan.coverage,
        anatomy=result.anatomy,
        labels=LabelVolume(labels, result.scan.volume.grid),
        kept=tuple(range(1, len(places) + 1)),
        bystanders=(),
        cut=frozenset(),
        kvp=result.scan.acquisition.kvp,
        psf=result.psf,
        noise=result.noise,
        calibration=result.calibration,
    )
    measured = measure_deposits(context, result.protocol.quantification, lambda _: None)
    return [_own_reading(known, sites[m.label - 1], m) for m in measured]


def _own_reading(known: Known, site: TrueSite, measured: Measurement) -> Reading:
    low_mg, high_mg = measured.mass.ci95
    volume = measured.volume
    is_shown = measured.is_quantifiable
    return Reading(
        site=site,
        condition=known.condition,
        repeat=known.repeat,
        estimator=Estimator.CALCITRACE,
        mode=Mode.POSITION_GIVEN,
        mass_mg=measured.mass.value,
        std_mg=measured.mass.std,
        ci95_low_mg=low_mg if is_shown else None,
        ci95_high_mg=high_mg if is_shown else max(high_mg, measured.detection_limit_mg),
        volume_mm3=None if volume is None else volume.value,
        volume_ci95_low_mm3=None if volume is None else volume.ci95[0],
        volume_ci95_high_mm3=None if volume is None else volume.ci95[1],
        is_quantifiable=is_shown,
    )


def _rivals(
    known: Known,
    places: Sequence[Place],
    sites: Sequence[TrueSite],
    factors: Factors,
) -> list[Reading]:
    """Each rival, with the same generous help."""
    out: list[Reading] = []
    for place, site in zip(places, sites, strict=True):
        around = _surroundings(known, place)
        if around is None:
            continue
        for estimator, rival in RIVALS.items():
            measured = rival(around)
            out.append(
                rival_reading(site, known.condition, known.repeat, estimator, measured)
            )
        for estimator, factor in factors.items():
            measured = rescaled(SCORES[estimator](around), factor)
            out.append(
                rival_reading(site, known.condition, known.repeat, estimator, measured)
            )
    return out


def _surroundings(known: Known, place: Place) -> Surroundings | None:
    """What rivals are told; None where bone and air leave no ring of tissue."""
    result = known.result
    deposit_mm, bone_mm = distances_mm(known.bone, place, result.scan.volume.grid)
    try:
        return surroundings(
            np.asarray(result.scan.volume.hu[place.box], np.float64),
            result.scan.volume.grid.spacing_mm,
            deposit_mm,
            bone_mm,
            kvp=result.scan.acquisition.kvp,
            slope_mg_cm3_per_hu=result.calibration.slope_mg_cm3_per_hu,
        )
    except InputError:
        return None


def _found(
    known: Known, places: Sequence[Place], sites: Sequence[TrueSite]
) -> list[Reading]:
    """Ours, left to find deposits by itself; those in review count as found."""
    members: list[list[Deposit]] = [[] for _ in known.phantom.deposits]
    false: list[Deposit] = []
    for deposit in known.result.deposits:
        owner = _owner(known, places[: len(members)], deposit)
        (false if owner is None else members[owner]).append(deposit)
    way = known.condition, known.repeat
    out = [
        found_reading(site, *way, found)
        for site, found in zip(sites, members, strict=False)
    ]
    out += [found_reading(false_site(d, known.scene), *way, [d]) for d in false]
    if not members and not false:
        nothing = replace(sites[0], deposit="nothing there", is_blank=True, mass_mg=0.0)
        out.append(found_reading(nothing, *way, []))
    return out


def _owner(known: Known, places: Sequence[Place], deposit: Deposit) -> int | None:
    """Which true deposit a found one is: most voxels in common, else the nearest."""
    labels = known.result.deposit_labels.labels
    shared = [
        int((labels[p.box][p.inside] == deposit.deposit_id).sum()) for p in places
    ]
    if shared and max(shared) > 0:
        return int(np.argmax(shared))
    apart = [_outside_mm(p.deposit, deposit) for p in places]
    if apart and min(apart) <= NEAR_MM:
        return int(np.argmin(apart))
    return None


def _outside_mm(true: Calcification, found: Deposit) -> float:
    """Distance of the centre of a find from the surface of a true deposit."""
    distance, _ = nearest_on_surface(true.form, np.array([found.centroid_mm]))
    return float(distance[0])
