"""Bins of everything that readings are sorted by."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from calcitrace.model.accuracy import Axis
from calcitrace.model.reading import Reading

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """Level of a continuous axis: from `low` to below `high`."""

    name: str
    low: float
    high: float


MASS_MG = (
    Span("under 0.25 mg", 0.0, 0.25),
    Span("0.25-1 mg", 0.25, 1.0),
    Span("1-5 mg", 1.0, 5.0),
    Span("5-30 mg", 5.0, 30.0),
    Span("30-200 mg", 30.0, 200.0),
    Span("over 200 mg", 200.0, math.inf),
)
# Around the gaps that scenes are made with: 0, 0.5, 1 and 2 mm.
GAP_MM = (
    Span("0 mm", -math.inf, 0.25),
    Span("0.5 mm", 0.25, 0.75),
    Span("1 mm", 0.75, 1.5),
    Span("2 mm", 1.5, 3.0),
    Span("far", 3.0, math.inf),
)
NOISE_HU = (
    Span("under 8 HU", 0.0, 8.0),
    Span("8-15 HU", 8.0, 15.0),
    Span("15-22 HU", 15.0, 22.0),
    Span("22-35 HU", 22.0, 35.0),
    Span("over 35 HU", 35.0, math.inf),
)
THICKNESS_MM = (
    Span("under 0.9 mm", 0.0, 0.9),
    Span("1 mm", 0.9, 1.25),
    Span("1.5 mm", 1.25, 1.75),
    Span("2 mm", 1.75, 2.5),
    Span("3 mm", 2.5, 3.5),
    Span("over 3.5 mm", 3.5, math.inf),
)
KVP = (
    Span("under 75 kV", 0.0, 75.0),
    Span("80 kV", 75.0, 90.0),
    Span("100 kV", 90.0, 110.0),
    Span("120 kV", 110.0, 130.0),
    Span("over 130 kV", 130.0, math.inf),
)

SPANS: Mapping[Axis, tuple[Span, ...]] = MappingProxyType(
    {
        Axis.MASS: MASS_MG,
        Axis.GAP: GAP_MM,
        Axis.NOISE: NOISE_HU,
        Axis.THICKNESS: THICKNESS_MM,
        Axis.KVP: KVP,
    }
)
_NAMED: Mapping[Axis, Callable[[Reading], str | None]] = MappingProxyType(
    {
        Axis.TISSUE: lambda r: r.site.tissue,
        Axis.SHAPE: lambda r: None if r.site.is_blank else r.site.kind,
        Axis.KERNEL: lambda r: r.condition.kernel or UNKNOWN,
        Axis.BODY: lambda r: r.condition.body,
    }
)
_MEASURED: Mapping[Axis, Callable[[Reading], float | None]] = MappingProxyType(
    {
        Axis.MASS: lambda r: r.site.mass_mg,
        Axis.GAP: lambda r: math.inf if r.site.gap_mm is None else r.site.gap_mm,
        Axis.NOISE: lambda r: r.condition.noise_hu,
        Axis.THICKNESS: lambda r: r.condition.slice_thickness_mm,
        Axis.KVP: lambda r: r.condition.kvp,
    }
)


def level_of(reading: Reading, axis: Axis) -> str | None:
    """Name of a reading's level; `None` where the axis says nothing of it.

    A blank site has neither mass nor shape.
    """
    named = _NAMED.get(axis)
    if named is not None:
        return named(reading)
    if axis is Axis.MASS and reading.site.is_blank:
        return None
    value = _MEASURED[axis](reading)
    if value is None:
        return UNKNOWN
    spans = SPANS[axis]
    return next((s.name for s in spans if s.low <= value < s.high), spans[-1].name)


def ordered(axis: Axis, names: Iterable[str]) -> tuple[str, ...]:
    """Levels of an axis in the order of its spans, or of the alphabet."""
    places = {span.name: i for i, span in enumerate(SPANS.get(axis, ()))}
    return tuple(sorted(set(names), key=lambda name: (places.get(name, 99), name)))
