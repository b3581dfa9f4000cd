"""Measure one scan: the whole pipeline, top to bottom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from calcitrace.analysis.anatomy import find_anatomy
from calcitrace.analysis.edits import Found
from calcitrace.analysis.noise import measure_noise
from calcitrace.analysis.psf import measure_psf
from calcitrace.analysis.quantification import (
    Context,
    Measurement,
    measure_deposits,
)
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration
from calcitrace.model.deposit import Candidate, Deposit, Reason, Status
from calcitrace.model.edits import Edits
from calcitrace.model.flags import Flag
from calcitrace.model.image_quality import Noise, Psf
from calcitrace.model.protocol import Protocol
from calcitrace.model.result import Correction, Provenance, ScanResult
from calcitrace.model.rods import Reference
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume
from calcitrace.model.work import both
from calcitrace.services.bundled import bundled_detector
from calcitrace.services.calibrated import calibrated, used_file
from calcitrace.services.correcting import Corrected, corrected
from calcitrace.services.detecting import Detected, detect
from calcitrace.services.findings import (
    MAX_LABEL,
    accepted_burden,
    burden,
    deposits_of,
    label_image,
    merged_flags,
)
from calcitrace.services.first_flags import body_flags, scan_flags
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
    edits: Edits | None = None,
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
    edits
        What a reader changed, replayed between finding and measuring; the result then
        has both totals.
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
        scan_flags(scan, reference),
        body_flags(scan, anatomy),
        segmentation_flags,
        psf_flags,
        noise_flags,
        calibration_flags,
    )

    progress("detect", 0.0)
    seen = _Seen(scan, anatomy, psf, noise, calibration)
    found, detected = _detected(seen, protocol)
    flags = merged_flags(flags, detected.flags)
    after = _corrected(seen, found, protocol, edits)
    progress("detect", 1.0)

    progress("measure", 0.0)
    deposits, correction = _measured(seen, (found, after), protocol, edits, progress)
    progress("measure", 1.0)
    if after is not None:
        found, flags = after.found, merged_flags(flags, after.flags)

    return ScanResult(
        scan=scan,
        protocol=protocol,
        anatomy=found.anatomy,
        psf=psf,
        noise=noise,
        calibration=calibration,
        candidates=found.candidates,
        candidate_labels=found.labels,
        deposits=deposits,
        deposit_labels=label_image(found.labels, deposits),
        total=accepted_burden(deposits),
        total_with_review=burden(deposits),
        flags=flags,
        provenance=replace(
            _provenance(seen, protocol, reference, edits), detector=detected.made_by
        ),
        correction=correction,
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


def _detected(seen: _Seen, protocol: Protocol) -> tuple[Found, Detected]:
    """Candidates, their labels in as little memory as they need, and what made them."""
    detector = bundled_detector() if protocol.detection.is_learned else None
    detected = detect(seen.scan, seen.anatomy, seen.noise, protocol.detection, detector)
    candidates = truly_deep(detected.detection.candidates, seen.scan, seen.anatomy)
    labels = _compact(detected.detection.labels)
    return Found(candidates, labels, detected.anatomy), detected


def _corrected(
    seen: _Seen, found: Found, protocol: Protocol, edits: Edits | None
) -> Corrected | None:
    """What a reader made of it; `None` where nobody read."""
    if edits is None:
        return None
    return corrected(seen.scan, seen.noise, found, protocol.detection, edits)


def _measured(
    seen: _Seen,
    found: tuple[Found, Corrected | None],
    protocol: Protocol,
    edits: Edits | None,
    progress: Progress,
) -> tuple[tuple[Deposit, ...], Correction | None]:
    """Deposits, and what the program alone would have said if a reader spoke."""
    alone, after = found
    share = 1.0 if after is None else 0.5
    measured = _measurements(
        seen, alone, protocol, lambda done: progress("measure", share * done)
    )
    automatic = deposits_of(seen.scan, seen.anatomy, alone.candidates, measured)
    if after is None or edits is None:
        return automatic, None
    if not _is_same_for_measuring(alone, after.found):
        measured = _measurements(
            seen,
            after.found,
            protocol,
            lambda done: progress("measure", share + (1 - share) * done),
        )
    uids = {deposit.label: deposit.tracking_uid for deposit in automatic}
    deposits = deposits_of(
        seen.scan, seen.anatomy, after.found.candidates, measured, uids
    )
    return deposits, Correction(
        edits=edits,
        outcomes=after.outcomes,
        total=accepted_burden(automatic),
        total_with_review=burden(automatic),
    )


def _is_same_for_measuring(one: Found, other: Found) -> bool:
    """Whether a reader changed nothing but which kept candidates are accepted."""
    return (
        one.labels is other.labels
        and one.anatomy is other.anatomy
        and kept(one.candidates) == kept(other.candidates)
        and bystanders(one.candidates) == bystanders(other.candidates)
    )


def _measurements(
    seen: _Seen,
    found: Found,
    protocol: Protocol,
    advance: Callable[[float], None],
) -> tuple[Measurement, ...]:
    """Measure what was found."""
    context = _context(seen, found)
    return measure_deposits(context, protocol.quantification, advance)


def _context(seen: _Seen, found: Found) -> Context:
    """All that quantification needs."""
    candidates = found.candidates
    return Context(
        volume=seen.scan.volume,
        coverage=seen.scan.coverage,
        anatomy=found.anatomy,
        labels=found.labels,
        kept=kept(candidates),
        bystanders=bystanders(candidates),
        cut=frozenset(c.label for c in candidates if c.is_cut),
        kvp=seen.scan.acquisition.kvp,
        psf=seen.psf,
        noise=seen.noise,
        calibration=seen.calibration,
    )


def _provenance(
    seen: _Seen,
    protocol: Protocol,
    reference: Reference | None,
    edits: Edits | None,
) -> Provenance:
    """What made the numbers."""
    return Provenance(
        version=version(),
        protocol_hash=protocol.hash,
        input_hash=seen.scan.input_hash,
        calibration_hash=used_file(seen.calibration, reference),
        segmenter=seen.anatomy.segmenter,
        edits_hash=None if edits is None else edits.hash,
    )


def _compact(labels: LabelVolume) -> LabelVolume:
    """Return the same labels in half the memory where their numbers allow it."""
    array = labels.labels
    if array.itemsize <= np.dtype(np.uint16).itemsize or array.max() > MAX_LABEL:
        return labels
    return LabelVolume(array.astype(np.uint16), labels.grid)


def kept(candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """Labels of candidates that are measured: accepted and in review."""
    return tuple(c.label for c in candidates if c.status is not Status.DROPPED)


def bystanders(candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """Labels of dropped candidates that are dense all the same: vessels, implants."""
    return tuple(
        c.label
        for c in candidates
        if c.status is Status.DROPPED and c.reason not in NO_BYSTANDERS
    )
