"""Synthetic deposits in a real scan: what was asked for, and the truth."""

from dataclasses import dataclass

from calcitrace.model.insertion_settings import (
    FAR_MM,
    Gap,
    InsertionSettings,
    Morphology,
)
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume, MassVolume

__all__ = [
    "FAR_MM",
    "Gap",
    "InsertedDeposit",
    "Insertion",
    "InsertionSettings",
    "Morphology",
]


@dataclass(frozen=True, slots=True)
class InsertedDeposit:
    """The truth about one inserted deposit.

    Attributes
    ----------
    deposit_id
        Its value in `Insertion.labels`, from 1.
    along
        What a sheet follows ("skin", "fascia" or "bone"); empty for other forms.
    tissue
        Where its centre lies: "fat" or "soft".
    mass_mg, mass_in_scan_mg
        Exact hydroxyapatite, and that of the part within the voxels of the scan.
    volume_mm3, density_mean_mg_cm3
        Of the form, septa included, and hydroxyapatite per that volume.
    centroid_mm
        Centre of mass in the patient (DICOM LPS).
    gap_to_bone_mm, depth_mm
        From its surface to the nearest bone and to the skin, to about half a pixel;
        None where there is none in the scan.
    """

    deposit_id: int
    kind: Morphology
    along: str
    tissue: str
    mass_mg: float
    mass_in_scan_mg: float
    volume_mm3: float
    density_mean_mg_cm3: float
    centroid_mm: tuple[float, float, float]
    gap_to_bone_mm: float | None
    depth_mm: float | None
    is_cut: bool


@dataclass(frozen=True, slots=True, eq=False)
class Insertion:
    """A scan with synthetic deposits.

    Attributes
    ----------
    scan
        The scan with deposits added to its CT numbers; without headers.
    deposits
        In the order of `InsertedDeposit.deposit_id`.
    mass
        True mass in each voxel, before any blur, in mg.
    labels
        `InsertedDeposit.deposit_id` where a deposit is, uint16; where two meet in one
        voxel, that of the larger share.
    """

    scan: Scan
    settings: InsertionSettings
    deposits: tuple[InsertedDeposit, ...]
    mass: MassVolume
    labels: LabelVolume
