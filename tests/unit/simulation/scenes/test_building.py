"""Phantoms of scenes: all deposits, exactly as heavy as asked, apart from each other."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.plans import BodyPlan, usual_shape
from calcitrace.simulation.forms.clearance import clearance
from calcitrace.simulation.forms.surface import surface_points
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.scenes.building import built_visits
from calcitrace.simulation.scenes.placing import Rule
from calcitrace.simulation.scenes.scene import (
    Deposit,
    Position,
    ScanRange,
    Scene,
    Visit,
)
from calcitrace.simulation.scenes.shapes import Round
from calcitrace.simulation.tomography.machine import Machine
from tests.fakes.scenes import one_of_each, scene

BONE = "cortical_bone"


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    (visit,) = built_visits(scene())
    return visit.phantom


def test_every_deposit_is_there_with_its_mass(phantom: Phantom) -> None:
    asked = one_of_each()

    assert [d.name for d in phantom.deposits] == [d.name for d in asked]
    for deposit, wanted in zip(phantom.deposits, asked, strict=True):
        assert deposit.mass_mg == pytest.approx(wanted.mass_mg, rel=1e-9)
        assert deposit.volume_mm3 == pytest.approx(wanted.volume_mm3, rel=1e-9)
        assert deposit.kind == wanted.shape.kind
        assert deposit.tissue == wanted.rule.tissue


def test_deposits_overlap_neither_each_other_nor_bone(phantom: Phantom) -> None:
    bones = [p.form for p in phantom.parts if p.material == BONE]

    for one, other in itertools.combinations(phantom.deposits, 2):
        assert clearance(one.form, other.form).gap_mm >= 3.0 - 1e-3
    for deposit in phantom.deposits:
        gap = min(clearance(deposit.form, bone).gap_mm for bone in bones)
        assert gap > -1e-6
        # A phantom lies turned and shifted, which changes no distance.
        assert deposit.gap_mm == pytest.approx(gap, abs=0.01)


def test_touching_is_told_as_no_gap(phantom: Phantom) -> None:
    touching = next(d for d in phantom.deposits if d.name == "touching")

    assert touching.gap_mm == 0.0


def test_only_a_fibrous_deposit_brings_tissue_of_its_own(phantom: Phantom) -> None:
    fibrous = [p.form for p in phantom.parts if p.material == "fibrous"]

    assert fibrous == [d.form for d in phantom.deposits if d.name == "lump"]


def test_the_same_scene_gives_the_same_phantom(phantom: Phantom) -> None:
    (again,) = built_visits(scene())
    (other,) = built_visits(replace(scene(), seed=2))

    assert again.phantom == phantom
    assert other.phantom.deposits != phantom.deposits


def test_one_more_deposit_moves_none_of_those_before() -> None:
    fewer = built_visits(scene(deposits=one_of_each()[:3]))[0].phantom.deposits
    more = built_visits(scene(deposits=one_of_each()[:4]))[0].phantom.deposits

    assert more[:3] == fewer


def test_lying_elsewhere_carries_deposits_along() -> None:
    turned = Position((5.0, -4.0, 3.0), (0.0, 0.0, 90.0))
    straight = replace(scene(Visit(), Visit(1, position=turned)),
                       position=Position(rotation_deg=(0.0, 0.0, 0.0)))  # fmt: skip

    before, after = (v.phantom.deposits for v in built_visits(straight))

    for one, other in zip(before, after, strict=True):
        x, y, z = one.centroid_mm
        assert other.centroid_mm == pytest.approx((5 - y, x - 4, z + 3))
        assert other.gap_mm == one.gap_mm


def test_a_deposit_goes_along_with_its_limb_when_a_joint_bends() -> None:
    asked = tuple(
        Deposit(name, Round(), 30.0, 400.0, Rule(at_mm=at))
        for name, at in (("thigh", (-30.0, 30.0, 80.0)), ("calf", (-20.0, 30.0, -80.0)))
    )
    bent = Position(rotation_deg=(0.0, 0.0, 0.0), bend_deg=(("knee", 90.0),))
    leg = Scene(
        body=BodyPlan("leg", usual_shape("leg")),
        position=Position(rotation_deg=(0.0, 0.0, 0.0)),
        scan=ScanRange((-150.0, 150.0)),
        deposits=asked,
        visits=(Visit(), Visit(1, position=bent)),
    )

    before, after = (v.phantom.deposits for v in built_visits(leg))

    assert after[0].centroid_mm == pytest.approx(before[0].centroid_mm)
    x, y, z = before[1].centroid_mm
    hinge = 21.0
    assert after[1].centroid_mm == pytest.approx((x, hinge - z, hinge + y))


def test_the_table_lies_below_the_body_wherever_it_lies() -> None:
    for shift in (-20.0, 30.0):
        lying = replace(scene(), position=Position((0.0, shift, 0.0)))
        parts = built_visits(lying)[0].phantom.parts
        table = [p.form for p in parts if p.material == "carbon_fibre"]
        skin = next(p.form for p in parts if p.material == "skin")
        surface, _ = surface_points(skin, 2.0)
        lowest = surface[np.abs(surface[:, 2]) < 60, 1].max()
        board = np.concatenate([surface_points(f, 2.0)[0] for f in table])
        top = board[np.abs(board[:, 0]) < 2.0, 1].min()
        assert top == pytest.approx(lowest + 2.0, abs=0.3)


def test_a_scene_can_do_without_a_table() -> None:
    (visit,) = built_visits(replace(scene(), has_table=False, deposits=()))

    assert visit.phantom.deposits == ()
    assert not {p.material for p in visit.phantom.parts} & {"foam", "carbon_fibre"}


def test_slices_fill_the_range_and_a_tilt_turns_them() -> None:
    scan = ScanRange((-10.0, 20.0), (5.0, -5.0), 100.0)
    machine = Machine(slice_thickness_mm=2.0, slice_step_mm=2.0, pixel_mm=0.5)

    flat = scan.grid(machine)
    tilted = scan.grid(replace(machine, tilt_deg=15.0))

    assert flat.shape == (15, 200, 200)
    middle = (np.array(flat.shape) - 1) / 2
    assert flat.to_world_mm(np.zeros(3))[2] == pytest.approx(-9.0)
    for grid in (flat, tilted):
        assert grid.to_world_mm(middle) == pytest.approx((5.0, -5.0, 5.0))
    normal, down, across = np.array(tilted.direction)
    assert normal @ [0, 0, 1] == pytest.approx(np.cos(np.radians(15)))
    assert np.cross(across, down) == pytest.approx(normal)


@pytest.mark.parametrize(
    ("deposit", "words"),
    [
        (
            Deposit("x", Round(), 30.0, 400.0, Rule("fat", 0.0)),
            "in fat, 0 mm from bone",
        ),
        (
            Deposit("x", Round(), 30.0, 400.0, Rule(at_mm=(12.0, -15.0, 0.0))),
            r"at \(12, -15, 0\), but there it overlaps bone",
        ),
        (
            Deposit("x", Round(), 30.0, 400.0, Rule(at_mm=(0.0, 51.9, 0.0))),
            "not within the body",
        ),
    ],
)
def test_a_deposit_without_room_is_refused_in_one_line(
    deposit: Deposit, words: str
) -> None:
    with pytest.raises(SceneError, match=words) as caught:
        built_visits(scene(deposits=(deposit,)))

    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith('Expected room for deposit "x"')


def test_two_deposits_of_one_name_are_refused() -> None:
    twice = (one_of_each()[0], one_of_each()[0])

    with pytest.raises(SceneError, match='"dot" twice'):
        built_visits(scene(deposits=twice))


@pytest.mark.parametrize(("side", "sign"), [("R", -1), ("L", 1)])
def test_a_hand_carries_its_side(side: str, sign: int) -> None:
    plan = BodyPlan("hand", usual_shape("hand"), side)

    (visit,) = built_visits(Scene(body=plan))

    places = [p.form.centroid_mm for p in visit.phantom.parts if p.material == BONE]
    thumb_x = max((x for x, _, _ in places), key=abs)
    assert visit.body_part == "HAND"
    assert sign * thumb_x > 40
