"""`truth.csv`: what a simulated scan holds, to set beside what was measured on it."""

from pathlib import Path

from calcitrace.adapters.numbers import bool_text, number_text, position_text
from calcitrace.adapters.tabular import write_table
from calcitrace.services.demo import Comparison, DemoComparison

TRUTH_COLUMNS = (
    "name",
    "mass_mg",
    "mass_in_scan_mg",
    "volume_mm3",
    "density_mean_mg_cm3",
    "centroid_x_mm",
    "centroid_y_mm",
    "centroid_z_mm",
    "is_cut",
    "deposit_ids",
)


def write_truth(comparison: DemoComparison, folder: Path) -> Path:
    """Write one row for each true deposit, with the numbers of what was found of it."""
    path = folder / "truth.csv"
    write_table(path, TRUTH_COLUMNS, (_row(row) for row in comparison.rows))
    return path


def _row(row: Comparison) -> dict[str, str]:
    truth = row.truth
    x_mm, y_mm, z_mm = truth.centroid_mm
    return {
        "name": truth.name,
        "mass_mg": number_text(truth.mass_mg),
        "mass_in_scan_mg": number_text(truth.mass_in_scan_mg),
        "volume_mm3": number_text(truth.volume_mm3),
        "density_mean_mg_cm3": number_text(truth.density_mg_cm3),
        "centroid_x_mm": position_text(x_mm),
        "centroid_y_mm": position_text(y_mm),
        "centroid_z_mm": position_text(z_mm),
        "is_cut": bool_text(truth.is_cut),
        "deposit_ids": ";".join(str(d.deposit_id) for d in row.deposits),
    }
