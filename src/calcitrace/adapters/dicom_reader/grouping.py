"""Planes to stacks: one series may hold several, a stack is what can be one volume."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcitrace.adapters.dicom_reader.planes import MOMENT_KEYWORDS, Plane

# Planes whose direction cosines differ by less, or whose positions along the normal do,
# are taken as parallel, or as one place. Headers are rounded to about 1e-6 and 1e-3 mm.
ORIENTATION_TOLERANCE = 2e-3
SPACING_TOLERANCE_MM = 1e-3
SAME_PLACE_MM = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """Planes of one series that agree in all that one volume needs to share.

    Attributes
    ----------
    n_parts
        Stacks into which the series fell.
    """

    planes: tuple[Plane, ...]
    n_parts: int

    @property
    def first(self) -> Plane:
        """Any plane speaks for all in what they share."""
        return self.planes[0]


def stacks(planes: Sequence[Plane]) -> tuple[Stack, ...]:
    """Group planes to stacks, in the order of series UIDs and then of size.

    A series is split where planes differ in class, size, orientation, image type, frame
    of reference, kernel or tube voltage; and where several planes lie at one place, by
    acquisition, time or echo, if that explains it.
    """
    series: defaultdict[str, list[Plane]] = defaultdict(list)
    for plane in planes:
        series[plane.series_uid].append(plane)
    found: list[Stack] = []
    for uid in sorted(series):
        parts = [
            part
            for alike in _by_key(series[uid])
            for parallel in _by_direction(alike)
            for part in _by_moment(parallel)
        ]
        parts.sort(key=lambda part: (-len(part), min(p.sop_uid for p in part)))
        found.extend(Stack(tuple(part), len(parts)) for part in parts)
    return tuple(found)


def along_normal_mm(planes: Iterable[Plane]) -> NDArray[np.float64]:
    """Positions of parallel planes along the normal of the first, shape (plane,)."""
    planes = list(planes)
    axes = np.array(planes[0].place.orientation).reshape(2, 3)
    normal = np.cross(axes[0], axes[1])
    return np.array([p.place.position_mm for p in planes], np.float64) @ normal


def _by_key(planes: Iterable[Plane]) -> list[list[Plane]]:
    """Split by what must be equal."""
    groups: defaultdict[Hashable, list[Plane]] = defaultdict(list)
    for plane in planes:
        pixels = plane.pixels
        key = (
            plane.sop_class, plane.modality, plane.image_type, plane.frame_of_reference,
            pixels.rows, pixels.columns, pixels.samples, plane.kernel, plane.kvp or 0.0,
            None if plane.frame is None else plane.sop_uid,
        )  # fmt: skip
        groups[key].append(plane)
    return list(groups.values())


def _by_direction(planes: list[Plane]) -> list[list[Plane]]:
    """Split by orientation and pixel spacing, up to rounding."""
    groups: list[list[Plane]] = []
    for plane in planes:
        for group in groups:
            if _is_parallel(plane, group[0]):
                group.append(plane)
                break
        else:
            groups.append([plane])
    return groups


def _is_parallel(one: Plane, other: Plane) -> bool:
    return _is_close(
        one.place.orientation, other.place.orientation, ORIENTATION_TOLERANCE
    ) and _is_close(one.place.spacing_mm, other.place.spacing_mm, SPACING_TOLERANCE_MM)


def _is_close(
    one: Sequence[float] | None, other: Sequence[float] | None, tolerance: float
) -> bool:
    if one is None or other is None:
        return one is other
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def _by_moment(planes: list[Plane]) -> list[list[Plane]]:
    """Split planes that share places, where time or acquisition tells them apart."""
    n_at_one_place = _max_at_one_place(planes)
    if n_at_one_place <= 1:
        return [planes]
    for i in range(len(MOMENT_KEYWORDS)):
        groups: defaultdict[str, list[Plane]] = defaultdict(list)
        for plane in planes:
            groups[plane.moments[i]].append(plane)
        parts = list(groups.values())
        # A time that differs in every plane explains nothing.
        if (
            1 < len(parts) <= 2 * n_at_one_place
            and all(len(part) > 1 for part in parts)
            and all(_max_at_one_place(part) == 1 for part in parts)
        ):
            return parts
    return [planes]


def _max_at_one_place(planes: list[Plane]) -> int:
    """Largest number of different images at one place; 1 where places are unknown."""
    unique = list({(p.sop_uid, p.frame): p for p in planes}.values())
    if any(p.place.orientation is None or p.place.position_mm is None for p in unique):
        return 1
    steps = np.round(along_normal_mm(unique) / SAME_PLACE_MM)
    return max(Counter(float(step) for step in steps).values())
