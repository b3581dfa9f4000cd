"""Compute the table of CT response to hydroxyapatite by tube voltage and body size.

Run ``python scripts/make_calibration_table.py``: it writes the table and prints how its
numbers compare with published ones. Spectra by spekpy, attenuation by xraydb (Elam).

The calculation
---------------
A ray crosses L cm of water and a g/cm2 of hydroxyapatite that displaces water. An
energy-integrating detector reads p(L, a) = -ln sum_E S(E) E D(E) exp(-mu_w (L - a/3.16)
- (mu/rho)_HA a). The scanner's water correction turns p into the length of water that
reads the same, W(p(L, 0)) = L. The deposit therefore adds W(p(L, a)) - L to the sinogram,
over its own shadow only. Filtered back-projection keeps areas: the integral of the image
of an object over the slice equals the integral of any one of its projections. So the
integrated CT number of a small deposit, per mg, is the mean over view angles of

    k(L, a) = 1000 [W(p(L, a)) - L] / a,

exactly and without reconstructing. In the centre of a round body every chord is the
diameter. At vanishing a, k is k0; the fall with a is the self-hardening.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import spekpy
import xraydb
from numpy.typing import NDArray

from calcitrace.analysis.calibration.response import ResponseRow

Array = NDArray[np.float64]

KVPS = (70.0, 80.0, 90.0, 100.0, 110.0, 120.0, 130.0, 135.0, 140.0, 150.0)
DIAMETERS_MM = (30.0, 50.0, 75.0, 100.0, *(50.0 * n for n in range(3, 11)))
ANODE_ANGLE_DEG = 7.0
HYDROXYAPATITE = "Ca10P6O26H2"
HYDROXYAPATITE_G_CM3 = 3.16
EV_PER_KEV = 1000.0
MM_PER_CM = 10.0
THIN_G_CM2 = 1e-3  # areal density that counts as vanishing
DENSE_G_CM2 = 0.3  # where the self-hardening coefficient is read: 300 mg/cm2
# Scatter that the scanner leaves uncorrected, relative to the primary signal in a 300 mm
# body; k falls by about the same fraction.
RESIDUAL_SCATTER = 0.02
# Error of the water-equivalent diameter that is taken from the image.
DIAMETER_STD = 0.07
# What the calculation leaves out: tube voltage, anode and detector as built, corrections
# nobody publishes. A judgement, so that the sum reaches the 6-10 % by which scanners of
# the same kVp were seen to differ from each other.
MODEL_STD = 0.045
CONVERGED_CM = 1e-13
BOWTIE_CHANGE_MM = 240.0
OFF_CENTRE_RADIUS = 0.85  # a subcutaneous deposit, in radii of the body
TARGET = (
    Path(__file__).parents[1] / "src/calcitrace/analysis/calibration/response_table.py"
)


@dataclass(frozen=True)
class Tube:
    """Filtration of one plausible scanner, in mm, on the central ray."""

    aluminium: float
    copper: float = 0.0
    titanium: float = 0.0


@dataclass(frozen=True)
class Detector:
    """A scintillator; without a formula it stops every photon."""

    formula: str = ""
    density_g_cm3: float = 0.0
    thickness_cm: float = 0.0


# First half-value layers of 6.3 to 9.1 mm Al at 120 kVp: the range of clinical scanners.
TUBES = (
    Tube(5.0),
    Tube(7.0),
    Tube(10.0),
    Tube(3.0, titanium=0.9),
    Tube(6.0, copper=0.25),
)
DETECTORS = (Detector(), Detector("Gd2O2S", 7.3, 0.14), Detector("Gd2O2S", 7.3, 0.08))


def filtered_beam(kvp: float, tube: Tube) -> spekpy.Spek:
    """Tungsten spectrum behind the filter."""
    beam = spekpy.Spek(kvp=kvp, th=ANODE_ANGLE_DEG, dk=1.0)
    filters = (("Al", tube.aluminium), ("Cu", tube.copper), ("Ti", tube.titanium))
    for material, thickness_mm in filters:
        if thickness_mm:
            beam.filter(material, thickness_mm)
    return beam


@cache
def spectrum(kvp: float, tube: Tube) -> tuple[Array, Array]:
    """Energies in keV and photons per bin behind the filter."""
    energies, photons = filtered_beam(kvp, tube).get_spectrum()
    return np.asarray(energies, float), np.asarray(photons, float)


def half_value_layer_mm_al(kvp: float, tube: Tube) -> float:
    """First half-value layer of the filtered beam."""
    return float(filtered_beam(kvp, tube).get_hvl1())


def mass_attenuation_cm2_g(formula: str, energies_kev: Array) -> Array:
    """Total attenuation with coherent scatter, per gram."""
    ev = energies_kev * EV_PER_KEV
    return np.asarray(xraydb.material_mu(formula, ev, density=1.0), float)


class Scanner:
    """One combination of tube, detector and voltage, with an ideal water correction."""

    def __init__(
        self, kvp: float, tube: Tube, detector: Detector, extra: Array | None = None
    ) -> None:
        energies, photons = spectrum(kvp, tube)
        weight = photons * energies
        if detector.formula:
            stopping = mass_attenuation_cm2_g(detector.formula, energies)
            weight = weight * -np.expm1(
                -stopping * detector.density_g_cm3 * detector.thickness_cm
            )
        self.weight = weight if extra is None else weight * extra
        self.water = mass_attenuation_cm2_g("H2O", energies)
        self.hydroxyapatite = mass_attenuation_cm2_g(HYDROXYAPATITE, energies)

    def reading(self, water_cm: float, areal_g_cm2: float = 0.0) -> float:
        """Minus the logarithm of the detector signal."""
        water = water_cm - areal_g_cm2 / HYDROXYAPATITE_G_CM3
        line = self.water * water + self.hydroxyapatite * areal_g_cm2
        return -math.log(float(np.sum(self.weight * np.exp(-line))))

    def water_equivalent_cm(self, reading: float, guess_cm: float) -> float:
        """Invert the water correction by Newton's method: W(p)."""
        length = guess_cm
        for _ in range(30):
            passed = self.weight * np.exp(-self.water * length)
            slope = float(np.sum(passed * self.water) / np.sum(passed))
            step = (reading - self.reading(length)) / slope
            length += step
            if abs(step) < CONVERGED_CM:
                break
        return length

    def k(self, water_cm: float, areal_g_cm2: float = THIN_G_CM2) -> float:
        """HU per mg/cm3 of a deposit on a ray through so much water."""
        read = self.reading(water_cm, areal_g_cm2)
        added = self.water_equivalent_cm(read, water_cm) - water_cm
        return added / areal_g_cm2

    def hardening_cm2_per_mg(self, water_cm: float) -> float:
        """Coefficient h in k = k0 / (1 + h a)."""
        thin, dense = self.k(water_cm), self.k(water_cm, DENSE_G_CM2)
        return (thin / dense - 1) / (DENSE_G_CM2 * 1000)


