"""Courses of deposits with true links, drawn as voxels: identity apart from measuring."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.following import Body
from calcitrace.analysis.following.bodies import MAX_POINTS
from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.plans import BodyPlan, usual_shape
from calcitrace.simulation.forms.clearance import bounding_ball
from calcitrace.simulation.phantom import Calcification
from calcitrace.simulation.scenes.building import BuiltVisit, built_visits
from calcitrace.simulation.scenes.placing import Rule
from calcitrace.simulation.scenes.scene import (
    Change,
    Deposit,
    Position,
    ScanRange,
    Scene,
    Visit,
)
from calcitrace.simulation.scenes.shapes import Round, Shape, cluster, lobulated
from calcitrace.simulation.tomography.machine import Machine

Points = NDArray[np.float64]
Pairs = frozenset[tuple[int, int]]
COARSE = Machine(pixel_mm=2.0, slice_thickness_mm=2.0, slice_step_mm=2.0)
BODIES = ("limb",)
SPACING_MM = (0.7, 0.7, 1.0)  # x, y, z of the voxels that are drawn
N_DEPOSITS = 16
MASS_STD = 0.03  # of a mass that a scan would give, relative


@dataclass(frozen=True, eq=False)
class Course:
    """Deposits of two visits in one space, and which are the same.

    Attributes
    ----------
    links
        True pairs of indices.
    splits, merges
        True links of each deposit that split, and of each that several became.
    """

    before: tuple[Body, ...]
    after: tuple[Body, ...]
    links: Pairs
    splits: tuple[Pairs, ...]
    merges: tuple[Pairs, ...]


def courses(seeds: Sequence[int]) -> Iterator[Course]:
    """One course for each seed; bodies take turns."""
    for number, seed in enumerate(seeds):
        yield course(BODIES[number % len(BODIES)], seed)


def course(body: str, seed: int) -> Course:
    """Random deposits that grow, shrink, split, merge, vanish and appear."""
    rng = np.random.default_rng(seed)
    deposits = tuple(_deposit(f"d{k}", rng) for k in range(N_DEPOSITS))
    scene = Scene(
        body=BodyPlan(body, usual_shape(body)),
        machine=COARSE,
        scan=ScanRange((-40.0, 40.0), field_of_view_mm=200.0),
        deposits=deposits,
        position=Position(rotation_deg=(0.0, 0.0, 0.0)),
        has_table=False,
        seed=seed,
    )
    scene = _placeable(scene)
    order = rng.permutation(len(scene.deposits))
    names = [scene.deposits[int(k)].name for k in order]
    visits: list[Visit] = [Visit(0), Visit(1), Visit(2)]
    # What merges lay in pieces before; what appears was not there.
    for k, name in enumerate(names[:2]):
        parts = 2 + k
        visits = _tried(scene, visits, 1, Change(name, "split", parts=parts))
        pieces = tuple(f"{name}/{n + 1}" for n in range(parts))
        visits = _tried(scene, visits, 2, Change(name, "merge", of=pieces))
    for k, name in enumerate(names[2:4]):
        visits = _tried(scene, visits, 2, Change(name, "split", parts=2 + k))
    for name in names[4:6]:
        visits = _tried(scene, visits, 2, Change(name, "vanish"))
    for name in names[6:8]:
        visits = _tried(scene, visits, 2, Change(name, "appear"))
    for name in names[8:]:
        factor = float(np.exp(rng.normal(0.0, 0.4)))
        action = "grow" if factor > 1 else "shrink"
        visits = _tried(scene, visits, 2, Change(name, action, factor))
    _, first, second = built_visits(replace(scene, visits=tuple(visits)))
    return _course(first, second, rng)


def _deposit(name: str, rng: np.random.Generator) -> Deposit:
    shapes: tuple[Shape, ...] = (
        Round(),
        Round((1.0, 1.5, 2.0)),
        lobulated(4, rng),
        cluster(4, rng),
    )
    shape = shapes[int(rng.integers(len(shapes)))]
    volume = math.exp(rng.uniform(math.log(4.0), math.log(300.0)))
    tissue = "fat" if rng.random() < 0.5 else "muscle"  # noqa: PLR2004 -- one of two
    return Deposit(name, shape, volume, float(rng.uniform(150, 800)), Rule(tissue))


def _placeable(scene: Scene) -> Scene:
    """Scene with those of its deposits that find room, each at its place.

    Places are looked for once; deposits that lie at given points are built at once.
    """
    deposits = list(scene.deposits)
    while True:
        try:
            (visit,) = built_visits(replace(scene, deposits=tuple(deposits)))
        except SceneError as error:
            deposits = [d for d in deposits if f'"{d.name}"' not in str(error)]
            continue
        break
    found = {d.name: d.centroid_mm for d in visit.phantom.deposits}
    fixed: list[Deposit] = []
    for deposit in deposits:
        rule = Rule(deposit.rule.tissue, at_mm=found[deposit.name])
        more = [*fixed, replace(deposit, rule=rule)]
        try:
            built_visits(replace(scene, deposits=tuple(more)))
        except SceneError:
            continue
        fixed = more
    return replace(scene, deposits=tuple(fixed))


def _tried(
    scene: Scene, visits: list[Visit], place: int, change: Change
) -> list[Visit]:
    """Visits with a change more, if there is room for it."""
    more = list(visits)
    more[place] = replace(visits[place], changes=(*visits[place].changes, change))
    try:
        built_visits(replace(scene, visits=tuple(more)))
    except SceneError:
        return visits
    return more


def _course(first: BuiltVisit, second: BuiltVisit, rng: np.random.Generator) -> Course:
    before = [_body(d, rng) for d in first.phantom.deposits]
    after = [_body(d, rng) for d in second.phantom.deposits]
    old = {d.name: i for i, d in enumerate(first.phantom.deposits)}
    links: set[tuple[int, int]] = set()
    splits: dict[str, set[tuple[int, int]]] = {}
    merges: list[Pairs] = []
    for j, (deposit, parent) in enumerate(
        zip(second.phantom.deposits, second.parents, strict=True)
    ):
        names = [deposit.name] if parent is None else parent.split(";")
        mine = {(old[n], j) for n in names if n in old}
        links |= mine
        if len(mine) > 1:
            merges.append(frozenset(mine))
        elif parent is not None and mine:
            splits.setdefault(parent, set()).update(mine)
    return Course(
        tuple(before),
        tuple(after),
        frozenset(links),
        tuple(frozenset(s) for s in splits.values()),
        tuple(merges),
    )


def _body(deposit: Calcification, rng: np.random.Generator) -> Body:
    """Voxels whose centres lie in a deposit, on a lattice of its own."""
    centre, reach = bounding_ball(deposit.form)
    n = [math.ceil(reach / d) + 1 for d in SPACING_MM]
    index = np.indices([2 * k + 1 for k in n]).reshape(3, -1).T - np.array(n)
    offset = rng.uniform(-0.5, 0.5, 3)
    points = (index + offset) * np.array(SPACING_MM) + np.asarray(centre)
    inside = np.zeros(len(points), bool)
    for solid in deposit.form.solids:
        inside |= solid.contains(points)
    found = points[inside] if inside.any() else np.asarray([deposit.centroid_mm])
    found = found[:: -(-len(found) // MAX_POINTS)]
    mass = deposit.mass_mg * (1 + MASS_STD * float(rng.normal()))
    return Body(found, max(SPACING_MM), mass, MASS_STD * deposit.mass_mg)
