"""Random phantoms keep what the family asks for."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from calcitrace.errors import SceneError
from calcitrace.simulation.forms.clearance import clearance
from calcitrace.simulation.forms.surface import surface_points
from calcitrace.simulation.phantom import Phantom
from calcitrace.simulation.scenes.families import (
    FAR_MM,
    KINDS,
    Family,
    random_body,
    random_phantom,
)
from tests.fakes.forms import contains

BODIES = ("limb", "child_limb", "trunk", "hand")
PHANTOMS: dict[str, Phantom] = {}


@pytest.fixture(params=BODIES)
def phantom(request: pytest.FixtureRequest) -> Phantom:
    kind = str(request.param)
    if kind not in PHANTOMS:
        PHANTOMS[kind] = random_phantom(kind, 9, np.random.default_rng(11))
    return PHANTOMS[kind]


def test_masses_and_densities_lie_in_their_ranges(phantom: Phantom) -> None:
    family = Family()

    assert len(phantom.deposits) == 9
    for deposit in phantom.deposits:
        assert family.mass_mg[0] * 0.999 <= deposit.mass_mg <= family.mass_mg[1] * 1.001
        low, high = family.density_mg_cm3
        assert low <= deposit.density_mg_cm3 <= high
        assert deposit.tissue in family.tissues


def test_gaps_are_among_those_asked_for_and_are_true(phantom: Phantom) -> None:
    bones = [p.form for p in phantom.parts if p.material == "cortical_bone"]
    for deposit in phantom.deposits:
        true = min(clearance(deposit.form, bone).gap_mm for bone in bones)
        assert deposit.gap_mm == pytest.approx(true, abs=0.02)
        is_asked = any(abs(true - g) < 0.02 for g in (0.0, 0.5, 1.0, 2.0))
        assert is_asked or true >= FAR_MM


def test_no_random_point_of_a_deposit_lies_in_bone_or_another(phantom: Phantom) -> None:
    bones = [p.form for p in phantom.parts if p.material == "cortical_bone"]
    rng = np.random.default_rng(3)
    for deposit in phantom.deposits:
        surface, _ = surface_points(deposit.form, 0.5)
        low, high = surface.min(axis=0), surface.max(axis=0)
        points = rng.uniform(low, high, (20_000, 3))
        inside = points[contains(deposit.form, points)]
        assert not any(contains(bone, inside).any() for bone in bones)
        others = [d.form for d in phantom.deposits if d is not deposit]
        assert not any(contains(other, inside).any() for other in others)


def test_deposits_keep_apart_and_away_from_the_ends(phantom: Phantom) -> None:
    for one, other in itertools.combinations(phantom.deposits, 2):
        assert clearance(one.form, other.form).gap_mm >= 8.0 - 0.02
    for deposit in phantom.deposits:
        z = surface_points(deposit.form, 0.3)[0][:, 2]
        assert z.min() >= -24.0 - 0.01
        assert z.max() <= 24.0 + 0.01


@pytest.mark.parametrize("kind", ["limb", "child_limb"])
def test_the_same_seed_gives_the_same_phantom(kind: str) -> None:
    first, again, other = (
        random_phantom(kind, 4, np.random.default_rng(seed)) for seed in (11, 11, 12)
    )

    assert again == first
    assert other != first


def test_what_finds_no_room_is_left_out_instead_of_tried_for_ever() -> None:
    crowded = Family(separation_mm=30.0, mass_mg=(50.0, 200.0))

    phantom = random_phantom("child_limb", 40, np.random.default_rng(1), crowded)

    assert 0 < len(phantom.deposits) < 40


def test_a_family_decides_what_is_drawn() -> None:
    family = Family(
        mass_mg=(15.0, 40.0),
        density_mg_cm3=(200.0, 300.0),
        gaps_mm=(None,),
        kinds=("sheet", "cluster"),
        tissues=("fat",),
        separation_mm=4.0,
        has_table=False,
    )

    phantom = random_phantom("limb", 5, np.random.default_rng(2), family)

    assert phantom.deposits
    assert {d.kind for d in phantom.deposits} <= {"sheet", "cluster"}
    assert {d.tissue for d in phantom.deposits} == {"fat"}
    assert all(200 <= d.density_mg_cm3 <= 300 for d in phantom.deposits)
    assert "foam" not in {p.material for p in phantom.parts}


def test_every_kind_is_drawn_sooner_or_later() -> None:
    family = replace(Family(), gaps_mm=(None,), separation_mm=2.0)
    seen: set[str] = set()
    for seed in range(3):
        rng = np.random.default_rng(seed)
        phantom = random_phantom("limb", 14, rng, family)
        seen |= {d.kind for d in phantom.deposits}

    assert seen == {"punctate", "nodule", "sheet", "cluster", "lobulated"}
    assert len(KINDS) == 6


def test_bodies_differ_and_lie_askew(phantom: Phantom) -> None:
    skin = next(p.form for p in phantom.parts if p.material == "skin")
    other = random_body("limb", np.random.default_rng(5)).skin[0]

    assert skin != other
    normals = surface_points(skin, 5.0)[1]
    assert not (np.abs(normals[:, 2]) < 1e-6).all()


@pytest.mark.parametrize(
    ("body", "family", "words"),
    [
        ("tail", Family(), "child_limb"),
        ("limb", Family(kinds=("star",)), "star"),
        ("limb", Family(tissues=()), "tissues"),
        ("limb", Family(gaps_mm=()), "gaps"),
    ],
)
def test_what_does_not_exist_is_refused(body: str, family: Family, words: str) -> None:
    with pytest.raises(SceneError, match=words):
        random_phantom(body, 3, np.random.default_rng(1), family)
