"""How well estimators agree with the truth, from readings alone.

`summarise` is the stage; its steps are `levels` (bins), `table` (columns), `cells` (groups
of readings), `metrics` over `resampling` (figures with intervals), `targets` (verdicts).
"""

from collections.abc import Sequence

import numpy as np

from calcitrace.analysis.accuracy.cells import accuracy_of, cells_of
from calcitrace.analysis.accuracy.table import table_of
from calcitrace.analysis.accuracy.targets import TARGETS, judged
from calcitrace.errors import InputError
from calcitrace.model.accuracy import Axis, CellAccuracy, Count, ValidationResult
from calcitrace.model.reading import Estimator, Mode, Reading

__all__ = ["TARGETS", "summarise"]

N_BOOTSTRAP = 1000


def summarise(
    readings: Sequence[Reading],
    rng: np.random.Generator,
    *,
    n_bootstrap: int = N_BOOTSTRAP,
) -> ValidationResult:
    """Figures of every estimator in every cell, and what became of the targets.

    Parameters
    ----------
    readings
        In any order. Scans in which nothing is true and nothing was found leave no
        reading: give them a blank site that was not found, or false deposits per scan
        will not count them.
    rng
        Decides the draws of the bootstrap; the same seed gives the same result.
    n_bootstrap
        Draws behind every interval.

    Returns
    -------
    ValidationResult
        Errors are of unclipped estimates, also of those that a reader is not shown.

    Raises
    ------
    InputError
        If there is no reading, one is given twice, or a deposit has two true masses.
    """
    if not readings:
        msg = "Expected readings to summarise, got none."
        raise InputError(msg)
    table = table_of(readings)
    cells: list[CellAccuracy] = []
    for cell in cells_of(table):
        cells += accuracy_of(table, cell, n_bootstrap, rng)
    places = {way: i for i, way in enumerate(table.ways)}
    cells.sort(key=lambda c: places[c.estimator, c.mode])
    modes = [m for m in Mode if (Estimator.CALCITRACE, m) in table.ways]
    return ValidationResult(
        counts=_count(readings),
        cells=tuple(cells),
        judgements=tuple(judged(t, m, cells) for m in modes for t in TARGETS),
        levels=tuple((axis, table.levels[axis][0]) for axis in Axis),
        n_bootstrap=n_bootstrap,
    )


def _count(readings: Sequence[Reading]) -> Count:
    sites = {(r.site.scene, r.site.deposit): r.site for r in readings}
    given = {
        (r.site.scene, r.site.deposit)
        for r in readings
        if r.mode is Mode.POSITION_GIVEN and r.site.is_blank
    }
    return Count(
        n_readings=len(readings),
        n_deposits=sum(not site.is_blank for site in sites.values()),
        n_blank_sites=len(given),
        n_scenes=len({r.site.scene for r in readings}),
        n_scans=len({(r.site.scene, r.condition.name, r.repeat) for r in readings}),
    )
