"""What the report on accuracy says, ready to be laid out.

Words and numbers are text; what is drawn is numbers in their own units. Templates decide
how it looks, never what it says.
"""

from dataclasses import dataclass

from calcitrace.services.reporting.content import Fact
from calcitrace.services.reporting.references import Reference


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell of a table.

    Attributes
    ----------
    small
        Interval or count, in small print.
    is_best
        The best of its row.
    is_sparse
        Too few deposits stand behind it to judge by.
    """

    text: str
    small: str = ""
    is_best: bool = False
    is_sparse: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its name, and an entry for each column.

    Attributes
    ----------
    group
        Heading that it stands under; empty without one.
    """

    name: str
    small: str
    entries: tuple[Entry, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of figures.

    Attributes
    ----------
    head
        Names of all columns, that of the rows first; a second line follows "|".
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One target and what became of it.

    Attributes
    ----------
    note
        More on what was reached; may be empty.
    tone
        "missed", "unknown" or "met".
    aside
        Whether the interval leaves the verdict open; empty where it does not.
    details
        More about it, a line each.
    """

    name: str
    wanted: str
    reached: str
    note: str
    interval: str
    behind: str
    tone: str
    verdict: str
    aside: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerdictTable:
    """Targets in one mode, the missed ones first."""

    caption: str
    sentence: str
    rows: tuple[VerdictRow, ...]


@dataclass(frozen=True, slots=True)
class ErrorPoint:
    """RMS error in one bin of mass, in per cent; bounds are None where unknown."""

    mass_mg: float
    error: float
    low: float | None
    high: float | None
    is_sparse: bool


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """RMS error of one estimator against mass."""

    name: str
    is_ours: bool
    points: tuple[ErrorPoint, ...]


@dataclass(frozen=True, slots=True)
class LimitStep:
    """Median and 95 % limits of the differences between two masses, in per cent.

    Attributes
    ----------
    low, high
        None where too few readings give no limits.
    """

    from_mg: float
    to_mg: float
    median: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Cloud:
    """Differences in per cent against mass.

    Attributes
    ----------
    points
        (mass in mg, difference in per cent), in a fixed order.
    n_all
        Readings, of which `points` may be a regular part.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    steps: tuple[LimitStep, ...]
    n_all: int


@dataclass(frozen=True, slots=True)
class CoverageBar:
    """Coverage in one cell, in per cent; `group` is the axis that it belongs to."""

    group: str
    name: str
    value: float
    low: float | None
    high: float | None
    behind: str
    is_sparse: bool


@dataclass(frozen=True, slots=True)
class Plots:
    """Everything that is drawn.

    Attributes
    ----------
    against_truth, repeats
        Calcitrace against the truth, and one scan against its repeat.
    everybody
        Every estimator against the truth, Calcitrace first.
    """

    errors: tuple[ErrorLine, ...]
    against_truth: Cloud | None
    repeats: Cloud | None
    everybody: tuple[Cloud, ...]
    coverage: tuple[CoverageBar, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what to know before its tables, and the tables."""

    anchor: str
    title: str
    text: str
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class ValidationContent:
    """Everything the report says.

    Attributes
    ----------
    use
        What the data are and what they are not for; stands on every page.
    lead_title, lead
        The result in one sentence, and what it is about.
    verdicts
        Empty for inserts of a phantom, which targets are not set for.
    side_by_side
        The table that the targets are about; None without them.
    each
        Readings one by one, where there are few.
    conditions
        How the scans were made.
    """

    title: str
    subtitle: str
    use: str
    lead_title: str
    lead: str
    verdicts: tuple[VerdictTable, ...]
    counts: tuple[Fact, ...]
    side_by_side: Table | None
    each: Table | None
    plots: Plots
    sections: tuple[Section, ...]
    conditions: Table
    methods: tuple[Fact, ...]
    limits: tuple[str, ...]
    references: tuple[Reference, ...]
