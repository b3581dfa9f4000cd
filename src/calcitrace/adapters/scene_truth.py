"""What a simulated scene holds: `truth.csv` and an image of the true mass."""

from collections.abc import Iterable
from pathlib import Path

from calcitrace.adapters.nifti import write_mass_nifti
from calcitrace.adapters.numbers import bool_text, number_text, position_text
from calcitrace.adapters.tabular import write_table
from calcitrace.model.volume import MassVolume
from calcitrace.services.simulating import SimulatedVisit, TruthRow

MASS_IMAGE = "truth_mass_mg.nii.gz"
SCENE_TRUTH_COLUMNS = (
    "visit",
    "name",
    "parent",
    "kind",
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


class MassImage:
    """The `MassWriter` of simulated scans."""

    def write(self, volume: MassVolume, folder: Path) -> Path:
        """Write `truth_mass_mg.nii.gz`, in mg per voxel."""
        path = folder / MASS_IMAGE
        write_mass_nifti(volume, path)
        return path


def write_scene_truth(visits: Iterable[SimulatedVisit], folder: Path) -> Path:
    """Write one row for each deposit at each visit."""
    path = folder / "truth.csv"
    rows = (_row(row) for visit in visits for row in visit.truth)
    write_table(path, SCENE_TRUTH_COLUMNS, rows)
    return path


def _row(row: TruthRow) -> dict[str, str]:
    x_mm, y_mm, z_mm = row.centroid_mm
    gap = row.gap_to_bone_mm
    return {
        "visit": str(row.visit),
        "name": row.name,
        "parent": row.parent or "",
        "kind": row.kind,
        "tissue": row.tissue,
        "mass_mg": number_text(row.mass_mg),
        "mass_in_scan_mg": number_text(row.mass_in_scan_mg),
        "volume_mm3": number_text(row.volume_mm3),
        "density_mean_mg_cm3": number_text(row.density_mean_mg_cm3),
        "centroid_x_mm": position_text(x_mm),
        "centroid_y_mm": position_text(y_mm),
        "centroid_z_mm": position_text(z_mm),
        "gap_to_bone_mm": "" if gap is None else position_text(gap),
        "depth_mm": "" if row.depth_mm is None else position_text(row.depth_mm),
        "is_cut": bool_text(row.is_cut),
    }
