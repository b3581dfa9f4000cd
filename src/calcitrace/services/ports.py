"""What use cases need of the world; adapters provide it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.comparison import Comparison
from calcitrace.model.result import ScanResult
from calcitrace.model.scan import Scan
from calcitrace.model.structures import LabelMap
from calcitrace.model.volume import HuVolume, MassVolume

# Called with a stage name ("place", "simulate", "learn", "read", "anatomy", "detect",
# "measure", "align", "follow", "limit", "write") and the fraction of it that is done.
Progress = Callable[[str, float], None]


def no_progress(_stage: str, _fraction: float) -> None:
    """Report nothing."""


class ScanReader(Protocol):
    """Reads one CT series out of a folder, a zip, files or a NIfTI image."""

    def read(
        self,
        source: Path,
        *,
        series_uid: str | None = None,
        progress: Progress = no_progress,
    ) -> Scan:
        """Return the chosen series.

        Raises
        ------
        UnreadableSourceError
            If the source cannot be read; its message is one line for the user.
        NoMeasurableSeriesError
            If nothing in it can be measured; the message says what was found.
        """
        ...


class Segmenter(Protocol):
    """Names structures in a scan: a network, a file, a person. A plug-in."""

    @property
    def name(self) -> str:
        """What a reader knows it by."""
        ...

    @property
    def version(self) -> str:
        """Version of the program and its weights, or what identifies a file."""
        ...

    @property
    def licence(self) -> str:
        """Licence of what it found and found it with; empty if not known."""
        ...

    def segment(self, volume: HuVolume) -> LabelMap:
        """Return labels on any grid in patient space.

        Parameters
        ----------
        volume
            CT numbers, shape (slice, row, column), on a grid in LPS and mm. They must
            not be changed.

        Raises
        ------
        SegmentationError
            If it cannot; its message is one line for the user.
        """
        ...


class ResultWriter(Protocol):
    """Writes one form of a result (tables, images, SEG, report) into a folder."""

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write and return the files written."""
        ...


class ComparisonWriter(Protocol):
    """Writes one form of a comparison (tables, document, report) into a folder."""

    def write(
        self, comparison: Comparison, folder: Path, *, lang: str
    ) -> tuple[Path, ...]:
        """Write and return the files written."""
        ...


@dataclass(frozen=True, slots=True)
class SeriesLabels:
    """What headers of a simulated series say beyond the acquisition.

    Attributes
    ----------
    patient
        Given name of the simulated patient.
    patient_id
        The same at all visits of one patient.
    description
        Of the series.
    has_bowtie
        Whether the beam is shaped for round bodies; None does not say.
    filters_mm
        Material (a defined term of DICOM's Filter Material) and thickness.
    gantry_tilt_deg
        Nominal tilt; None does not say.
    """

    patient: str = "Limb"
    patient_id: str = "SIMULATED"
    description: str = "Simulated limb with known deposits"
    has_bowtie: bool | None = None
    filters_mm: tuple[tuple[str, float], ...] = ()
    gantry_tilt_deg: float | None = None


LIMB_LABELS = SeriesLabels()


class SeriesWriter(Protocol):
    """Writes a simulated volume as a series of images."""

    def write(
        self,
        volume: HuVolume,
        acquisition: Acquisition,
        folder: Path,
        *,
        name: str,
        labels: SeriesLabels = LIMB_LABELS,
    ) -> tuple[Path, ...]:
        """Write into an existing folder and return the files; UIDs follow from `name`.

        Raises
        ------
        InputError
            If values cannot be stored as they are.
        """
        ...


class MassWriter(Protocol):
    """Writes the true mass in each voxel as an image."""

    def write(self, volume: MassVolume, folder: Path) -> Path:
        """Write into an existing folder and return the file."""
        ...