def off_centre_ratio(kvp: float, diameter_mm: float, *, bowtie: bool) -> float:
    """Find k of a deposit under the skin over k in the centre of the same body.

    The bowtie is PTFE that levels a round body of 160 or 320 mm, the nearer one.
    """
    tube, detector = TUBES[1], DETECTORS[1]
    radius = diameter_mm / 2 / MM_PER_CM
    design = 8.0 if diameter_mm < BOWTIE_CHANGE_MM else 16.0
    energies, _ = spectrum(kvp, tube)
    ptfe = mass_attenuation_cm2_g("CF2", energies) * 2.2
    ratio = 0.19 / 0.40  # water over PTFE thickness for equal attenuation near 70 keV
    values: list[float] = []
    for angle in (np.arange(24) + 0.5) * np.pi / 48:
        offset = OFF_CENTRE_RADIUS * radius * math.sin(angle)
        chord = 2 * math.sqrt(radius**2 - offset**2)
        level = 2 * (design - math.sqrt(max(0.0, design**2 - offset**2)))
        extra = np.exp(-ptfe * level * ratio) if bowtie else None
        values.append(Scanner(kvp, tube, detector, extra).k(chord))
    centre = Scanner(kvp, tube, detector).k(2 * radius)
    return float(np.mean(values)) / centre


