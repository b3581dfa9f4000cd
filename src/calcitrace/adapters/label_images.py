"""Label images: deposits and anatomy on the scan's own grid."""

from pathlib import Path

from calcitrace.adapters.nifti import write_nifti
from calcitrace.model.result import ScanResult


class LabelImages:
    """Writes `labels.nii.gz` and `anatomy.nii.gz`."""

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write both images; the language changes nothing."""
        del lang
        labels, anatomy = folder / "labels.nii.gz", folder / "anatomy.nii.gz"
        write_nifti(result.deposit_labels, labels)
        write_nifti(result.anatomy.tissue, anatomy)
        return labels, anatomy
