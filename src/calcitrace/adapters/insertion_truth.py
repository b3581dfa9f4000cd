"""What was inserted into a scan: `truth.csv`, and images of mass and labels."""

from pathlib import Path

from calcitrace.adapters.nifti import write_mass_nifti, write_nifti
from calcitrace.adapters.numbers import bool_text, number_text, position_text
from calcitrace.adapters.scene_truth import MASS_IMAGE
from calcitrace.adapters.tabular import write_table
from calcitrace.model.insertion import InsertedDeposit, Insertion

LABEL_IMAGE = "truth_labels.nii.gz"
INSERTION_COLUMNS = (
    "deposit_id",
    "kind",
    "along",
    "tissue",
    "mass_mg",
    "mass_in_scan_mg",
    "volume_mm3",
    "density_mean_mg_cm3",
    "centroid_x_mm",
    "centroid_y_mm",
    "centroid_z_mm",
    "gap_to_bone_mm",
    "depth_mm",
    "is_cut",
)


def write_insertion_truth(insertion: Insertion, folder: Path) -> tuple[str, ...]:
    """Write the table and both images into an existing folder; names of the files."""
    write_table(folder / "truth.csv", INSERTION_COLUMNS, map(_row, insertion.deposits))
    write_mass_nifti(insertion.mass, folder / MASS_IMAGE)
    write_nifti(insertion.labels, folder / LABEL_IMAGE)
    return "truth.csv", MASS_IMAGE, LABEL_IMAGE


def _row(deposit: InsertedDeposit) -> dict[str, str]:
    x_mm, y_mm, z_mm = deposit.centroid_mm
    gap, depth = deposit.gap_to_bone_mm, deposit.depth_mm
    return {
        "deposit_id": str(deposit.deposit_id),
        "kind": deposit.kind.value,
        "along": deposit.along,
        "tissue": deposit.tissue,
        "mass_mg": number_text(deposit.mass_mg),
        "mass_in_scan_mg": number_text(deposit.mass_in_scan_mg),
        "volume_mm3": number_text(deposit.volume_mm3),
        "density_mean_mg_cm3": number_text(deposit.density_mean_mg_cm3),
        "centroid_x_mm": position_text(x_mm),
        "centroid_y_mm": position_text(y_mm),
        "centroid_z_mm": position_text(z_mm),
        "gap_to_bone_mm": "" if gap is None else position_text(gap),
        "depth_mm": "" if depth is None else position_text(depth),
        "is_cut": bool_text(deposit.is_cut),
    }
