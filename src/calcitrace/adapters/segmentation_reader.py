"""DICOM Segmentation objects in: what structures somebody else outlined."""

import sqlite3  # highdicom keeps its index of frames there, and lets its errors out
from pathlib import Path
from typing import Any

import numpy as np

from calcitrace.adapters.dicom_reader import quiet_pydicom
from calcitrace.adapters.dicom_reader.header import BROKEN
from calcitrace.errors import SegmentationError
from calcitrace.model.grid import Grid
from calcitrace.model.structures import LabelMap, Region, Structure, StructureKind
from calcitrace.model.volume import LabelVolume
from calcitrace.services.structure_names import structure_of

# Of a fractional segment, what counts as in it.
HALF = 0.5


def read_segmentation(path: Path) -> LabelMap:
    """Read a DICOM SEG: binary, fractional or label map.

    Where segments overlap, bone counts first, then what comes later in the file.

    Returns
    -------
    LabelMap
        Structures named by property type and its modifiers, or else by segment label.

    Raises
    ------
    SegmentationError
        If the file is no segmentation, broken, or not on one regular grid.
    """
    import highdicom as hd  # noqa: PLC0415 -- loaded on use, see above

    try:
        with quiet_pydicom():
            seg: Any = hd.seg.segread(path)  # pyright: ignore[reportUnknownMemberType]  # no stubs
            structures = tuple(
                _structure(seg.get_segment_description(n), int(n))
                for n in seg.segment_numbers
                if n > 0  # a label map may describe its background
            )
            labels = _labels(seg, structures)
    except (*BROKEN, RuntimeError, sqlite3.Error) as error:
        msg = (
            "Expected a DICOM SEG on one regular grid, got a file that cannot be read "
            f"as such ({type(error).__name__}). Export it again."
        )
        raise SegmentationError(msg) from error
    uid = str(getattr(seg, "FrameOfReferenceUID", "") or "") or None
    return LabelMap(labels, structures, frame_of_reference_uid=uid)


def _labels(seg: Any, structures: tuple[Structure, ...]) -> LabelVolume:  # noqa: ANN401 -- highdicom has no type for it
    """Segments one after the other in one array: bone last, so that it stays on top."""
    if not structures:
        msg = "Expected at least one segment in the DICOM SEG, got none."
        raise SegmentationError(msg)
    in_order = sorted(structures, key=lambda s: s.kind is StructureKind.BONE)
    volume = seg.get_volume(segment_numbers=[in_order[0].label])
    labels = np.zeros(volume.spatial_shape, np.uint16)
    for structure in in_order:
        volume = seg.get_volume(segment_numbers=[structure.label])
        labels[volume.array[..., 0] >= HALF] = structure.label
    return LabelVolume(labels, _grid(volume))


def _grid(volume: Any) -> Grid:  # noqa: ANN401 -- highdicom's type says too little
    """Grid of a volume, whose axes are (slice, row, column) and whose world is LPS."""
    affine = np.asarray(volume.affine, np.float64)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    axes = [tuple(float(v) for v in axis) for axis in (affine[:3, :3] / spacing).T]
    return Grid(
        shape=tuple(int(n) for n in volume.spatial_shape),  # type: ignore[arg-type]  # lengths are checked above
        spacing_mm=tuple(float(v) for v in spacing),  # type: ignore[arg-type]  # lengths are checked above
        origin_mm=tuple(float(v) for v in affine[:3, 3]),  # type: ignore[arg-type]  # lengths are checked above
        direction=tuple(axes),  # type: ignore[arg-type]  # lengths are checked above
    )


def _structure(described: Any, number: int) -> Structure:  # noqa: ANN401 -- highdicom has no type for it
    """Meaning of one segment: its code if that is known, else its label or region."""
    coded = _items(described, "SegmentedPropertyTypeCodeSequence")
    regions = _items(described, "AnatomicRegionSequence")
    modifiers = [
        *(
            m
            for c in coded
            for m in _items(c, "SegmentedPropertyTypeModifierCodeSequence")
        ),
        *(m for r in regions for m in _items(r, "AnatomicRegionModifierSequence")),
    ]
    words = " ".join(_meaning(code) for code in modifiers)
    names = [
        *(_meaning(code) for code in coded),
        str(described.get("SegmentLabel", "")),
        *(_meaning(code) for code in regions),
    ]
    found = [structure_of(number, f"{name} {words}".strip()) for name in names if name]
    known = [s for s in found if s.kind is not StructureKind.OTHER]
    placed = [s for s in known if s.region is not Region.UNKNOWN]
    return next(iter([*placed, *known, *found]), Structure(number, f"segment {number}"))


def _items(dataset: Any, keyword: str) -> list[Any]:  # noqa: ANN401 -- highdicom has no type for it
    return list(dataset.get(keyword) or [])


def _meaning(code: Any) -> str:  # noqa: ANN401 -- highdicom has no type for it
    return str(code.get("CodeMeaning", ""))
