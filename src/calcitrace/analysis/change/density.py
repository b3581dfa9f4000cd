"""Whether a deposit became denser or softer while its volume stayed."""

import math
from collections.abc import Sequence
from statistics import NormalDist

from calcitrace.analysis.change.calls import adjusted_p_values
from calcitrace.model.change import (
    Agreement,
    DensityCall,
    DensityTest,
    Interval,
    Measuring,
    Sized,
)
from calcitrace.model.estimate import Z95, Estimate


def density_test(
    before: Sized,
    after: Sized,
    measuring: tuple[Measuring, Measuring],
    shared: Agreement,
) -> DensityTest:
    """Compare mean densities and volumes on the logarithmic scale."""
    scales = [how.calibration_systematic for how in measuring]
    density = _log_std(before.density, after.density, scales, shared)
    volume = _log_std(before.volume, after.volume, [0.0, 0.0], shared)
    log_ratio = math.log(after.density.value / before.density.value)
    log_volume = math.log(after.volume.value / before.volume.value)
    return DensityTest(
        ratio=math.exp(log_ratio),
        ratio_ci95=Interval(
            math.exp(log_ratio - Z95 * density), math.exp(log_ratio + Z95 * density)
        ),
        z=log_ratio / max(density, 1e-12),
        volume_z=log_volume / max(volume, 1e-12),
    )


def density_calls(
    tests: Sequence[DensityTest], false_call_rate: float
) -> tuple[DensityCall, ...]:
    """Denser or softer where the density changed and the volume did not.

    The volume counts as constant if its own test, alone, does not tell a change.
    """
    normal = NormalDist()
    adjusted = adjusted_p_values([2 * normal.cdf(-abs(t.z)) for t in tests])
    volume_z = normal.inv_cdf(1 - false_call_rate / 2)
    calls: list[DensityCall] = []
    for test, q in zip(tests, adjusted, strict=True):
        if abs(test.volume_z) > volume_z or q > false_call_rate:
            calls.append(DensityCall.NO_DETECTABLE_CHANGE)
        else:
            calls.append(DensityCall.DENSER if test.z > 0 else DensityCall.SOFTER)
    return tuple(calls)


def _log_std(
    before: Estimate, after: Estimate, scales: Sequence[float], shared: Agreement
) -> float:
    """One sigma of the logarithm of a ratio; `scales` are errors of the calibration."""
    random = [e.std_random / e.value for e in (before, after)]
    total = [e.std_systematic / e.value for e in (before, after)]
    model = [
        math.sqrt(max(0.0, t**2 - s**2)) for t, s in zip(total, scales, strict=True)
    ]
    variance = random[0] ** 2 + random[1] ** 2 + model[0] ** 2 + model[1] ** 2
    variance -= 2 * shared.model_correlation * model[0] * model[1]
    if not shared.shares_calibration:
        variance += scales[0] ** 2 + scales[1] ** 2
    return math.sqrt(max(variance, 0.0))
