"""One CT series, ready to be measured."""

from dataclasses import dataclass, field
from typing import Literal

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import Flag
from calcitrace.model.volume import Coverage, HuVolume


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """One series that was found in the source, chosen or not, and why.

    Attributes
    ----------
    series_uid
        As in the header; empty for files without one.
    """

    series_uid: str
    modality: str
    description: str
    n_images: int
    is_chosen: bool
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Voxels, what the scanner measured of them, how, and what is wrong with them.

    Attributes
    ----------
    source_kind
        Where it came from; a SEG can only be written for DICOM.
    input_hash
        SHA-256 of voxels and geometry: the same scan read from DICOM in any order or
        from a zip has the same hash.
    headers
        DICOM only: one header per slice, in slice order (empty when `is_resampled`),
        opaque to all but the DICOM adapters. They hold identity: never print them.
    is_resampled
        Voxels were interpolated (tilt, uneven slices), so they are no longer those of
        the files.
    """

    volume: HuVolume
    acquisition: Acquisition
    coverage: Coverage
    source_kind: Literal["dicom", "nifti", "array"]
    input_hash: str
    flags: tuple[Flag, ...] = ()
    series: tuple[SeriesSummary, ...] = field(default=())
    is_resampled: bool = False
    headers: tuple[object, ...] = field(default=(), repr=False)
