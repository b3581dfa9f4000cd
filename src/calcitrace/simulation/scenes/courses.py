"""How deposits change from visit to visit."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.surroundings import Place, Surroundings
from calcitrace.simulation.forms import Point
from calcitrace.simulation.forms.clearance import bounding_ball
from calcitrace.simulation.forms.geometry import to_point
from calcitrace.simulation.phantom import MM3_PER_CM3
from calcitrace.simulation.scenes.placing import Aim, Placed, Room, settled
from calcitrace.simulation.scenes.scene import Change, Deposit
from calcitrace.simulation.scenes.searching import layer
from calcitrace.simulation.scenes.shapes import Round

SPLIT_GAP_MM = 2.0  # between pieces
N_DIRECTIONS = 12
SPREADS = (1.0, 1.3, 1.7, 2.2)  # of pieces, relative to the closest they may lie
# Extent of a merged deposit along the line of what merged, relative to across it.
MERGED_RATIOS = (1.8, 1.4, 1.0, 2.4)


@dataclass(frozen=True, slots=True)
class State:
    """A deposit at one visit.

    Attributes
    ----------
    deposit
        What it now is.
    placed
        Where it lies.
    parent
        Name of what it came from by a split; of a merge all names, joined by ";".
    keeps_gap
        It stays as far from bone as it is when it grows.
    is_present
        False before it appears and after it vanishes.
    """

    deposit: Deposit
    placed: Placed
    parent: str | None = None
    keeps_gap: bool = False
    is_present: bool = True


States = Mapping[str, State]


def changed(
    states: States, change: Change, room: Room, rng: np.random.Generator
) -> States:
    """Apply one change.

    Parameters
    ----------
    states
        Deposits by name; order is kept.
    change
        What happens.
    room
        The body without deposits.
    rng
        Decides between equal directions of a split.

    Raises
    ------
    SceneError
        If the change names what is not there, or finds no room.
    """
    if change.action == "merge":
        return _merged(states, change, room)
    if change.action == "appear":
        state = _known(states, change.name)
        if state.is_present:
            msg = (
                f'Expected "{change.name}" to be absent before it appears, but it is '
                "there. Leave the change out."
            )
            raise SceneError(msg)
        others = _room_of(states, room)
        placed = _fit(state.deposit, state.placed.place, others)
        here = replace(state, placed=placed, is_present=True)
        return {**states, change.name: here}
    state = _present(states, change.name)
    if change.action == "vanish":
        return {**states, change.name: replace(state, is_present=False)}
    if change.action in {"grow", "shrink"}:
        others = _room_of(states, room, without=(change.name,))
        return {**states, change.name: _resized(state, change.factor, others)}
    if change.action == "split":
        return _split(states, change, room, rng)
    msg = f'Expected a change that is known, got "{change.action}". Correct it.'
    raise SceneError(msg)


def _resized(state: State, factor: float, room: Room) -> State:
    """Scale a deposit about its middle; what would meet bone moves away from it."""
    deposit = replace(state.deposit, volume_mm3=state.deposit.volume_mm3 * factor)
    place, gap = state.placed.place, state.placed.gap_mm
    form = deposit.shape.form(place, deposit.volume_mm3)
    found = room.around.bone_clearance(form)
    is_near = found is not None and found.gap_mm < 0
    if gap is not None and (state.keeps_gap or is_near):
        outline = layer(room.around, deposit.rule)
        aim = Aim(gap, None, np.eye(3), outline)
        rest = settled(
            room.around, deposit.shape, deposit.volume_mm3, place.point_mm, aim
        )
        if rest is None:
            msg = (
                f'Expected room for "{deposit.name}" to change its size, found none '
                f"{gap:g} mm from bone. Choose a smaller factor."
            )
            raise SceneError(msg)
        form, place = rest
    return replace(state, deposit=deposit, placed=_fit(deposit, place, room))


def _split(
    states: States, change: Change, room: Room, rng: np.random.Generator
) -> States:
    """Put equal pieces side by side along the layers, about the old middle."""
    state = _present(states, change.name)
    others = _room_of(states, room, without=(change.name,))
    n, old = change.parts, state.deposit
    piece = replace(old, volume_mm3=old.volume_mm3 * change.factor / n)
    place = state.placed.place
    form = piece.shape.form(place, piece.volume_mm3)
    apart = 2 * bounding_ball(form)[1] + SPLIT_GAP_MM
    turn = float(rng.uniform(0.0, math.pi))
    for spread in SPREADS:
        for k in range(N_DIRECTIONS):
            angle = turn + math.pi * k / N_DIRECTIONS
            points = _row(room.around, place, (angle, apart * spread), n)
            pieces = _pieces(
                piece, points, state.keeps_gap, state.placed.gap_mm, others
            )
            if pieces is not None:
                children = {
                    s.deposit.name: replace(s, parent=change.name) for s in pieces
                }
                rest = {k: v for k, v in states.items() if k != change.name}
                return {**rest, **children}
    msg = (
        f'Expected room for {n} pieces of "{change.name}", found none about its place. '
        "Choose fewer parts or a smaller factor."
    )
    raise SceneError(msg)


def _row(
    around: Surroundings, place: Place, polar: tuple[float, float], n: int
) -> list[Point]:
    """Points in a row along the layers, all as deep as the place.

    `polar` is the angle of the row in the layer, and the distance between points.
    """
    angle_rad, apart_mm = polar
    way = math.cos(angle_rad) * np.array(place.along) + math.sin(angle_rad) * np.array(
        place.around
    )
    middle = np.array(place.point_mm)
    straight = middle + apart_mm * (np.arange(n) - (n - 1) / 2)[:, None] * way
    rise = around.depth_mm(middle[None])[0] - around.depth_mm(straight)
    return [
        to_point(point - up * np.array(around.place(to_point(point)).out))
        for point, up in zip(straight, rise, strict=True)
    ]


def _pieces(
    piece: Deposit,
    points: Sequence[Point],
    keeps_gap: bool,  # noqa: FBT001 -- of the state
    gap_mm: float | None,
    room: Room,
) -> list[State] | None:
    """Pieces at points, or None if one of them has no room."""
    found: list[State] = []
    outline = layer(room.around, piece.rule)
    aim = Aim(gap_mm if keeps_gap else None, None, np.eye(3), outline)
    for number, point in enumerate(points, 1):
        deposit = replace(piece, name=f"{piece.name}/{number}")
        try:
            rest = settled(room.around, piece.shape, piece.volume_mm3, point, aim)
            if rest is None:
                return None
            placed = room.measured(*rest)
        except SceneError:
            return None
        room = room.with_form(deposit.name, placed.form)
        found.append(State(deposit, placed, keeps_gap=keeps_gap))
    return found


def _merged(states: States, change: Change, room: Room) -> States:
    """Replace deposits by one ellipsoid of their mass along the line of their centres."""
    old = [_present(states, name) for name in change.of]
    rest = {k: v for k, v in states.items() if k not in change.of}
    if change.name in rest:
        msg = (
            f'Expected a new name for what merges, got "{change.name}", which another '
            "deposit has. Choose another."
        )
        raise SceneError(msg)
    others = _room_of(rest, room)
    volume = math.fsum(s.deposit.volume_mm3 for s in old) * change.factor
    mass_mg = math.fsum(s.deposit.mass_mg for s in old) * change.factor
    place = _middle(old, room)
    for ratio in MERGED_RATIOS:
        deposit = replace(
            max(old, key=lambda s: s.deposit.mass_mg).deposit,
            name=change.name,
            shape=Round((1.0, 1.0, ratio)),
            volume_mm3=volume,
            density_mg_cm3=mass_mg / volume * MM3_PER_CM3,
        )
        try:
            placed = _fit(deposit, place, others)
        except SceneError:
            continue
        return {**rest, change.name: State(deposit, placed, ";".join(change.of))}
    names = ", ".join(f'"{name}"' for name in change.of)
    msg = (
        f"Expected room for what {names} merge into, found none between them. Merge "
        "others, or place them further from bone."
    )
    raise SceneError(msg)


def _middle(states: Sequence[State], room: Room) -> Place:
    """Place in the centre of mass, along the line of the two that lie farthest apart."""
    centres = np.array([s.placed.form.centroid_mm for s in states])
    weights = [s.deposit.mass_mg for s in states]
    place = room.around.place(to_point(np.average(centres, axis=0, weights=weights)))
    _, _, axes = np.linalg.svd(centres - centres.mean(axis=0))
    along = axes[0] * (1.0 if axes[0][2] >= 0 else -1.0)
    out = np.array(place.out) - (np.array(place.out) @ along) * along
    if np.linalg.norm(out) < 1e-3:  # noqa: PLR2004 -- any direction across will do
        out = np.cross(along, place.along)
    out /= np.linalg.norm(out)
    return replace(place, out=to_point(out), along=to_point(along))


def _fit(deposit: Deposit, place: Place, room: Room) -> Placed:
    """Deposit at a place.

    Raises
    ------
    SceneError
        Naming the deposit, if there is no room for it.
    """
    form = deposit.shape.form(place, deposit.volume_mm3)
    try:
        return room.measured(form, place)
    except SceneError as error:
        msg = (
            f'Expected room for "{deposit.name}" at its new size, but it {error}. '
            "Choose a smaller factor or another place."
        )
        raise SceneError(msg) from error


def _room_of(states: States, room: Room, without: tuple[str, ...] = ()) -> Room:
    """Body with all deposits that are there, less some."""
    for name, state in states.items():
        if state.is_present and name not in without:
            room = room.with_form(name, state.placed.form)
    return room


def _known(states: States, name: str) -> State:
    if name not in states:
        known = ", ".join(states)
        msg = f'Expected the name of a deposit, got "{name}". Known at this visit: {known}.'
        raise SceneError(msg)
    return states[name]


def _present(states: States, name: str) -> State:
    state = _known(states, name)
    if not state.is_present:
        msg = (
            f'Expected "{name}" to be there when it changes, but it is not. Let it '
            "appear first."
        )
        raise SceneError(msg)
    return state
