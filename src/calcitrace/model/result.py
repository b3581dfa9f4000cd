"""All that one `measure` run found: what every output is written from."""

from dataclasses import dataclass

from calcitrace.model.acquisition import Acquisition
from calcitrace.model.anatomy import Anatomy
from calcitrace.model.calibration import Calibration
from calcitrace.model.deposit import Burden, Candidate, Deposit
from calcitrace.model.edits import EditOutcome, Edits
from calcitrace.model.flags import Flag, FlagKind, Severity
from calcitrace.model.image_quality import Noise, Psf
from calcitrace.model.learned import RULES
from calcitrace.model.protocol import Protocol
from calcitrace.model.scan import Scan
from calcitrace.model.volume import LabelVolume


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made the numbers: enough to make them again, bit for bit."""

    version: str
    protocol_hash: str
    input_hash: str
    calibration_hash: str | None
    segmenter: str
    edits_hash: str | None = None
    detector: str = ""

    @property
    def is_learned(self) -> bool:
        """Whether trees gave the probabilities, not rules."""
        return self.detector not in {"", RULES}


@dataclass(frozen=True, slots=True)
class Correction:
    """What a reader changed, and what the program alone would say.

    Attributes
    ----------
    outcomes
        One for each operation, in the order of their replay.
    total, total_with_review
        As they are without any correction.
    """

    edits: Edits
    outcomes: tuple[EditOutcome, ...]
    total: Burden
    total_with_review: Burden


@dataclass(frozen=True, slots=True, eq=False)
class ScanResult:
    """One measured scan.

    Attributes
    ----------
    candidates
        Every bright component, dropped ones too, in label order.
    candidate_labels
        int32, value = `Candidate.label`, 0 elsewhere.
    deposits
        Accepted ones first, then those in review; each by falling mass.
    deposit_labels
        uint16, value = `Deposit.deposit_id` = row order in the table.
    total
        Over accepted deposits.
    total_with_review
        Over accepted deposits and those in review.
    flags
        Of the scan; those of deposits are with the deposits.
    correction
        What a reader changed; `None` where nobody did. All else is with it.
    """

    scan: Scan
    protocol: Protocol
    anatomy: Anatomy
    psf: Psf
    noise: Noise
    calibration: Calibration
    candidates: tuple[Candidate, ...]
    candidate_labels: LabelVolume
    deposits: tuple[Deposit, ...]
    deposit_labels: LabelVolume
    total: Burden
    total_with_review: Burden
    flags: tuple[Flag, ...]
    provenance: Provenance
    correction: Correction | None = None

    @property
    def acquisition(self) -> Acquisition:
        """How the scan was made."""
        return self.scan.acquisition

    @property
    def is_measured(self) -> bool:
        """Whether there was a body to measure; without one, totals say nothing."""
        return all(flag.kind is not FlagKind.NO_BODY_FOUND for flag in self.flags)

    @property
    def is_blocked(self) -> bool:
        """Whether a flag of the scan or of a deposit forbids using the result as is."""
        flags = [*self.flags, *(f for d in self.deposits for f in d.flags)]
        return any(flag.kind.severity is Severity.BLOCKING for flag in flags)
