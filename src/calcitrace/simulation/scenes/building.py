"""Phantoms of a scene, one for each visit."""

import zlib
from dataclasses import dataclass, replace

import numpy as np

from calcitrace.errors import SceneError
from calcitrace.model.grid import Grid
from calcitrace.simulation.bodies.body import Body
from calcitrace.simulation.bodies.joints import Bends, pose_at
from calcitrace.simulation.bodies.plans import built
from calcitrace.simulation.bodies.surroundings import Surroundings
from calcitrace.simulation.bodies.table import table_parts
from calcitrace.simulation.forms import Pose
from calcitrace.simulation.forms.geometry import Array
from calcitrace.simulation.forms.surface import surface_points
from calcitrace.simulation.phantom import Calcification, Part, Phantom
from calcitrace.simulation.scenes.courses import State, States, changed
from calcitrace.simulation.scenes.placing import Extent, Placed, Room, Rule
from calcitrace.simulation.scenes.scene import Change, Deposit, Scene, Visit
from calcitrace.simulation.scenes.searching import Places, Search, found_place, layer
from calcitrace.simulation.tomography.machine import Machine

SEPARATION_MM = 3.0  # between deposits that a rule places
END_MARGIN_MM = 6.0  # of deposits whose height is left open, from the scan's ends
TABLE_REACH_MM = 30.0  # beyond the scan, where the body still rests on the table


@dataclass(frozen=True, slots=True)
class BuiltVisit:
    """One visit, ready to be scanned.

    Attributes
    ----------
    number
        From 1.
    days
        After the first day.
    body_part
        Defined term of DICOM's Body Part Examined.
    phantom
        As it lies in the scanner.
    parents
        Of each deposit: what it came from; None is from nothing.
    """

    number: int
    days: int
    machine: Machine
    grid: Grid
    body_part: str
    phantom: Phantom
    parents: tuple[str | None, ...]


def built_visits(scene: Scene) -> tuple[BuiltVisit, ...]:
    """Place all deposits and follow them through the visits.

    Parameters
    ----------
    scene
        What is asked for.

    Returns
    -------
    tuple
        One entry for each visit; the same scene gives the same.

    Raises
    ------
    InputError
        If the body cannot be built, a deposit finds no room, or a change cannot happen.
    """
    body = built(scene.body)
    around = Surroundings(body)
    states = _placed_states(scene, around)
    visits: list[BuiltVisit] = []
    for number, visit in enumerate(scene.visits, 1):
        for change in visit.changes:
            rng = _rng(scene, f"{number} {change.name}")
            try:
                states = changed(states, change, Room(around), rng)
            except SceneError as error:
                msg = f"Visit {number}: {error}"
                raise SceneError(msg) from error
        visits.append(_built_visit(scene, body, states, number))
    return tuple(visits)


def posed_phantom(
    body: Body,
    deposits: tuple[Calcification, ...],
    fibrous: tuple[str, ...],
    pose: Pose,
    z_mm: tuple[float, float] | None,
) -> Phantom:
    """Body with deposits, turned and shifted, on a table.

    Parameters
    ----------
    body, deposits
        Before they are moved.
    fibrous
        Names of deposits that lie in fibrous tissue of their own.
    pose
        Of the body in the scanner.
    z_mm
        Range that is scanned, below which the table lies; None leaves the table out.
    """
    matrix = tuple(Part(d.form, "fibrous") for d in deposits if d.name in fibrous)
    moved = Phantom((*body.parts, *matrix), deposits).moved(pose)
    if z_mm is None:
        return moved
    low, high = _seen_box_mm(body, pose, z_mm)
    table = table_parts(
        float(high[1]), float(low[0] + high[0]) / 2, float(high[0] - low[0])
    )
    return Phantom((*table, *moved.parts), moved.deposits)


def calcification(deposit: Deposit, placed: Placed) -> Calcification:
    """Deposit as a phantom holds it."""
    return Calcification(
        name=deposit.name,
        form=placed.form,
        density_mg_cm3=deposit.density_mg_cm3,
        kind=deposit.shape.kind,
        tissue=placed.tissue,
        gap_mm=placed.gap_mm,
        depth_mm=placed.depth_mm,
    )


def _built_visit(scene: Scene, body: Body, states: States, number: int) -> BuiltVisit:
    visit = scene.visits[number - 1]
    machine = scene.machine_of(visit)
    here = [s for s in states.values() if s.is_present]
    deposits = tuple(calcification(s.deposit, s.placed) for s in here)
    fibrous = tuple(s.deposit.name for s in here if s.deposit.is_fibrous)
    position = scene.position_of(visit)
    bends = position.bend_deg
    deposits = tuple(_bent(d, body, bends) for d in deposits)
    z_mm = scene.scan.z_mm if scene.has_table else None
    return BuiltVisit(
        number=number,
        days=visit.days,
        machine=machine,
        grid=scene.scan.grid(machine),
        body_part=body.body_part,
        phantom=posed_phantom(body.bent(bends), deposits, fibrous, position.pose, z_mm),
        parents=tuple(s.parent for s in here),
    )


