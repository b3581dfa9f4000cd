"""What use cases need of the world; adapters provide it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.result import ScanResult
from calcitrace.model.scan import Scan
from calcitrace.model.volume import HuVolume

# Called with a stage name ("read", "anatomy", "detect", "measure", "write") and the
# fraction of it that is done, 0 to 1.
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


class ResultWriter(Protocol):
    """Writes one form of a result (tables, images, SEG, report) into a folder."""

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write and return the files written."""
        ...


class SeriesWriter(Protocol):
    """Writes a simulated volume as a series of images."""

    def write(
        self, volume: HuVolume, acquisition: Acquisition, folder: Path, *, name: str
    ) -> tuple[Path, ...]:
        """Write into an existing folder and return the files; UIDs follow from `name`.

        Raises
        ------
        InputError
            If values cannot be stored as they are.
        """
        ...
