"""What is found in a scan by mass: `detection-limit.csv`, and each trial."""

from pathlib import Path

from calcitrace.adapters.numbers import bool_text, number_text, position_text
from calcitrace.adapters.tabular import write_table
from calcitrace.services.detection_limit import DetectionLimit, MassBin, Trial

BIN_COLUMNS = (
    "mass_low_mg",
    "mass_high_mg",
    "n",
    "n_found",
    "n_accepted",
    "found_ci95_low",
    "found_ci95_high",
    "n_measured",
    "error_median",
    "n_covered",
)
TRIAL_COLUMNS = (
    "repeat",
    "deposit_id",
    "kind",
    "along",
    "tissue",
    "mass_mg",
    "density_mean_mg_cm3",
    "gap_to_bone_mm",
    "depth_mm",
    "is_found",
    "is_accepted",
    "measured_mg",
    "is_covered",
)


def write_detection_limit(limit: DetectionLimit, folder: Path) -> tuple[str, ...]:
    """Write both tables into an existing folder; names of the files."""
    write_table(folder / "detection-limit.csv", BIN_COLUMNS, map(_bin, limit.bins))
    write_table(folder / "trials.csv", TRIAL_COLUMNS, map(_trial, limit.trials))
    return "detection-limit.csv", "trials.csv"


def _bin(part: MassBin) -> dict[str, str]:
    return {
        "mass_low_mg": number_text(part.low_mg),
        "mass_high_mg": number_text(part.high_mg),
        "n": str(part.n),
        "n_found": str(part.n_found),
        "n_accepted": str(part.n_accepted),
        "found_ci95_low": number_text(part.found_low),
        "found_ci95_high": number_text(part.found_high),
        "n_measured": str(part.n_measured),
        "error_median": number_text(part.error_median),
        "n_covered": str(part.n_covered),
    }


def _trial(trial: Trial) -> dict[str, str]:
    truth = trial.truth
    gap, depth = truth.gap_to_bone_mm, truth.depth_mm
    return {
        "repeat": str(trial.repeat),
        "deposit_id": str(truth.deposit_id),
        "kind": truth.kind.value,
        "along": truth.along,
        "tissue": truth.tissue,
        "mass_mg": number_text(truth.mass_mg),
        "density_mean_mg_cm3": number_text(truth.density_mean_mg_cm3),
        "gap_to_bone_mm": "" if gap is None else position_text(gap),
        "depth_mm": "" if depth is None else position_text(depth),
        "is_found": bool_text(trial.is_found),
        "is_accepted": bool_text(trial.is_accepted),
        "measured_mg": number_text(trial.measured_mg),
        "is_covered": "" if trial.is_covered is None else bool_text(trial.is_covered),
    }
