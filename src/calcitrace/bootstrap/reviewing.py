"""`calcitrace review`: a result folder, a file of operations, and a reader."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.adapters.clock import utc_now
from calcitrace.adapters.earlier_result import EarlierResult, read_result
from calcitrace.adapters.edits_json import FILE_NAME, read_edits, write_edits
from calcitrace.adapters.key_image_files import FOLDER, picture_name
from calcitrace.analysis.anatomy.finding import CLASSICAL
from calcitrace.bootstrap.measuring import MeasureRequest, measure_into
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.errors import EditsError, InputError, OutputError
from calcitrace.model.edits import Edits, Operation
from calcitrace.model.result import ScanResult
from calcitrace.services.ports import Progress, no_progress
from calcitrace.services.review_commands import step
from calcitrace.services.reviewing import (
    ReviewItem,
    Session,
    added,
    numbered,
    opened,
)

BLINDED = "blinded"


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """What a user asked `review` for.

    Attributes
    ----------
    folder
        Result of an earlier `measure`.
    edits_file
        Where decisions are kept; `None` is `edits.json` in the folder.
    order_seed
        Of the shuffled order of a blinded reading; `None` is not blinded.
    """

    folder: Path
    author: str
    edits_file: Path | None = None
    has_all: bool = False
    order_seed: int | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A reading in progress; `session` is what the file holds.

    Attributes
    ----------
    pictures
        Picture of each item that is shown, by its number.
    """

    session: Session
    earlier: EarlierResult
    edits_file: Path
    pictures: dict[int, Path]

    @property
    def is_blinded(self) -> bool:
        """Whether the program's decisions are hidden."""
        return self.session.edits.order_seed is not None


def open_review(request: ReviewRequest) -> Review:
    """Open a reading: begin one, or go on where it was left.

    Raises
    ------
    InputError
        If the folder holds no result, or the file of operations does not fit it.
    """
    earlier = read_result(request.folder)
    is_blinded = request.order_seed is not None
    if is_blinded and request.edits_file is None:
        msg = (
            "Expected a file of its own for a blinded reading. Name it with --edits, "
            "in a folder for the reader."
        )
        raise EditsError(msg)
    if is_blinded and earlier.edits_hash is not None:
        msg = (
            "Expected a result without corrections for a blinded reading, got a "
            "corrected one. Measure without --edits into another folder."
        )
        raise EditsError(msg)
    file = request.edits_file or request.folder / FILE_NAME
    edits = _edits(file, earlier, request.order_seed)
    session = opened(earlier.items, edits, request.author, has_all=request.has_all)
    folder = request.folder / FOLDER
    pictures = {
        item.number: folder / picture_name(item.deposit_id) for item in session.items
    }
    if is_blinded:
        pictures = _blinded_pictures(session.items, pictures, file.parent / BLINDED)
    return Review(session, earlier, file, pictures)


def _edits(file: Path, earlier: EarlierResult, order_seed: int | None) -> Edits:
    """Operations of a file that fits the result; none yet is fine."""
    if not file.exists():
        return Edits((), earlier.input_hash, order_seed)
    edits = read_edits(file)
    if edits.input_hash not in {None, earlier.input_hash}:
        msg = (
            f"Expected corrections of this scan in {file}, got those of another. Name "
            "another file with --edits."
        )
        raise EditsError(msg)
    if edits.order_seed != order_seed:
        was = "not blinded" if edits.order_seed is None else f"{edits.order_seed}"
        msg = (
            f"Expected the order of the reading in {file} ({was}), got another. Use "
            "the same --order-seed, or name another file with --edits."
        )
        raise EditsError(msg)
    return replace(edits, input_hash=earlier.input_hash)


def _blinded_pictures(
    items: Sequence[ReviewItem], pictures: dict[int, Path], folder: Path
) -> dict[int, Path]:
    """Pictures under the shuffled numbers: those of the table tell who is accepted."""
    copies: dict[int, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for item in items:
            source = pictures[item.number]
            copies[item.number] = folder / picture_name(item.number)
            if source.is_file():
                shutil.copyfile(source, copies[item.number])
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        msg = f"Could not write pictures to {folder}: {reason}. Choose another --edits."
        raise OutputError(msg) from error
    return copies


def advanced(review: Review, line: str) -> Review | None:
    """Do what a line asks for and save it at once; `None` is "quit".

    Raises
    ------
    EditsError
        If it is no command; nothing has changed then.
    """
    session = step(review.session, line, review.earlier.grid, utc_now)
    return None if session is None else _saved(review, session)


def with_decisions(
    review: Review, decisions: Sequence[tuple[Operation, int]], comment: str = ""
) -> Review:
    """Include or exclude deposits by their numbers, all of them or none.

    Raises
    ------
    EditsError
        If a number is not among those shown, or stands on both sides.
    """
    numbers = [number for _, number in decisions]
    if len(set(numbers)) < len(numbers):
        msg = "Expected each deposit once among --include and --exclude, got one twice."
        raise EditsError(msg)
    session = review.session
    for operation, number in decisions:
        place = numbered(session, number).seed_mm
        session = replace(session, comment=comment)
        session = added(session, operation, (place,), utc_now())
    return _saved(review, session)


def _saved(review: Review, session: Session) -> Review:
    if session.edits != review.session.edits:
        write_edits(session.edits, review.edits_file)
    return replace(review, session=session)


def measure_again(
    review: Review,
    source: Path,
    out: Path | None = None,
    *,
    calibration_file: Path | None = None,
    lang: str = "en",
    progress: Progress = no_progress,
) -> tuple[ScanResult, WrittenResult]:
    """Measure the scan of a review with the decisions in its file.

    Parameters
    ----------
    review
        As it was left.
    source
        The scan that the earlier result was measured on.
    out
        Folder for the corrected result; `None` is that of the file of operations.
    calibration_file
        The same as for the earlier result, if it had one.
    lang
        Language of the report.
    progress
        As for `measure`.

    Raises
    ------
    CalcitraceError
        If the scan or the calibration is another than that of the earlier result, or
        anything cannot be read or written.
    """
    _check_segmenter(review.earlier)
    _check_calibration(review.earlier, calibration_file)
    if not review.edits_file.exists():
        write_edits(review.session.edits, review.edits_file)
    request = MeasureRequest(
        source=source,
        out=out or review.edits_file.absolute().parent,
        series_uid=review.earlier.series_uid,
        calibration_file=calibration_file,
        edits_file=review.edits_file,
        lang=lang,
        protocol=review.earlier.protocol,
        input_hash=review.earlier.input_hash,
    )
    return measure_into(request, progress)


def _check_segmenter(earlier: EarlierResult) -> None:
    """Refuse where another segmenter had run: its maps are not at hand here."""
    if earlier.segmenter != CLASSICAL:
        msg = (
            "Expected a result of the built-in segmenter, got one of another. Measure "
            "with `calcitrace measure` and the same --segmenter, and give --edits."
        )
        raise InputError(msg)


def _check_calibration(earlier: EarlierResult, file: Path | None) -> None:
    """Refuse another calibration than before: masses would move without a reader."""
    given = None if file is None else read_calibration(file).hash
    if given != earlier.calibration_hash:
        msg = (
            "Expected the calibration file of the earlier result, got "
            f"{'none' if given is None else 'another'}. Give it with --calibration."
        )
        raise InputError(msg)
