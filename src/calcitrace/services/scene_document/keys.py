"""All keys of a scene, with what they may hold."""

from types import MappingProxyType

from calcitrace.services.scene_document.values import (
    Day,
    Keys,
    Named,
    Number,
    Switch,
    Tables,
    Text,
    Texts,
    Value,
    Vector,
    Whole,
    Word,
)

SHAPES = ("sphere", "ellipsoid", "sheet", "cluster", "lobulated", "punctate")
ACTIONS = ("grow", "shrink", "split", "merge", "vanish", "appear")
BODIES = ("limb", "child_limb", "trunk", "hand", "leg")
# "/" marks pieces of a deposit, ";" separates names.
NAME = Text(without='"/;')
STATE_NAME = Text(without='";')


def _keys(**values: Value) -> Keys:
    return MappingProxyType(values)


POSITION = _keys(
    shift_mm=Vector(3, -200, 200),
    rotation_deg=Vector(3, -180, 180),
    bend_deg=Named(-20, 60),
)
SCENE = _keys(
    name=NAME,
    seed=Whole(0, 2**31 - 1),
    date=Day(),
    body=Tables(),
    machine=Tables(),
    scan=Tables(),
    position=Tables(),
    deposit=Tables(is_list=True),
    visit=Tables(is_list=True),
)
BODY = _keys(kind=Word(BODIES), side=Word(("L", "R")), has_table=Switch())
_LAYERS = _keys(
    width_mm=Number(40, 500),
    thickness_mm=Number(40, 400),
    length_mm=Number(60, 1000),
    skin_mm=Number(0.5, 5),
    fat_mm=Number(1, 80),
)
_LIMB = _keys(
    **_LAYERS,
    cortex_mm=Number(0.5, 8),
    n_bones=Whole(1, 2),
    has_spongy_ends=Switch(),
)
MEASURES = MappingProxyType(
    {
        "limb": _LIMB,
        "child_limb": _LIMB,
        "trunk": _keys(**_LAYERS, wall_mm=Number(12, 40), has_ribs=Switch()),
        "leg": _keys(**_LAYERS, cortex_mm=Number(0.5, 8)),
        "hand": _keys(
            scale=Number(0.5, 1.3), skin_mm=Number(0.5, 3), fat_mm=Number(1, 8)
        ),
    }
)
MACHINE = _keys(
    kvp=Number(70, 140),
    aluminium_mm=Number(1, 20),
    copper_mm=Number(0, 2),
    has_bowtie=Switch(),
    dose_mas=Number(1, 2000),
    scatter_fraction=Number(0, 0.5),
    kernel=Word(("soft", "standard", "sharp")),
    slice_thickness_mm=Number(0.6, 5),
    slice_step_mm=Number(0.2, 10),
    tilt_deg=Number(-30, 30),
    pixel_mm=Number(0.1, 2),
    electronic_photons=Number(0, 1000),
)
SCAN = _keys(
    z_mm=Vector(2, -1000, 1000),
    centre_mm=Vector(2, -250, 250),
    field_of_view_mm=Number(20, 700),
)
DEPOSIT = _keys(
    name=NAME,
    shape=Word(SHAPES),
    density_mg_cm3=Number(50, 1200),
    mass_mg=Number(1e-3, 1e6),
    volume_mm3=Number(1e-3, 1e6),
    diameter_mm=Number(0.1, 100),
    size_mm=Vector(3, 0.1, 200),
    proportions=Vector(3, 0.01, 100),
    parts=Whole(1, 60),
    matrix=Word(("tissue", "fibrous")),
    at_mm=Vector(3, -1000, 1000),
    tissue=Word(("fat", "muscle")),
    gap_to_bone_mm=Number(0, 200),
    depth_mm=Number(0, 200),
    z_mm=Number(-1000, 1000),
    angle_deg=Number(-360, 360),
    bone=Text(),
    along=Word(("skin", "fascia")),
)
VISIT = _keys(
    days=Whole(0, 36500), **POSITION, machine=Tables(), change=Tables(is_list=True)
)
CHANGE = _keys(
    name=STATE_NAME,
    action=Word(ACTIONS),
    factor=Number(0.01, 100),
    parts=Whole(2, 20),
    of=Texts(),
)
