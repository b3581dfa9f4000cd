"""Named region and side of a place, and what said so: header, segmenter, position."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from calcitrace.analysis.regions import HALVED, Place, labelled_place, side_by_position
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.deposit import Candidate, Reason
from calcitrace.model.scan import Scan
from calcitrace.model.structures import Laterality, PlaceSource, Region
from calcitrace.services.body_parts import region, region_of_words, side, side_of_words

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """Region and side with their sources; "unknown" where nothing says it."""

    region: Region
    region_source: PlaceSource
    laterality: Laterality
    laterality_source: PlaceSource


def place_of(point_mm: Point, scan: Scan, anatomy: Anatomy) -> NamedPlace:
    """Region and side of a point in patient space.

    A labelled bone knows the region better than the header, which names what the scan
    was made of. Sides must not contradict each other: then none is said. Position tells
    a side only where the header says how the patient lay, and so which side is left.
    """
    said_side = _header_side(scan.acquisition)
    found = _labelled(point_mm, anatomy)
    where, source = _region(found, scan.acquisition)
    seen = Laterality.UNKNOWN
    if scan.acquisition.patient_position:
        seen = side_by_position(
            point_mm, where, anatomy.body, scan.coverage.plane, scan.volume.grid
        )
    laterality, laterality_source = _joined(
        (
            (said_side, PlaceSource.HEADER),
            (found.laterality, PlaceSource.SEGMENTER),
            (seen, PlaceSource.POSITION),
        )
    )
    return NamedPlace(where, source, laterality, laterality_source)


def header_region(acquisition: Acquisition) -> Region:
    """Region that the header names; unknown where its parts contradict each other."""
    named = {
        region(acquisition.body_part),
        region_of_words(acquisition.body_part_words),
    } - {Region.UNKNOWN}
    return named.pop() if len(named) == 1 else Region.UNKNOWN


def truly_deep(
    candidates: Iterable[Candidate], scan: Scan, anatomy: Anatomy
) -> tuple[Candidate, ...]:
    """Candidates with "deep in the trunk" only where there is known to be a trunk."""
    return tuple(
        replace(c, reason=Reason.DEEP_INSIDE_BODY)
        if c.reason is Reason.DEEP_IN_TRUNK
        and _region(_labelled(c.centroid_mm, anatomy), scan.acquisition)[0]
        not in HALVED
        else c
        for c in candidates
    )


def _labelled(point_mm: Point, anatomy: Anatomy) -> Place:
    if anatomy.structures is None:
        return Place()
    return labelled_place(point_mm, anatomy.structures, anatomy.body)


def _region(found: Place, acquisition: Acquisition) -> tuple[Region, PlaceSource]:
    """Region by labels, else by the header."""
    if found.region is not Region.UNKNOWN:
        return found.region, PlaceSource.SEGMENTER
    said = header_region(acquisition)
    return said, PlaceSource.NONE if said is Region.UNKNOWN else PlaceSource.HEADER


def _header_side(acquisition: Acquisition) -> Laterality:
    named = {
        side(acquisition.laterality),
        side_of_words(acquisition.body_part_words),
    } - {Laterality.UNKNOWN}
    return named.pop() if len(named) == 1 else Laterality.UNKNOWN


def _joined(
    said: tuple[tuple[Laterality, PlaceSource], ...],
) -> tuple[Laterality, PlaceSource]:
    """First side that is said, if no other is."""
    known = [pair for pair in said if pair[0] is not Laterality.UNKNOWN]
    if not known:
        return Laterality.UNKNOWN, PlaceSource.NONE
    if len({one for one, _ in known}) > 1:
        return Laterality.UNKNOWN, PlaceSource.CONTRADICTION
    return known[0]
