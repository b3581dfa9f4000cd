"""How the scan was made, calibrated and measured, as names and values."""

import numpy as np

from calcitrace.model.calibration import Calibration
from calcitrace.model.estimate import Unit
from calcitrace.model.result import ScanResult
from calcitrace.model.scan import SeriesSummary
from calcitrace.services.reporting.content import Fact, SeriesRow
from calcitrace.services.reporting.figures import unit_sign
from calcitrace.services.reporting.language import NO_BREAK, Language
from calcitrace.services.reporting.words import SOURCE_KIND_WORDS


def acquisition_facts(result: ScanResult, lang: Language) -> tuple[Fact, ...]:
    """Facts of the header and of the images; what the header does not say is said."""
    a, grid = result.acquisition, result.scan.volume.grid
    missing = lang.gettext("not stated")
    t = lang.gettext

    origin = t("measured") if result.noise.is_measured else t("assumed")

    def number(value: float | None, unit: str) -> str:
        if value is None:
            return missing
        return f"{lang.plain(round(value, 2))}{NO_BREAK}{unit}"

    step, row, column = grid.spacing_mm
    scanner = " ".join(part for part in (a.manufacturer, a.model_name) if part)
    contrast = {None: missing, True: t("given"), False: t("not given")}
    return (
        Fact(t("Acquired"), missing if a.acquired is None else lang.date(a.acquired)),
        Fact(t("Scanner"), scanner or missing),
        Fact(t("Tube voltage"), number(a.kvp, "kVp")),
        Fact(t("Reconstruction kernel"), a.kernel or missing),
        Fact(t("Slice thickness"), number(a.slice_thickness_mm, "mm")),
        Fact(
            t("Slices"),
            f"{grid.shape[0]} × {lang.plain(round(step, 3))}{NO_BREAK}mm",
        ),
        Fact(
            t("Pixels"),
            f"{grid.shape[1]} × {grid.shape[2]}, {lang.plain(round(row, 3))} × "
            f"{lang.plain(round(column, 3))}{NO_BREAK}mm",
        ),
        Fact(t("Exposure"), number(a.tube_current_time_mas, "mAs")),
        Fact(t("CTDIvol"), number(a.ctdi_vol_mgy, "mGy")),
        Fact(t("Contrast agent"), contrast[a.is_contrast_enhanced]),
        Fact(
            t("Noise"),
            f"{lang.number(result.noise.sigma_median_hu, 1)}{NO_BREAK}"
            f"{unit_sign(Unit.HU, lang)} ({origin})",
        ),
        Fact(t("Blur (sigma) in plane, across slices"), _blur(result, lang)),
        Fact(t("Coverage"), _coverage(result, lang)),
        Fact(
            t("Resampled"),
            t("yes: voxels are not those of the files")
            if result.scan.is_resampled
            else t("no"),
        ),
        Fact(t("Source"), t(SOURCE_KIND_WORDS[result.scan.source_kind])),
    )


def _blur(result: ScanResult, lang: Language) -> str:
    psf = result.psf
    return (
        f"{lang.number(psf.sigma_plane_mm, 2)}{NO_BREAK}mm "
        f"±{NO_BREAK}{lang.percent(psf.plane_relative_std)} "
        f"({lang.phrase(psf.plane_source)}) / "
        f"{lang.number(psf.sigma_slice_mm, 2)}{NO_BREAK}mm "
        f"±{NO_BREAK}{lang.percent(psf.slice_relative_std)} "
        f"({lang.phrase(psf.slice_source)})"
    )


def _coverage(result: ScanResult, lang: Language) -> str:
    missing = int(np.count_nonzero(~result.scan.coverage.slices))
    if result.scan.coverage.is_full:
        return lang.gettext("every voxel was measured by the scanner")
    if missing:
        return lang.ngettext(
            "{n} slice is missing", "{n} slices are missing", missing
        ).format(n=missing)
    return lang.gettext("outside of the field of view nothing was measured")


def calibration_facts(calibration: Calibration, lang: Language) -> tuple[Fact, ...]:
    """Slope and error of the calibration."""
    t = lang.gettext
    slope = calibration.slope_mg_cm3_per_hu
    unknown = t("unknown")
    diameter = calibration.body_diameter_mm
    per = t("per")
    per_hu = f"{NO_BREAK}mg/cm³ {per}{NO_BREAK}{unit_sign(Unit.HU, lang)}"
    return (
        Fact(t("Slope"), lang.number(slope, 3) + per_hu),
        Fact(
            t("Error shared by scans of this scanner and kVp"),
            f"±{NO_BREAK}{lang.percent(calibration.std_systematic / slope)}",
        ),
        Fact(
            t("Error of this scan alone"),
            f"±{NO_BREAK}{lang.percent(calibration.std_random / slope)}"
            if calibration.std_random
            else t("none: no rods were read"),
        ),
        Fact(
            t("Tube voltage"),
            unknown
            if calibration.kvp is None
            else f"{lang.plain(calibration.kvp)}{NO_BREAK}kVp",
        ),
        Fact(
            t("Body size (water-equivalent diameter)"),
            unknown if diameter is None else f"{lang.number(diameter)}{NO_BREAK}mm",
        ),
        Fact(t("Taken from"), lang.phrase(calibration.source)),
    )


def series_rows(
    series: tuple[SeriesSummary, ...], lang: Language
) -> tuple[SeriesRow, ...]:
    """Series of the source; their free-text descriptions may name people, so are not."""
    return tuple(
        SeriesRow(
            modality=s.modality,
            n_images=str(s.n_images),
            is_chosen=s.is_chosen,
            reason=lang.phrase(s.reason),
            series_uid=s.series_uid,
        )
        for s in series
    )


def provenance_facts(result: ScanResult, lang: Language) -> tuple[Fact, ...]:
    """What made the numbers."""
    p, t = result.provenance, lang.gettext
    return (
        Fact(t("Calcitrace version"), p.version),
        Fact(t("Protocol (SHA-256)"), p.protocol_hash),
        Fact(t("Input voxels and geometry (SHA-256)"), p.input_hash),
        Fact(
            t("Calibration file (SHA-256)"),
            p.calibration_hash or t("none: built-in table"),
        ),
        Fact(t("Corrections (SHA-256)"), p.edits_hash or t("none")),
        Fact(t("Segmenter"), p.segmenter),
        Fact(t("Detector"), p.detector),
        Fact(t("Series UID"), result.acquisition.series_uid or t("not stated")),
        Fact(t("Study UID"), result.acquisition.study_uid or t("not stated")),
    )
