"""Scanners and people as they vary, for training and testing grade C.

A scanner is a spectrum: anode, filters, true tube voltage, scintillator, bowtie, and what
scatter and drift its corrections leave. A person is a round body of one size whose fat
and muscle differ in composition. What fat, muscle and hydroxyapatite read follows from
projections, as in `scripts/make_calibration_table.py`: on a ray through L of water, a
little of a material m that displaces water adds

    (<mu_m> - <mu_w>) / <mu_w> x primary / (primary + scatter)

of its length, the means over the spectrum behind L. The image of a small object is the
mean of its projections over the view angles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import spekpy
from numpy.typing import NDArray

from scripts.make_calibration_table import (
    HYDROXYAPATITE,
    HYDROXYAPATITE_G_CM3,
    MM_PER_CM,
    mass_attenuation_cm2_g,
)

Array = NDArray[np.float64]

# Mass fractions in per cent (ICRU Report 44, 1989, appendix A; lipid of triglycerides,
# and the watery rest of adipose tissue and muscle: water with a fifth of protein).
LIPID = {"H": 11.8, "C": 77.3, "O": 10.9}
WATERY = {"H": 10.3, "C": 10.8, "N": 3.4, "O": 74.2, "S": 0.3, "Cl": 0.2, "K": 0.4, "P": 0.2}  # fmt: skip
LIPID_G_CM3, WATERY_G_CM3 = 0.92, 1.06
N_ANGLES = 24
STEP_KV = 2.0
HU = 1000.0
# What a mm of copper or titanium is worth in mm of aluminium at 60 keV; clinical beams have
# half-value layers of 6 to 9 mm at 120 kVp, which is 5 to 11 mm of aluminium.
COPPER_AS_ALUMINIUM, TITANIUM_AS_ALUMINIUM, ALUMINIUM_MIN_MM = 19.0, 4.6, 0.5
PLACES = 0.9, 0.7, 0.3  # of fat, and of muscle near the rim and deep, in radii


@dataclass(frozen=True)
class Variety:
    """Ranges that scanners are drawn from."""

    anode_deg: float
    total_mm: tuple[float, float]  # filtration as aluminium
    copper_mm: tuple[float, ...]
    titanium_mm: tuple[float, ...]
    detectors: tuple[tuple[str, float, float], ...]  # formula, g/cm3, cm
    bowties: tuple[tuple[str, float, float], ...]  # formula, g/cm3, cm at 20 cm off
    voltage_std: float
    scatter_max: float


TRAINING = Variety(
    anode_deg=7.0,
    total_mm=(5.0, 11.0),
    copper_mm=(0.0, 0.0, 0.1, 0.25),
    titanium_mm=(0.0, 0.0, 0.9),
    detectors=(("", 0.0, 0.0), ("Gd2O2S", 7.34, 0.08), ("Gd2O2S", 7.34, 0.14)),
    bowties=(("", 0.0, 0.0), ("CF2", 2.2, 3.0), ("Al", 2.7, 2.0)),
    voltage_std=0.02,
    scatter_max=0.04,
)
# Nothing of it is in the training: anode, filters, scintillators, bowtie.
HELD_OUT = Variety(
    anode_deg=10.0,
    total_mm=(4.5, 11.5),
    copper_mm=(0.05, 0.15, 0.2),
    titanium_mm=(0.0, 0.4),
    detectors=(("Gd3Ga3Al2O12", 6.6, 0.12), ("CdWO4", 7.9, 0.2), ("CsI", 4.5, 0.06)),
    bowties=(("C", 1.8, 3.5), ("C5H8O2", 1.19, 4.0)),
    voltage_std=0.025,
    scatter_max=0.05,
)


@dataclass(frozen=True)
class Person:
    """Size, and the lipid part of the mass of fat and of muscle."""

    diameter_mm: float
    fat_lipid: float
    muscle_lipid: float


@dataclass(frozen=True)
class Reading:
    """What one scan of one person shows, and the truth.

    Attributes
    ----------
    fat_hu, muscle_hu
        Medians.
    cupping_hu
        Muscle near the rim less muscle deep inside.
    seen_diameter_mm
        As the images say.
    k
        HU per mg/cm3 in the centre, which is to be found.
    """

    kvp: float
    seen_diameter_mm: float
    fat_hu: float
    muscle_hu: float
    cupping_hu: float
    k: float


def mixture(lipid: float) -> tuple[dict[str, float], float]:
    """Composition and density of tissue with a part of its mass in lipid.

    Examples
    --------
    >>> [round(mixture(part)[1], 3) for part in (0.92, 0.7, 0.05)]
    [0.93, 0.958, 1.052]
    """
    elements = LIPID.keys() | WATERY.keys()
    percent = {
        e: lipid * LIPID.get(e, 0.0) + (1 - lipid) * WATERY.get(e, 0.0)
        for e in sorted(elements)
    }
    return percent, 1 / (lipid / LIPID_G_CM3 + (1 - lipid) / WATERY_G_CM3)


def first_energies_kev(n: int) -> Array:
    """Middles of spectral bins of 1 keV."""
    return np.asarray(1.5 + np.arange(n), np.float64)


@cache
def attenuation_cm2_g(formula: str, n_energies: int) -> Array:
    """Per gram, at `n_energies` energies of 1 keV from 1.5 keV on."""
    return mass_attenuation_cm2_g(formula, first_energies_kev(n_energies))


def tissue_per_cm(lipid: float, energies: Array) -> Array:
    """Linear attenuation of fat or muscle."""
    percent, density = mixture(lipid)
    total = sum(percent.values())
    parts = [
        p / total * attenuation_cm2_g(e, len(energies)) for e, p in percent.items()
    ]
    return np.asarray(density * np.sum(parts, axis=0), np.float64)


@cache
def _bare(kvp: float, anode_deg: float) -> Array:
    """Photons of the unfiltered tube per keV from 1.5 keV on."""
    _, photons = spekpy.Spek(kvp=kvp, th=anode_deg, dk=1.0).get_spectrum()
    return np.asarray(photons, float)


def bare_spectrum(kvp: float, anode_deg: float) -> tuple[Array, Array]:
    """Energies in keV and photons of an unfiltered tube, between computed voltages."""
    low = STEP_KV * math.floor(kvp / STEP_KV)
    part = (kvp - low) / STEP_KV
    high = _bare(low + STEP_KV, anode_deg)
    photons = part * high
    below = _bare(low, anode_deg)
    photons[: len(below)] += (1 - part) * below
    return first_energies_kev(len(high)), photons


class Scanner:
    """One scanner at one nominal voltage, drawn from a variety."""

    def __init__(self, kvp: float, variety: Variety, rng: np.random.Generator) -> None:
        self.kvp = kvp
        true_kvp = kvp * (1 + variety.voltage_std * float(rng.standard_normal()))
        energies, photons = bare_spectrum(true_kvp, variety.anode_deg)
        copper, titanium = (
            float(rng.choice(mm)) for mm in (variety.copper_mm, variety.titanium_mm)
        )
        metal = COPPER_AS_ALUMINIUM * copper + TITANIUM_AS_ALUMINIUM * titanium
        aluminium = max(ALUMINIUM_MIN_MM, rng.uniform(*variety.total_mm) - metal)
        filters = (("Al", 2.7, aluminium), ("Cu", 8.96, copper), ("Ti", 4.51, titanium))
        line = sum(
            attenuation_cm2_g(f, len(energies)) * d * mm / MM_PER_CM
            for f, d, mm in filters
        )
        weight = photons * energies * np.exp(-np.asarray(line))
        formula, density, cm = variety.detectors[rng.integers(len(variety.detectors))]
        if formula:
            stopping = attenuation_cm2_g(formula, len(energies)) * density * cm
            weight = weight * -np.expm1(-stopping)
        self.energies, self.weight = energies, weight
        self.bowtie = variety.bowties[rng.integers(len(variety.bowties))]
        self.scatter = float(rng.uniform(0.0, variety.scatter_max))
        self.water = attenuation_cm2_g("H2O", len(energies))
        self.drift_hu = float(rng.normal(0.0, 2.0))  # daily checks allow 4-5 HU

    def _behind(self, chord_cm: Array, offset_cm: Array) -> Array:
        """Spectrum behind water, and the bowtie there, shape (ray, energy)."""
        weight = self.weight[None, :] * np.exp(-np.outer(chord_cm, self.water))
        formula, density, cm = self.bowtie
        if formula:
            thickness = cm * -np.expm1(-((offset_cm / 13.0) ** 2)) / -math.expm1(-2.4)
            per_cm = attenuation_cm2_g(formula, len(self.energies)) * density
            weight = weight * np.exp(-np.outer(thickness, per_cm))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True), np.float64)

    def added(self, per_cm: Array, diameter_mm: float, place: float) -> float:
        """Length of water that a length of material reads as, less 1, at a place."""
        radius = diameter_mm / 2 / MM_PER_CM
        angles = (np.arange(N_ANGLES) + 0.5) * math.pi / 2 / N_ANGLES
        offset = place * radius * np.sin(angles)
        chord = 2 * np.sqrt(radius**2 - offset**2)
        passed = self._behind(chord, offset)
        water = passed @ self.water
        ratio = (passed @ (per_cm - self.water)) / water
        return float(ratio.mean()) / (1 + self.scattered(diameter_mm))

    def scattered(self, diameter_mm: float) -> float:
        """Scatter over primary: it grows with the body up to that of a trunk."""
        return self.scatter * min(1.0, diameter_mm / 300.0)

    def shading_hu(self, diameter_mm: float, place: float) -> float:
        """CT number of water at a place: the shadow of scatter, -ln(1 + s) on all rays.

        An even projection of 1 over a disc of radius R is the image of
        1 / (pi sqrt(R^2 - r^2)).
        """
        radius = diameter_mm / 2 / MM_PER_CM
        lost_cm = math.log1p(self.scattered(diameter_mm)) / float(
            self._behind(np.array([2 * radius]), np.zeros(1))[0] @ self.water
        )
        return -HU * lost_cm / (math.pi * radius * math.sqrt(1 - place**2))

    def k(self, diameter_mm: float) -> float:
        """HU per mg/cm3 of hydroxyapatite in the centre."""
        mineral = attenuation_cm2_g(HYDROXYAPATITE, len(self.energies))
        crystal = HYDROXYAPATITE_G_CM3 * mineral
        return self.added(crystal, diameter_mm, 0.0) / HYDROXYAPATITE_G_CM3

    def read(self, person: Person, rng: np.random.Generator) -> Reading:
        """Scan one person."""
        size = person.diameter_mm
        fat = tissue_per_cm(person.fat_lipid, self.energies)
        muscle = tissue_per_cm(person.muscle_lipid, self.energies)

        def hu(per_cm: Array, place: float) -> float:
            noise = self.drift_hu + float(rng.normal(0.0, 0.5))
            seen = HU * self.added(per_cm, size, place)
            return seen + self.shading_hu(size, place) + noise

        rim, deep = hu(muscle, PLACES[1]), hu(muscle, PLACES[2])
        return Reading(
            kvp=self.kvp,
            seen_diameter_mm=size * math.exp(rng.normal(0.0, 0.05)),
            fat_hu=hu(fat, PLACES[0]),
            muscle_hu=(rim + deep) / 2,
            cupping_hu=rim - deep,
            k=self.k(size),
        )


def person(diameter_mm: float, rng: np.random.Generator) -> Person:
    """Draw fat of 0.93-0.96 g/cm3 and muscle with up to a tenth of lipid."""
    return Person(diameter_mm, rng.uniform(0.70, 0.92), rng.uniform(0.01, 0.10))
