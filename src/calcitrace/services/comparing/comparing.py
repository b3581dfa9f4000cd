"""The whole comparison, top to bottom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from calcitrace.errors import ComparisonError
from calcitrace.model.comparison import Comparison
from calcitrace.model.flags import Flag
from calcitrace.model.following import Node, Track
from calcitrace.model.visit import Visit
from calcitrace.services.comparing.changes import Known
from calcitrace.services.comparing.linking import followed_tracks
from calcitrace.services.comparing.mapping import Aligner, Placed
from calcitrace.services.comparing.pointing import check_named
from calcitrace.services.comparing.request import ComparisonRequest
from calcitrace.services.comparing.standing import standings
from calcitrace.services.comparing.telling import told
from calcitrace.services.ports import Progress, no_progress

MIN_VISITS = 2
FAILED = "failed"


def compare_visits(
    visits: Sequence[Visit],
    align: Aligner,
    request: ComparisonRequest,
    progress: Progress = no_progress,
) -> Comparison:
    """Follow every deposit through all visits and say what changed.

    Parameters
    ----------
    visits
        Two or more, numbered in order of date.
    align
        Lays a visit on the first one.
    request
        What the user says.
    progress
        Hears "align" and "follow", each from 0 to 1.

    Returns
    -------
    Comparison
        A visit that cannot be aligned takes no part and raises a blocking flag; no
        change is called with it.

    Raises
    ------
    ComparisonError
        If a deposit that the user names does not exist.
    """
    _check_asked(visits, request)
    placed: dict[int, Placed] = {}
    for done, visit in enumerate(visits):
        progress("align", done / len(visits))
        placed[visit.number] = Placed(visit, align(visits[0], visit))
    progress("align", 1.0)
    usable = {n: p for n, p in placed.items() if p.summary.verdict != FAILED}
    flags = (*request.flags, *_alignment_flags(placed))
    if len(usable) < MIN_VISITS:
        return _empty(visits, placed, request, flags)
    progress("follow", 0.0)
    settings = request.settings
    found = followed_tracks(usable, request.links, settings.following)
    removed = _removed_tracks(found.tracks, request.removed)
    known = Known(
        usable,
        standings(found.tracks, found.bodies, usable, removed, settings.following),
        settings,
    )
    progress("follow", 1.0)
    return told(visits, placed, known, found, replace(request, flags=flags))


def _check_asked(visits: Sequence[Visit], request: ComparisonRequest) -> None:
    """Refuse what names no deposit, and links that run backwards."""
    check_named(request.removed, visits)
    check_named([n for k in request.links for n in (k.before, k.after)], visits)
    for link in request.links:
        if link.before.visit >= link.after.visit:
            msg = (
                "Expected a link from an earlier to a later visit, got "
                f"{link.before.deposit_id}@{link.before.visit}="
                f"{link.after.deposit_id}@{link.after.visit}. Put the earlier one first."
            )
            raise ComparisonError(msg)


def _removed_tracks(
    tracks: Sequence[Track], removed: Sequence[Node]
) -> Mapping[int, int]:
    """Last visit before surgery by track."""
    return {
        track.track_id: node.visit
        for node in removed
        for track in tracks
        if node in track.nodes
    }


def _alignment_flags(placed: Mapping[int, Placed]) -> Iterator[Flag]:
    """Flags of all alignments, each with the visit that it is of."""
    for number, one in placed.items():
        for flag in one.summary.flags:
            yield Flag(flag.kind, f"visit {number}: {flag.detail}")


def _empty(
    visits: Sequence[Visit],
    placed: Mapping[int, Placed],
    request: ComparisonRequest,
    flags: tuple[Flag, ...],
) -> Comparison:
    """What can be said where no visit lies on the first one: nothing of changes."""
    return Comparison(
        visits=tuple(visits),
        compared=(visits[0].number,),
        alignments=tuple(p.summary for _, p in sorted(placed.items())),
        agreements=(),
        tracks=(),
        changes=(),
        totals=(),
        regions=(),
        groups=(),
        total_at=(),
        courses=(),
        left_out=(),
        common_coverage_cm3=None,
        treatments=request.treatments,
        settings=request.settings,
        flags=flags,
    )
