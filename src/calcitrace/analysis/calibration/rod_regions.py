"""CT numbers of rods that lie in the scan."""

import math

import numpy as np
from numpy.typing import NDArray

from calcitrace.errors import CalibrationError
from calcitrace.model.rods import PlacedRod, Rod, RodReference
from calcitrace.model.volume import HuVolume

# The rim of a rod is blurred over about two sigma of the widest kernels and a voxel.
RIM_MM = 1.5
VOXELS_MIN = 20
SLICES_MIN = 3
KVP_TOLERANCE = 1.0


def rods_in_scan(
    reference: RodReference, volume: HuVolume, kvp: float | None
) -> tuple[Rod, ...]:
    """Rods of a calibration file with their CT numbers in this scan.

    The mean of a rod is taken over a cylinder with its rim left out; its error is that
    of the mean over slices, whose noise may be correlated.

    Raises
    ------
    CalibrationError
        If the file is for another tube voltage, or a rod is not in the scan or too
        small to be read; the message names it.
    """
    refuse_other_kvp(reference.kvp, kvp)
    return tuple(
        _read(rod, volume) if isinstance(rod, PlacedRod) else rod
        for rod in reference.rods
    )


def refuse_other_kvp(file_kvp: float | None, kvp: float | None) -> None:
    """Raise if the file is for another voltage than that of the scan."""
    if file_kvp is None or kvp is None:
        return
    if abs(file_kvp - kvp) > KVP_TOLERANCE:
        msg = (
            f"Expected a scan at {file_kvp:g} kVp, as the calibration file says, "
            f"got {kvp:g} kVp. Use the file of this tube voltage."
        )
        raise CalibrationError(msg)


def _read(rod: PlacedRod, volume: HuVolume) -> Rod:
    """Mean CT number over the inner part of a rod."""
    index = _inner_voxels(rod, volume)
    if len(index) < VOXELS_MIN:
        msg = (
            f"Rod {rod.name!r}: expected at least {VOXELS_MIN} voxels inside its rim of "
            f"{RIM_MM:g} mm, got {len(index)}. Check its position and radius."
        )
        raise CalibrationError(msg)
    hu = volume.hu[tuple(index.T)].astype(np.float64)
    slices, place = np.unique(index[:, 0], return_inverse=True)
    if len(slices) < SLICES_MIN:
        msg = (
            f"Rod {rod.name!r}: expected it in at least {SLICES_MIN} slices, got "
            f"{len(slices)}. Give both ends of its axis."
        )
        raise CalibrationError(msg)
    means = np.bincount(place, hu) / np.bincount(place)
    return Rod(
        name=rod.name,
        density_mg_cm3=rod.density_mg_cm3,
        density_std_mg_cm3=rod.density_std_mg_cm3,
        hu_mean=float(hu.mean()),
        hu_std=error_of_mean(means),
        diameter_mm=2 * rod.radius_mm,
        material=rod.material,
    )


def _inner_voxels(rod: PlacedRod, volume: HuVolume) -> NDArray[np.int64]:
    """Indices, shape (n, 3), of voxels inside the rod without its rim and ends."""
    grid = volume.grid
    start, end = np.asarray(rod.start_mm), np.asarray(rod.end_mm)
    length = float(np.linalg.norm(end - start))
    reach = np.asarray(grid.radius_voxels(rod.radius_mm))
    corners = grid.to_index(np.stack([start, end]))
    low: NDArray[np.int64] = np.maximum(
        np.floor(corners.min(axis=0)).astype(int) - reach, 0
    )
    high: NDArray[np.int64] = np.minimum(
        np.ceil(corners.max(axis=0)).astype(int) + reach + 1, grid.shape
    )
    if length == 0 or np.any(high <= low):
        return np.empty((0, 3), np.int64)
    shape = tuple(int(n) for n in high - low)
    inside = np.indices(shape, np.int64).reshape(len(shape), -1)
    box: NDArray[np.int64] = inside.T + low
    offset = grid.to_world_mm(box) - start
    axis = (end - start) / length
    along = offset @ axis
    across = np.linalg.norm(offset - along[:, None] * axis, axis=1)
    is_inner = (along >= RIM_MM) & (along <= length - RIM_MM)
    is_inner &= across <= rod.radius_mm - RIM_MM
    return np.asarray(box[is_inner], np.int64)


def error_of_mean(means: NDArray[np.float64]) -> float:
    """One sigma of the mean of values along slices that share noise.

    Parameters
    ----------
    means
        One value for each slice, at least two, in order.

    Returns
    -------
    float
        Spread over the root of the number, widened by the correlation of neighbours
        until it first vanishes.

    Examples
    --------
    >>> error_of_mean(np.array([1.0, -1.0, 1.0, -1.0])) == math.sqrt(4 / 3 / 4)
    True
    """
    n, offset = len(means), means - means.mean()
    power = float(offset @ offset)
    widening = 1.0
    for apart in range(1, n // 3 + 1 if power else 0):
        shared = float(offset[:-apart] @ offset[apart:]) / power
        if shared <= 0:
            break
        widening += 2 * shared
    return math.sqrt(power / (n - 1) / n * widening)
