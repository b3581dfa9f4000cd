"""Photons of the tube behind its filters, and what of them the detector counts."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import spekpy
import xraydb
from numpy.typing import NDArray

from calcitrace.simulation.materials import EV_PER_KEV, MATERIALS
from calcitrace.simulation.tomography.machine import Machine

Array = NDArray[np.float64]

ANODE_ANGLE_DEG = 8.0
BIN_KEV = 1.0
N_ENERGIES = 8
MM2_PER_CM2 = 100.0
# Gadolinium oxysulphide ceramic.
SCINTILLATOR, SCINTILLATOR_G_CM3, SCINTILLATOR_CM = "Gd2O2S", 7.34, 0.11
# An aluminium wedge that grows from the middle of the fan towards its ends.
BOWTIE_MM, BOWTIE_WIDTH_MM = 22.0, 130.0


@dataclass(frozen=True, slots=True)
class Beam:
    """A spectrum in few energies of equal signal.

    Attributes
    ----------
    energies_kev
        Shape (energy,), rising; each the mean of its part of the signal.
    signal_kev_per_mm2_mas
        Energy that the detector absorbs, per mm2 at 1 m and mAs, shape (energy,).
    """

    energies_kev: tuple[float, ...]
    signal_kev_per_mm2_mas: tuple[float, ...]

    def behind_bowtie(self, offset_mm: Array) -> Array:
        """Signal for rays that pass the rotation axis at a distance.

        Parameters
        ----------
        offset_mm
            Shape (channel,).

        Returns
        -------
        ndarray
            Shape (channel, energy), same unit as the signal.
        """
        thickness = BOWTIE_MM * -np.expm1(-((offset_mm / BOWTIE_WIDTH_MM) ** 2))
        energies = np.asarray(self.energies_kev)
        per_mm = MATERIALS["aluminium"].attenuation_per_mm(energies)
        passed = np.exp(-thickness[:, None] * per_mm[None, :])
        return np.asarray(passed * np.asarray(self.signal_kev_per_mm2_mas))


def beam_of(machine: Machine) -> Beam:
    """Beam of a scanner's tube and detector."""
    return _beam(machine.kvp, machine.aluminium_mm, machine.copper_mm)


@cache
def _beam(kvp: float, aluminium_mm: float, copper_mm: float) -> Beam:
    tube = spekpy.Spek(kvp=kvp, th=ANODE_ANGLE_DEG, dk=BIN_KEV)
    for metal, thickness in (("Al", aluminium_mm), ("Cu", copper_mm)):
        if thickness:
            tube.filter(metal, thickness)
    # At 1 m, photons per cm2 and mAs in each bin of 1 keV.
    energies, photons = tube.get_spectrum(diff=False)
    energies, photons = np.asarray(energies, float), np.asarray(photons, float)
    per_cm = xraydb.material_mu(SCINTILLATOR, energies * EV_PER_KEV, SCINTILLATOR_G_CM3)
    absorbed = -np.expm1(-per_cm * SCINTILLATOR_CM)
    signal = photons * energies * absorbed / MM2_PER_CM2
    # Parts of equal signal: energies that matter more are drawn closer together.
    share = np.cumsum(signal) / signal.sum()
    part = np.minimum((share * N_ENERGIES - 1e-9).astype(int), N_ENERGIES - 1)
    totals = np.bincount(part, signal, N_ENERGIES)
    means = np.bincount(part, signal * energies, N_ENERGIES) / totals
    return Beam(tuple(means.tolist()), tuple(totals.tolist()))


def water_reading(beam_signal: Array, per_mm: Array, length_mm: Array) -> Array:
    """Minus the logarithm of the signal behind water.

    Parameters
    ----------
    beam_signal
        Shape (channel, energy).
    per_mm
        Attenuation of water, shape (energy,).
    length_mm
        Shape (length,).

    Returns
    -------
    ndarray
        Shape (channel, length); 0 without water.
    """
    passed = np.exp(-np.outer(per_mm, length_mm))
    total = beam_signal.sum(axis=1, keepdims=True)
    return np.asarray(-np.log(beam_signal @ passed / total))


def mean_energy_kev(beam: Beam) -> float:
    """Of the signal, as the detector sees it without anything in the way."""
    weights = np.asarray(beam.signal_kev_per_mm2_mas)
    return math.fsum(weights * np.asarray(beam.energies_kev)) / float(weights.sum())
