"""What becomes of deposits from visit to visit."""

import math
from collections.abc import Mapping
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calcitrace.errors import SceneError
from calcitrace.simulation.forms.clearance import clearance
from calcitrace.simulation.phantom import Calcification
from calcitrace.simulation.scenes.building import built_visits
from calcitrace.simulation.scenes.placing import Rule
from calcitrace.simulation.scenes.scene import Change, Deposit, Visit
from calcitrace.simulation.scenes.shapes import Round
from tests.fakes.scenes import scene

Found = Mapping[str, Calcification]


def followed(*changes: Change) -> tuple[Found, Found, Mapping[str, str | None]]:
    """Return deposits before and after changes, and what they came from."""
    first, second = built_visits(scene(Visit(), Visit(90, changes=changes)))
    parents = {d.name: p for d, p in
               zip(second.phantom.deposits, second.parents, strict=True)}  # fmt: skip
    return (
        {d.name: d for d in first.phantom.deposits},
        {d.name: d for d in second.phantom.deposits},
        parents,
    )


@cache
def at_first() -> Found:
    return {d.name: d for d in built_visits(scene())[0].phantom.deposits}


NAMES = ["dot", "touching", "egg", "plate", "heap", "lump"]


@settings(max_examples=8)
@given(st.sampled_from(NAMES), st.floats(0.2, 1.8))
def test_mass_grows_and_shrinks_by_the_factor_and_nothing_else_changes(
    name: str, factor: float
) -> None:
    action = "grow" if factor > 1 else "shrink"
    _, after, parents = followed(Change(name, action, factor))

    before = at_first()
    assert after[name].mass_mg == pytest.approx(before[name].mass_mg * factor, rel=1e-9)
    assert after[name].density_mg_cm3 == before[name].density_mg_cm3
    assert parents[name] is None
    assert {k: v for k, v in after.items() if k != name} == {
        k: v for k, v in before.items() if k != name
    }


@pytest.mark.parametrize("name", ["touching", "egg"])
def test_what_was_placed_at_a_gap_keeps_it(name: str) -> None:
    before, after, _ = followed(Change(name, "grow", 1.7))

    assert after[name].gap_mm == pytest.approx(before[name].gap_mm, abs=2e-3)


def test_what_grows_about_its_middle_stays_there() -> None:
    before, after, _ = followed(Change("heap", "shrink", 0.4))

    assert after["heap"].centroid_mm == pytest.approx(before["heap"].centroid_mm)


@settings(max_examples=8)
@given(st.sampled_from(NAMES), st.integers(2, 4))
def test_a_split_keeps_the_mass_and_its_pieces_lie_apart(name: str, n: int) -> None:
    before, after, parents = followed(Change(name, "split", parts=n))

    pieces = [after[f"{name}/{k + 1}"] for k in range(n)]
    total = math.fsum(p.mass_mg for p in pieces)
    assert total == pytest.approx(before[name].mass_mg, rel=1e-9)
    assert name not in after
    assert {parents[p.name] for p in pieces} == {name}
    for i, one in enumerate(pieces):
        for other in pieces[:i]:
            assert clearance(one.form, other.form).gap_mm > 0.5
        distance = math.dist(one.centroid_mm, before[name].centroid_mm)
        assert distance < 12 * n


def test_a_merge_keeps_the_mass_and_names_what_it_came_from() -> None:
    before, after, parents = followed(
        Change("both", "merge", of=("heap", "lump")),
    )

    masses = [before[name].mass_mg for name in ("heap", "lump")]
    assert after["both"].mass_mg == pytest.approx(sum(masses), rel=1e-9)
    assert after["both"].volume_mm3 == pytest.approx(
        before["heap"].volume_mm3 + before["lump"].volume_mm3
    )
    assert parents["both"] == "heap;lump"
    assert not {"heap", "lump"} & set(after)


def test_a_split_that_merges_again_weighs_what_it_did() -> None:
    visits = built_visits(
        scene(
            Visit(),
            Visit(30, changes=(Change("lump", "split", parts=3),)),
            Visit(60, changes=(
                Change("lump", "merge", of=("lump/1", "lump/2", "lump/3")),)),
        )
    )  # fmt: skip

    first, _, last = ({d.name: d.mass_mg for d in v.phantom.deposits} for v in visits)
    assert last["lump"] == pytest.approx(first["lump"], rel=1e-9)
    assert [len(v.phantom.deposits) for v in visits] == [6, 8, 6]


def test_deposits_vanish_and_appear() -> None:
    visits = built_visits(
        scene(
            Visit(),
            Visit(30, changes=(Change("egg", "vanish"), Change("dot", "appear"))),
            Visit(60, changes=(Change("egg", "appear"),)),
        )
    )

    names = [{d.name for d in v.phantom.deposits} for v in visits]
    assert names == [set(NAMES) - {"dot"}, set(NAMES) - {"egg"}, set(NAMES)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((Change("eg", "vanish"),), 'got "eg". Known at this visit: dot'),
        ((Change("egg", "appear"),), "absent before it appears"),
        ((Change("egg", "vanish"), Change("egg", "grow", 2.0)), "but it is not"),
        ((Change("dot", "merge", of=("egg", "heap")),), "another deposit has"),
        ((Change("egg", "melt"),), '"melt"'),
        ((Change("heap", "grow", 5000.0),), "Choose a smaller factor"),
        ((Change("lump", "split", 5000.0, 9),), "Choose fewer parts"),
    ],
)
def test_what_cannot_happen_is_refused_with_the_visit(
    changes: tuple[Change, ...], words: str
) -> None:
    if words.startswith("absent"):  # "egg" would be taken as not there yet
        changes = (Change("egg", "shrink", 0.5), *changes)
    with pytest.raises(SceneError, match=words) as caught:
        followed(*changes)

    assert str(caught.value).startswith("Visit 2: Expected ")
    assert "\n" not in str(caught.value)


def test_what_grows_into_bone_moves_off_it() -> None:
    near = Deposit("x", Round(), 20.0, 400.0, Rule(at_mm=(-13.0, 2.5, 0.0)))
    visits = built_visits(
        scene(Visit(), Visit(9, changes=(Change("x", "grow", 20.0),)), deposits=(near,))
    )

    before, after = (v.phantom.deposits[0] for v in visits)
    assert before.gap_mm is not None
    assert after.gap_mm == pytest.approx(before.gap_mm, abs=2e-3)
    assert after.mass_mg == pytest.approx(20 * before.mass_mg)
