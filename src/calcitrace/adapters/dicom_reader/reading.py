"""One DICOM series to a `Scan`."""

from collections.abc import Iterator

import numpy as np

from calcitrace.adapters.dicom_reader.acquisition import acquisition_of
from calcitrace.adapters.dicom_reader.assembly import Assembled, Report, assemble
from calcitrace.adapters.dicom_reader.choice import Choice, choose
from calcitrace.adapters.dicom_reader.grouping import stacks
from calcitrace.adapters.dicom_reader.index import Index
from calcitrace.adapters.dicom_reader.layout import Layout, Plan
from calcitrace.adapters.dicom_reader.planes import Plane
from calcitrace.adapters.dicom_reader.spectral import spectral_kind
from calcitrace.adapters.input_hash import input_hash
from calcitrace.adapters.scan_flags import slice_flags
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.scan import Scan

# Lossy transfer syntaxes (PS3.5 annex A.4): JPEG, JPEG-LS near-lossless, and those that
# may be either and then say so in Lossy Image Compression.
LOSSY_SYNTAXES = frozenset(
    f"1.2.840.10008.1.2.4.{n}"
    for n in (50, 51, 52, 53, 54, 55, 56, 59, 60, 61, 62, 63, 64, 81)
)


def choose_series(index: Index, series_uid: str | None) -> Choice:
    """Choose the series of an index that is measured.

    Raises
    ------
    NoMeasurableSeriesError
        If nothing can be measured.
    """
    return choose(stacks(index.planes), series_uid)


def read_series(choice: Choice, report: Report = lambda _: None) -> Scan:
    """Read the chosen series.

    Returns
    -------
    Scan
        Slices run to the head, the back or the left, whichever is nearest to their
        normal; rows and columns stay as stored. `headers` has one header for each
        measured slice, in slice order; one in all for a multi-frame file; none where
        slices were resampled.

    Raises
    ------
    UnreadableSourceError
        If pixels cannot be read, or if two images of one place differ.
    """
    layout, plan, frame = choice.chosen.layout, choice.chosen.plan, choice.chosen.frame
    assembled = assemble(layout, plan, frame, report)
    planes = [group[0] for group in layout.slices]
    acquisition = acquisition_of(planes, plan.tilt_deg)
    is_resampled = plan.is_uneven or not frame.is_straight
    return Scan(
        volume=assembled.volume,
        acquisition=acquisition,
        coverage=assembled.coverage,
        source_kind="dicom",
        input_hash=input_hash(assembled.volume, assembled.coverage),
        flags=tuple(_flags(layout, plan, assembled, acquisition)),
        series=choice.series,
        is_resampled=is_resampled,
        headers=() if is_resampled else _headers(planes),
    )


def _headers(planes: list[Plane]) -> tuple[object, ...]:
    if planes[0].frame is not None:
        return (planes[0].header,)
    return tuple(plane.header for plane in planes)


def _flags(
    layout: Layout, plan: Plan, assembled: Assembled, acquisition: Acquisition
) -> Iterator[Flag]:
    if plan.is_uneven:
        steps = np.diff(layout.along_mm)
        detail = f"{steps.min():.3g}-{steps.max():.3g} mm"
        yield Flag(FlagKind.UNEVEN_SLICES, detail)
    if plan.tilt_deg:
        yield Flag(FlagKind.GANTRY_TILT, f"{plan.tilt_deg:.1f}°")
    yield from slice_flags(assembled.volume, assembled.coverage, acquisition)
    if assembled.n_duplicates:
        yield Flag(FlagKind.DUPLICATE_SLICES, f"{assembled.n_duplicates}")
    yield from _value_flags([group[0] for group in layout.slices], assembled)
    if acquisition.is_contrast_enhanced:
        yield Flag(FlagKind.CONTRAST_AGENT)


def _value_flags(planes: list[Plane], assembled: Assembled) -> Iterator[Flag]:
    if assembled.plateau is not None:
        yield Flag(FlagKind.HU_CLIPPED, assembled.plateau)
    if len({(p.rescale.slope, p.rescale.intercept) for p in planes}) > 1:
        yield Flag(FlagKind.RESCALE_PER_SLICE)
    if any(p.is_lossy or p.pixels.transfer_syntax in LOSSY_SYNTAXES for p in planes):
        yield Flag(FlagKind.LOSSY_COMPRESSION)
    kind = spectral_kind(planes[0])
    if kind is not None:
        yield Flag(FlagKind.VIRTUAL_MONOENERGETIC, kind)
