"""Operations of a reader, one after the other, on what the program found."""

from collections.abc import Callable, Sequence

from calcitrace.analysis.edits.bench import Bench
from calcitrace.analysis.edits.growing import corner_box, dense_in_box, grown
from calcitrace.analysis.edits.necks import halved
from calcitrace.analysis.edits.scene import Found, Index, Scene, box_of, index_of
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.edits import Edit, EditOutcome, Operation, Remark


def replay(
    scene: Scene, found: Found, edits: Sequence[Edit]
) -> tuple[Found, tuple[EditOutcome, ...]]:
    """Replay operations; each sees what those before it left.

    Parameters
    ----------
    scene
        The scan.
    found
        What the program found; not changed.
    edits
        In the order of their replay.

    Returns
    -------
    Found
        With the reader's decisions. Labels of candidates that nobody touched stay, new
        ones follow the last; the second part of a merger is no candidate any more.
        Bone that became a deposit is no skeleton any more.
    tuple of EditOutcome
        One for each operation.
    """
    bench = Bench(scene, found, len(edits))
    outcomes = tuple(_STEPS[edit.operation](bench, edit) for edit in edits)
    return bench.found(), outcomes


def _include(bench: Bench, edit: Edit) -> EditOutcome:
    """Accept the candidate at the place, whatever the program made of it."""
    at = bench.candidate_at(edit.points_mm[0])
    if isinstance(at, Remark):
        return _not_applied(edit, at)
    bench.accept(at.candidate, edit.operation)
    return EditOutcome(edit, at.candidate.label)


def _exclude(bench: Bench, edit: Edit) -> EditOutcome:
    """Drop the candidate at the place."""
    at = bench.candidate_at(edit.points_mm[0])
    if isinstance(at, Remark):
        return _not_applied(edit, at)
    candidate = at.candidate
    if candidate.status is Status.DROPPED:
        remark = None if candidate.edits else Remark.ALREADY_THERE
        return EditOutcome(edit, candidate.label, remark)
    bench.put(
        candidate,
        status=Status.DROPPED,
        reason=Reason.READER,
        operation=edit.operation,
    )
    return EditOutcome(edit, candidate.label)


def _merge(bench: Bench, edit: Edit) -> EditOutcome:
    """Make two candidates one deposit; it keeps the label of the first."""
    first, second = (bench.candidate_at(point) for point in edit.points_mm)
    if isinstance(first, Remark):
        return _not_applied(edit, first)
    if isinstance(second, Remark):
        return _not_applied(edit, second)
    one, other = first.candidate, second.candidate
    if one.label == other.label:
        return _not_applied(edit, Remark.ALREADY_ONE)
    if bench.is_bone(one) or bench.is_bone(other):
        return _not_applied(edit, Remark.ON_BONE)
    if one.status is other.status is Status.DROPPED:
        return _not_applied(edit, Remark.NOT_A_DEPOSIT)
    bench.join(one, other, edit.operation)
    return EditOutcome(edit, one.label)


def _cut(bench: Bench, edit: Edit) -> EditOutcome:
    """Part a candidate at its neck; the side of the first place becomes a deposit."""
    first, second = (bench.candidate_at(point) for point in edit.points_mm)
    if isinstance(first, Remark):
        return _not_applied(edit, first)
    if isinstance(second, Remark):
        return _not_applied(edit, second)
    whole = first.candidate
    if whole.label != second.candidate.label:
        return _not_applied(edit, Remark.ALREADY_APART)
    if first.index == second.index:
        return _not_applied(edit, Remark.ALREADY_ONE)
    box = box_of(bench.labels, whole.label)
    if box is None:
        return _not_applied(edit, Remark.NOTHING_THERE)
    inside = bench.labels[box] == whole.label
    places = (_within(box, first.index), _within(box, second.index))
    halves = halved(inside, bench.scene.volume.grid.spacing_mm, *places)
    label = bench.take(box, halves.first, edit.operation, origin=whole)
    bench.measure_again(whole, edit.operation)
    return EditOutcome(edit, label, None if halves.has_neck else Remark.NO_NECK)


def _within(box: tuple[slice, slice, slice], index: Index) -> Index:
    s, r, c = (i - part.start for i, part in zip(index, box, strict=True))
    return s, r, c


def _add_seed(bench: Bench, edit: Edit) -> EditOutcome:
    """Make a deposit of what is dense at a place; a dropped candidate there is it."""
    point = edit.points_mm[0]
    index = index_of(bench.scene.volume.grid, point)
    if index is None:
        return _not_applied(edit, Remark.OUTSIDE_SCAN)
    here = bench.candidate_at(point)
    if not isinstance(here, Remark):
        return _promoted(bench, edit, here.candidate)
    if bench.is_skeleton(index):
        return _not_applied(edit, Remark.ON_BONE)
    part = grown(bench.scene, bench.free(), bench.tissue, index, point)
    if part is None:
        return _not_applied(edit, Remark.NOTHING_THERE)
    return EditOutcome(edit, bench.take(*part, edit.operation))


def _promoted(bench: Bench, edit: Edit, candidate: Candidate) -> EditOutcome:
    """Add where a candidate is already: it is accepted, unless it is bone."""
    if candidate.status is Status.ACCEPTED:
        return _not_applied(edit, Remark.ALREADY_THERE)
    if bench.is_bone(candidate):
        return _not_applied(edit, Remark.ON_BONE)
    bench.accept(candidate, edit.operation)
    return EditOutcome(edit, candidate.label)


def _add_box(bench: Bench, edit: Edit) -> EditOutcome:
    """Make a deposit of what is dense in a box and of no deposit yet."""
    low, high = edit.points_mm
    box = corner_box(bench.scene.volume.grid, (low, high))
    if box is None:
        return _not_applied(edit, Remark.OUTSIDE_SCAN)
    free = bench.free(with_dropped=True)
    mask = dense_in_box(bench.scene, free, bench.tissue, box, (low, high))
    if mask is None:
        return _not_applied(edit, Remark.NOTHING_THERE)
    return EditOutcome(edit, bench.take(box, mask, edit.operation))


def _not_applied(edit: Edit, remark: Remark) -> EditOutcome:
    return EditOutcome(edit, None, remark)


_STEPS: dict[Operation, Callable[[Bench, Edit], EditOutcome]] = {
    Operation.INCLUDE: _include,
    Operation.EXCLUDE: _exclude,
    Operation.MERGE: _merge,
    Operation.CUT: _cut,
    Operation.ADD_SEED: _add_seed,
    Operation.ADD_BOX: _add_box,
}
