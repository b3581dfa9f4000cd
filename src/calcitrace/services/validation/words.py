"""Names of estimators and figures, and numbers as text."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from calcitrace.model.accuracy import Cell, Figure, Metric, Sampled
from calcitrace.model.reading import Estimator, Mode
from calcitrace.services.reporting.language import NO_BREAK, language
from calcitrace.services.validation.content import Entry

ESTIMATOR_WORDS: Mapping[Estimator, str] = MappingProxyType(
    {
        Estimator.CALCITRACE: "Calcitrace",
        Estimator.FIXED_THRESHOLD: "Fixed 130 HU",
        Estimator.HALF_MAXIMUM: "50 % of maximum",
        Estimator.AGATSTON: "Agatston, rescaled",
        Estimator.AGATSTON_NORMALISED: "Agatston per 3 mm, rescaled",
        Estimator.CALIBRATED_MASS: "Calibrated mass",
        Estimator.INTEGRATED_HU: "Integrated HU",
        Estimator.VOLUME_FRACTION: "Volume fraction",
    }
)
MODE_WORDS: Mapping[Mode, str] = MappingProxyType(
    {Mode.POSITION_GIVEN: "position given", Mode.DETECTED: "found by itself"}
)
SPARSE_MARK = "†"
DASH = "–"
WORDS = language("en")
SIGNED = frozenset({Metric.BIAS, Metric.VOLUME_BIAS, Metric.LEAD})
SHARES = frozenset(
    {
        Metric.COVERAGE,
        Metric.BOUND_HELD,
        Metric.NOTHING,
        Metric.VOLUME_COVERAGE,
        Metric.SENSITIVITY,
    }
)
_RANGE = re.compile(r"(?<=\d)-(?=\d)")
# Numbers below these keep two decimals, one decimal; above, none.
TWO_DECIMALS, ONE_DECIMAL = 0.995, 9.95


def typeset(text: str) -> str:
    """Set a level or the name of a target: dashes in ranges, no break before units."""
    text = _RANGE.sub("–", text).replace(" %", f"{NO_BREAK}%")
    return re.sub(r"(?<=\d) (?=(mg|mm|HU|kV)\b)", NO_BREAK, text)


def cell_name(cell: Cell) -> str:
    """Levels of a cell in words."""
    return typeset(cell.name)


def number(value: float, *, is_signed: bool = False) -> str:
    """Write a figure with the digits that help to compare it.

    Examples
    --------
    >>> number(0.123), number(5.04), number(12.3), number(2.0, is_signed=True)
    ('0.12', '5.0', '12', '+2.0')
    """
    size = abs(value)
    decimals = 2 if size < TWO_DECIMALS else 1 if size < ONE_DECIMAL else 0
    text = WORDS.number(value, decimals)
    return f"+{text}" if is_signed and value > 0 and text.strip("0.") else text


def value_text(figure: Figure, value: float) -> str:
    """Value or bound of a figure: shares keep a decimal, changes their sign."""
    if figure.metric in SHARES:
        return WORDS.number(value, 0 if value in {0.0, 100.0} else 1)
    return number(value, is_signed=figure.metric in SIGNED)


def interval(figure: Figure) -> str:
    """Interval in words; empty where too few units give none."""
    if figure.low is None or figure.high is None:
        return ""
    return f"{value_text(figure, figure.low)} to {value_text(figure, figure.high)}"


def counted(n: int, singular: str) -> str:
    """Count and noun.

    Examples
    --------
    >>> counted(1, "scan"), counted(2, "scan")
    ('1 scan', '2 scans')
    """
    return f"{WORDS.number(n)} {singular}{'' if n == 1 else 's'}"


def behind(figure: Figure) -> str:
    """How many units and readings stand behind a figure."""
    kind = figure.metric.sampled
    read = "scan" if kind is Sampled.SCENE else "reading"
    units = counted(figure.n_units, kind.singular)
    return f"{units}, {counted(figure.n_readings, read)}"


def entry(figure: Figure | None, *, is_best: bool = False) -> Entry:
    """Make the entry of a figure: its value, its interval below; a dash without one."""
    if figure is None:
        return Entry(DASH)
    mark = SPARSE_MARK if figure.is_sparse else ""
    return Entry(
        value_text(figure, figure.value) + mark,
        interval(figure),
        is_best=is_best,
        is_sparse=figure.is_sparse,
    )


SPARSE_NOTE = (
    f"{SPARSE_MARK} fewer than "
    + ", ".join(counted(kind.n_min, kind.singular) for kind in Sampled)
    + ": shown, but too few to judge by."
)
