"""Masses, their sums, and two of them compared."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from calcitrace.analysis.change.sharing import shared_reading
from calcitrace.model.change import (
    Agreement,
    Interval,
    MassTest,
    Measuring,
    Weighed,
)
from calcitrace.model.estimate import Z95, Estimate

TYPICAL_SIGMAS = 3.0  # of a change that is just called


@dataclass(frozen=True, slots=True)
class Measured:
    """A mass as it was measured, what of its error is noise, and its limit.

    Attributes
    ----------
    std_noise_mg
        `None` is not known: then all of the random error counts as noise.
    """

    mass: Estimate
    std_noise_mg: float | None
    limit_mg: float
    is_lower_bound: bool = False


def weighed(measured: Measured, measuring: Measuring) -> Weighed:
    """Take the errors of a measured mass apart.

    The calibration's part is proportional to the mass and is left out here: it is
    shared by all deposits of a scan, and often by its visits. What tissue and bone
    around the deposit add to the random error counts to the model: they are there again
    at the next visit.
    """
    mass, scale = measured.mass, abs(measured.mass.value)
    random = mass.std_random**2 - (scale * measuring.calibration_random) ** 2
    model = mass.std_systematic**2 - (scale * measuring.calibration_systematic) ** 2
    known = measured.std_noise_mg
    noise = max(0.0, random) if known is None else min(known**2, max(0.0, random))
    return Weighed(
        mass_mg=mass.value,
        std_noise_mg=math.sqrt(noise),
        std_model_mg=math.sqrt(max(0.0, model) + max(0.0, random - noise)),
        limit_mg=measured.limit_mg,
        is_lower_bound=measured.is_lower_bound,
    )


def weighed_sum(parts: Sequence[Weighed]) -> Weighed:
    """Sum of masses of one scan: noise in quadrature, the model's errors add up.

    The limit of a sum is that of its noise: limits add in quadrature.

    Examples
    --------
    >>> part = Weighed(10.0, 3.0, 1.0, 4.0)
    >>> weighed_sum([part, part]).std_model_mg
    2.0
    """
    return Weighed(
        mass_mg=math.fsum(p.mass_mg for p in parts),
        std_noise_mg=math.hypot(*(p.std_noise_mg for p in parts)),
        std_model_mg=math.fsum(p.std_model_mg for p in parts),
        limit_mg=math.hypot(*(p.limit_mg for p in parts)),
        is_lower_bound=any(p.is_lower_bound for p in parts),
    )


def std_mg(part: Weighed, measuring: Measuring) -> float:
    """One sigma of a mass with everything in it."""
    calibration = math.hypot(
        measuring.calibration_random, measuring.calibration_systematic
    )
    return math.hypot(part.std_noise_mg, part.std_model_mg, part.mass_mg * calibration)


def compared(
    before: Weighed,
    after: Weighed,
    measuring: tuple[Measuring, Measuring],
    shared: Agreement,
) -> MassTest:
    """Compare two masses.

    The ratio's interval is Fieller's [1]_, which holds for masses near zero as well: no
    upper bound where the earlier mass could be nothing. What both visits share enters as
    covariance, so that it cancels. The test is that of the same pivot at ratio 1.

    References
    ----------
    .. [1] E. C. Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16,
       1954, 175-185.
    """
    s11, s22, s12 = _covariance(before, after, measuring, shared)
    difference = after.mass_mg - before.mass_mg
    std = math.sqrt(max(s11 + s22 - 2 * s12, 0.0))
    z = _z(difference, std)
    still, slope = _std_of_growth(before, after, measuring, shared)
    return MassTest(
        difference_mg=difference,
        difference_std_mg=std,
        ratio=_ratio(before, after),
        ratio_ci95=fieller(before.mass_mg, after.mass_mg, (s11, s22, s12)),
        z=z,
        p_growth=NormalDist().cdf(z),
        std_no_change_mg=still,
        std_per_change=slope,
    )


def fieller(
    before: float, after: float, covariance: tuple[float, float, float]
) -> Interval:
    """95 % interval of after / before for non-negative ratios.

    Parameters
    ----------
    before, after
        Estimates, normal with the given covariance.
    covariance
        Variance of before, of after, and their covariance.

    Examples
    --------
    >>> interval = fieller(100.0, 200.0, (1.0, 1.0, 0.0))
    >>> round(interval.low, 3), round(interval.high, 3)
    (1.957, 2.045)
    >>> fieller(0.1, 10.0, (1.0, 1.0, 0.0)).high is None
    True
    """
    s11, s22, s12 = covariance
    square = Z95**2
    a = before**2 - square * s11
    b = before * after - square * s12
    c = after**2 - square * s22
    root = math.sqrt(max(b * b - a * c, 0.0))
    if a > 0 and before > 0:
        low = (b - root) / a
        return Interval(0.0 if c <= 0 else max(0.0, low), max(0.0, (b + root) / a))
    if a < 0 and c > 0 and after > 0:
        return Interval(max(0.0, (b - root) / a, (b + root) / a), None)
    return Interval(0.0, None)


def _std_of_growth(
    before: Weighed,
    after: Weighed,
    measuring: tuple[Measuring, Measuring],
    shared: Agreement,
) -> tuple[float, float]:
    """One sigma of the difference without a change, and its slope with growth."""

    def std(growth_mg: float) -> float:
        mass = before.mass_mg + growth_mg
        factor = mass / before.mass_mg if before.mass_mg > before.limit_mg else 1.0
        # Noise goes with the extent of a deposit, the model's error with its mass.
        then = Weighed(
            mass,
            after.std_noise_mg * math.sqrt(factor),
            before.std_model_mg * factor,
            after.limit_mg,
        )
        s11, s22, s12 = _covariance(before, then, measuring, shared)
        return math.sqrt(max(s11 + s22 - 2 * s12, 0.0))

    still = std(0.0)
    if still <= 0:
        return still, 0.0
    step = TYPICAL_SIGMAS * still
    return still, max(0.0, (std(step) - still) / step)


def _covariance(
    before: Weighed,
    after: Weighed,
    measuring: tuple[Measuring, Measuring],
    shared: Agreement,
) -> tuple[float, float, float]:
    """Variances of both masses and their covariance, in mg squared."""
    variances: list[float] = []
    for part, how in zip((before, after), measuring, strict=True):
        scale = part.mass_mg**2
        scale *= how.calibration_random**2 + how.calibration_systematic**2
        variances.append(part.std_noise_mg**2 + part.std_model_mg**2 + scale)
    common = shared.model_correlation * before.std_model_mg * after.std_model_mg
    if shared.shares_calibration:
        # One slope for both: whatever is off is off by the same factor.
        factor = min(how.calibration_systematic for how in measuring) ** 2
        factor += shared_reading(*measuring)
        common += factor * before.mass_mg * after.mass_mg
    return variances[0], variances[1], common


def _ratio(before: Weighed, after: Weighed) -> float | None:
    if before.is_below_limit or after.is_below_limit or before.mass_mg <= 0:
        return None
    return after.mass_mg / before.mass_mg


def _z(difference: float, std: float) -> float:
    if std > 0:
        return difference / std
    return math.copysign(math.inf, difference) if difference else 0.0
