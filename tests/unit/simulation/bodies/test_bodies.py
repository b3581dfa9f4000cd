"""Bodies are made as they are described."""

import itertools

import numpy as np
import pytest

from calcitrace.errors import InputError, SceneError
from calcitrace.simulation.bodies.child_limb import CHILD
from calcitrace.simulation.bodies.hand import HandShape, hand
from calcitrace.simulation.bodies.limb import LimbShape, limb
from calcitrace.simulation.bodies.plans import BodyPlan, built, usual_shape
from calcitrace.simulation.bodies.table import CLEARANCE_MM, table_parts
from calcitrace.simulation.bodies.trunk import TrunkShape, trunk
from calcitrace.simulation.forms import Capsule, Form
from calcitrace.simulation.forms.clearance import clearance
from calcitrace.simulation.forms.distance import nearest_on_surface
from calcitrace.simulation.forms.surface import surface_points
from calcitrace.simulation.materials import MATERIALS
from tests.fakes.bodies import KINDS, surroundings


@pytest.mark.parametrize("kind", KINDS)
def test_every_material_is_known_and_every_solid_can_be_traced(kind: str) -> None:
    parts = surroundings(kind).body.parts

    assert {p.material for p in parts} <= set(MATERIALS)
    assert max(len(s.planes) for p in parts for s in p.form.solids) <= 6


@pytest.mark.parametrize("kind", KINDS)
def test_bones_lie_below_the_skin_and_hold_what_is_inside(kind: str) -> None:
    around = surroundings(kind)
    for bone in around.body.bones:
        points, _ = surface_points(bone.form, 4.0 if kind == "trunk" else 2.0)
        # The shafts of limbs end where the limb does, ribs beyond the trunk.
        low, high = around.box_mm[0][2] + 3.0, around.box_mm[1][2] - 3.0
        seen = points[(points[:, 2] > low) & (points[:, 2] < high)]
        assert not len(seen) or around.depth_mm(seen).min() > 1.0, bone.name
        for part in bone.inside:
            inner, _ = surface_points(part.form, 4.0 if kind == "trunk" else 1.5)
            inner = inner[(inner[:, 2] > low) & (inner[:, 2] < high)]
            gap = around.gap_mm(inner) if len(inner) else None
            assert gap is None or gap.max() < -0.3, bone.name


def test_a_hand_has_all_of_its_bones_apart_from_each_other() -> None:
    bones = hand().bones
    names = [b.name for b in bones]

    n_long = sum("phalanx" in name or "metacarpal" in name for name in names)
    assert n_long == 19
    assert len(names) == len(set(names)) == 19 + 8 + 4
    for one, other in itertools.combinations(bones, 2):
        if one.name.split()[0] != other.name.split()[0] or "end" not in other.name:
            assert clearance(one.form, other.form).gap_mm > 0.3, (one.name, other.name)


def test_a_left_hand_mirrors_a_right_one() -> None:
    right, left = hand(HandShape()), hand(HandShape(is_left=True))

    for one, other in zip(right.bones, left.bones, strict=True):
        x, y, z = one.form.centroid_mm
        assert other.form.centroid_mm == pytest.approx((-x, y, z))


def test_layers_of_a_limb_have_their_thickness() -> None:
    shape = LimbShape(width_mm=100.0, thickness_mm=100.0, skin_mm=2.0, fat_mm=10.0)
    around_x = np.array([[x, 0.0, 0.0] for x in (49.0, 47.0, 39.0, 37.0, 51.0)])

    body = limb(shape)
    tissues = [
        "".join(p.material for p in body.soft if p.form.solids[0].contains(point))
        for point in around_x
    ]

    assert tissues == ["skin", "skinfat", "skinfat", "skinfatmuscle", ""]


def test_bone_has_a_cortex_of_its_thickness() -> None:
    bone = limb(LimbShape(n_bones=1, cortex_mm=3.0)).bones[0]
    (marrow,) = bone.inside

    points, _ = surface_points(marrow.form, 3.0)
    wall = -nearest_on_surface(bone.form, points)[0]
    assert wall[np.abs(points[:, 2]) < 150] == pytest.approx(3.0, abs=0.06)


def test_a_childs_limb_is_small_with_thin_bones() -> None:
    body = surroundings("child_limb").body

    assert {p.material for b in body.bones for p in b.inside} == {"red_marrow"}
    assert CHILD.cortex_mm < LimbShape().cortex_mm
    assert CHILD.width_mm < LimbShape().width_mm


def test_spongy_ends_widen_the_bones() -> None:
    names = [b.name for b in limb(LimbShape(has_spongy_ends=True)).bones]

    assert names == [
        "tibia",
        "tibia distal",
        "tibia proximal",
        "fibula",
        "fibula distal",
        "fibula proximal",
    ]


