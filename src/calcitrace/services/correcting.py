"""A reader's operations between finding and measuring, and what they changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from calcitrace.analysis.detection.threshold import floor_hu
from calcitrace.analysis.edits import Found, Scene, replay
from calcitrace.errors import EditsError
from calcitrace.model.edits import EditOutcome, Edits, Point, Remark
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.image_quality import Noise
from calcitrace.model.protocol import DetectionSettings
from calcitrace.model.scan import Scan

N_NAMED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """What is measured once a reader has spoken.

    Attributes
    ----------
    found
        Candidates, labels and anatomy, corrected.
    outcomes
        One for each operation.
    flags
        Of the scan: that it was corrected, and what could not be.
    """

    found: Found
    outcomes: tuple[EditOutcome, ...]
    flags: tuple[Flag, ...]


def corrected(
    scan: Scan, noise: Noise, found: Found, settings: DetectionSettings, edits: Edits
) -> Corrected:
    """Replay a reader's operations on what was found.

    Raises
    ------
    EditsError
        If an operation lies outside of the very scan that it was made on. On another
        scan, at another visit, that is a flag: the place was not covered.
    """
    scene = Scene(
        volume=scan.volume,
        coverage=scan.coverage,
        noise=noise,
        floor_hu=floor_hu(scan.acquisition, settings),
        noise_sigmas=settings.threshold_noise_sigmas,
    )
    after, outcomes = replay(scene, found, edits.edits)
    if edits.input_hash in {None, scan.input_hash}:
        _check_inside(outcomes)
    return Corrected(after, outcomes, _flags(scan, edits, outcomes))


def _check_inside(outcomes: Sequence[EditOutcome]) -> None:
    for number, outcome in enumerate(outcomes, start=1):
        if outcome.remark is Remark.OUTSIDE_SCAN:
            msg = (
                f"Expected operation {number} of the corrections "
                f"({outcome.edit.operation.value}) inside of the scan, got "
                f"{place_text(outcome.edit.points_mm[0])} mm. Points are patient "
                "coordinates (DICOM LPS); correct or remove it."
            )
            raise EditsError(msg)


def place_text(point_mm: Point) -> str:
    """Coordinates in a line: "12.5, -3.0, 40.0"."""
    return ", ".join(f"{v:.1f}" for v in point_mm)


def _flags(
    scan: Scan, edits: Edits, outcomes: Sequence[EditOutcome]
) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    if edits.input_hash not in {None, scan.input_hash}:
        flags.append(
            Flag(FlagKind.CORRECTIONS_OF_OTHER_SCAN, str(edits.input_hash)[:12])
        )
    done = [o for o in outcomes if o.is_applied]
    missed = [o for o in outcomes if not o.is_applied]
    if done:
        flags.append(Flag(FlagKind.CORRECTED, f"{len(done)} / {len(outcomes)}"))
    if missed:
        named = [
            f"{o.edit.operation.value} {place_text(o.edit.points_mm[0])}"
            for o in missed[:N_NAMED]
        ]
        more = ["..."] if len(missed) > N_NAMED else []
        detail = f"{len(missed)} / {len(outcomes)}: {'; '.join(named + more)}"
        flags.append(Flag(FlagKind.CORRECTION_NOT_APPLIED, detail))
    return tuple(flags)