def row(kvp: float, diameter_mm: float) -> ResponseRow:
    """Geometric mean over the plausible scanners, and all that widens it."""
    water_cm = diameter_mm / MM_PER_CM
    scanners = [Scanner(kvp, t, d) for t in TUBES for d in DETECTORS]
    logs = np.log([s.k(water_cm) for s in scanners])
    hardening = np.mean([s.hardening_cm2_per_mg(water_cm) for s in scanners])
    wider = np.log([s.k(water_cm * (1 + DIAMETER_STD)) for s in scanners])
    parts = (
        float(np.std(logs, ddof=1)),
        float(np.mean(logs - wider)),
        RESIDUAL_SCATTER * min(1.0, diameter_mm / 300),
        # Any place between centre and rim is as likely, with or without a bowtie.
        (off_centre_ratio(kvp, diameter_mm, bowtie=False) - 1) / math.sqrt(3),
        MODEL_STD,
    )
    return ResponseRow(
        kvp,
        diameter_mm,
        float(np.exp(logs.mean())),
        float(hardening),
        math.hypot(*parts),
    )


HEADER = '''"""CT response to hydroxyapatite by tube voltage and body size.

Generated by scripts/make_calibration_table.py: change that and run it again.

Tungsten spectra (spekpy, anode angle {angle:g} degrees) behind {n_tubes} filtrations with
first half-value layers of {low:.1f} to {high:.1f} mm Al at 120 kVp, energy-integrating detectors
(ideal, and gadolinium oxysulphide of 0.8 and 1.4 mm), ideal water correction,
hydroxyapatite of 3.16 g/cm3 that displaces water in the centre of a round water body;
attenuation from xraydb (Elam tables). Values are geometric means over the scanners.

`relative_std` is one sigma of k on a scanner nobody measured: filtration and detector,
{scatter:.0%} uncorrected scatter in a 300 mm body, {diameter:.0%} error of the diameter,
the unknown place of the deposit between centre and rim, and {model:.1%} for what the
calculation leaves out.
"""

from calcitrace.analysis.calibration.response import ResponseRow

RESPONSE: tuple[ResponseRow, ...] = (
'''


def module_text(rows: list[ResponseRow]) -> str:
    """Source of the generated module."""
    layers = [half_value_layer_mm_al(120.0, tube) for tube in TUBES]
    head = HEADER.format(
        angle=ANODE_ANGLE_DEG,
        n_tubes=len(TUBES),
        low=min(layers),
        high=max(layers),
        scatter=RESIDUAL_SCATTER,
        diameter=DIAMETER_STD,
        model=MODEL_STD,
    )
    body = "".join(
        f"    ResponseRow({r.kvp:.1f}, {r.body_diameter_mm:.1f}, {r.k:.4f}, "
        f"{r.hardening_cm2_per_mg:.3e}, {r.relative_std:.4f}),\n"
        for r in rows
    )
    return head + body + ")\n"


def print_comparison(rows: list[ResponseRow]) -> None:
    """Print the table next to what others published."""
    by_key = {(r.kvp, r.body_diameter_mm): r for r in rows}
    for r in rows:
        print(
            f"{r.kvp:5.0f} kVp {r.body_diameter_mm:4.0f} mm  k {r.k:.3f}"
            f"  slope {1 / r.k:.3f}  h {r.hardening_cm2_per_mg:.2e}  std {r.relative_std:.1%}"
        )
    print(
        "Grani 2018 thresholds over that at 120 kVp, and k over k at 120 kVp, 250 mm:"
    )
    for kvp, threshold in ((70, 207), (80, 177), (100, 145), (135, 119)):
        ours = by_key[kvp, 250.0].k / by_key[120.0, 250.0].k
        print(f"{kvp:5d} kVp  published {threshold / 130:.3f}  table {ours:.3f}")
    print(
        f"slope at 120 kVp, 250 mm: published 0.77, table {1 / by_key[120.0, 250.0].k:.3f}"
    )
    print("k under the skin over k in the centre, 120 kVp, without and with a bowtie:")
    for diameter in (100.0, 200.0, 300.0, 400.0):
        bare = off_centre_ratio(120.0, diameter, bowtie=False)
        level = off_centre_ratio(120.0, diameter, bowtie=True)
        print(f"{diameter:5.0f} mm  {bare:.3f}  {level:.3f}")


def main() -> None:
    """Write the module."""
    rows = [row(kvp, diameter) for kvp in KVPS for diameter in DIAMETERS_MM]
    print_comparison(rows)
    TARGET.write_text(module_text(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
