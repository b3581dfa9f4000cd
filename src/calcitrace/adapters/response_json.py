"""`response.json`: the total over common coverage, its call, and what it rests on.

Names are a contract: added to, never renamed. What is not known is null, never 0.
"""

import math
from dataclasses import asdict
from pathlib import Path

from calcitrace.adapters.numbers import rounded
from calcitrace.adapters.scan_json import Document, json_text
from calcitrace.model.change import Call, Rate, Weighed
from calcitrace.model.comparison import (
    AlignmentSummary,
    BendAt,
    Change,
    Comparison,
    Course,
    SumChange,
)
from calcitrace.model.estimate import Z95
from calcitrace.model.flags import Flag
from calcitrace.model.visit import Visit


class ResponseJson:
    """Writes `response.json`."""

    def write(
        self, comparison: Comparison, folder: Path, *, lang: str
    ) -> tuple[Path, ...]:
        """Write the document; the language changes nothing."""
        del lang
        path = folder / "response.json"
        path.write_text(json_text(response_document(comparison)), encoding="utf-8")
        return (path,)


def response_document(comparison: Comparison) -> Document:
    """Everything that `response.json` says, as plain values.

    The first level is the answer: the total at the last visit against the first one.
    """
    totals = [t for t in comparison.totals if t.name == "total"]
    last = comparison.compared[-1]
    main = [
        t.change
        for t in totals
        if t.change.visit_to == last and t.change.visit_from == comparison.compared[0]
    ]
    return {
        **(change_document(main[0]) if main else _no_answer()),
        "totals": [_sum(t) for t in comparison.totals],
        "regions": [_sum(t) for t in comparison.regions],
        "groups": [_sum(t) for t in comparison.groups],
        "total_at": [
            {
                "visit": visit,
                "mass_mg": rounded(mass.mass_mg),
                "mass_std_mg": rounded(std),
                "mass_std_noise_mg": rounded(mass.std_noise_mg),
            }
            for visit, mass, std in comparison.total_at
        ],
        "courses": [_course(c) for c in comparison.courses],
        "common_coverage_cm3": rounded(comparison.common_coverage_cm3),
        "left_out": [
            {"track_id": o.track_id, "visit": o.visit, "obstacle": o.obstacle.value}
            for o in comparison.left_out
        ],
        "n_tracks": len(comparison.tracks),
        "visits": [_visit(v, comparison) for v in comparison.visits],
        "alignments": [_alignment(a) for a in comparison.alignments],
        "agreements": [
            {
                "visit_from": a.visit_from,
                "visit_to": a.visit_to,
                "shares_calibration": a.agreement.shares_calibration,
                "model_correlation": a.agreement.model_correlation,
                "widened_by": [w.value for w in a.agreement.widenings],
                "obstacle": a.agreement.obstacle,
            }
            for a in comparison.agreements
        ],
        "treatments": [
            {"name": t.name, "began": t.began.isoformat()}
            for t in comparison.treatments
        ],
        "settings": asdict(comparison.settings),
        "flags": [_flag(f) for f in comparison.flags],
    }


def change_document(change: Change) -> Document:
    """One change with its test, and the fixed rule beside it."""
    test = change.test
    return {
        "visit_from": change.visit_from,
        "visit_to": change.visit_to,
        "mass_from_mg": _mass(change.before),
        "mass_to_mg": _mass(change.after),
        "ratio": rounded(test.ratio if test else None),
        "ratio_ci95_low": rounded(test.ratio_ci95.low if test else None),
        "ratio_ci95_high": rounded(test.ratio_ci95.high if test else None),
        "difference_mg": rounded(test.difference_mg if test else None),
        "difference_std_mg": rounded(test.difference_std_mg if test else None),
        "p_growth": rounded(test.p_growth if test else None),
        "p_shrinkage": rounded(test.p_shrinkage if test else None),
        "smallest_detectable_change_mg": rounded(change.detectable_mg),
        "p_adjusted": rounded(change.p_adjusted),
        "call": change.call.value,
        "fixed_25_percent_call": change.fixed.value,
        "why_calls_differ": why_calls_differ(change),
        "obstacle": change.obstacle,
    }


