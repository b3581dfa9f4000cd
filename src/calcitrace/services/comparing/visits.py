"""Visits from measured scans: in order of date, measured alike."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from calcitrace.errors import ComparisonError
from calcitrace.model.result import ScanResult
from calcitrace.model.visit import Visit

MIN_VISITS = 2
UNKNOWN = "of an older version"
# The trained detector leaves a scan that is unlike all it knows to the rules.
FIXED_RULES = ", with detection.is_learned = false if they still differ"
NO_DATE = datetime.min  # noqa: DTZ901 -- stands for "not known yet"


def visit_of(result: ScanResult) -> Visit:
    """Visit of a scan that was just measured; its number and date come later."""
    return Visit(
        number=0,
        acquired=result.acquisition.acquired or NO_DATE,
        volume=result.scan.volume,
        coverage=result.scan.coverage,
        anatomy=result.anatomy,
        deposits=result.deposits,
        labels=result.deposit_labels,
        acquisition=result.acquisition,
        calibration=result.calibration,
        provenance=result.provenance,
        flags=result.flags,
        result=result,
    )


def ordered_visits(
    visits: Sequence[Visit], dates: Mapping[int, datetime]
) -> tuple[Visit, ...]:
    """Number visits from 1, oldest first.

    Parameters
    ----------
    visits
        In the order in which they were given.
    dates
        What the user says of dates, by place in that order from 1.

    Raises
    ------
    ComparisonError
        If there are fewer than two, a date is missing, two are equal, one scan was given
        twice, or they were measured with different versions, protocols, segmenters or
        detectors.
    """
    if len(visits) < MIN_VISITS:
        msg = f"Expected two scans or more, got {len(visits)}. Name each visit."
        raise ComparisonError(msg)
    dated = [
        replace(visit, acquired=dates.get(place, visit.acquired))
        for place, visit in enumerate(visits, start=1)
    ]
    _check_dates(dated)
    _check_measured_alike(dated)
    ordered = sorted(dated, key=lambda visit: visit.acquired)
    return tuple(replace(v, number=n) for n, v in enumerate(ordered, start=1))


def _check_dates(visits: Sequence[Visit]) -> None:
    hashes: dict[str, int] = {}
    for place, visit in enumerate(visits, start=1):
        if visit.acquired == NO_DATE:
            msg = (
                f"Expected a date of acquisition, but scan {place} has none. Give it "
                f"with --date {place}=YYYY-MM-DD."
            )
            raise ComparisonError(msg)
        other = hashes.setdefault(visit.provenance.input_hash, place)
        if other != place:
            msg = (
                f"Expected different scans, but scans {other} and {place} are the same "
                "one. Leave one out."
            )
            raise ComparisonError(msg)
    for place, visit in enumerate(visits, start=1):
        for other, rival in enumerate(visits[: place - 1], start=1):
            if visit.acquired == rival.acquired:
                msg = (
                    f"Expected visits at different times, but scans {other} and {place} "
                    f"are both of {visit.acquired.isoformat(' ')}. Say which came first "
                    f"with --date {place}=YYYY-MM-DDTHH:MM."
                )
                raise ComparisonError(msg)


def _check_measured_alike(visits: Sequence[Visit]) -> None:
    first = visits[0].provenance
    for place, visit in enumerate(visits[1:], start=2):
        other = visit.provenance
        for what, one, two in (
            ("version", first.version, other.version),
            ("protocol", first.protocol_hash[:12], other.protocol_hash[:12]),
            ("segmenter", first.segmenter, other.segmenter),
            ("detector", first.detector or UNKNOWN, other.detector or UNKNOWN),
        ):
            if one != two:
                how = FIXED_RULES if what == "detector" else ""
                msg = (
                    f"Expected visits measured alike, but scan 1 has {what} {one} and "
                    f"scan {place} has {two}. Give the original scans: all are then "
                    f"measured again{how}."
                )
                raise ComparisonError(msg)