def _bent(deposit: Calcification, body: Body, bends: Bends) -> Calcification:
    """Deposit where its segment of the body went."""
    if not bends:
        return deposit
    pose = pose_at(deposit.centroid_mm, body.joints, bends)
    return replace(deposit, form=deposit.form.moved(pose))


def _placed_states(scene: Scene, around: Surroundings) -> States:
    """Place every deposit, also those that appear later."""
    room = Room(around)
    states: dict[str, State] = {}
    for deposit in scene.deposits:
        if deposit.name in states:
            msg = (
                "Expected a name of its own for each deposit, got "
                f'"{deposit.name}" twice. Rename one.'
            )
            raise SceneError(msg)
        placed = _placed(scene, room, deposit)
        room = room.with_form(deposit.name, placed.form)
        states[deposit.name] = State(
            deposit,
            placed,
            keeps_gap=deposit.rule.gap_to_bone_mm is not None,
            is_present=not _appears_later(deposit.name, scene.visits),
        )
    return states


def _placed(scene: Scene, room: Room, deposit: Deposit) -> Placed:
    rule = deposit.rule
    if rule.at_mm is not None:
        place = room.around.place(rule.at_mm, layer(room.around, rule))
        try:
            form = deposit.shape.form(place, deposit.volume_mm3)
            return room.measured(form, place)
        except SceneError as error:
            x, y, z = rule.at_mm
            msg = (
                f'Expected room for deposit "{deposit.name}" at ({x:g}, {y:g}, {z:g}), '
                f"but there it {error}. Move it or make it smaller."
            )
            raise SceneError(msg) from error
    rng = _rng(scene, deposit.name)
    low, high = scene.scan.z_mm
    margin = END_MARGIN_MM if high - low > 3 * END_MARGIN_MM else 0.0
    extent = Extent((low + margin, high - margin), scene.position.pose)
    search = Search(extent if rule.z_mm is None else None)
    spaced = Room(room.around, room.taken, SEPARATION_MM)
    places = Places.drawn(room.around, rule, extent, rng)
    sized = (deposit.shape, deposit.volume_mm3)
    found = found_place(spaced, rule, sized, search, (places, rng))
    if found is None:
        msg = (
            f'Expected room for deposit "{deposit.name}" ({_asked(rule)}), found none '
            f"in {len(places.points_mm)} places. Ask for less or make it smaller."
        )
        raise SceneError(msg)
    return found


def _asked(rule: Rule) -> str:
    """What a rule asks for, in words."""
    words = [f"in {rule.tissue}"] if rule.tissue else []
    if rule.along:
        words.append(f"along {rule.along}")
    if rule.gap_to_bone_mm is not None:
        words.append(f"{rule.gap_to_bone_mm:g} mm from {rule.bone or 'bone'}")
    elif rule.bone:
        words.append(f"near {rule.bone}")
    if rule.depth_mm is not None:
        words.append(f"{rule.depth_mm:g} mm deep")
    if rule.z_mm is not None:
        words.append(f"at z = {rule.z_mm:g} mm")
    if rule.angle_deg is not None:
        words.append(f"at {rule.angle_deg:g} degrees")
    return ", ".join(words) or "anywhere"


def _appears_later(name: str, visits: tuple[Visit, ...]) -> bool:
    """Whether the first thing that happens to a deposit is that it appears."""
    changes: list[Change] = [c for v in visits for c in v.changes if c.name == name]
    return bool(changes) and changes[0].action == "appear"


def _seen_box_mm(
    body: Body, pose: Pose, z_mm: tuple[float, float]
) -> tuple[Array, Array]:
    """Corners of a box that holds what of the body is near the scanned range."""
    points = np.concatenate([surface_points(f, 3.0)[0] for f in body.skin])
    moved = points @ np.asarray(pose.rotation).T + np.asarray(pose.shift_mm)
    low, high = z_mm[0] - TABLE_REACH_MM, z_mm[1] + TABLE_REACH_MM
    near = moved[(moved[:, 2] >= low) & (moved[:, 2] <= high)]
    seen = near if len(near) else moved
    return seen.min(axis=0), seen.max(axis=0)


def _rng(scene: Scene, name: str) -> np.random.Generator:
    """Random numbers that depend on the seed and a name, not on what came before."""
    return np.random.default_rng((scene.seed, zlib.crc32(name.encode())))
