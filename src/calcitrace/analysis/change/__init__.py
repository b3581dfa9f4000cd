"""Whether a mass has really changed: errors, tests, calls, courses."""

from calcitrace.analysis.change.calls import (
    Decision,
    decisions,
    fixed_call,
    smallest_detectable_change_mg,
)
from calcitrace.analysis.change.course import annual_rate, rate_change
from calcitrace.analysis.change.density import density_calls, density_test
from calcitrace.analysis.change.sharing import agreement, log_covariance
from calcitrace.analysis.change.weighing import compared, weighed_sum

__all__ = [
    "Decision",
    "agreement",
    "annual_rate",
    "compared",
    "decisions",
    "density_calls",
    "density_test",
    "fixed_call",
    "log_covariance",
    "rate_change",
    "smallest_detectable_change_mg",
    "weighed_sum",
]
