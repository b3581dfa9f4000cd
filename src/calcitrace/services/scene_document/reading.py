"""A scene out of a document of nested tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from calcitrace.errors import SceneError
from calcitrace.services.scene_document.deposits import deposit_from
from calcitrace.services.scene_document.keys import (
    BODY,
    CHANGE,
    MACHINE,
    MEASURES,
    POSITION,
    SCAN,
    SCENE,
    VISIT,
)
from calcitrace.services.scene_document.values import checked, refuse
from calcitrace.simulation.bodies.plans import BodyPlan, usual_shape
from calcitrace.simulation.scenes.scene import (
    Change,
    Position,
    ScanRange,
    Scene,
    Visit,
)
from calcitrace.simulation.tomography.machine import Kernel, Machine

MAX_VISITS = 99
MAX_PIXELS, MAX_SLICES = 1024, 3000

Table = Mapping[str, object]


def scene_from(document: Table) -> Scene:
    """Scene with what a document says, and defaults for all else.

    Parameters
    ----------
    document
        Tables as TOML nests them.

    Raises
    ------
    SceneError
        In one line, if a key does not exist, a value is not allowed, or values do not
        go together.
    """
    values = checked(document, SCENE, "")
    scene = Scene()
    body_table = _table(values, "body")
    named = {
        field: values[key]
        for key, field in (("name", "name"), ("seed", "seed"), ("date", "first_day"))
        if key in values
    }
    scene = replace(
        scene,
        **cast("dict[str, Any]", named),
        body=_body(body_table),
        has_table=body_table.get("has_table") is not False,
        machine=_machine(_table(values, "machine"), Machine(), "machine"),
        position=_position(_table(values, "position"), "position", Position()),
    )
    scene = replace(
        scene,
        scan=_scan(_table(values, "scan")),
        deposits=tuple(
            deposit_from(table, number, scene.seed)
            for number, table in enumerate(_rows(values, "deposit"), 1)
        ),
    )
    visits = _visits(_rows(values, "visit"), scene)
    scene = replace(scene, visits=visits or (Visit(),))
    for visit in scene.visits:
        _check_size(scene.scan, scene.machine_of(visit))
    return scene


def _body(table: Table) -> BodyPlan:
    kind = table.get("kind", "limb")
    if not isinstance(kind, str) or kind not in MEASURES:
        refuse("body.kind", BODY["kind"].says, kind)
    measures = MEASURES[kind]
    values = checked(table, {**BODY, **measures}, "body")
    given = {key: values[key] for key in measures if key in values}
    shape = replace(usual_shape(kind), **cast("dict[str, Any]", given))
    return BodyPlan(kind, shape, cast("str | None", values.get("side")))


def _machine(table: Table, before: Machine, where: str) -> Machine:
    """Machine with some settings changed; slices touch unless their step is said."""
    values = cast("dict[str, Any]", checked(table, MACHINE, where))
    if "kernel" in values:
        values["kernel"] = Kernel(values["kernel"])
    if "slice_thickness_mm" in values and "slice_step_mm" not in values:
        values["slice_step_mm"] = values["slice_thickness_mm"]
    return replace(before, **values)


def _position(table: Table, where: str, before: Position) -> Position:
    values = cast("dict[str, Any]", checked(table, POSITION, where))
    return replace(before, **values)


def _scan(table: Table) -> ScanRange:
    values = cast("dict[str, Any]", checked(table, SCAN, "scan"))
    scan = ScanRange(**values)
    if scan.z_mm[0] >= scan.z_mm[1]:
        refuse("scan.z_mm", "the lower end first", list(scan.z_mm))
    return scan


def _check_size(scan: ScanRange, machine: Machine) -> None:
    low, high = scan.z_mm
    if high - low < machine.slice_step_mm:
        expected = f"a range of at least one slice ({machine.slice_step_mm:g} mm)"
        refuse("scan.z_mm", expected, [low, high])
    n_pixels = round(scan.field_of_view_mm / machine.pixel_mm)
    if n_pixels > MAX_PIXELS:
        expected = f"at most {MAX_PIXELS} pixels of {machine.pixel_mm:g} mm"
        refuse("scan.field_of_view_mm", expected, scan.field_of_view_mm)
    if (high - low) / machine.slice_step_mm > MAX_SLICES:
        expected = f"at most {MAX_SLICES} slices of {machine.slice_step_mm:g} mm"
        refuse("scan.z_mm", expected, [low, high])


def _visits(tables: Sequence[Table], scene: Scene) -> tuple[Visit, ...]:
    if len(tables) > MAX_VISITS:
        refuse("visit", f"at most {MAX_VISITS} visits", len(tables))
    visits: list[Visit] = []
    for number, table in enumerate(tables, 1):
        where = f"visit {number}"
        values = checked(table, VISIT, where)
        days = cast("int", values.get("days", 0))
        if visits and days <= visits[-1].days:
            refuse(f"{where}.days", f"more than {visits[-1].days} days", days)
        changes = _rows(values, "change")
        if changes and number == 1:
            msg = (
                "Expected no change at the first visit of the scene, got "
                f"{len(changes)}. Change the deposits themselves."
            )
            raise SceneError(msg)
        moved = {key: table[key] for key in POSITION if key in table}
        visits.append(
            Visit(
                days=days,
                machine=_machine(
                    _table(values, "machine"), scene.machine, f"{where}.machine"
                ),
                position=_position(moved, where, scene.position),
                changes=tuple(_change(c, f"{where}.change") for c in changes),
            )
        )
    return tuple(visits)


def _change(table: Table, where: str) -> Change:
    values = checked(table, CHANGE, where)
    for key in ("name", "action"):
        if key not in values:
            refuse(where, f'the key "{key}"', dict(table))
    action = str(values["action"])
    allowed = {
        "grow": {"factor"},
        "shrink": {"factor"},
        "split": {"factor", "parts"},
        "merge": {"factor", "of"},
    }.get(action, set())
    extra = sorted(set(values) - {"name", "action"} - allowed)
    if extra:
        refuse(
            f"{where}.{extra[0]}", f'nothing with action "{action}"', values[extra[0]]
        )
    factor = cast("float | None", values.get("factor"))
    if action == "grow" and (factor is None or factor <= 1):
        refuse(f"{where}.factor", 'a factor above 1 with action "grow"', factor)
    if action == "shrink" and (factor is None or factor >= 1):
        refuse(f"{where}.factor", 'a factor below 1 with action "shrink"', factor)
    if action == "merge" and "of" not in values:
        refuse(f"{where}.of", "the names of what merges", None)
    return Change(**cast("dict[str, Any]", values))


def _table(values: Table, key: str) -> Table:
    return cast("Table", values.get(key, {}))


def _rows(values: Table, key: str) -> Sequence[Table]:
    return cast("Sequence[Table]", values.get(key, []))
