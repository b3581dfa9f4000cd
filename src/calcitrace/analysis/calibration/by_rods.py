"""Calibration of grade A: rods of known density in the scan."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.calibration.budget import ROD_PLACE_STD
from calcitrace.analysis.calibration.by_table import calibrate_by_table
from calcitrace.errors import CalibrationError
from calcitrace.model.calibration import Calibration, Grade
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.rods import Rod

# Rods agree with a line to a few HU at best (cupping, neighbours' shadows: 1.5 %).
ROD_FLOOR_HU = 2.0
ROD_FLOOR_RELATIVE = 0.015
ROD_OUTLIER_SIGMAS = 4.0
INTERCEPT_MAX_HU = 100.0
UNEXPECTED_SIGMAS = 3.0
# Mass-weighted mean chord of rays across a round rod, in diameters: 8 / (3 pi).
ROD_CHORD = 8 / (3 * math.pi)
MM_PER_CM = 10.0
FIT_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class RodFit:
    """A line of CT number on density.

    Attributes
    ----------
    hu_per_mg_cm3, intercept_hu
        Of the line, self-hardening taken out.
    std_random, std_systematic
        Of the slope, in HU per mg/cm3, by the CT numbers and by the densities.
    residuals_hu
        CT number less the line, one for each rod.
    correlation
        Of CT number and density, self-hardening taken out.
    """

    hu_per_mg_cm3: float
    intercept_hu: float
    std_random: float
    std_systematic: float
    residuals_hu: tuple[float, ...]
    correlation: float


def calibrate_by_rods(
    rods: Sequence[Rod], *, kvp: float | None, body_diameter_mm: float
) -> tuple[Calibration, tuple[Flag, ...]]:
    """Calibration of grade A: a weighted line of CT number on density.

    Self-hardening of thick dense rods is taken out first where their diameter is known.
    The errors of the CT numbers are random, those of the nominal densities systematic:
    the same rods come back at the next visit.

    Parameters
    ----------
    rods
        At least two different densities; water is a rod of density 0.
    kvp, body_diameter_mm
        Of the scan, as for `calibrate_by_table`: size dependence and self-hardening
        are those of the table.

    Returns
    -------
    tuple
        Calibration, and a flag where the rods contradict the table.

    Raises
    ------
    CalibrationError
        If the rods do not suffice or contradict each other; the message names the rod.
    """
    table, _ = calibrate_by_table(kvp, body_diameter_mm)
    fit = fit_rods(rods, table)
    k = fit.hu_per_mg_cm3
    calibration = Calibration(
        slope_mg_cm3_per_hu=1 / k,
        std_systematic=math.hypot(fit.std_systematic / k, ROD_PLACE_STD) / k,
        std_random=fit.std_random / k**2,
        grade=Grade.A,
        kvp=table.kvp,
        body_diameter_mm=table.body_diameter_mm,
        hardening_cm2_per_mg=table.hardening_cm2_per_mg,
        source=f"{len(rods)} rods of known density in the scan",
        by_size=table.by_size,
    )
    return calibration, unexpected(calibration, table)


def fit_rods(rods: Sequence[Rod], table: Calibration) -> RodFit:
    """Fit a weighted line through rods in a body of the size of `table`.

    Raises
    ------
    CalibrationError
        As `calibrate_by_rods`.
    """
    _refuse_too_few(rods)
    effective = np.array([_effective_density(rod, table) for rod in rods])
    k, intercept, weights = _fit_line(rods, effective)
    _refuse_inconsistent(rods, effective, k, intercept)
    hu = np.array([rod.hu_mean for rod in rods])
    hu_error = np.array([_hu_error(rod) for rod in rods])
    density_error = np.array([rod.density_std_mg_cm3 for rod in rods])
    return RodFit(
        hu_per_mg_cm3=k,
        intercept_hu=intercept,
        std_random=float(np.sqrt(np.sum((weights * hu_error) ** 2))),
        std_systematic=k * float(np.sqrt(np.sum((weights * density_error) ** 2))),
        residuals_hu=tuple((hu - intercept - k * effective).tolist()),
        correlation=float(np.corrcoef(effective, hu)[0, 1]),
    )


def _refuse_too_few(rods: Sequence[Rod]) -> None:
    n_densities = len({rod.density_mg_cm3 for rod in rods})
    if n_densities < 2:  # noqa: PLR2004 -- a line needs two
        msg = (
            "Expected rods of at least two densities (water counts as 0), got "
            f"{n_densities}. Add a rod, or the water."
        )
        raise CalibrationError(msg)


def _effective_density(rod: Rod, table: Calibration) -> float:
    """Density that would read the same without self-hardening."""
    if rod.diameter_mm is None:
        return rod.density_mg_cm3
    areal = rod.density_mg_cm3 * ROD_CHORD * rod.diameter_mm / MM_PER_CM
    return rod.density_mg_cm3 * table.hardening_factor(areal)


def _hu_error(rod: Rod) -> float:
    """Error of the CT number of a rod, with what no region of interest shows."""
    return math.hypot(rod.hu_std, ROD_FLOOR_HU, ROD_FLOOR_RELATIVE * rod.hu_mean)


def _fit_line(
    rods: Sequence[Rod], effective: NDArray[np.float64]
) -> tuple[float, float, NDArray[np.float64]]:
    """Slope, intercept, and the weight of every CT number in the slope.

    Errors of both axes enter the weights through the slope, hence a few rounds (York,
    Can. J. Phys. 44:1079, 1966, for independent errors).
    """
    hu = np.array([rod.hu_mean for rod in rods])
    error = np.array([_hu_error(rod) for rod in rods])
    density_error = np.array([rod.density_std_mg_cm3 for rod in rods])
    slope, mean_hu, mean_density = 1.0, 0.0, 0.0
    weights = np.zeros_like(hu)
    for _ in range(FIT_ROUNDS):
        share = 1 / (error**2 + (slope * density_error) ** 2)
        share = share / share.sum()
        mean_density, mean_hu = float(share @ effective), float(share @ hu)
        offset = effective - mean_density
        weights = share * offset / float(share @ offset**2)
        slope = float(weights @ hu)
    if slope <= 0:
        msg = (
            "Expected CT numbers that rise with density, got a slope of "
            f"{slope:.3g} HU per mg/cm3. Check which rod is which."
        )
        raise CalibrationError(msg)
    return slope, mean_hu - slope * mean_density, weights


def _refuse_inconsistent(
    rods: Sequence[Rod], effective: NDArray[np.float64], k: float, intercept: float
) -> None:
    """Raise if a rod lies off the line, or the line far from water."""
    misfits = [
        abs(rod.hu_mean - intercept - k * float(density))
        / math.hypot(_hu_error(rod), k * rod.density_std_mg_cm3)
        for rod, density in zip(rods, effective, strict=True)
    ]
    worst = int(np.argmax(misfits))
    if misfits[worst] > ROD_OUTLIER_SIGMAS:
        rod, expected = rods[worst], intercept + k * float(effective[worst])
        msg = (
            f"Rod {rod.name!r} contradicts the others: expected about {expected:.0f} HU "
            f"at {rod.density_mg_cm3:g} mg/cm3, got {rod.hu_mean:.0f} HU. Check its "
            "density and position."
        )
        raise CalibrationError(msg)
    if abs(intercept) > INTERCEPT_MAX_HU:
        msg = (
            f"Expected about 0 HU at density 0, got {intercept:.0f} HU from the rods. "
            "Check that densities are in mg/cm3 of hydroxyapatite."
        )
        raise CalibrationError(msg)


def unexpected(rods: Calibration, table: Calibration) -> tuple[Flag, ...]:
    """Flag rods that contradict the table beyond both errors."""
    change = math.log(rods.slope_mg_cm3_per_hu / table.slope_mg_cm3_per_hu)
    if abs(change) <= UNEXPECTED_SIGMAS * math.hypot(
        rods.relative_std, table.relative_std
    ):
        return ()
    detail = (
        f"{rods.slope_mg_cm3_per_hu:.3f} against {table.slope_mg_cm3_per_hu:.3f} "
        "mg/cm3 per HU"
    )
    return (Flag(FlagKind.RODS_DIFFER_FROM_TABLE, detail),)
