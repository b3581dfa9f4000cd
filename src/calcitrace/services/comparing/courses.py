"""How the total and every track move over three visits or more."""

import math
from collections.abc import Sequence
from datetime import date, datetime

from calcitrace.analysis.change import annual_rate, log_covariance, rate_change
from calcitrace.model.change import Weighed
from calcitrace.model.comparison import BendAt, Course, Treatment
from calcitrace.services.comparing.changes import Known

DAYS_PER_YEAR = 365.25
SECONDS_PER_DAY = 86400.0
MIN_VISITS = 3


def course(
    name: str,
    masses: Sequence[tuple[int, Weighed | None]],
    known: Known,
    treatments: Sequence[Treatment],
) -> Course | None:
    """Annual change and bends of one mass; None below three visits.

    Without a number where a mass is below its detection limit: nothing has no logarithm.
    """
    if len(masses) < MIN_VISITS:
        return None
    seen = [(v, w) for v, w in masses if w is not None and not w.is_lower_bound]
    if len(seen) < len(masses) or any(w.is_below_limit for _, w in seen):
        return Course(name, None)
    visits = [known.placed[v].visit for v, _ in seen]
    years = [years_since(visits[0].acquired, v.acquired) for v in visits]
    logs = [math.log(w.mass_mg) for _, w in seen]
    covariance = log_covariance(
        [w for _, w in seen],
        [v.measuring for v in visits],
        is_same_scanner=known.settings.is_same_scanner,
    )
    bends: list[BendAt] = []
    for treatment in treatments:
        at = years_since(visits[0].acquired, treatment.began)
        change = rate_change(years, logs, covariance, at)
        if change is not None:
            bends.append(BendAt(treatment, change))
    return Course(name, annual_rate(years, logs, covariance), tuple(bends))


def years_since(first: datetime, then: datetime | date) -> float:
    """Years between a visit and another visit or the start of a day."""
    if not isinstance(then, datetime):
        then = datetime(then.year, then.month, then.day, tzinfo=first.tzinfo)
    return (then - first).total_seconds() / SECONDS_PER_DAY / DAYS_PER_YEAR
