"""Cases of the benchmark: bodies of random measures, each scanned twice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.following.alignment.phantoms import (
    Visit,
    box_grid,
    random_places,
    scanned,
)
from calcitrace.model.alignment import Sighted
from calcitrace.simulation.bodies.body import Body
from calcitrace.simulation.bodies.joints import Bends
from calcitrace.simulation.forms import Point, Pose
from calcitrace.simulation.scenes.families import random_body

Points = NDArray[np.float64]

REPORTED_SEED = 700_000  # from here on nothing was tuned
N_DEPOSITS = 40
GROWTH = (0.75, 1.3)  # on the radius
MARGIN = 2.0  # voxels that a place keeps from the end of a scan to be judged
BOXES_MM: dict[str, tuple[Point, Point]] = {
    "leg": ((-80.0, -80.0, -95.0), (80.0, 105.0, 95.0)),
    "hand": ((-70.0, -40.0, -70.0), (70.0, 70.0, 120.0)),
    "limb": ((-72.0, -70.0, -60.0), (72.0, 74.0, 60.0)),
    "trunk": ((-185.0, -130.0, -70.0), (185.0, 134.0, 70.0)),
}
VOXELS_MM = {
    "leg": (2.0, 1.2, 1.2),
    "hand": (1.2, 0.7, 0.7),
    "limb": (1.5, 1.0, 1.0),
    "trunk": (2.5, 1.8, 1.8),
}
FINGERS: Bends = tuple(
    (f"{joint} {ray}", angle)
    for ray in (2, 3, 4, 5)
    for joint, angle in (("knuckle", 25.0), ("middle joint", 35.0), ("end joint", 20.0))
)
KNEE: Bends = (("knee", 25.0),)


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between the two visits.

    Attributes
    ----------
    body
        Kind of body.
    bends
        Joints at the second visit.
    is_thick
        The second visit is on thick slices, blurred, at another tube voltage.
    """

    name: str
    body: str
    bends: Bends = ()
    is_thick: bool = False


KINDS = (
    Kind("leg, knee bent by 25°", "leg", KNEE),
    Kind("hand, fingers bent", "hand", FINGERS),
    Kind("leg, moved, other protocol", "leg", is_thick=True),
    Kind("hand, moved, other protocol", "hand", is_thick=True),
    Kind("limb, moved", "limb"),
    Kind("trunk, moved", "trunk"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Two scans of one body with deposits that grew or shrank.

    Attributes
    ----------
    places_mm, truth_mm
        Middles of deposits in the first and in the second scan, shape (n, 3); those that
        both scans hold.
    """

    name: str
    reference: Sighted
    moving: Sighted
    places_mm: Points
    truth_mm: Points


def cases(kinds: tuple[Kind, ...], seeds: range) -> Iterator[Case]:
    """Draw cases, all kinds for each seed."""
    for seed in seeds:
        for kind in kinds:
            yield drawn(kind, seed)


def drawn(kind: Kind, seed: int) -> Case:
    """One case."""
    rng = np.random.default_rng(seed)
    body = random_body(kind.body, rng)
    first = _visit(kind.body, rng, VOXELS_MM[kind.body])
    voxel = VOXELS_MM[kind.body]
    if kind.is_thick:
        voxel = (2 * voxel[0], voxel[1], voxel[2])
    second = replace(
        _visit(kind.body, rng, voxel),
        bends=kind.bends,
        growth=GROWTH,
        blur_mm=0.9 if kind.is_thick else 0.5,
        contrast=1.2 if kind.is_thick else 1.0,
    )
    straight = replace(first, pose=Pose())
    places, radii = random_places(body, straight, N_DEPOSITS, rng)
    reference = scanned(body, places, radii, first, seed)
    moving = scanned(body, places, radii, second, seed + 1)
    before, after = (_placed(body, v, places) for v in (first, second))
    both = before[1] & after[1]
    return Case(kind.name, reference, moving, before[0][both], after[0][both])


def _visit(
    body: str, rng: np.random.Generator, voxel: tuple[float, float, float]
) -> Visit:
    """Scan of a body that lies anyhow, with the range of the scan a little elsewhere."""
    low, high = BOXES_MM[body]
    along = float(rng.uniform(-8.0, 8.0))
    box = (low[0], low[1], low[2] + along), (high[0], high[1], high[2] + along)
    a, b, c = rng.uniform(-6.0, 6.0, 3)
    x, y, z = rng.uniform(-6.0, 6.0, 3)
    pose = Pose.of_angles(
        (float(a), float(b), 2 * float(c)), (float(x), float(y), float(z))
    )
    return Visit(box_grid(*box, voxel), pose)


def _placed(
    body: Body, visit: Visit, places: Points
) -> tuple[Points, NDArray[np.bool_]]:
    """Places in a scan, and whether it holds them."""
    found = visit.place(body, places)
    index = visit.grid.to_index(found)
    last = np.array(visit.grid.shape) - 1
    held = ((index >= MARGIN) & (index <= last - MARGIN)).all(axis=1)
    return found, np.asarray(held)
