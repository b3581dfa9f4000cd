"""All that one `compare` run found: what every output is written from."""

from dataclasses import dataclass, field
from datetime import date

from calcitrace.model.change import (
    Agreement,
    Call,
    DensityCall,
    DensityTest,
    MassTest,
    Obstacle,
    Rate,
    RateChange,
    Weighed,
)
from calcitrace.model.deposit import Status
from calcitrace.model.flags import Flag, Severity
from calcitrace.model.following import (
    FollowingSettings,
    Presence,
    State,
    Track,
)
from calcitrace.model.visit import Visit


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment that began on a date, as the user said."""

    name: str
    began: date


@dataclass(frozen=True, slots=True)
class ComparisonSettings:
    """What changes what `compare` says.

    Attributes
    ----------
    false_call_rate
        Rate of false calls among deposits of a pair of visits, and of each total.
    is_same_scanner
        The user says that scanner and tube voltage are the same where headers are
        silent.
    """

    following: FollowingSettings = field(default_factory=FollowingSettings)
    false_call_rate: float = 0.05
    is_same_scanner: bool = False


@dataclass(frozen=True, slots=True)
class AlignmentSummary:
    """How well a visit lies on the first one.

    Attributes
    ----------
    verdict
        "reference", "ok", "poor" or "failed".
    residual_mm, residual_p95_mm
        Between bone surfaces, median and 95th percentile; `None` where there is none to
        compare.
    scale
        Size of the body at this visit relative to the first one.
    flags
        Why it is not good.
    """

    visit: int
    verdict: str
    residual_mm: float | None
    residual_p95_mm: float | None = None
    matched_share: float | None = None
    scale: float = 1.0
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackAt:
    """A track at one visit.

    Attributes
    ----------
    deposit_ids, tracking_uids
        Of its deposits; empty where none was detected.
    weighed
        Its mass; `None` where nothing could be measured.
    std_mg
        One sigma of the mass with everything in it.
    covered
        Share of it that the visit covers.
    notes
        Codes of what is to be said of it.
    """

    track_id: int
    visit: int
    deposit_ids: tuple[int, ...]
    tracking_uids: tuple[str, ...]
    state: State
    presence: Presence
    weighed: Weighed | None
    std_mg: float | None
    covered: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Followed:
    """A track with what is true of it at all visits.

    Attributes
    ----------
    region, laterality
        Of its largest deposit at the first visit that shows it.
    probability
        Of being calcinosis, all visits together.
    """

    track: Track
    status: Status
    region: str
    laterality: str
    centroid_mm: tuple[float, float, float]
    probability: float
    at: tuple[TrackAt, ...]

    def visit(self, number: int) -> TrackAt:
        """It at one visit."""
        return next(at for at in self.at if at.visit == number)


@dataclass(frozen=True, slots=True)
class Change:
    """One mass at two visits.

    Attributes
    ----------
    before, after
        `None` where it is not known.
    test
        `None` where they cannot be compared; then `obstacle` says why.
    p_adjusted
        The lowest rate of false calls at which it would be called.
    detectable_mg, detectable_alone_mg
        Smallest detectable change, among all that are tested together and on its own.
    fixed
        Call of the rule of +-25 %.
    """

    visit_from: int
    visit_to: int
    before: Weighed | None
    after: Weighed | None
    call: Call
    test: MassTest | None = None
    obstacle: Obstacle | None = None
    p_adjusted: float | None = None
    detectable_mg: float | None = None
    detectable_alone_mg: float | None = None
    fixed: Call = Call.NOT_COMPARABLE


@dataclass(frozen=True, slots=True)
class TrackChange:
    """Change of one track, of mass and of density."""

    track_id: int
    change: Change
    density: DensityTest | None = None
    density_call: DensityCall = DensityCall.NOT_COMPARABLE


@dataclass(frozen=True, slots=True)
class SumChange:
    """Change of a sum: total, region or group.

    Attributes
    ----------
    name
        "total", "total_with_review", "region hand right", "group 3".
    """

    name: str
    track_ids: tuple[int, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class BendAt:
    """Rates before and after a treatment began."""

    treatment: Treatment
    change: RateChange


@dataclass(frozen=True, slots=True)
class Course:
    """How one mass moves over all visits.

    Attributes
    ----------
    name
        "total" or "track 3".
    rate
        `None` where there are too few visits, or a mass is below its detection limit.
    """

    name: str
    rate: Rate | None
    bends: tuple[BendAt, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A track that the totals leave out, and why."""

    track_id: int
    visit: int
    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """What two visits share of their errors."""

    visit_from: int
    visit_to: int
    agreement: Agreement


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Everything that is said of several visits.

    Attributes
    ----------
    visits
        In order of date.
    compared
        Numbers of the visits that could be aligned.
    totals
        Over common coverage, for each pair of visits: accepted tracks, and those in
        review with them.
    total_at
        Mass of accepted tracks in common coverage at each compared visit.
    left_out
        Why tracks are not in the totals.
    flags
        Of the comparison; those of scans are with the visits.
    """

    visits: tuple[Visit, ...]
    compared: tuple[int, ...]
    alignments: tuple[AlignmentSummary, ...]
    agreements: tuple[PairAgreement, ...]
    tracks: tuple[Followed, ...]
    changes: tuple[TrackChange, ...]
    totals: tuple[SumChange, ...]
    regions: tuple[SumChange, ...]
    groups: tuple[SumChange, ...]
    total_at: tuple[tuple[int, Weighed, float], ...]
    courses: tuple[Course, ...]
    left_out: tuple[LeftOut, ...]
    common_coverage_cm3: float | None
    treatments: tuple[Treatment, ...]
    settings: ComparisonSettings
    flags: tuple[Flag, ...]

    @property
    def is_blocked(self) -> bool:
        """Whether a flag of the comparison or of a scan forbids using it as it is."""
        flags = [*self.flags, *(f for v in self.visits for f in v.flags)]
        return any(flag.kind.severity is Severity.BLOCKING for flag in flags)