def why_calls_differ(change: Change) -> str | None:
    """Code of why the fixed rule says otherwise; `None` where it does not."""
    if change.call is change.fixed or change.test is None:
        return None
    if change.call is Call.NO_DETECTABLE_CHANGE:
        return "change_is_within_measurement_error"
    if change.fixed is Call.NO_DETECTABLE_CHANGE:
        return "change_is_real_but_below_25_percent"
    return None


def _no_answer() -> Document:
    names = (
        "visit_from visit_to mass_from_mg mass_to_mg ratio ratio_ci95_low "
        "ratio_ci95_high difference_mg difference_std_mg p_growth p_shrinkage "
        "smallest_detectable_change_mg p_adjusted why_calls_differ"
    )
    return {
        **dict.fromkeys(names.split()),
        "call": Call.NOT_COMPARABLE.value,
        "fixed_25_percent_call": Call.NOT_COMPARABLE.value,
        "obstacle": "alignment_failed",
    }


def _mass(mass: Weighed | None) -> float | None:
    return rounded(None if mass is None else mass.mass_mg)


def _sum(one: SumChange) -> Document:
    return {
        "name": one.name,
        "n_tracks": len(one.track_ids),
        "track_ids": list(one.track_ids),
        **change_document(one.change),
    }


def _course(course: Course) -> Document:
    is_total = course.name == "total"
    return {
        "name": "total" if is_total else "track",
        "track_id": None if is_total else int(course.name),
        "rate": _rate(course.rate),
        "treatments": [_bend(b) for b in course.bends],
    }


def _rate(rate: Rate | None) -> Document | None:
    if rate is None:
        return None
    low, high = (
        math.exp(rate.log_per_year + sign * Z95 * rate.std) for sign in (-1, 1)
    )
    return {
        "ratio_per_year": rounded(math.exp(rate.log_per_year)),
        "ratio_per_year_ci95_low": rounded(low),
        "ratio_per_year_ci95_high": rounded(high),
        "std_between_visits": rounded(rate.between_visits),
        "n_visits": rate.n_visits,
    }


def _bend(bend: BendAt) -> Document:
    change = bend.change
    low, high = (
        math.exp(change.difference + sign * Z95 * change.difference_std)
        for sign in (-1, 1)
    )
    return {
        "name": bend.treatment.name,
        "began": bend.treatment.began.isoformat(),
        "before": _rate(change.before),
        "after": _rate(change.after),
        "ratio_of_rates": rounded(math.exp(change.difference)),
        "ratio_of_rates_ci95_low": rounded(low),
        "ratio_of_rates_ci95_high": rounded(high),
        "meaning": "association in time, no proof of an effect",
    }


def _visit(visit: Visit, comparison: Comparison) -> Document:
    how = visit.measuring
    return {
        "visit": visit.number,
        "acquired": visit.acquired.isoformat(),
        "is_compared": visit.number in comparison.compared,
        "is_stored_result": visit.result is None,
        "n_deposits": len(visit.deposits),
        "measuring": {
            name: rounded(v) if isinstance(v, float) else v
            for name, v in asdict(how).items()
        },
        "series_uid": visit.acquisition.series_uid,
        "provenance": asdict(visit.provenance),
        "flags": [f.kind.code for f in visit.flags],
    }


def _alignment(summary: AlignmentSummary) -> Document:
    return {
        "visit": summary.visit,
        "verdict": summary.verdict,
        "residual_mm": rounded(summary.residual_mm),
        "residual_p95_mm": rounded(summary.residual_p95_mm),
        "matched_share": rounded(summary.matched_share),
        "scale": rounded(summary.scale),
        "flags": [f.kind.code for f in summary.flags],
    }


def _flag(flag: Flag) -> Document:
    return {
        "code": flag.kind.code,
        "severity": flag.kind.severity.value,
        "detail": flag.detail,
        "sentence": flag.sentence("en"),
    }
