"""The same deposit from visit to visit: links, tracks, states."""

from dataclasses import dataclass
from enum import StrEnum

from calcitrace.model.flags import Flag


class State(StrEnum):
    """What a track is at a visit; the names are a contract."""

    BASELINE = "baseline"
    SAME = "same"
    NEW = "new"
    RESOLVED = "resolved"
    MERGED = "merged"
    SPLIT = "split"
    OUT_OF_COVERAGE = "out_of_coverage"


class Presence(StrEnum):
    """How it is known whether a track is there at a visit."""

    DETECTED = "detected"
    LOOKED_AT = "looked_at"  # not detected; measured at the mapped place
    NOT_LOOKED_AT = "not_looked_at"  # not detected, and the place cannot be measured
    OUT_OF_COVERAGE = "out_of_coverage"
    REMOVED = "removed"  # by surgery, as the user said


class LinkSource(StrEnum):
    """What says that two deposits are one."""

    OVERLAP = "overlap"
    MATCH = "match"  # no overlap: nearest surface and most alike mass
    PIECE = "piece"  # of a split or merge, because the masses add up
    READER = "reader"


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """One deposit at one visit.

    Attributes
    ----------
    visit
        From 1, in order of date.
    deposit_id
        Number in the table of that visit.
    """

    visit: int
    deposit_id: int


@dataclass(frozen=True, slots=True)
class Link:
    """Two deposits that are the same one, or parts of the same one.

    Attributes
    ----------
    probability
        Share of slightly different alignments under which they are linked as well.
    """

    before: Node
    after: Node
    source: LinkSource
    probability: float


@dataclass(frozen=True, slots=True)
class Track:
    """Deposits that are one and the same, through splits and merges.

    Attributes
    ----------
    track_id
        Number in the table, from 1.
    tracking_uid
        That of its largest deposit at the first visit that shows it, so that a later
        visit changes none.
    group_id
        Tracks that come nearer to each other than what tells deposits apart.
    nodes, links
        In order of visit and number.
    is_identity_uncertain
        Some link, or some alternative to it, hangs on the alignment.
    """

    track_id: int
    tracking_uid: str
    group_id: int
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    is_identity_uncertain: bool = False

    def at(self, visit: int) -> tuple[Node, ...]:
        """Deposits of one visit."""
        return tuple(node for node in self.nodes if node.visit == visit)

    @property
    def first_visit(self) -> int:
        """First visit that shows it."""
        return min(node.visit for node in self.nodes)


@dataclass(frozen=True, slots=True)
class ReaderLink:
    """What a reader says of two deposits.

    Attributes
    ----------
    is_same
        False takes a link away.
    """

    before: Node
    after: Node
    is_same: bool


@dataclass(frozen=True, slots=True)
class FollowingSettings:
    """How deposits are linked; lengths in mm.

    Attributes
    ----------
    pair_reach_mm
        How far apart centres of a landmark pair may lie.
    shift_scale_mm
        Distance over which landmarks speak for the local residual shift.
    overlap_min
        Share of the smaller deposit that must overlap.
    piece_reach_mm
        How far from the rest a piece of a split or merge may lie.
    match_reach_mm, match_mass_mm
        Most that a match without overlap may cost, and what a factor e in mass costs.
    group_reach_mm
        Tracks nearer than this share a group.
    covered_min
        Share of a deposit that a visit must cover for it to be compared.
    n_perturbed
        Alignments that link probabilities rest on.
    certain_probability
        Below it a link is uncertain.
    """

    pair_reach_mm: float = 15.0
    shift_scale_mm: float = 30.0
    overlap_min: float = 0.3
    piece_reach_mm: float = 4.0
    match_reach_mm: float = 8.0
    match_mass_mm: float = 4.0
    group_reach_mm: float = 3.0
    covered_min: float = 0.95
    n_perturbed: int = 12
    certain_probability: float = 0.8


@dataclass(frozen=True, slots=True)
class TrackState:
    """A track at a visit.

    Attributes
    ----------
    flags
        Why it is what it is.
    """

    state: State
    presence: Presence
    flags: tuple[Flag, ...] = ()
