"""What a user says of the visits."""

from dataclasses import dataclass, field

from calcitrace.model.comparison import ComparisonSettings, Treatment
from calcitrace.model.flags import Flag
from calcitrace.model.following import Node, ReaderLink


@dataclass(frozen=True, slots=True)
class ComparisonRequest:
    """What a user says of the visits.

    Attributes
    ----------
    removed
        Deposits that were removed by surgery after the visit named with them.
    links
        What a reader linked or unlinked.
    flags
        Raised before: different patients by their identifiers.
    """

    treatments: tuple[Treatment, ...] = ()
    removed: tuple[Node, ...] = ()
    links: tuple[ReaderLink, ...] = ()
    settings: ComparisonSettings = field(default_factory=ComparisonSettings)
    flags: tuple[Flag, ...] = ()