def test_a_belly_has_a_spine_and_no_ribs() -> None:
    chest, belly = trunk(), trunk(TrunkShape(has_ribs=False))

    assert any(b.name.startswith("rib") for b in chest.bones)
    assert not any(b.name.startswith("rib") for b in belly.bones)
    assert any(b.name.startswith("vertebra") for b in belly.bones)
    assert (chest.body_part, belly.body_part) == ("CHEST", "ABDOMEN")


@pytest.mark.parametrize(
    "plan",
    [
        BodyPlan("limb", LimbShape(fat_mm=45.0)),
        BodyPlan("limb", LimbShape(cortex_mm=9.0)),
        BodyPlan("trunk", TrunkShape(thickness_mm=110.0)),
        BodyPlan("trunk", TrunkShape(fat_mm=80.0, wall_mm=40.0)),
        BodyPlan("trunk", LimbShape()),
        BodyPlan("tail", LimbShape()),
    ],
)
def test_a_body_without_room_for_its_tissues_is_refused(plan: BodyPlan) -> None:
    with pytest.raises(InputError, match=r"^Expected .*, got .*\. \w+.*\.$"):
        built(plan)


def test_what_is_no_body_is_refused() -> None:
    with pytest.raises(SceneError, match="child_limb"):
        usual_shape("tail")


def test_the_table_lies_just_below_the_body() -> None:
    parts = table_parts(50.0, 3.0, 100.0)

    assert [p.material for p in parts] == ["carbon_fibre", "foam", "carbon_fibre"]
    points = np.concatenate([surface_points(p.form, 4.0)[0] for p in parts])
    middle = np.abs(points[:, 0] - 3.0) < 2.0
    assert points[middle, 1].min() == pytest.approx(50.0 + CLEARANCE_MM, abs=0.01)
    assert np.ptp(points[:, 0]) == pytest.approx(100.0, rel=0.06)


def test_a_knee_turns_the_calf_about_its_hinge_and_leaves_the_thigh() -> None:
    straight = built(BodyPlan("leg", usual_shape("leg")))
    bent = straight.bent((("knee", 25.0),))
    before = {b.name: np.array(b.form.centroid_mm) for b in straight.bones}
    after = {b.name: np.array(b.form.centroid_mm) for b in bent.bones}

    hinge = np.array([0.0, 0.0, 21.0])
    for name in ("tibia", "fibula", "tibia plateau", "fibula head"):
        old, new = before[name] - hinge, after[name] - hinge
        assert np.linalg.norm(new) == pytest.approx(np.linalg.norm(old))
        assert new[0] == pytest.approx(old[0])
        assert new[1] > old[1]  # backwards
    for name in ("femur", "kneecap", "medial condyle"):
        assert after[name] == pytest.approx(before[name])


@pytest.mark.parametrize("is_left", [False, True])
def test_a_finger_bends_to_the_palm_joint_after_joint(is_left: bool) -> None:
    straight = hand(HandShape(is_left=is_left))
    bends = (("knuckle 3", 20.0), ("middle joint 3", 30.0), ("end joint 3", 10.0))
    bent = straight.bent(bends)
    turned = {
        one.name: _angle_deg(one.form, other.form)
        for one, other in zip(straight.bones, bent.bones, strict=True)
        if "phalanx" in one.name or "metacarpal" in one.name
    }

    assert turned.pop("proximal phalanx 3") == pytest.approx(20.0)
    assert turned.pop("middle phalanx 3") == pytest.approx(50.0)
    assert turned.pop("distal phalanx 3") == pytest.approx(60.0)
    assert max(turned.values()) == pytest.approx(0.0, abs=1e-4)
    tip = {b.name: b.form.centroid_mm for b in bent.bones}["distal phalanx 3"]
    assert tip[1] > 20.0  # on the side of the palm


def test_bones_stay_apart_when_fingers_bend() -> None:
    joints = [(j.name, 40.0) for j in hand().joints if not j.name.endswith("1")]
    bones = hand().bent(tuple(joints)).bones

    for one, other in itertools.combinations(bones, 2):
        if "phalanx" in one.name and "phalanx" in other.name:
            assert clearance(one.form, other.form).gap_mm > 0.1, (one.name, other.name)


def test_skin_is_whole_across_a_bent_joint() -> None:
    straight = hand()
    joint = next(j for j in straight.joints if j.name == "middle joint 2")
    for angle in (0.0, 45.0):
        bent = straight.bent((("middle joint 2", angle),))
        inside = [
            f.solids[k].contains(np.array([joint.at_mm]))[0]
            for f in bent.skin
            for k in range(len(f.solids))
        ]
        assert sum(inside) >= 2  # both pieces share a ball there


def test_a_joint_that_is_not_there_is_refused() -> None:
    with pytest.raises(SceneError, match="Expected a joint of knee"):
        built(BodyPlan("leg", usual_shape("leg"))).bent((("elbow", 10.0),))


def _angle_deg(one: Form, other: Form) -> float:
    assert isinstance(one, Capsule)
    assert isinstance(other, Capsule)
    a, b = (np.array(f.end_mm) - np.array(f.start_mm) for f in (one, other))
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
