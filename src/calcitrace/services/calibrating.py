"""Measure a scanner with a phantom: a calibration of grade B for scans to come."""

from collections.abc import Sequence
from dataclasses import dataclass

from calcitrace.analysis.calibration import (
    FoundPhantom,
    FoundRod,
    RodFit,
    calibrate_by_table,
    find_phantom,
    fit_rods,
)
from calcitrace.errors import CalibrationError
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import FlagKind
from calcitrace.model.rods import Rod, ScannerReference
from calcitrace.model.scan import Scan

# Error of a nominal density where no certificate was given.
DENSITY_STD = 0.01
# Of a measured diameter against a given one: pixels, and walls of the rods.
DIAMETER_TOLERANCE, DIAMETER_TOLERANCE_MM = 0.2, 1.5
# CT number and density of rods that are what they say correlate better than this.
CORRELATION_MIN = 0.999
N_RODS_FOR_CORRELATION = 3


@dataclass(frozen=True, slots=True)
class PhantomMeasurement:
    """What a phantom scan shows.

    Attributes
    ----------
    reference
        For a calibration file.
    fit
        Line through the rods.
    phantom
        Where they were found.
    """

    reference: ScannerReference
    fit: RodFit
    phantom: FoundPhantom


def measure_phantom(
    scan: Scan,
    densities_mg_cm3: Sequence[float],
    diameters_mm: Sequence[float] = (),
) -> PhantomMeasurement:
    """Find the rods of a phantom, read them, and fit a line.

    Parameters
    ----------
    scan
        Of the phantom alone.
    densities_mg_cm3
        Of hydroxyapatite, one for each rod in any order: the higher reads the higher.
    diameters_mm
        Of the rods, in the order of the densities; one for all, or none: measured.

    Raises
    ------
    CalibrationError
        If the header does not name scanner and voltage, other rods are found than were
        given, or they do not lie on a line; one line says what was found.
    """
    identity = _identity(scan)
    phantom = find_phantom(scan.volume)
    if phantom.is_truncated:
        msg = (
            "Expected the whole phantom in the images, got one cut by the field of "
            "view, so that its size is unknown. Reconstruct a larger field of view."
        )
        raise CalibrationError(msg)
    rods = _matched(phantom, densities_mg_cm3, diameters_mm)
    table, _ = calibrate_by_table(identity.kvp, phantom.body_diameter_mm)
    fit = fit_rods(rods, table)
    if len(rods) >= N_RODS_FOR_CORRELATION and fit.correlation < CORRELATION_MIN:
        msg = (
            f"Expected rods on a line (r of at least {CORRELATION_MIN:g}), got r = "
            f"{fit.correlation:.4f}. Check the densities: {_listed(phantom.rods)}."
        )
        raise CalibrationError(msg)
    acquired, k = identity.acquired, fit.hu_per_mg_cm3
    reference = ScannerReference(
        manufacturer=identity.manufacturer or "",
        model_name=identity.model_name or "",
        kvp=identity.kvp or 0.0,
        kernel=identity.kernel,
        measured=None if acquired is None else acquired.date(),
        body_diameter_mm=phantom.body_diameter_mm,
        slope_mg_cm3_per_hu=1 / k,
        std_random=fit.std_random / k**2,
        std_systematic=fit.std_systematic / k**2,
        hardening_cm2_per_mg=table.hardening_cm2_per_mg,
        rods=rods,
    )
    return PhantomMeasurement(reference, fit, phantom)


def _identity(scan: Scan) -> Acquisition:
    """Header of a scan that says which scanner it was and at which voltage."""
    header = scan.acquisition
    missing = [
        name
        for name, value in (
            ("manufacturer", header.manufacturer),
            ("model name", header.model_name),
            ("kVp", header.kvp),
        )
        if not value
    ]
    if missing:
        msg = (
            "Expected a header that names the scanner and its tube voltage, got none "
            f"for: {', '.join(missing)}. Use the original DICOM files."
        )
        raise CalibrationError(msg)
    if any(flag.kind is FlagKind.VIRTUAL_MONOENERGETIC for flag in scan.flags):
        msg = (
            "Expected a plain series, got virtual monoenergetic or decomposed images. "
            "Name another one with --series."
        )
        raise CalibrationError(msg)
    return header


def _matched(
    phantom: FoundPhantom, densities: Sequence[float], diameters: Sequence[float]
) -> tuple[Rod, ...]:
    """Rods by rising CT number against densities by rising value."""
    if len(diameters) not in {0, 1, len(densities)}:
        msg = (
            f"Expected one diameter, or one for each of {len(densities)} densities, got "
            f"{len(diameters)}. Check --diameters-mm."
        )
        raise CalibrationError(msg)
    if len(phantom.rods) != len(densities):
        seen = f": {_listed(phantom.rods)}" if phantom.rods else ""
        msg = (
            f"Expected {len(densities)} rods, one for each density, found "
            f"{len(phantom.rods)}{seen}. Give the densities of the rods found; a rod "
            "like the plate around it cannot be seen."
        )
        raise CalibrationError(msg)
    given = list(diameters) * (len(densities) if len(diameters) == 1 else 1)
    sizes: list[float | None] = [*given] or [None] * len(densities)
    pairs = zip(densities, sizes, strict=True)
    ordered = sorted(pairs, key=lambda pair: pair[0])
    return tuple(
        Rod(
            name=f"{n} at {density:g} mg/cm3",
            density_mg_cm3=density,
            density_std_mg_cm3=DENSITY_STD * density,
            hu_mean=found.hu_mean,
            hu_std=found.hu_std,
            diameter_mm=_diameter_mm(found, diameter),
        )
        for n, (found, (density, diameter)) in enumerate(
            zip(phantom.rods, ordered, strict=True), start=1
        )
    )


def _diameter_mm(found: FoundRod, given_mm: float | None) -> float:
    """Given diameter, if the one found is like it."""
    if given_mm is None:
        return found.diameter_mm
    allowed = max(DIAMETER_TOLERANCE * given_mm, DIAMETER_TOLERANCE_MM)
    if abs(found.diameter_mm - given_mm) > allowed:
        msg = (
            f"Expected a rod of {given_mm:g} mm, found {_listed([found])}. Check "
            "--diameters-mm."
        )
        raise CalibrationError(msg)
    return given_mm


def _listed(rods: Sequence[FoundRod]) -> str:
    """What was found, and where in patient coordinates."""
    return "; ".join(
        f"{rod.hu_mean:.0f} HU, {rod.diameter_mm:.1f} mm wide at "
        f"({', '.join(f'{v:.0f}' for v in rod.centre_mm)}) mm"
        for rod in rods
    )
