"""What counts as bright: a threshold that follows kVp and the noise around each place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.image_quality import Noise
from calcitrace.model.protocol import DetectionSettings
from calcitrace.model.volume import HuVolume, Tissue

Array = NDArray[np.float64]

REFERENCE_KVP = 120.0
# Hydroxyapatite stands out less at higher kVp: fits the thresholds of equal density by
# Grani et al. 2018, doi 10.1093/ehjci/jey019 (70-135 kVp), within 4 %.
KVP_EXPONENT = -0.85
MUSCLE_HU = 50.0
# Noise is compared between places of this size: streaks between bones are local.
PLACE_MM, PLACE_SLICES_MM, PLACE_N_SLICES = 24.0, 13.0, 5
N_PAIRS_MIN = 60
FLAT_HU = 200
MAD_TO_SIGMA = 1.4826


def floor_hu(acquisition: Acquisition, settings: DetectionSettings) -> float:
    """Lowest threshold: what a faint deposit reaches at this kVp."""
    kvp = acquisition.kvp or REFERENCE_KVP
    return float(settings.threshold_hu * (kvp / REFERENCE_KVP) ** KVP_EXPONENT)


def local_noise_hu(
    volume: HuVolume, tissue: NDArray[np.uint8], noise: Noise
) -> "Places":
    """Noise around every place, at least the typical noise of the slice.

    Differences between neighbours say how noise varies from place to place; its size is
    that of `noise`, which knows how neighbours share it.

    Parameters
    ----------
    volume, tissue
        The scan; `tissue` of the same shape.
    noise
        `sigma_hu` for the slices of `volume`.
    """
    s_mm, r_mm, c_mm = volume.grid.spacing_mm
    step = (
        max(1, round(PLACE_SLICES_MM / s_mm)),
        max(1, round(PLACE_MM / r_mm)),
        max(1, round(PLACE_MM / c_mm)),
    )
    n = [-(-size // b) for size, b in zip(volume.hu.shape, step, strict=True)]
    spread = np.full(n, np.nan)
    for i in range(n[0]):
        some = max(1, step[0] // PLACE_N_SLICES)  # neighbouring slices say the same
        part = slice(i * step[0], (i + 1) * step[0], some)
        low, high = volume.hu[part, :, :-1], volume.hu[part, :, 1:]
        kind = tissue[part]
        same = (kind[:, :, :-1] == kind[:, :, 1:]) & (kind[:, :, 1:] != Tissue.AIR)
        same &= (np.abs(low) < FLAT_HU) & (np.abs(high) < FLAT_HU)
        difference = np.abs(high - low)
        for j in range(n[1]):
            for k in range(n[2]):
                place = (
                    slice(None),
                    slice(j * step[1], (j + 1) * step[1]),
                    slice(k * step[2], (k + 1) * step[2]),
                )
                values = difference[place][same[place]]
                if values.size >= N_PAIRS_MIN:
                    spread[i, j, k] = np.median(values)
    sigma = np.array(
        [noise.sigma_hu[i * step[0] : (i + 1) * step[0]].mean() for i in range(n[0])]
    )
    return Places(_scaled(spread, sigma), step)


def _scaled(spread: Array, sigma: Array) -> Array:
    """Spread of differences turned into noise: their calm places have `sigma`."""
    out = np.empty(spread.shape)
    for i, plane in enumerate(spread):
        known = plane[np.isfinite(plane)]
        calm = float(np.quantile(known, 0.35)) if known.size else 0.0
        ratio = plane / calm if calm > 0 else np.ones_like(plane)
        out[i] = sigma[i] * np.where(np.isfinite(ratio), np.maximum(ratio, 1.0), 1.0)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """A value for each block of a scan.

    Attributes
    ----------
    value
        Shape (slice, row, column) of blocks.
    step
        Voxels per block along each axis.
    """

    value: Array
    step: tuple[int, int, int]

    def at_slice(self, k: int, shape: tuple[int, int]) -> Array:
        """Values of one slice, shape (row, column)."""
        plane = self.value[k // self.step[0]]
        rows = np.repeat(plane, self.step[1], axis=0)[: shape[0]]
        return np.repeat(rows, self.step[2], axis=1)[:, : shape[1]]

    def at(self, index: NDArray[np.integer]) -> Array:
        """Values at voxel indices, shape (n, 3)."""
        where = index // np.asarray(self.step)
        return np.asarray(self.value[tuple(where.T)])
