"""Which stack is measured, by one table of rules, and why the others are not.

Rules are applied in order; each keeps the best of those that the rules above left. A
soft kernel ranks above thinner slices up to 3.5 mm: of the mass of a deposit, noise
costs more than slice thickness. Above, slices miss whole deposits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from calcitrace.adapters.dicom_reader.acquisition import is_contrast_enhanced
from calcitrace.adapters.dicom_reader.grouping import Stack
from calcitrace.adapters.dicom_reader.kernels import kernel_class
from calcitrace.adapters.dicom_reader.layout import (
    Layout,
    Plan,
    UnstackableError,
    layout_of,
    plan_of,
)
from calcitrace.adapters.dicom_reader.refusals import why_not
from calcitrace.adapters.dicom_reader.shear import Frame, frame_of
from calcitrace.adapters.dicom_reader.spectral import spectral_kind
from calcitrace.errors import NoMeasurableSeriesError
from calcitrace.model.scan import SeriesSummary

AXIAL_COSINE = 0.86  # within 30 degrees of head-foot, which gantry tilt never exceeds
COVERAGE_FRACTION = 0.8
GAP_FACTOR = 1.1
THICKNESS_STEPS_MM = (3.5, 5.0)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A measurable stack with what the rules look at."""

    stack: Stack
    layout: Layout
    plan: Plan
    frame: Frame
    extent_mm: float
    thickness_mm: float


@dataclass(frozen=True, slots=True)
class Rule:
    """Lowest key stays; `reason` is said of those that go."""

    key: Callable[[Candidate], float]
    reason: str


def _is_not_axial(candidate: Candidate) -> float:
    axes = np.array(candidate.stack.first.place.orientation).reshape(2, 3)
    return float(abs(np.cross(axes[0], axes[1])[2]) < AXIAL_COSINE)


def _thickness_step(candidate: Candidate) -> float:
    return sum(candidate.thickness_mm > limit for limit in THICKNESS_STEPS_MM)


RULES: tuple[Rule, ...] = (
    Rule(
        lambda c: spectral_kind(c.stack.first) is not None,
        "virtual monoenergetic or material-decomposed; a plain series was chosen",
    ),
    Rule(
        lambda c: "ORIGINAL" not in c.stack.first.image_type[:1],
        "derived images; an original series was chosen",
    ),
    Rule(_is_not_axial, "not axial; an axial series was chosen"),
    Rule(lambda _: 0.0, "covers less of the body than the chosen series"),
    Rule(
        lambda c: c.plan.step_mm > GAP_FACTOR * c.thickness_mm,
        "slices with gaps; a series without gaps was chosen",
    ),
    Rule(lambda c: c.stack.first.is_lossy, "lossy compression; another was chosen"),
    Rule(_thickness_step, "thicker slices than the chosen series"),
    Rule(
        lambda c: bool(is_contrast_enhanced(c.stack.first)),
        "contrast-enhanced; an unenhanced series was chosen",
    ),
    Rule(
        lambda c: kernel_class(c.stack.first.kernel),
        "sharper kernel than the chosen series",
    ),
    Rule(
        lambda c: round(max(c.thickness_mm, c.plan.step_mm), 1),
        "thicker slices than the chosen series",
    ),
    Rule(
        lambda c: -round(c.extent_mm), "covers less of the body than the chosen series"
    ),
    Rule(lambda c: -len(c.stack.planes), "fewer images than the chosen series"),
)
COVERAGE_RULE = RULES[3]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What to read, and the account of all that was found."""

    chosen: Candidate
    series: tuple[SeriesSummary, ...]


def choose(found: Sequence[Stack], series_uid: str | None) -> Choice:
    """Choose the stack to measure.

    Parameters
    ----------
    found
        All stacks of the source.
    series_uid
        The series that the user asked for; the rules choose among its stacks only.

    Raises
    ------
    NoMeasurableSeriesError
        If nothing can be measured, or the series asked for is not there.
    """
    reasons: dict[int, str] = {}
    left: list[Candidate] = []
    for i, stack in enumerate(found):
        reason = why_not(stack)
        if reason is None and series_uid not in {None, stack.first.series_uid}:
            reason = "another series was asked for"
        try:
            if reason is None:
                left.append(_candidate(stack))
        except UnstackableError as error:
            reason = str(error)
        if reason is not None:
            reasons[i] = reason
    if not left:
        raise _nothing(found, reasons, series_uid)
    order = {id(stack): i for i, stack in enumerate(found)}
    for rule in RULES:
        keys = _coverage_keys(left) if rule is COVERAGE_RULE else [*map(rule.key, left)]
        best = min(keys)
        for candidate, key in zip(left, keys, strict=True):
            if key > best:
                reasons[order[id(candidate.stack)]] = rule.reason
        left = [c for c, key in zip(left, keys, strict=True) if key == best]
    chosen = left[0]
    series = tuple(
        _summary(stack, reasons.get(i), is_chosen=stack is chosen.stack)
        for i, stack in enumerate(found)
    )
    return Choice(chosen, series)


def _coverage_keys(left: list[Candidate]) -> list[float]:
    longest = max(c.extent_mm for c in left)
    return [float(c.extent_mm < COVERAGE_FRACTION * longest) for c in left]


def _candidate(stack: Stack) -> Candidate:
    layout = layout_of(stack)
    plan = plan_of(layout)
    said = layout.thickness_mm[~np.isnan(layout.thickness_mm)]
    thickness = float(np.median(said)) if said.size else plan.step_mm
    extent = float(np.ptp(layout.along_mm)) + thickness
    return Candidate(stack, layout, plan, frame_of(layout, plan), extent, thickness)


def _summary(stack: Stack, reason: str | None, *, is_chosen: bool) -> SeriesSummary:
    first = stack.first
    fallback = "chosen" if is_chosen else "equal to the chosen series in every rule"
    return SeriesSummary(
        series_uid=first.series_uid,
        modality=first.modality,
        description=str(first.lookup("SeriesDescription") or ""),
        n_images=len(stack.planes),
        is_chosen=is_chosen,
        reason=reason or fallback,
    )


def _nothing(
    found: Sequence[Stack], reasons: dict[int, str], series_uid: str | None
) -> NoMeasurableSeriesError:
    """Say in one line what there was instead of a CT series."""
    asked = [i for i, s in enumerate(found) if s.first.series_uid == series_uid]
    if series_uid is not None and not asked:
        n_series = len({stack.first.series_uid for stack in found})
        return NoMeasurableSeriesError(
            f"Expected series {series_uid[:64]}, found {n_series} other series. "
            "Leave out --series to have one chosen."
        )
    counts: dict[str, int] = {}
    for i in asked or range(len(found)):
        counts[reasons[i]] = counts.get(reasons[i], 0) + len(found[i].planes)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = "; ".join(f"{n} image(s): {reason}" for reason, n in ranked[:4])
    more = f"; and {len(ranked) - 4} other kinds" if len(ranked) > 4 else ""  # noqa: PLR2004 -- so many are named
    return NoMeasurableSeriesError(
        f"Expected a CT series in Hounsfield units, found {listed}{more}. "
        "Point at the folder of an axial CT series."
    )
