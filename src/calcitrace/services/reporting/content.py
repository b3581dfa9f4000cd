"""What a report says, ready to be laid out: words and numbers as text, in one language.

No field names the patient. Templates decide how it looks, never what it says.
"""

from dataclasses import dataclass

from calcitrace.model.flags import Severity
from calcitrace.services.reporting.language import Language
from calcitrace.services.reporting.references import Reference


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and a value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """Total on a line that starts at 0, as shares of its length.

    Attributes
    ----------
    low, value, high
        95 % interval and value over accepted deposits; `high` is None where the total
        is a lower bound.
    with_review
        Value with every deposit in review counted in; None without any.
    ticks
        Places and names of round masses.
    """

    low: float
    value: float
    high: float | None
    with_review: float | None
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer: how much, how sure, how many.

    Attributes
    ----------
    mass
        Total over accepted deposits with its unit, or why there is none.
    uncertainty
        "± 1.1 mg"; empty where there is no number to be uncertain of.
    sentences
        What the number means, in the order of importance.
    gauge
        None where there is nothing to draw.
    """

    title: str
    mass: str
    uncertainty: str
    sentences: tuple[str, ...]
    gauge: Gauge | None
    counts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class RegionRow:
    """Deposits of one region and side."""

    name: str
    n_accepted: str
    mass: str
    n_review: str
    mass_review: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that the reader should see, and how serious it is.

    Attributes
    ----------
    anchor
        Id of the element that shows more; empty where there is none.
    """

    severity: Severity
    severity_word: str
    text: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class DepositRow:
    """One deposit, every number as text.

    Attributes
    ----------
    sort_mass
        Mass in mg as plain text, to sort by.
    remarks
        Its flags as sentences.
    remarks_short
        The same in a few words.
    """

    number: int
    is_in_review: bool
    is_lower_bound: bool
    is_quantifiable: bool
    place: str
    position: str
    mass: str
    interval: str
    volume: str
    density: str
    hu_max: str
    diameter: str
    agatston: str
    depth: str
    bone_distance: str
    shape: str
    reason: str
    probability: str
    remarks: tuple[str, ...]
    remarks_short: str
    sort_mass: str


@dataclass(frozen=True, slots=True)
class ExclusionGroup:
    """Candidates that were dropped for one reason.

    Attributes
    ----------
    examples
        Position, volume and CT number of the largest ones.
    """

    reason: str
    count: str
    volume: str
    hu_max: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series of the source, measured or not, and why."""

    modality: str
    n_images: str
    is_chosen: bool
    reason: str
    series_uid: str


@dataclass(frozen=True, slots=True)
class BarBin:
    """One bar of the histogram: from, to (mg, as text), numbers of the deposits."""

    low: str
    high: str
    accepted: tuple[int, ...]
    review: tuple[int, ...]

    @property
    def n(self) -> int:
        """Deposits in the bar."""
        return len(self.accepted) + len(self.review)


@dataclass(frozen=True, slots=True)
class MassHistogram:
    """Masses of quantifiable deposits on a logarithmic axis.

    Attributes
    ----------
    bins
        From the smallest to the largest, empty ones in between included.
    note
        What is not in it; may be empty.
    """

    bins: tuple[BarBin, ...]
    note: str

    @property
    def n_highest(self) -> int:
        """Count of the highest bar."""
        return max((b.n for b in self.bins), default=0)


@dataclass(frozen=True, slots=True)
class EditRow:
    """One operation of a reader.

    Attributes
    ----------
    deposit
        Number of the deposit it made or changed; empty where it is none any more.
    places
        Patient coordinates, one text for each point.
    outcome
        Whether it was applied, or why not.
    """

    number: str
    operation: str
    deposit: str
    places: tuple[str, ...]
    author: str
    time: str
    comment: str
    outcome: str
    is_applied: bool


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a reader changed: totals before and after, operations, how it was read."""

    totals: tuple[Fact, ...]
    rows: tuple[EditRow, ...]
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class ReportContent:
    """Everything a report says."""

    lang: Language
    title: str
    subtitle: str
    headline: Headline
    regions: tuple[RegionRow, ...]
    attention: tuple[Notice, ...]
    corrections: Corrections | None
    accepted: tuple[DepositRow, ...]
    review: tuple[DepositRow, ...]
    is_learned: bool
    histogram: MassHistogram
    excluded: tuple[ExclusionGroup, ...]
    flags: tuple[Notice, ...]
    calibration_grade: str
    calibration_meaning: str
    calibration: tuple[Fact, ...]
    acquisition: tuple[Fact, ...]
    series: tuple[SeriesRow, ...]
    methods: tuple[Fact, ...]
    references: tuple[Reference, ...]
    limits: tuple[str, ...]
    provenance: tuple[Fact, ...]
