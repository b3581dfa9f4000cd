"""What a report of a comparison says, ready to be laid out, in one language."""

from dataclasses import dataclass

from calcitrace.services.reporting.content import Fact, Notice
from calcitrace.services.reporting.language import Language


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """A mass at a visit.

    Attributes
    ----------
    years
        After the first visit.
    value, low, high
        mg; `value` is `None` where only the upper bound is known.
    """

    visit: int
    years: float
    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """Masses of the total or of one track over time.

    Attributes
    ----------
    summary
        The same in words, for who cannot see it.
    """

    title: str
    call: str
    points: tuple[TimelinePoint, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Time axis shared by all timelines: visits and treatments by their years."""

    years: float
    visits: tuple[tuple[float, str], ...]
    treatments: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change, every number as text.

    Attributes
    ----------
    kind
        Value of the call, for its look.
    """

    name: str
    place: str
    before: str
    after: str
    ratio: str
    interval: str
    probability: str
    detectable: str
    call: str
    kind: str
    fixed: str
    remarks: str


@dataclass(frozen=True, slots=True)
class PairTable:
    """All changes between two visits; `note` says what widens the errors."""

    title: str
    total: ChangeRow | None
    rows: tuple[ChangeRow, ...]
    regions: tuple[ChangeRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One track: what it is at each visit."""

    number: int
    place: str
    states: tuple[str, ...]
    remarks: str


@dataclass(frozen=True, slots=True)
class CourseRow:
    """Annual change of one mass, and what treatments have to do with it in time."""

    name: str
    rate: str
    interval: str
    spread: str
    bends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit: how it was made, measured and aligned."""

    number: str
    date: str
    scanner: str
    settings: str
    grade: str
    deposits: str
    alignment: str


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonContent:
    """Everything that the report says."""

    lang: Language
    title: str
    subtitle: str
    answer: str
    answer_kind: str
    sentences: tuple[str, ...]
    counts: tuple[Fact, ...]
    notices: tuple[Notice, ...]
    axis: Axis
    timelines: tuple[Timeline, ...]
    n_without_timeline: int
    pairs: tuple[PairTable, ...]
    tracks: tuple[TrackRow, ...]
    courses: tuple[CourseRow, ...]
    left_out: tuple[str, ...]
    visits: tuple[VisitRow, ...]
    methods: tuple[Fact, ...]
    limits: tuple[str, ...]
    provenance: tuple[Fact, ...]
