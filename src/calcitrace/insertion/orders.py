"""What to place: forms, masses and gaps, spread evenly and then shuffled."""

import math
from dataclasses import dataclass

import numpy as np

from calcitrace.model.insertion import Gap, InsertionSettings, Morphology

# Masses that a form has, in mg; a form outside them would be another form.
MASSES_MG: dict[Morphology, tuple[float, float]] = {
    Morphology.PUNCTATE: (0.0, 4.0),
    Morphology.NODULE: (0.0, 600.0),
    Morphology.CLUSTER: (1.0, 1000.0),
    Morphology.SHEET: (2.0, 1500.0),
    Morphology.TUMORAL: (80.0, math.inf),
}
# Sheets are common in patients and hard to find.
WEIGHT: dict[Morphology, float] = {
    Morphology.PUNCTATE: 1.0,
    Morphology.NODULE: 1.0,
    Morphology.CLUSTER: 1.0,
    Morphology.SHEET: 2.0,
    Morphology.TUMORAL: 1.5,
}
# A speck is dense or not seen; large tumoral masses hold much fluid.
DENSITIES_MG_CM3: dict[Morphology, tuple[float, float]] = {
    Morphology.PUNCTATE: (400.0, 1200.0),
    Morphology.NODULE: (0.0, 1200.0),
    Morphology.CLUSTER: (200.0, 1200.0),
    Morphology.SHEET: (150.0, 1000.0),
    Morphology.TUMORAL: (0.0, 700.0),
}


@dataclass(frozen=True, slots=True)
class Order:
    """One deposit to place."""

    kind: Morphology
    mass_mg: float
    density_mg_cm3: float
    gap: Gap

    @property
    def volume_mm3(self) -> float:
        """Volume at that density."""
        return self.mass_mg / self.density_mg_cm3 * 1000.0


def orders(settings: InsertionSettings, rng: np.random.Generator) -> list[Order]:
    """Draw what to place, largest first: small ones find room between.

    Masses are spread evenly over their range in the logarithm, gaps evenly over those
    that are asked for; the form is drawn among those that have such a mass.
    """
    n = settings.n_deposits
    low, high = (math.log(m) for m in settings.mass_mg)
    shares = (np.arange(n) + rng.uniform(0, 1, n)) / n
    masses = np.exp(low + shares * (high - low))[::-1]
    gaps = [settings.gaps[i % len(settings.gaps)] for i in range(n)]
    shuffled = rng.permutation(n)
    return [
        _order(float(mass), gaps[int(i)], settings, rng)
        for mass, i in zip(masses, shuffled, strict=True)
    ]


def _order(
    mass_mg: float, gap: Gap, settings: InsertionSettings, rng: np.random.Generator
) -> Order:
    kinds = [k for k in settings.kinds if _has(k, mass_mg)] or list(settings.kinds)
    weights = np.array([WEIGHT[k] for k in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    # Along skin and fascia, not only along bone.
    if kind is Morphology.SHEET and Gap.FAR in settings.gaps and rng.integers(2):
        gap = Gap.FAR
    low, high = settings.density_mg_cm3
    least, most = DENSITIES_MG_CM3[kind]
    low, high = max(low, min(least, high)), min(high, max(most, low))
    return Order(kind, mass_mg, float(rng.uniform(low, high)), gap)


def _has(kind: Morphology, mass_mg: float) -> bool:
    low, high = MASSES_MG[kind]
    return low <= mass_mg <= high
