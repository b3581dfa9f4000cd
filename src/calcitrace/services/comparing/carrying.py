"""A reader's corrections of one visit, carried to the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from calcitrace.model.edits import Edit, Edits
from calcitrace.model.result import ScanResult
from calcitrace.model.visit import Visit
from calcitrace.services.comparing.mapping import Aligned, Aligner, Placed
from calcitrace.services.comparing.visits import visit_of

Measure = Callable[[Visit, Edits], ScanResult]
FAILED = "failed"


def with_carried_edits(
    visits: Sequence[Visit],
    edits: Mapping[int, Edits],
    align: Aligner,
    measure: Measure,
) -> tuple[Visit, ...]:
    """Measure again, with what readers changed at the other visits.

    Parameters
    ----------
    visits
        Numbered in order of date, each measured with its own corrections.
    edits
        Corrections by visit.
    align
        Lays a visit on the first one.
    measure
        Measures a visit with corrections.

    Returns
    -------
    tuple of Visit
        Stored results, and visits that nothing is carried to, as they were.
    """
    if not any(e.edits for e in edits.values()):
        return tuple(visits)
    placed = {v.number: Placed(v, align(visits[0], v)) for v in visits}
    usable = {n: p for n, p in placed.items() if p.summary.verdict != FAILED}
    result: list[Visit] = []
    for visit in visits:
        foreign = [
            edit
            for number, of_visit in sorted(edits.items())
            if number != visit.number and {number, visit.number} <= set(usable)
            for edit in _mapped(of_visit, usable[number], usable[visit.number])
        ]
        if not foreign or visit.result is None:
            result.append(visit)
            continue
        own = edits.get(visit.number, Edits())
        # Named after another scan, so that the result says whose they are.
        origin = next(
            e.input_hash
            for n, e in sorted(edits.items())
            if e.edits and n != visit.number
        )
        together = Edits((*own.edits, *foreign), origin or "carried")
        again = visit_of(measure(visit, together))
        result.append(replace(again, number=visit.number, acquired=visit.acquired))
    return tuple(result)


def _mapped(edits: Edits, source: Placed, target: Placed) -> list[Edit]:
    """Operations at the places of the target that it covers."""
    found: list[Edit] = []
    for edit in edits.edits:
        first = source.aligned.to_reference(np.asarray(edit.points_mm))
        if not target.is_covered(first).all():
            continue
        points = _points(target.aligned, first)
        found.append(replace(edit, points_mm=points))
    return found


def _points(
    aligned: Aligned, points_mm: np.ndarray
) -> tuple[tuple[float, float, float], ...]:
    there = aligned.to_moving(points_mm)
    return tuple((float(x), float(y), float(z)) for x, y, z in there)
