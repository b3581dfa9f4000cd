"""Random bodies with random deposits, for validation."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from calcitrace.errors import SceneError
from calcitrace.simulation.bodies.body import Body
from calcitrace.simulation.bodies.hand import HandShape
from calcitrace.simulation.bodies.leg import LegShape
from calcitrace.simulation.bodies.limb import LimbShape
from calcitrace.simulation.bodies.plans import BodyPlan, BodyShape, built, usual_shape
from calcitrace.simulation.bodies.surroundings import Surroundings
from calcitrace.simulation.bodies.trunk import TrunkShape
from calcitrace.simulation.forms import Pose
from calcitrace.simulation.phantom import MM3_PER_CM3, Calcification, Phantom
from calcitrace.simulation.scenes.building import calcification, posed_phantom
from calcitrace.simulation.scenes.placing import Extent, Placed, Room, Rule
from calcitrace.simulation.scenes.scene import Deposit
from calcitrace.simulation.scenes.searching import Places, Search, found_place
from calcitrace.simulation.scenes.shapes import (
    Round,
    Shape,
    Sheet,
    cluster,
    lobulated,
)

KINDS = ("punctate", "ball", "ellipsoid", "sheet", "cluster", "lobulated")
PUNCTATE_MAX_MM = 2.5  # diameter
TRUNK_MARGIN_MM = 45.0  # of a trunk beyond the scan: it may lie turned
FAR_MM = 5.0  # from bone, where no gap is asked
N_FAILURES = 20  # deposits in a row that find no room, before no more are drawn
N_TRIES = 8  # places tried for each
SHEET_THICKNESS_MM = (0.8, 2.5)
# Mass in mg from which a kind is worth its name.
LEAST_MG = {"sheet": 10.0, "cluster": 3.0, "lobulated": 5.0}


@dataclass(frozen=True, slots=True)
class Family:
    """What random phantoms have in common.

    Attributes
    ----------
    mass_mg
        Least and largest mass; masses are log-uniform between them.
    density_mg_cm3
        Least and largest; uniform.
    gaps_mm
        Gaps to bone to draw from; None is far, at least 5 mm.
    kinds
        Of `KINDS`.
    tissues
        "fat", "muscle" or both; all of a deposit lies in one.
    separation_mm
        Least distance between surfaces of deposits.
    z_mm
        Ends of the range that will be scanned.
    end_margin_mm
        Deposits stay so far from the ends.
    has_table
        A table lies below the body.
    """

    mass_mg: tuple[float, float] = (0.25, 200.0)
    density_mg_cm3: tuple[float, float] = (120.0, 1000.0)
    gaps_mm: tuple[float | None, ...] = (0.0, 0.5, 1.0, 2.0, None)
    kinds: tuple[str, ...] = KINDS
    tissues: tuple[str, ...] = ("fat", "muscle")
    separation_mm: float = 8.0
    z_mm: tuple[float, float] = (-30.0, 30.0)
    end_margin_mm: float = 6.0
    has_table: bool = True


def random_phantom(
    body: str,
    n_deposits: int,
    rng: np.random.Generator,
    family: Family | None = None,
) -> Phantom:
    """Body of random measures and pose, with random deposits.

    What finds no room is drawn anew. So large masses next to bone or in thin fat are
    rarer than the family asks for. After 20 failures in a row it stops, and there are
    fewer deposits than wanted: `len(phantom.deposits)` says how many.

    Parameters
    ----------
    body
        "limb", "child_limb", "trunk", "hand" or "leg".
    n_deposits
        How many are wanted.
    rng
        The same state gives the same phantom.
    family
        What to draw from.

    Raises
    ------
    SceneError
        If there is no such body, or the family asks for what does not exist.
    """
    family = Family() if family is None else family
    unknown = [k for k in family.kinds if k not in KINDS]
    if unknown or not family.kinds or not family.tissues or not family.gaps_mm:
        msg = (
            "Expected a family with gaps, tissues, and kinds of "
            f"{', '.join(KINDS)}, got {unknown or 'none'}. Correct it."
        )
        raise SceneError(msg)
    reach_mm = max(abs(z) for z in family.z_mm) + TRUNK_MARGIN_MM
    made = random_body(body, rng, 2 * reach_mm)
    pose = random_pose(rng)
    deposits = _random_deposits(made, pose, n_deposits, rng, family)
    z_mm = family.z_mm if family.has_table else None
    return posed_phantom(made, deposits, (), pose, z_mm)


def random_body(
    kind: str, rng: np.random.Generator, trunk_length_mm: float = 300.0
) -> Body:
    """Body with measures as they vary between people.

    Parameters
    ----------
    kind
        "limb", "child_limb", "trunk", "hand" or "leg".
    rng
        The same state gives the same body.
    trunk_length_mm
        A longer trunk has more bones, which rays have to be traced through.

    Raises
    ------
    SceneError
        If there is no such body.
    """
    usual_shape(kind)  # refuses what is no body

    def between(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    makers: dict[str, Callable[[], BodyShape]] = {
        "limb": lambda: _random_limb(between, (84.0, 130.0), (4.0, 13.0), (2.2, 4.0)),
        "child_limb": lambda: _random_limb(
            between, (50.0, 76.0), (3.0, 9.0), (1.0, 1.8), "red_marrow"
        ),
        "trunk": lambda: TrunkShape(
            width_mm=between(280.0, 340.0),
            thickness_mm=between(205.0, 240.0),
            length_mm=trunk_length_mm,
            skin_mm=between(1.5, 2.5),
            fat_mm=between(8.0, 22.0),
            wall_mm=between(16.0, 20.0),
        ),
        "hand": lambda: HandShape(
            scale=between(0.86, 1.06),
            skin_mm=between(1.2, 1.8),
            fat_mm=between(2.5, 4.5),
        ),
        "leg": lambda: LegShape(
            width_mm=between(126.0, 150.0),
            thickness_mm=between(120.0, 140.0),
            skin_mm=between(1.5, 2.0),
            fat_mm=between(5.0, 12.0),
            cortex_mm=between(2.5, 4.5),
        ),
    }
    shape = makers[kind]()
    side = "L" if rng.uniform() < 0.5 else "R"  # noqa: PLR2004 -- a coin
    return built(BodyPlan(kind, shape, side))


def random_pose(rng: np.random.Generator) -> Pose:
    """Small turns and shifts: nobody lies straight."""
    a, b = rng.uniform(1.0, 4.0, 2) * rng.choice([-1.0, 1.0], 2)
    x, y, z = rng.uniform(-3.0, 3.0, 3)
    turn = float(rng.uniform(-12.0, 12.0))
    return Pose.of_angles((float(a), float(b), turn), (float(x), float(y), float(z)))


def _random_limb(
    between: Callable[[float, float], float],
    width_mm: tuple[float, float],
    fat_mm: tuple[float, float],
    cortex_mm: tuple[float, float],
    marrow: str = "yellow_marrow",
) -> LimbShape:
    width = between(*width_mm)
    return LimbShape(
        width_mm=width,
        thickness_mm=width * between(0.88, 1.0),
        skin_mm=between(1.5, 2.0),
        fat_mm=between(*fat_mm),
        cortex_mm=between(*cortex_mm),
        n_bones=1 if between(0.0, 1.0) < 1 / 3 else 2,
        marrow=marrow,
    )


def _random_deposits(
    body: Body,
    pose: Pose,
    n_deposits: int,
    rng: np.random.Generator,
    family: Family,
) -> tuple[Calcification, ...]:
    around = Surroundings(body)
    low, high = family.z_mm
    extent = Extent((low + family.end_margin_mm, high - family.end_margin_mm), pose)
    places = Places.drawn(around, Rule(), extent, rng)
    room = Room(around, separation_mm=family.separation_mm)
    deposits: list[Calcification] = []
    failures = 0
    while len(deposits) < n_deposits and failures < N_FAILURES:
        asked = _random_deposit(f"deposit {len(deposits) + 1}", rng, family)
        placed = _place(room, asked, extent, places, rng)
        if placed is None:
            failures += 1
            continue
        failures = 0
        room = room.with_form(asked.name, placed.form)
        deposits.append(calcification(asked, placed))
    return tuple(deposits)


def _place(
    room: Room, asked: Deposit, extent: Extent, places: Places, rng: np.random.Generator
) -> Placed | None:
    search = Search(extent, n_tries=N_TRIES, far_mm=FAR_MM)
    sized = (asked.shape, asked.volume_mm3)
    return found_place(room, asked.rule, sized, search, (places, rng))


def _random_deposit(name: str, rng: np.random.Generator, family: Family) -> Deposit:
    """Mass first, then a kind and a density that go with it."""
    low, high = (math.log(m) for m in family.mass_mg)
    mass_mg = math.exp(rng.uniform(low, high))
    density = float(rng.uniform(*family.density_mg_cm3))
    volume = mass_mg / density * MM3_PER_CM3
    diameter = 2 * math.cbrt(volume / (4 / 3 * math.pi))
    kinds = [
        kind
        for kind in family.kinds
        if mass_mg >= LEAST_MG.get(kind, 0.0)
        and (kind != "punctate" or diameter <= PUNCTATE_MAX_MM)
    ]
    kind = str(rng.choice(kinds)) if kinds else "ball"
    gap = family.gaps_mm[int(rng.integers(len(family.gaps_mm)))]
    tissue = str(rng.choice(family.tissues))
    along = None
    if kind == "sheet" and gap is None:
        along = str(rng.choice(["fascia", "skin"])) if tissue == "fat" else "fascia"
    rule = Rule(tissue=tissue, gap_to_bone_mm=gap, along=along)
    return Deposit(name, _random_shape(kind, volume, rng), volume, density, rule)


def _random_shape(kind: str, volume_mm3: float, rng: np.random.Generator) -> Shape:
    if kind == "ellipsoid":
        a, b, c = (float(v) for v in np.exp(rng.uniform(-0.5, 0.5, 3)))
        return Round((a, b, c))
    if kind == "sheet":
        thick = float(rng.uniform(*SHEET_THICKNESS_MM))
        side = math.sqrt(volume_mm3 / thick)
        aspect = math.exp(rng.uniform(-0.4, 0.4))
        return Sheet((thick, side / aspect, side * aspect))
    if kind == "cluster":
        return cluster(int(rng.integers(3, 9)), rng)
    if kind == "lobulated":
        return lobulated(int(rng.integers(3, 8)), rng)
    return Round(kind="punctate" if kind == "punctate" else "nodule")
