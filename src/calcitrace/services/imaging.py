"""Measure one scan: the whole pipeline, top to bottom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.detection import find_candidates
from calcitrace.analysis.noise import measure_noise
from calcitrace.analysis.psf import measure_psf
from calcitrace.analysis.quantification import Context, measure_deposits
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration
from calcitrace.model.deposit import Candidate, Reason, Status
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.image_quality import Noise, Psf
from calcitrace.model.protocol import Protocol
from calcitrace.model.result import Provenance, ScanResult
from calcitrace.model.rods import Reference, RodReference
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume
from calcitrace.model.work import both
from calcitrace.services.calibrated import calibrated, used_file
from calcitrace.services.findings import (
    MAX_LABEL,
    burden,
    deposits_of,
    label_image,
    merged_flags,
)
from calcitrace.services.places import truly_deep
from calcitrace.services.ports import Progress, Segmenter, no_progress
from calcitrace.services.segmenting import segmented
from calcitrace.services.version import version

# Dropped candidates that quantification does not step around: specks are tissue like any
# other, and bone has a part of its own there, by its place in the anatomy.
NO_BYSTANDERS = frozenset(
    {Reason.NOISE, Reason.TOO_SMALL, Reason.OUTSIDE_BODY, Reason.SKELETON}
)


def measure_scan(
    scan: Scan,
    protocol: Protocol,
    reference: Reference | None = None,
    progress: Progress = no_progress,
    segmenter: Segmenter | None = None,
) -> ScanResult:
    """Find and measure every deposit of one scan.

    Parameters
    ----------
    scan
        The series, as a reader returns it.
    protocol
        Settings of all stages.
    reference
        Rods of known density (grade A) or the scanner measured before (grade B);
        without them the patient's tissues (C) or the table by kVp and body size (D).
    progress
        Hears "anatomy", "detect" and "measure", each from 0 to 1.
    segmenter
        Names structures; without one only the built-in search for the skeleton runs.

    Returns
    -------
    ScanResult
        The same on every run and for any number of threads. Without a body in the
        images it has no deposits and a blocking flag.

    Raises
    ------
    SegmentationError
        If the segmenter fails or what it found does not belong to the scan.
    """
    progress("anatomy", 0.0)
    anatomy, segmentation_flags = _anatomy(scan, protocol, segmenter)
    (psf, psf_flags), (noise, noise_flags) = both(
        lambda: measure_psf(scan.volume, anatomy, scan.acquisition),
        lambda: measure_noise(scan.volume, anatomy),
    )
    calibration, calibration_flags = calibrated(scan, anatomy, reference)
    progress("anatomy", 1.0)
    flags = merged_flags(
        _scan_flags(scan, reference),
        _body_flags(scan, anatomy),
        segmentation_flags,
        psf_flags,
        noise_flags,
        calibration_flags,
    )

    progress("detect", 0.0)
    seen = _Seen(scan, anatomy, psf, noise, calibration)
    candidates, labels = _detected(seen, protocol)
    progress("detect", 1.0)

    progress("measure", 0.0)
    measurements = measure_deposits(
        _context(seen, candidates, labels),
        protocol.quantification,
        lambda done: progress("measure", done),
    )
    deposits = deposits_of(scan, anatomy, candidates, measurements)
    progress("measure", 1.0)

    return ScanResult(
        scan=scan,
        protocol=protocol,
        anatomy=anatomy,
        psf=psf,
        noise=noise,
        calibration=calibration,
        candidates=candidates,
        candidate_labels=labels,
        deposits=deposits,
        deposit_labels=label_image(labels, deposits),
        total=burden([d for d in deposits if d.status is Status.ACCEPTED]),
        total_with_review=burden(deposits),
        flags=flags,
        provenance=_provenance(seen, protocol, reference),
    )


def _anatomy(
    scan: Scan, protocol: Protocol, segmenter: Segmenter | None
) -> tuple[Anatomy, tuple[Flag, ...]]:
    """Anatomy by the built-in search, or with the help of a segmenter."""
    volume, coverage, settings = scan.volume, scan.coverage, protocol.anatomy
    if segmenter is None:
        return find_anatomy(volume, coverage, settings), ()
    found = segmented(scan, segmenter)
    anatomy = find_anatomy(volume, coverage, settings, found.skeleton)
    return replace(anatomy, structures=found.structures), found.flags


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What is known of a scan before deposits are looked for."""

    scan: Scan
    anatomy: Anatomy
    psf: Psf
    noise: Noise
    calibration: Calibration


def _detected(
    seen: _Seen, protocol: Protocol
) -> tuple[tuple[Candidate, ...], LabelVolume]:
    """Candidates, and their labels in as little memory as they need."""
    detection = find_candidates(
        seen.scan.volume,
        seen.scan.coverage,
        seen.anatomy,
        seen.noise,
        seen.scan.acquisition,
        protocol.detection,
    )
    candidates = truly_deep(detection.candidates, seen.scan, seen.anatomy)
    return candidates, _compact(detection.labels)


def _context(
    seen: _Seen, candidates: Sequence[Candidate], labels: LabelVolume
) -> Context:
    """All that quantification needs."""
    return Context(
        volume=seen.scan.volume,
        coverage=seen.scan.coverage,
        anatomy=seen.anatomy,
        labels=labels,
        kept=tuple(c.label for c in candidates if c.status is not Status.DROPPED),
        bystanders=bystanders(candidates),
        cut=frozenset(c.label for c in candidates if c.is_cut),
        kvp=seen.scan.acquisition.kvp,
        psf=seen.psf,
        noise=seen.noise,
        calibration=seen.calibration,
    )


def _provenance(
    seen: _Seen, protocol: Protocol, reference: Reference | None
) -> Provenance:
    """What made the numbers."""
    return Provenance(
        version=version(),
        protocol_hash=protocol.hash,
        input_hash=seen.scan.input_hash,
        calibration_hash=used_file(seen.calibration, reference),
        segmenter=seen.anatomy.segmenter,
    )


def _scan_flags(scan: Scan, reference: Reference | None) -> tuple[Flag, ...]:
    """Flags of the reader, but the one that rods in the scan settle."""
    if not isinstance(reference, RodReference):
        return scan.flags
    settled = FlagKind.VIRTUAL_MONOENERGETIC  # it asks for a calibration file
    return tuple(flag for flag in scan.flags if flag.kind is not settled)


def _body_flags(scan: Scan, anatomy: Anatomy) -> tuple[Flag, ...]:
    """Flags of what the anatomy stage saw."""
    if not anatomy.body.any():
        return (Flag(FlagKind.NO_BODY_FOUND),)
    if anatomy.is_truncated:
        _, row_mm, column_mm = scan.volume.grid.extent_mm
        seen = f"{column_mm:.0f} x {row_mm:.0f} mm"
        return (Flag(FlagKind.TRUNCATED_FIELD_OF_VIEW, seen),)
    return ()


def _compact(labels: LabelVolume) -> LabelVolume:
    """Return the same labels in half the memory where their numbers allow it."""
    array = labels.labels
    if array.itemsize <= np.dtype(np.uint16).itemsize or array.max() > MAX_LABEL:
        return labels
    return LabelVolume(array.astype(np.uint16), labels.grid)


def bystanders(candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """Labels of dropped candidates that are dense all the same: vessels, implants."""
    return tuple(
        c.label
        for c in candidates
        if c.status is Status.DROPPED and c.reason not in NO_BYSTANDERS
    )
