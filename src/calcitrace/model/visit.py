"""One measured scan among several of one patient."""

from dataclasses import dataclass
from datetime import datetime

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration
from calcitrace.model.change import (
    Measuring,
)
from calcitrace.model.deposit import Deposit
from calcitrace.model.flags import Flag
from calcitrace.model.result import Provenance, ScanResult
from calcitrace.model.volume import Coverage, HuVolume, LabelVolume


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """One measured scan among several of one patient.

    Attributes
    ----------
    number
        From 1, in order of date.
    acquired
        Of the acquisition, or as the user said.
    volume
        CT numbers; for a stored result only what its anatomy tells of them.
    labels
        Value = `Deposit.deposit_id`.
    result
        All that was measured; `None` where a stored result was read, so that nothing
        more can be measured there.
    """

    number: int
    acquired: datetime
    volume: HuVolume
    coverage: Coverage
    anatomy: Anatomy
    deposits: tuple[Deposit, ...]
    labels: LabelVolume
    acquisition: Acquisition
    calibration: Calibration
    provenance: Provenance
    flags: tuple[Flag, ...]
    result: ScanResult | None

    @property
    def measuring(self) -> Measuring:
        """How it was measured, as far as errors are shared by it."""
        how, scan = self.calibration, self.acquisition
        known = scan.manufacturer is not None and scan.model_name is not None
        return Measuring(
            grade=how.grade,
            kvp=scan.kvp,
            scanner=f"{scan.manufacturer} {scan.model_name}" if known else None,
            calibration_file=self.provenance.calibration_hash,
            kernel=scan.kernel,
            slice_thickness_mm=scan.slice_thickness_mm,
            calibration_systematic=how.std_systematic / how.slope_mg_cm3_per_hu,
            calibration_random=how.std_random / how.slope_mg_cm3_per_hu,
        )
