"""What a user asked `compare` for, and how each of its scans is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.adapters.edits_json import read_edits
from calcitrace.adapters.protocol_file import protocol_from, read_protocol
from calcitrace.adapters.segmenters import BUILTIN, segmenter_of
from calcitrace.adapters.stored_visit import is_result, read_visit, stored_protocol
from calcitrace.bootstrap.measuring import read_scan
from calcitrace.errors import ComparisonError
from calcitrace.model.comparison import ComparisonSettings, Treatment
from calcitrace.model.edits import Edits
from calcitrace.model.following import Node, ReaderLink
from calcitrace.model.protocol import Protocol
from calcitrace.model.result import ScanResult
from calcitrace.model.scan import Scan
from calcitrace.model.visit import Visit
from calcitrace.services.comparing import (
    visit_of,
)
from calcitrace.services.imaging import measure_scan
from calcitrace.services.ports import (
    Progress,
    Segmenter,
    no_progress,
)

ALL_SCANS = 0


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What a user asked `compare` for.

    Attributes
    ----------
    series, calibrations, edits, dates
        By place of the scan among `sources`, from 1; a calibration under 0 is of all.
    removed, links
        By number of the visit in order of date.
    """

    sources: tuple[Path, ...]
    out: Path
    series: Mapping[int, str] = field(default_factory=dict[int, str])
    calibrations: Mapping[int, Path] = field(default_factory=dict[int, Path])
    edits: Mapping[int, Path] = field(default_factory=dict[int, Path])
    dates: Mapping[int, datetime] = field(default_factory=dict[int, datetime])
    protocol_file: Path | None = None
    links_file: Path | None = None
    segmenter: str = BUILTIN
    segmenter_labels: str | None = None
    treatments: tuple[Treatment, ...] = ()
    removed: tuple[Node, ...] = ()
    links: tuple[ReaderLink, ...] = ()
    settings: ComparisonSettings = field(default_factory=ComparisonSettings)
    is_same_patient: bool = False
    lang: str = "en"


@dataclass(frozen=True, slots=True, eq=False)
class Measurer:
    """What every scan is measured with."""

    request: CompareRequest
    protocol: Protocol
    segmenter: Segmenter | None

    def measured_again(self, visit: Visit, place: int, edits: Edits) -> ScanResult:
        """Measure a scan again with corrections."""
        if visit.result is None:
            msg = "Expected a scan to be measured again, got a stored result."
            raise ComparisonError(msg)
        return self._measure(visit.result.scan, place, edits, no_progress)

    def read_and_measure(self, place: int, progress: Progress) -> ScanResult:
        """Measure the scan at a place among the sources."""
        source = self.request.sources[place - 1]
        scan = read_scan(
            source, series_uid=self.request.series.get(place), progress=progress
        )
        file = self.request.edits.get(place)
        edits = None if file is None else read_edits(file)
        return self._measure(scan, place, edits, progress)

    def _measure(
        self, scan: Scan, place: int, edits: Edits | None, progress: Progress
    ) -> ScanResult:
        files = self.request.calibrations
        file = files.get(place, files.get(ALL_SCANS))
        return measure_scan(
            scan,
            self.protocol,
            None if file is None else read_calibration(file),
            progress,
            edits=edits,
            segmenter=self.segmenter,
        )


def measurer_of(request: CompareRequest) -> Measurer:
    """Protocol of the file, else that of the first stored result, else the default."""
    stored = [source for source in request.sources if is_result(source)]
    if request.protocol_file is not None:
        protocol = read_protocol(request.protocol_file)
    elif stored:
        protocol = protocol_from(stored_protocol(stored[0]))
    else:
        protocol = Protocol()
    helper = segmenter_of(request.segmenter, request.segmenter_labels)
    return Measurer(request, protocol, helper)


def visit_at(tools: Measurer, place: int, progress: Progress) -> Visit:
    """Visit of the scan at a place: read back if it is a result, else measured."""
    source = tools.request.sources[place - 1]
    if is_result(source):
        return read_visit(source)
    return visit_of(tools.read_and_measure(place, progress))


def settings(false_call_rate: float, *, is_same_scanner: bool) -> ComparisonSettings:
    """Settings of a comparison from what a user may say of them."""
    return ComparisonSettings(
        false_call_rate=false_call_rate, is_same_scanner=is_same_scanner
    )
