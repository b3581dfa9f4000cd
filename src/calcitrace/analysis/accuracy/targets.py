"""What is to be reached, and whether it was."""

from collections.abc import Sequence

from calcitrace.model.accuracy import (
    Axis,
    Cell,
    CellAccuracy,
    Figure,
    Judgement,
    Metric,
    Target,
    Verdict,
)
from calcitrace.model.reading import LIMB, TRUNK, Estimator, Mode

# Levels by their names in `levels`.
LITTLE_NOISE = (Axis.NOISE, ("under 8 HU", "8-15 HU"))
STRONG_NOISE = (Axis.NOISE, ("22-35 HU",))
NOISE_OF_TRUNKS = (Axis.NOISE, ("under 8 HU", "8-15 HU", "15-22 HU", "22-35 HU"))
THIN = (Axis.THICKNESS, ("under 0.9 mm", "1 mm"))
THICK = (Axis.THICKNESS, ("3 mm",))
FAR = (Axis.GAP, ("far",))
NEAR = (Axis.GAP, ("0 mm", "0.5 mm", "1 mm", "2 mm"))
ON_LIMB, ON_TRUNK = (Axis.BODY, (LIMB,)), (Axis.BODY, (TRUNK,))
IRREGULAR = (Axis.SHAPE, ("sheet", "cluster", "lobulated", "irregular"))
LIMB_SCAN = (LITTLE_NOISE, THIN, ON_LIMB)

Levels = tuple[tuple[Axis, tuple[str, ...]], ...]


def _error(name: str, masses: Sequence[str], levels: Levels, at_most: float) -> Target:
    cell = Cell(((Axis.MASS, tuple(masses)), *levels))
    return Target(name, Metric.RMS, cell, at_most=at_most)


# Errors that the feasibility study reached on its own simulator: limbs with little noise
# and thin slices, unless said otherwise.
TARGETS = (
    _error("limb, 0.25-1 mg", ["0.25-1 mg"], (FAR, *LIMB_SCAN), 15),
    _error("limb, 1-5 mg", ["1-5 mg"], (FAR, *LIMB_SCAN), 6),
    _error("limb, 5-30 mg", ["5-30 mg"], (FAR, *LIMB_SCAN), 3),
    _error("limb, 30 mg and more", ["30-200 mg", "over 200 mg"], (FAR, *LIMB_SCAN), 2),
    Target(
        "limb, strong noise, 1-5 mg",
        Metric.RMS,
        Cell(((Axis.MASS, ("1-5 mg",)), FAR, STRONG_NOISE, THIN, ON_LIMB)),
        no_worse_than=Estimator.VOLUME_FRACTION,
    ),
    _error("limb, 3 mm slices, 1-5 mg", ["1-5 mg"],
           (FAR, LITTLE_NOISE, THICK, ON_LIMB), 8),
    _error("trunk, 1-5 mg", ["1-5 mg"], (FAR, NOISE_OF_TRUNKS, THIN, ON_TRUNK), 12),
    _error("0-2 mm from bone, 1-5 mg", ["1-5 mg"], (NEAR, *LIMB_SCAN), 15),
    _error("0-2 mm from bone, 5-30 mg", ["5-30 mg"], (NEAR, *LIMB_SCAN), 5),
    _error("sheets, clusters, irregular, 30-200 mg", ["30-200 mg"],
           (IRREGULAR, FAR, *LIMB_SCAN), 2),
    Target("total burden of a limb scan", Metric.BURDEN, Cell(LIMB_SCAN), at_most=1),
    Target(
        "intervals hold the truth, pooled", Metric.COVERAGE, Cell(), at_least=93,
        at_most=97,
    ),
    Target(
        "intervals hold the truth, in every cell of 40 readings and more",
        Metric.COVERAGE, None, at_least=90, n_readings_min=40,
    ),
)  # fmt: skip


def judged(target: Target, mode: Mode, cells: Sequence[CellAccuracy]) -> Judgement:
    """Judge one target by the figures of Calcitrace in one mode.

    Parameters
    ----------
    cells
        Every estimator in every cell; those of the target among them, if read.
    """
    ours = [c for c in cells if c.estimator is Estimator.CALCITRACE and c.mode is mode]
    if target.cell is None:
        return _everywhere(target, mode, ours)
    found = _figure(ours, target.cell, target.metric)
    rival = _rival(target, target.cell, mode, cells)
    at_most = target.at_most if rival is None else rival.value
    is_bounded = at_most is not None or target.at_least is not None
    if found is None or found.is_sparse or not is_bounded:
        verdict = Verdict.NOT_ENOUGH_DATA
    else:
        verdict = _verdict(found, target.at_least, at_most)
    return Judgement(target, mode, verdict, found, rival)


def _everywhere(target: Target, mode: Mode, ours: Sequence[CellAccuracy]) -> Judgement:
    figures = [(c.cell, c.figure(target.metric)) for c in ours]
    large = [
        (cell, figure)
        for cell, figure in figures
        if figure is not None and figure.n_readings >= target.n_readings_min
    ]
    failing = tuple(
        cell
        for cell, figure in large
        if _verdict(figure, target.at_least, target.at_most) is Verdict.MISSED
    )
    verdict = Verdict.MISSED if failing else Verdict.MET
    return Judgement(
        target,
        mode,
        verdict if large else Verdict.NOT_ENOUGH_DATA,
        min((figure for _, figure in large), key=lambda f: f.value, default=None),
        failing=failing,
        n_judged=len(large),
    )


def _verdict(figure: Figure, at_least: float | None, at_most: float | None) -> Verdict:
    is_high = at_most is not None and figure.value > at_most
    is_low = at_least is not None and figure.value < at_least
    return Verdict.MISSED if is_high or is_low else Verdict.MET


def _figure(cells: Sequence[CellAccuracy], cell: Cell, metric: Metric) -> Figure | None:
    found = next((c for c in cells if c.cell == cell), None)
    return None if found is None else found.figure(metric)


def _rival(
    target: Target, cell: Cell, mode: Mode, cells: Sequence[CellAccuracy]
) -> Figure | None:
    """The rival's figure in the same mode, else with the position given."""
    for tried in (mode, Mode.POSITION_GIVEN):
        theirs = [
            c for c in cells if c.estimator is target.no_worse_than and c.mode is tried
        ]
        found = _figure(theirs, cell, target.metric)
        if found is not None:
            return found
    return None
