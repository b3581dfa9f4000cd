"""Calibration of grade D: computed response by tube voltage and body size."""

import math
from functools import cache

import numpy as np
from scipy.interpolate import RectBivariateSpline

from calcitrace.analysis.calibration.response_table import RESPONSE
from calcitrace.model.calibration import Calibration, Grade, SizePoint
from calcitrace.model.flags import Flag, FlagKind

MIDDLE_DIAMETER_MM = 150.0  # between hand and trunk, for scans without a body size
# k falls about as 1/kVp, so beyond the table an error of the relative distance to it is
# as wide as the shift that was not made.
KVP_EXPONENT = 1.0
SIZE_EXPONENT = 0.2  # k falls about as diameter ** -0.2


def calibrate_by_table(
    kvp: float | None, body_diameter_mm: float
) -> tuple[Calibration, tuple[Flag, ...]]:
    """Calibration of grade D, for a scanner nobody measured.

    Parameters
    ----------
    kvp
        Tube voltage; None, NaN or not positive is "unknown": the middle of all voltages
        with half their range as one sigma.
    body_diameter_mm
        Typical water-equivalent diameter in the scan; NaN is "unknown", treated alike.

    Returns
    -------
    tuple
        Calibration, and flags: grade D always; unknown kVp, kVp or size outside.

    Examples
    --------
    >>> calibration, flags = calibrate_by_table(120.0, 250.0)
    >>> round(calibration.slope_mg_cm3_per_hu, 2)
    0.76
    """
    flags: list[Flag] = []
    size_mm, size_error = _known_size(body_diameter_mm, kvp, flags)
    k, kvp_error = _known_kvp(kvp, size_mm)
    relative = math.hypot(_table_std(kvp, size_mm), size_error, kvp_error)
    words = f"{relative:.0%}"
    if not _is_known(kvp):
        flags.append(Flag(FlagKind.UNKNOWN_KVP, words))
    elif kvp_error > 0:
        flags.append(Flag(FlagKind.KVP_OUTSIDE_TABLE, f"{kvp:g} kVp"))
    flags.append(Flag(FlagKind.CALIBRATION_GRADE_D, words))
    calibration = Calibration(
        slope_mg_cm3_per_hu=1 / k,
        std_systematic=relative / k,
        std_random=0.0,
        grade=Grade.D,
        kvp=kvp if _is_known(kvp) else None,
        body_diameter_mm=size_mm,
        hardening_cm2_per_mg=_hardening(kvp, size_mm),
        source="a table of computed responses by tube voltage and body size",
        by_size=_by_size(kvp, size_mm),
    )
    return calibration, tuple(flags)


def _is_known(kvp: float | None) -> bool:
    return kvp is not None and math.isfinite(kvp) and kvp > 0


@cache
def _axes() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Voltages and diameters of the table, rising."""
    return (
        tuple(sorted({row.kvp for row in RESPONSE})),
        tuple(sorted({row.body_diameter_mm for row in RESPONSE})),
    )


@cache
def _spline(column: str) -> RectBivariateSpline:
    """Smooth logarithm of one column over (log kVp, log diameter)."""
    kvps, sizes = _axes()
    by_key = {(r.kvp, r.body_diameter_mm): getattr(r, column) for r in RESPONSE}
    values = np.array([[by_key[v, d] for d in sizes] for v in kvps])
    return RectBivariateSpline(np.log(kvps), np.log(sizes), np.log(values))


def _look_up(column: str, kvp: float, size_mm: float) -> float:
    """Value of a column, the nearest one outside of the table."""
    kvps, sizes = _axes()
    v = math.log(min(max(kvp, kvps[0]), kvps[-1]))
    d = math.log(min(max(size_mm, sizes[0]), sizes[-1]))
    return math.exp(float(_spline(column)([v], [d])[0, 0]))


def _typical_kvp(kvp: float | None) -> float:
    """Voltage itself, or the middle of the table."""
    kvps, _ = _axes()
    return kvp if kvp is not None and _is_known(kvp) else math.sqrt(kvps[0] * kvps[-1])


def _known_size(
    size_mm: float, kvp: float | None, flags: list[Flag]
) -> tuple[float, float]:
    """Diameter inside the table, and the relative error of k that this adds."""
    _, sizes = _axes()
    if not (math.isfinite(size_mm) and size_mm > 0):
        flags.append(Flag(FlagKind.UNUSUAL_BODY_SIZE, "unknown"))
        ends = [_look_up("k", _typical_kvp(kvp), d) for d in (sizes[0], sizes[-1])]
        return MIDDLE_DIAMETER_MM, math.log(ends[0] / ends[1]) / 2
    inside = min(max(size_mm, sizes[0]), sizes[-1])
    if inside != size_mm:
        flags.append(Flag(FlagKind.UNUSUAL_BODY_SIZE, f"{size_mm:.0f} mm"))
    return inside, SIZE_EXPONENT * abs(math.log(size_mm / inside))


def _known_kvp(kvp: float | None, size_mm: float) -> tuple[float, float]:
    """Return k, and the relative error that an unknown or odd voltage adds."""
    kvps, _ = _axes()
    if kvp is None or not _is_known(kvp):
        ends = [_look_up("k", v, size_mm) for v in (kvps[0], kvps[-1])]
        return math.sqrt(ends[0] * ends[1]), math.log(ends[0] / ends[1]) / 2
    inside = min(max(kvp, kvps[0]), kvps[-1])
    return _look_up("k", kvp, size_mm), KVP_EXPONENT * abs(math.log(kvp / inside))


def _table_std(kvp: float | None, size_mm: float) -> float:
    return _look_up("relative_std", _typical_kvp(kvp), size_mm)


def _hardening(kvp: float | None, size_mm: float) -> float:
    return _look_up("hardening_cm2_per_mg", _typical_kvp(kvp), size_mm)


def _by_size(kvp: float | None, reference_mm: float) -> tuple[SizePoint, ...]:
    """Response at the sizes of the table over that at the reference size."""
    voltage = _typical_kvp(kvp)
    k = _look_up("k", voltage, reference_mm)
    hardening = _hardening(voltage, reference_mm)
    return tuple(
        SizePoint(d, _look_up("k", voltage, d) / k, _hardening(voltage, d) / hardening)
        for d in sorted({*_axes()[1], reference_mm})
    )
