"""Flags of a scan before anything is looked for in it."""

from calcitrace.model.anatomy import Anatomy
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.rods import Reference, RodReference
from calcitrace.model.scan import Scan


def scan_flags(scan: Scan, reference: Reference | None) -> tuple[Flag, ...]:
    """Flags of the reader, but the one that rods in the scan settle."""
    if not isinstance(reference, RodReference):
        return scan.flags
    settled = FlagKind.VIRTUAL_MONOENERGETIC  # it asks for a calibration file
    return tuple(flag for flag in scan.flags if flag.kind is not settled)


def body_flags(scan: Scan, anatomy: Anatomy) -> tuple[Flag, ...]:
    """Flags of what the anatomy stage saw."""
    if not anatomy.body.any():
        return (Flag(FlagKind.NO_BODY_FOUND),)
    if anatomy.is_truncated:
        _, row_mm, column_mm = scan.volume.grid.extent_mm
        seen = f"{column_mm:.0f} x {row_mm:.0f} mm"
        return (Flag(FlagKind.TRUNCATED_FIELD_OF_VIEW, seen),)
    return ()
