"""Beams for `scripts.compare_gecatsim`: this simulator's, gecatsim's, and both compared."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import spekpy
import xraydb
from numpy.typing import NDArray
from scipy.optimize import brentq

from calcitrace.simulation.materials import EV_PER_KEV, MATERIALS
from calcitrace.simulation.tomography.beam import (
    ANODE_ANGLE_DEG,
    SCINTILLATOR,
    SCINTILLATOR_CM,
    SCINTILLATOR_G_CM3,
    beam_of,
)
from calcitrace.simulation.tomography.machine import Machine

Array = NDArray[np.float64]
Spectrum = tuple[
    Array, Array
]  # energies in keV, evenly spaced, and photons in each bin

ALUMINIUM_MM = 7.0
GECATSIM_ALUMINIUM_MM = 3.0  # its default, behind spectra that are filtered before
MOST_ALUMINIUM_MM = 20.0
LEAST_KEV = 12.0  # nothing below passes a filter, and tables are poor there


@cache
def our_spectrum(kvp: float, aluminium_mm: float) -> Spectrum:
    """Spectrum of this simulator's tube behind its filter."""
    tube = spekpy.Spek(kvp=kvp, th=ANODE_ANGLE_DEG, dk=1.0)
    tube.filter("Al", aluminium_mm)
    energies, photons = tube.get_spectrum(diff=False)
    return np.asarray(energies, np.float64), np.asarray(photons, np.float64)


@cache
def gecatsim_spectrum(kvp: float) -> Spectrum:
    """Spectrum that gecatsim brings along, for an anode of 7 degrees."""
    package = find_spec("gecatsim")
    if package is None or package.origin is None:
        msg = (
            "Expected gecatsim, found none. The script's first lines say how to get it."
        )
        raise ModuleNotFoundError(msg)
    name = f"tungsten_tar7.0_{kvp:.0f}_filt.dat"
    lines = (Path(package.origin).parent / "spectrum" / name).read_text().splitlines()
    rows = [line.split(",") for line in lines[1 : 1 + int(lines[0])]]
    energies, photons = np.array(rows, np.float64).T
    return energies, photons


def aluminium_as_hard_mm(kvp: float, spectrum: Spectrum) -> float:
    """Filter that brings our tube's photons to the mean energy of gecatsim's beam."""
    energies, photons = spectrum
    use = energies > LEAST_KEV
    energies, photons = energies[use], photons[use]
    per_mm = MATERIALS["aluminium"].attenuation_per_mm(energies)
    theirs = _mean_kev((energies, photons * np.exp(-per_mm * GECATSIM_ALUMINIUM_MM)))

    def excess(aluminium_mm: float) -> float:
        return _mean_kev(our_spectrum(kvp, aluminium_mm)) - theirs

    return float(brentq(excess, 1.0, MOST_ALUMINIUM_MM, xtol=0.01))


def _mean_kev(spectrum: Spectrum) -> float:
    energies, photons = spectrum
    return float(energies @ photons / photons.sum())


def few_energies_excess(kvp: float, diameter_mm: float, mineral_mm: float) -> float:
    """How much this simulator's few energies alone change what a rod reads.

    In closed form, along the ray through the middle of a body of water and of the rod,
    which crosses so much mineral; relative to the whole spectrum.
    """
    beam = beam_of(Machine(kvp=kvp, aluminium_mm=ALUMINIUM_MM))
    few = (np.asarray(beam.energies_kev), np.asarray(beam.signal_kev_per_mm2_mas))
    energies, photons = our_spectrum(kvp, ALUMINIUM_MM)
    per_cm = xraydb.material_mu(SCINTILLATOR, energies * EV_PER_KEV, SCINTILLATOR_G_CM3)
    whole = (energies, photons * energies * -np.expm1(-per_cm * SCINTILLATOR_CM))
    few_mm, whole_mm = (
        _water_equivalent_mm(signal, diameter_mm, mineral_mm) - diameter_mm
        for signal in (few, whole)
    )
    return few_mm / whole_mm - 1


def _water_equivalent_mm(
    signal: Spectrum, length_mm: float, mineral_mm: float
) -> float:
    """Length of water that reads like water of which mineral displaces a part."""
    energies, weight = signal
    water, mineral = (
        MATERIALS[name].attenuation_per_mm(energies)
        for name in ("water", "hydroxyapatite")
    )
    line = water * (length_mm - mineral_mm) + mineral * mineral_mm
    passed = float(weight @ np.exp(-line))

    def excess(length: float) -> float:
        return float(weight @ np.exp(-water * length)) - passed

    return float(brentq(excess, 0.0, 3 * length_mm, xtol=1e-9))
