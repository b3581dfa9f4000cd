"""Readings as columns, so that figures are sums over arrays."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from calcitrace.analysis.accuracy.levels import level_of, ordered
from calcitrace.errors import InputError
from calcitrace.model.accuracy import Axis, Cell, Metric
from calcitrace.model.reading import Estimator, Mode, Reading

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Mask = NDArray[np.bool_]

NONE = -1  # code of what a reading does not have


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Readings of one estimator, or of all; every array has one entry per reading.

    Attributes
    ----------
    site, scene, scan
        Codes of the deposit or blank site, its scene, and the scan (scene, condition
        and repeat).
    way
        Index into `Table.ways`.
    is_shown
        A reader is shown a mass above 0.
    truth_mg, mass_mg, low_mg, high_mg
        True mass, estimate and bounds; NaN where there is none.
    truth_mm3, volume_mm3, volume_low_mm3, volume_high_mm3
        The same of the volume.
    groups
        Metric of repeatability -> code of the readings that ought to agree, and what
        must differ among them.
    """

    site: IntArray
    scene: IntArray
    scan: IntArray
    way: IntArray
    is_blank: Mask
    is_found: Mask
    is_shown: Mask
    truth_mg: FloatArray
    mass_mg: FloatArray
    low_mg: FloatArray
    high_mg: FloatArray
    truth_mm3: FloatArray
    volume_mm3: FloatArray
    volume_low_mm3: FloatArray
    volume_high_mm3: FloatArray
    groups: Mapping[Metric, tuple[IntArray, IntArray]]

    def take(self, rows: Mask) -> "Columns":
        """Return some of the readings."""
        return Columns(
            site=self.site[rows],
            scene=self.scene[rows],
            scan=self.scan[rows],
            way=self.way[rows],
            is_blank=self.is_blank[rows],
            is_found=self.is_found[rows],
            is_shown=self.is_shown[rows],
            truth_mg=self.truth_mg[rows],
            mass_mg=self.mass_mg[rows],
            low_mg=self.low_mg[rows],
            high_mg=self.high_mg[rows],
            truth_mm3=self.truth_mm3[rows],
            volume_mm3=self.volume_mm3[rows],
            volume_low_mm3=self.volume_low_mm3[rows],
            volume_high_mm3=self.volume_high_mm3[rows],
            groups={m: (g[rows], v[rows]) for m, (g, v) in self.groups.items()},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All readings, and which level of every axis each has.

    Attributes
    ----------
    ways
        Estimators and what they were told, in the order of the reports.
    levels
        Axis -> names of its levels, and the index of each reading's.
    """

    columns: Columns
    ways: tuple[tuple[Estimator, Mode], ...]
    levels: Mapping[Axis, tuple[tuple[str, ...], IntArray]]

    def rows(self, cell: Cell) -> Mask:
        """Readings of a cell, shape (reading,)."""
        chosen = np.ones(self.columns.site.shape, bool)
        for axis, wanted in cell.levels:
            names, index = self.levels[axis]
            chosen &= np.isin(index, [i for i, n in enumerate(names) if n in wanted])
        return chosen


def table_of(readings: Sequence[Reading]) -> Table:
    """Sort readings and put them into columns; their order changes nothing.

    Raises
    ------
    InputError
        If a reading is given twice, or a deposit has two true masses.
    """
    rows = sorted(readings, key=_key)
    _check(rows)
    ways = _ways(rows)
    return Table(
        columns=_columns(rows, ways),
        ways=ways,
        levels=MappingProxyType({axis: _levels(rows, axis) for axis in Axis}),
    )


def _key(r: Reading) -> tuple[str, str, str, int, str, str]:
    site, condition = r.site, r.condition
    return (
        site.scene,
        site.deposit,
        condition.name,
        r.repeat,
        r.mode.value,
        r.estimator.value,
    )


def _check(rows: Sequence[Reading]) -> None:
    for first, second in pairwise(rows):
        name = f"{second.site.deposit!r} of {second.site.scene!r}"
        if _key(first) == _key(second):
            msg = (
                f"Expected one reading of {name} by {second.estimator} on repeat "
                f"{second.repeat} of {second.condition.name!r}, got two."
            )
            raise InputError(msg)
        is_same = _key(first)[:2] == _key(second)[:2]
        if is_same and first.site.mass_mg != second.site.mass_mg:
            msg = (
                f"Expected one true mass of {name}, got {first.site.mass_mg} and "
                f"{second.site.mass_mg} mg."
            )
            raise InputError(msg)


def _ways(rows: Sequence[Reading]) -> tuple[tuple[Estimator, Mode], ...]:
    """Position given first; estimators as they are declared."""
    met = {(r.estimator, r.mode) for r in rows}
    return tuple((e, m) for m in Mode for e in Estimator if (e, m) in met)


def _columns(
    rows: Sequence[Reading], ways: tuple[tuple[Estimator, Mode], ...]
) -> Columns:
    places = {way: i for i, way in enumerate(ways)}
    return Columns(
        site=_codes([(r.site.scene, r.site.deposit) for r in rows]),
        scene=_codes([r.site.scene for r in rows]),
        scan=_codes([(r.site.scene, r.condition.name, r.repeat) for r in rows]),
        way=np.array([places[r.estimator, r.mode] for r in rows], np.int64),
        is_blank=np.array([r.site.is_blank for r in rows], bool),
        is_found=np.array([r.is_found for r in rows], bool),
        is_shown=np.array(
            [r.is_quantifiable and (r.mass_mg or 0.0) > 0 for r in rows], bool
        ),
        truth_mg=_floats([r.site.mass_mg for r in rows]),
        mass_mg=_floats([r.mass_mg for r in rows]),
        low_mg=_floats([r.ci95_low_mg for r in rows]),
        high_mg=_floats([r.ci95_high_mg for r in rows]),
        truth_mm3=_floats([r.site.volume_mm3 for r in rows]),
        volume_mm3=_floats([r.volume_mm3 for r in rows]),
        volume_low_mm3=_floats([r.volume_ci95_low_mm3 for r in rows]),
        volume_high_mm3=_floats([r.volume_ci95_high_mm3 for r in rows]),
        groups=_groups(rows),
    )


def _groups(rows: Sequence[Reading]) -> Mapping[Metric, tuple[IntArray, IntArray]]:
    """Which readings ought to agree, and what differs among them."""
    keys: dict[Metric, tuple[list[Hashable], list[Hashable]]] = {
        metric: ([], [])
        for metric in (
            Metric.CV, Metric.CV_KVP, Metric.CV_THICKNESS, Metric.CV_KERNEL
        )
    }  # fmt: skip
    for r in rows:
        c = r.condition
        kvp, thickness = c.kvp, c.slice_thickness_mm
        site = (r.site.scene, r.site.deposit, r.estimator, r.mode)
        scan = (*site, r.repeat, c.body, c.dose)
        agree: dict[Metric, tuple[Hashable, Hashable]] = {
            Metric.CV: ((*site, c.name), r.repeat),
            Metric.CV_KVP: ((*scan, c.kernel, thickness), kvp),
            Metric.CV_THICKNESS: ((*scan, c.kernel, kvp), thickness),
            Metric.CV_KERNEL: ((*scan, kvp, thickness), c.kernel),
        }
        for metric, (group, varied) in agree.items():
            keys[metric][0].append(group)
            keys[metric][1].append(varied)
    return MappingProxyType({m: (_codes(g), _codes(v)) for m, (g, v) in keys.items()})


def _levels(rows: Sequence[Reading], axis: Axis) -> tuple[tuple[str, ...], IntArray]:
    found = [level_of(r, axis) for r in rows]
    names = ordered(axis, (name for name in found if name is not None))
    places = {name: i for i, name in enumerate(names)}
    return names, np.array(
        [NONE if name is None else places[name] for name in found], np.int64
    )


def _codes(keys: Sequence[Hashable]) -> IntArray:
    """Whole number for each key, in the order in which keys first occur."""
    places: dict[Hashable, int] = {}
    return np.array([places.setdefault(key, len(places)) for key in keys], np.int64)


def _floats(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if v is None else v for v in values], np.float64)
