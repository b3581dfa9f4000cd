"""What the detector reads: photons, electronics, scatter, water correction."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray
from scipy import ndimage

from calcitrace.simulation.materials import attenuations_per_mm
from calcitrace.simulation.tomography.beam import (
    Beam,
    mean_energy_kev,
    water_reading,
)
from calcitrace.simulation.tomography.machine import Machine

Array = NDArray[np.float64]
Floats = NDArray[np.float32]

CHANNEL_PITCH_MM, CHANNEL_WIDTH_MM = 0.4, 0.6  # at the rotation axis
# Focus to detector 1 m, to the rotation axis 0.55 m.
MAGNIFICATION = 1 / 0.55
SCATTER_WIDTH_MM, SCATTER_STRIDE = 40.0, 16
LEAST_PHOTONS = 0.5  # of mean energy: below it the logarithm is cut
WATER_STEP_MM, WATER_MIN_MM, WATER_MAX_MM = 1.0, -30.0, 900.0


@dataclass(frozen=True, slots=True, eq=False)
class Detector:
    """Channels of one row, and what they read behind water.

    Attributes
    ----------
    energies_kev
        Shape (energy,).
    source_kev_per_mas
        Energy per view without anything in the way, shape (channel, energy).
    dose_mas
        What signals are multiplied by.
    water_reading
        Minus the logarithm behind `WATER_MIN_MM` and every `WATER_STEP_MM` more, shape
        (channel, length).
    electronic_kev
        One sigma of the electronic noise.
    least_kev
        Signals are cut there.
    scatter_fraction
        Scatter relative to the smoothed signal.
    """

    energies_kev: Array
    source_kev_per_mas: Array
    dose_mas: float
    water_reading: Array
    electronic_kev: float
    least_kev: float
    scatter_fraction: float

    @classmethod
    def of(
        cls,
        machine: Machine,
        beam: Beam,
        offsets_mm: Array,
        n_views: int,
        row_mm: float,
    ) -> "Detector":
        """Channels at distances from the rotation axis, shape (channel,)."""
        energies = np.asarray(beam.energies_kev)
        # Half a turn of parallel rays gathers the dose of a whole one.
        area_mm2 = CHANNEL_PITCH_MM * row_mm * MAGNIFICATION**2
        per_view = area_mm2 / n_views
        open_beam = np.asarray(beam.signal_kev_per_mm2_mas)
        source = per_view * (
            beam.behind_bowtie(offsets_mm)
            if machine.has_bowtie
            else np.tile(open_beam, (len(offsets_mm), 1))
        )
        water = attenuations_per_mm(("water",), beam.energies_kev)[0]
        lengths = np.arange(WATER_MIN_MM, WATER_MAX_MM, WATER_STEP_MM)
        mean_kev = mean_energy_kev(beam)
        return cls(
            energies_kev=energies,
            source_kev_per_mas=source,
            dose_mas=machine.dose_mas,
            water_reading=water_reading(source, water, lengths),
            electronic_kev=math.sqrt(machine.electronic_photons) * mean_kev,
            least_kev=LEAST_PHOTONS * mean_kev,
            scatter_fraction=machine.scatter_fraction,
        )

    def water_length_mm(
        self, signal_kev_per_mas: Floats, variance: Floats, rng: np.random.Generator
    ) -> Floats:
        """Length of water that would read the same, with noise.

        Parameters
        ----------
        signal_kev_per_mas, variance
            Expected signal and variance of the photons' number (keV2 per mAs), shape
            (view, channel).

        Returns
        -------
        ndarray
            Shape (view, channel), in mm.
        """
        signal_kev = self.dose_mas * signal_kev_per_mas.astype(np.float64)
        scatter = self.scatter_fraction * _smoothed(signal_kev)
        read = signal_kev + scatter
        # Scatter brings photons, so noise, of its own.
        lift = 1 + scatter / np.maximum(signal_kev, 1e-12)
        noise = np.sqrt(self.dose_mas * variance * lift + self.electronic_kev**2)
        read = read + noise * rng.standard_normal(read.shape)
        read = np.maximum(read, self.least_kev)
        source_kev = self.dose_mas * self.source_kev_per_mas.sum(axis=1)
        reading = np.log(source_kev) - np.log(read)
        return _inverted(reading, self.water_reading, WATER_MIN_MM, WATER_STEP_MM)


def _smoothed(signal: Array) -> Array:
    """Signal as wide as scatter is: its logarithm smoothed along the channels."""
    n = signal.shape[1]
    some = np.arange(0, n, SCATTER_STRIDE, dtype=np.int64)
    logs = np.log(np.maximum(signal[:, some], 1e-12))
    sigma = SCATTER_WIDTH_MM / CHANNEL_PITCH_MM / SCATTER_STRIDE
    wide = np.asarray(
        ndimage.gaussian_filter1d(logs, sigma, axis=1, mode="nearest"), np.float64
    )
    place = np.minimum(np.arange(n, dtype=np.float64) / SCATTER_STRIDE, len(some) - 1)
    left = np.minimum(place.astype(int), len(some) - 2)
    share = place - left
    return np.asarray(np.exp(wide[:, left] * (1 - share) + wide[:, left + 1] * share))


@njit(cache=True, fastmath=True, parallel=True)
def _inverted(reading: Array, table: Array, start: float, step: float) -> Floats:
    """Invert the rising curve of each channel by linear interpolation."""
    out = np.empty(reading.shape, np.float32)
    n = table.shape[1]
    for view in prange(reading.shape[0]):
        for channel in range(reading.shape[1]):
            value = reading[view, channel]
            above = np.searchsorted(table[channel], np.float64(value))
            k = min(max(int(above) - 1, 0), n - 2)
            low, high = table[channel, k], table[channel, k + 1]
            out[view, channel] = start + step * (k + (value - low) / (high - low))
    return out
