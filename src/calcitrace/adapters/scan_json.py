"""`scan.json`: totals, calibration, coverage, flags and provenance of one scan.

Names are a contract: added to, never renamed. What is not known is null, never 0.
Nothing here identifies the patient; series and study UIDs do identify the images.
"""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from calcitrace.adapters.edits_json import edit_document
from calcitrace.adapters.numbers import rounded
from calcitrace.model.calibration import Calibration
from calcitrace.model.deposit import Burden, Status
from calcitrace.model.flags import Flag
from calcitrace.model.result import ScanResult
from calcitrace.model.scan import Scan

Document = dict[str, object]


class ScanJson:
    """Writes `scan.json`."""

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write the document; the language changes nothing."""
        del lang
        path = folder / "scan.json"
        path.write_text(json_text(scan_document(result)), encoding="utf-8")
        return (path,)


def json_text(document: Document) -> str:
    """Text of a document: sorted keys, no NaN, one trailing line break."""
    return (
        json.dumps(
            document, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False
        )
        + "\n"
    )


def scan_document(result: ScanResult) -> Document:
    """Everything that `scan.json` says, as plain values."""
    return {
        "total": _burden(result.total, is_measured=result.is_measured),
        "total_with_review": _burden(
            result.total_with_review, is_measured=result.is_measured
        ),
        **_corrections(result),
        "candidates": {
            status.value: sum(c.status is status for c in result.candidates)
            for status in Status
        },
        "calibration": _calibration(result.calibration),
        "acquisition": _acquisition(result.scan),
        "coverage": _coverage(result.scan),
        "image_quality": {
            "psf_sigma_plane_mm": rounded(result.psf.sigma_plane_mm),
            "psf_sigma_slice_mm": rounded(result.psf.sigma_slice_mm),
            "psf_plane_relative_std": rounded(result.psf.plane_relative_std),
            "psf_slice_relative_std": rounded(result.psf.slice_relative_std),
            "psf_plane_source": result.psf.plane_source,
            "psf_slice_source": result.psf.slice_source,
            "noise_sigma_median_hu": rounded(result.noise.sigma_median_hu),
            "noise_is_measured": result.noise.is_measured,
        },
        "series": [
            {
                "series_uid": series.series_uid,
                "modality": series.modality,
                "n_images": series.n_images,
                "is_chosen": series.is_chosen,
                "reason": series.reason,
            }
            for series in result.scan.series
        ],
        "flags": [_flag(flag) for flag in result.flags],
        "protocol": asdict(result.protocol),
        "provenance": asdict(result.provenance),
    }


def _corrections(result: ScanResult) -> Document:
    """Return what a reader changed, and the totals that the program alone gives."""
    correction = result.correction
    if correction is None:
        return {
            "total_automatic": _burden(result.total, is_measured=result.is_measured),
            "total_with_review_automatic": _burden(
                result.total_with_review, is_measured=result.is_measured
            ),
            "corrections": None,
        }
    deposits = {d.label: d.deposit_id for d in result.deposits}
    return {
        "total_automatic": _burden(correction.total, is_measured=result.is_measured),
        "total_with_review_automatic": _burden(
            correction.total_with_review, is_measured=result.is_measured
        ),
        "corrections": {
            "input_hash": correction.edits.input_hash,
            "order_seed": correction.edits.order_seed,
            "operations": [
                {
                    **edit_document(outcome.edit),
                    "is_applied": outcome.is_applied,
                    "remark": outcome.remark,
                    "candidate_id": outcome.label,
                    "deposit_id": deposits.get(outcome.label or 0),
                }
                for outcome in correction.outcomes
            ],
        },
    }


def _burden(burden: Burden, *, is_measured: bool) -> Document:
    """Totals; null for what a scan without a body, or without a deposit, cannot say."""
    low_mg, high_mg = burden.mass_ci95_mg if is_measured else (None, None)
    has_spread = is_measured and burden.n_deposits > 0
    return {
        "n_deposits": burden.n_deposits,
        "mass_mg": rounded(burden.mass.value) if is_measured else None,
        "mass_std_mg": rounded(burden.mass.std) if has_spread else None,
        "mass_std_random_mg": rounded(burden.mass.std_random) if has_spread else None,
        "mass_std_systematic_mg": (
            rounded(burden.mass.std_systematic) if has_spread else None
        ),
        "mass_ci95_low_mg": rounded(low_mg),
        "mass_ci95_high_mg": rounded(high_mg),
        "volume_mm3": rounded(burden.volume_mm3),
        "agatston": rounded(burden.agatston),
        "is_lower_bound": burden.is_lower_bound,
    }


def _calibration(calibration: Calibration) -> Document:
    slope = calibration.slope_mg_cm3_per_hu
    return {
        "grade": calibration.grade.value,
        "slope_mg_cm3_per_hu": rounded(slope),
        "std": rounded(calibration.relative_std * slope),
        "std_systematic": rounded(calibration.std_systematic),
        "std_random": rounded(calibration.std_random),
        "kvp": rounded(calibration.kvp),
        "body_diameter_mm": rounded(calibration.body_diameter_mm),
        "hardening_cm2_per_mg": rounded(calibration.hardening_cm2_per_mg),
        "source": calibration.source,
    }


def _acquisition(scan: Scan) -> Document:
    acquired = scan.acquisition.acquired
    fields = asdict(scan.acquisition)
    document: Document = {
        name: rounded(value) if isinstance(value, float) else value
        for name, value in fields.items()
    }
    document["acquired"] = None if acquired is None else acquired.isoformat()
    document["source_kind"] = scan.source_kind
    document["is_resampled"] = scan.is_resampled
    return document


def _coverage(scan: Scan) -> Document:
    grid, coverage = scan.volume.grid, scan.coverage
    return {
        "shape": list(grid.shape),
        "spacing_mm": [rounded(v) for v in grid.spacing_mm],
        "origin_mm": [rounded(v) for v in grid.origin_mm],
        "direction": [[rounded(v) for v in axis] for axis in grid.direction],
        "extent_mm": [rounded(v) for v in grid.extent_mm],
        "n_slices_measured": int(np.count_nonzero(coverage.slices)),
        "missing_slices": [int(i) for i in np.flatnonzero(~coverage.slices)],
        "plane_fraction": rounded(float(coverage.plane.mean())),
        "is_full": coverage.is_full,
    }


def _flag(flag: Flag) -> Document:
    return {
        "code": flag.kind.code,
        "severity": flag.kind.severity.value,
        "detail": flag.detail,
        "sentence": flag.sentence("en"),
    }
