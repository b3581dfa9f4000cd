"""Look at a visit where another one shows a deposit: the forced measurement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.change.weighing import Measured, weighed
from calcitrace.analysis.following import Body
from calcitrace.analysis.following.places import Luck, luck_of, reaching
from calcitrace.analysis.quantification import Context, measure_deposits
from calcitrace.analysis.quantification.measurement import Measurement
from calcitrace.model.change import Weighed
from calcitrace.model.following import Node
from calcitrace.model.grid import Grid
from calcitrace.model.result import ScanResult
from calcitrace.model.volume import LabelVolume, Mask, Tissue
from calcitrace.services.comparing.mapping import Placed, PlacedVisits
from calcitrace.services.imaging import bystanders, kept

Box = tuple[slice, slice, slice]
MARGIN_MM = 3.0
# The place is widened by the error of the alignment, but never beyond the neighbours.
WIDENED_MAX_MM = 2.0
# Mapped voxel centres lie at most so far apart that this closes the holes.
HOLE_VOXELS = 0.6
# A place of which bone or neighbours take more than a little cannot be measured: what
# lies there may have been taken for them.
FREE_MIN = 0.9


@dataclass(frozen=True, slots=True)
class Place:
    """Deposits of one visit that another one is to be looked at for."""

    key: int
    nodes: tuple[Node, ...]


def looked_at(
    target: Placed,
    places: Sequence[Place],
    placed: PlacedVisits,
    bodies: Mapping[Node, Body],
) -> dict[int, Weighed]:
    """Measure mapped places at a visit that does not show deposits there.

    Parameters
    ----------
    target
        The visit that is measured.
    places
        What to look for, each with deposits of one other visit.
    placed
        All visits.
    bodies
        All deposits in the space of the first visit.

    Returns
    -------
    dict of int to Weighed
        By key, with the limit below which it is nothing but luck; places that bone or other deposits fill, or a stored result, have none.
    """
    result = target.visit.result
    if result is None or not places:
        return {}
    labels = result.candidate_labels.labels.astype(np.int32)
    first = int(labels.max()) + 1
    wanted: dict[int, int] = {}
    luck: dict[int, Luck] = {}
    taken = np.isin(result.candidate_labels.labels, kept(result.candidates))
    taken |= result.anatomy.tissue.labels == Tissue.SKELETON
    for number, place in enumerate(places):
        found = _mask(target, place, placed, bodies)
        if found is None:
            continue
        box, mask = found
        free = mask & ~taken[box]
        if free.sum() < max(1.0, FREE_MIN * mask.sum()):
            continue
        labels[box][free] = first + number
        wanted[first + number] = place.key
        luck[first + number] = luck_of(int(free.sum()), result.noise.n_correlated)
    context = _context(result, LabelVolume(labels, target.visit.volume.grid), wanted)
    measured = measure_deposits(
        context, result.protocol.quantification, lambda _done: None
    )
    return {wanted[m.label]: _without_luck(m, luck[m.label], target) for m in measured}


def _without_luck(found: Measurement, luck: Luck, target: Placed) -> Weighed:
    """Mass of a place; what chance explains is taken off, and is no detection."""
    # What tissue and bone make of an empty place repeats nothing: it all counts as noise.
    measured = Measured(
        found.mass, None, found.detection_limit_mg, found.is_lower_bound
    )
    raw = weighed(measured, target.visit.measuring)
    limit = max(found.detection_limit_mg, luck.limit * raw.std_noise_mg)
    mass = raw.mass_mg
    if mass < limit:
        mass -= luck.expected * raw.std_noise_mg
    return replace(raw, mass_mg=mass, limit_mg=limit)


def _context(
    result: ScanResult, labels: LabelVolume, wanted: Mapping[int, int]
) -> Context:
    """The scan with the places as its deposits; real ones are neighbours."""
    return Context(
        volume=result.scan.volume,
        coverage=result.scan.coverage,
        anatomy=result.anatomy,
        labels=labels,
        kept=tuple(wanted),
        bystanders=(*bystanders(result.candidates), *kept(result.candidates)),
        cut=frozenset(),
        kvp=result.acquisition.kvp,
        psf=result.psf,
        noise=result.noise,
        calibration=result.calibration,
    )


def _mask(
    target: Placed,
    place: Place,
    placed: PlacedVisits,
    bodies: Mapping[Node, Body],
) -> tuple[Box, Mask] | None:
    """Voxels of the target that the deposits of another visit would fill.

    Wide enough that no hole is left between mapped voxels, and that the error of the
    alignment does not lose the deposit.
    """
    points = np.concatenate([bodies[node].points_mm for node in place.nodes])
    grid = target.visit.volume.grid
    here = target.aligned.to_moving(points)
    box = _box(grid, here)
    if box is None:
        return None
    part = grid.crop(box)
    index = np.rint(part.to_index(here)).astype(np.int64)
    index = index[((index >= 0) & (index < np.array(part.shape))).all(axis=1)]
    mask = np.zeros(part.shape, bool)
    mask[tuple(index.T)] = True
    source = placed[place.nodes[0].visit]
    errors = [p.aligned.error_mm_at(points) for p in (source, target)]
    error = float(np.median(np.hypot(*errors)))
    holes = HOLE_VOXELS * max(bodies[node].voxel_mm for node in place.nodes)
    return box, reaching(mask, part, max(holes, min(error, WIDENED_MAX_MM)))


def _box(grid: Grid, points_mm: NDArray[np.float64]) -> Box | None:
    """Box of voxels around places, with a margin; None outside the grid."""
    index = grid.to_index(points_mm)
    margin = np.array(grid.radius_voxels(MARGIN_MM))
    low = np.maximum(np.floor(index.min(axis=0)).astype(int) - margin, 0)
    high = np.minimum(
        np.ceil(index.max(axis=0)).astype(int) + margin + 1, np.array(grid.shape)
    )
    if (low >= high).any():
        return None
    s, r, c = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return s, r, c
