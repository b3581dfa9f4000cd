"""Made-up readings: estimators whose bias, error and interval are known."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from calcitrace.model.reading import (
    LIMB,
    TRUNK,
    Condition,
    Estimator,
    Mode,
    Reading,
    TrueSite,
)

Z95 = 1.959963984540054
LIMB_SCAN = Condition("limb, standard", LIMB, 120.0, "standard", 1.0, 11.0, "usual")
CONDITIONS = (
    LIMB_SCAN,
    Condition("limb, low dose", LIMB, 120.0, "standard", 1.0, 29.0, "low"),
    Condition("limb, 80 kV", LIMB, 80.0, "standard", 1.0, 13.0, "usual"),
    Condition("limb, 3 mm", LIMB, 120.0, "standard", 3.0, 7.0, "usual"),
    Condition("limb, sharp", LIMB, 120.0, "sharp", 1.0, 26.0, "usual"),
    Condition("trunk", TRUNK, 120.0, "soft", 1.0, 25.0, "usual"),
)
KINDS = ("nodule", "punctate", "sheet", "cluster", "lobulated")
TISSUES = ("fat", "muscle", "skin")
GAPS_MM = (None, None, 0.0, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Character:
    """How an estimator errs: bias and relative error per root of mass, near bone too.

    Attributes
    ----------
    error_1_mg
        Relative error of 1 mg at 11 HU.
    """

    bias: float
    error_1_mg: float
    near_bone: float
    lost_below_mg: float = 0.0
    has_interval: bool = False


CHARACTERS: Mapping[Estimator, Character] = {
    Estimator.CALCITRACE: Character(0.005, 0.08, 0.5, has_interval=True),
    Estimator.FIXED_THRESHOLD: Character(-0.3, 0.4, 6.0, 1.0),
    Estimator.HALF_MAXIMUM: Character(-0.45, 0.3, 3.0),
    Estimator.AGATSTON: Character(0.0, 0.8, 12.0, 2.0),
    Estimator.AGATSTON_NORMALISED: Character(0.0, 0.6, 11.0, 2.0),
    Estimator.CALIBRATED_MASS: Character(-0.35, 0.4, 7.0, 1.0),
    Estimator.INTEGRATED_HU: Character(0.01, 0.13, 5.0),
    Estimator.VOLUME_FRACTION: Character(0.01, 0.09, 1.6),
}

VOLUMES: Mapping[Estimator, float] = {
    Estimator.CALCITRACE: 1.02,
    Estimator.FIXED_THRESHOLD: 1.9,
    Estimator.HALF_MAXIMUM: 1.3,
}


def site(
    deposit: str = "d1",
    mass_mg: float = 2.0,
    *,
    scene: str = "limb 1",
    kind: str = "nodule",
    tissue: str = "fat",
    gap_mm: float | None = None,
) -> TrueSite:
    """Return a deposit of 400 mg/cm3, or a blank site if it has no mass."""
    return TrueSite(
        scene, deposit, kind if mass_mg else "blank", tissue, mass_mg,
        mass_mg / 0.4 if mass_mg else None, gap_mm, 5.0, is_blank=mass_mg == 0,
    )  # fmt: skip


def reading(
    true: TrueSite,
    mass_mg: float | None,
    *,
    std_mg: float | None = None,
    repeat: int = 1,
    estimator: Estimator = Estimator.CALCITRACE,
    condition: Condition = LIMB_SCAN,
) -> Reading:
    """Return a reading with the position given, its interval normal."""
    low_mg, high_mg = None, None
    if mass_mg is not None and std_mg is not None:
        low_mg, high_mg = mass_mg - Z95 * std_mg, mass_mg + Z95 * std_mg
    return Reading(
        true, condition, repeat, estimator, Mode.POSITION_GIVEN, mass_mg, std_mg,
        low_mg, high_mg,
    )  # fmt: skip


def perfect_readings(
    n_deposits: int, n_repeats: int, rng: np.random.Generator
) -> list[Reading]:
    """Unbiased normal readings with the right interval, 10 % of 2 mg."""
    return [
        reading(site(f"d{i}"), 2.0 + float(rng.normal(0, 0.2)), std_mg=0.2, repeat=r)
        for i in range(n_deposits)
        for r in range(n_repeats)
    ]


def perfect_hits(n: int) -> list[Reading]:
    """Exact readings with intervals."""
    return [reading(site(f"d{i}"), 2.0, std_mg=0.1) for i in range(n)]


def suite_readings(
    seed: int = 1, n_scenes: int = 3, n_per_scene: int = 16, n_repeats: int = 2
) -> tuple[Reading, ...]:
    """Readings of a whole made-up validation: every estimator, condition and mode."""
    rng = np.random.default_rng(seed)
    return tuple(
        made
        for body in (LIMB, TRUNK)
        for scene in range(n_scenes)
        for made in _scene(f"{body} {scene + 1}", body, (n_per_scene, n_repeats), rng)
    )


def _scene(
    name: str, body: str, size: tuple[int, int], rng: np.random.Generator
) -> Iterator[Reading]:
    n_deposits, n_repeats = size
    sites = [
        site(
            f"d{i}",
            float(np.exp(rng.uniform(math.log(0.25), math.log(400.0)))),
            scene=name,
            kind=KINDS[i % len(KINDS)],
            tissue=TISSUES[i % len(TISSUES)],
            gap_mm=GAPS_MM[i % len(GAPS_MM)],
        )
        for i in range(n_deposits)
    ]
    sites += [site(f"blank {i}", 0.0, scene=name) for i in range(10)]
    for condition in (c for c in CONDITIONS if c.body == body):
        for repeat in range(1, n_repeats + 1):
            for true in sites:
                for estimator in Estimator:
                    yield _given(true, condition, repeat, estimator, rng)
            yield from _detected(sites, condition, repeat, rng)


def _given(
    true: TrueSite,
    condition: Condition,
    repeat: int,
    estimator: Estimator,
    rng: np.random.Generator,
) -> Reading:
    how = CHARACTERS[estimator]
    noise = (condition.noise_hu or 11.0) / 11.0
    if true.is_blank:
        faint = float(rng.normal(0, 0.07 * noise))
        said = 0.0 if how.lost_below_mg else faint
        return reading(
            true, said, repeat=repeat, estimator=estimator, condition=condition
        )
    near = 0.0 if true.gap_mm is None else how.near_bone / (1 + true.gap_mm)
    std = true.mass_mg * (how.error_1_mg * noise / math.sqrt(true.mass_mg) + 0.01)
    mass = true.mass_mg * (1 + how.bias) + float(rng.normal(0, std))
    mass += 0.2 * near * abs(float(rng.normal(1, 0.3))) * (not how.has_interval)
    if true.mass_mg < how.lost_below_mg * noise:
        mass = 0.0
    made = reading(
        true, mass, std_mg=std if how.has_interval else None, repeat=repeat,
        estimator=estimator, condition=condition,
    )  # fmt: skip
    return _with_volume(made, how, rng)


def _with_volume(made: Reading, how: Character, rng: np.random.Generator) -> Reading:
    """Volumes of those that give one: ours from 2 mg on, thresholds always."""
    truth = made.site.volume_mm3
    if truth is None or made.estimator not in VOLUMES:
        return made
    bias = VOLUMES[made.estimator]
    volume = truth * bias * math.exp(rng.normal(0, 0.06))
    if not how.has_interval:
        return replace(made, volume_mm3=volume)
    if made.site.mass_mg < 2:
        return made
    return replace(
        made, volume_mm3=volume, volume_ci95_low_mm3=volume * 0.88,
        volume_ci95_high_mm3=volume * 1.12,
    )  # fmt: skip


def _detected(
    sites: list[TrueSite],
    condition: Condition,
    repeat: int,
    rng: np.random.Generator,
) -> Iterator[Reading]:
    """Most deposits found; sometimes one where none is."""
    for true in (s for s in sites if not s.is_blank):
        is_found = bool(rng.uniform() < 1 - 0.4 / (1 + true.mass_mg))
        given = _given(true, condition, repeat, Estimator.CALCITRACE, rng)
        yield Reading(
            true, condition, repeat, Estimator.CALCITRACE, Mode.DETECTED,
            given.mass_mg if is_found else None,
            given.std_mg if is_found else None,
            given.ci95_low_mg if is_found else None,
            given.ci95_high_mg if is_found else None,
            is_found=is_found,
        )  # fmt: skip
    if rng.uniform() < 0.3:
        nothing = site(f"false {repeat}", 0.0, scene=sites[0].scene)
        yield Reading(
            nothing, condition, repeat, Estimator.CALCITRACE, Mode.DETECTED, 0.4, 0.1
        )
