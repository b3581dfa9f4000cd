"""What `calcitrace calibrate` takes and says."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from calcitrace.bootstrap.written import json_text
from calcitrace.errors import InputError

if TYPE_CHECKING:
    from calcitrace.bootstrap.calibrating import PhantomMeasurement

HEADING = (
    f"{'mg/cm3':>8} {'HU':>9} {'+-':>6} {'off line':>9} {'mm wide':>8}  at (x, y, z) mm"
)


def numbers(option: str, text: str) -> tuple[float, ...]:
    """Numbers of a list with commas.

    Raises
    ------
    InputError
        If a part is no number of at least 0.
    """
    parts = [_number(part) for part in text.split(",")]
    values = tuple(v for v in parts if v is not None)
    if len(values) < len(parts):
        msg = f"Expected numbers with commas for {option}, as 0,100,200, got {text!r}."
        raise InputError(msg)
    return values


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def phantom_lines(measured: "PhantomMeasurement", out: Path) -> list[str]:
    """Rods with their residuals, and the slope."""
    reference, fit = measured.reference, measured.fit
    slope = reference.slope_mg_cm3_per_hu
    error = math.hypot(reference.std_random, reference.std_systematic)
    rows = zip(reference.rods, fit.residuals_hu, measured.phantom.rods, strict=True)
    return [
        "",
        (
            f"{reference.manufacturer} {reference.model_name}, {reference.kvp:g} kVp, "
            f"phantom of {reference.body_diameter_mm:.0f} mm (water-equivalent)."
        ),
        HEADING,
        *(
            f"{rod.density_mg_cm3:>8.4g} {rod.hu_mean:>9.1f} {rod.hu_std:>6.2f} "
            f"{residual:>+9.1f} {found.diameter_mm:>8.1f}  "
            f"{', '.join(f'{v:.0f}' for v in found.centre_mm)}"
            for rod, residual, found in rows
        ),
        (
            f"Slope {slope:.4f} +- {error:.4f} mg/cm3 per HU, r = {fit.correlation:.5f}, "
            f"{fit.intercept_hu:+.1f} HU at density 0."
        ),
        f"Grade B file: {out}",
        "Research use only: not a medical device.",
    ]


def phantom_json(measured: "PhantomMeasurement", out: Path) -> str:
    """The same for machines."""
    reference, fit = measured.reference, measured.fit
    return json_text(
        {
            "file": str(out),
            "grade": "B",
            "manufacturer": reference.manufacturer,
            "model_name": reference.model_name,
            "kvp": reference.kvp,
            "kernel": reference.kernel,
            "date": None
            if reference.measured is None
            else reference.measured.isoformat(),
            "body_diameter_mm": reference.body_diameter_mm,
            "slope_mg_cm3_per_hu": reference.slope_mg_cm3_per_hu,
            "std_random": reference.std_random,
            "std_systematic": reference.std_systematic,
            "hardening_cm2_per_mg": reference.hardening_cm2_per_mg,
            "intercept_hu": fit.intercept_hu,
            "correlation": fit.correlation,
            "rods": [
                {
                    "density_mg_cm3": rod.density_mg_cm3,
                    "hu_mean": rod.hu_mean,
                    "hu_std": rod.hu_std,
                    "residual_hu": residual,
                    "diameter_mm": found.diameter_mm,
                    "centre_mm": list(found.centre_mm),
                }
                for rod, residual, found in zip(
                    reference.rods, fit.residuals_hu, measured.phantom.rods, strict=True
                )
            ],
        }
    )
