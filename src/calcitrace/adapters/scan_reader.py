"""Any source to a scan: tells DICOM, NIfTI and zip apart by content, not by name."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from calcitrace.adapters.archive import Member, members
from calcitrace.adapters.dicom_reader import (
    Choice,
    Index,
    choose_series,
    index_members,
    quiet_pydicom,
    read_series,
)
from calcitrace.adapters.nifti import is_nifti, read_nifti
from calcitrace.errors import NoMeasurableSeriesError
from calcitrace.model.scan import Scan, SeriesSummary
from calcitrace.services.ports import Progress, no_progress

STAGE = "read"
INDEX_SHARE = 0.3  # of the reading time, for the progress bar


class FileScanReader:
    """Reads a scan out of a file, a folder at any depth, or a zip.

    DICOM counts before NIfTI where a source holds both, for it says how the scan was
    made. The choice among DICOM series follows `dicom_reader.RULES`.
    """

    def read(
        self,
        source: Path,
        *,
        series_uid: str | None = None,
        progress: Progress = no_progress,
    ) -> Scan:
        """Return the chosen series; see `calcitrace.services.ports.ScanReader`."""
        progress(STAGE, 0.0)
        with quiet_pydicom(), members(source) as found:
            index = index_members(found, lambda f: progress(STAGE, f * INDEX_SHARE))
            images = [member for member in index.others if is_nifti(member)]
            choice = _dicom_choice(index, images, series_uid)
            if choice is None:
                scan = read_nifti(_only(images))
            else:
                scan = read_series(
                    choice,
                    lambda f: progress(STAGE, INDEX_SHARE + f * (1 - INDEX_SHARE)),
                )
        progress(STAGE, 1.0)
        further = (*_nifti_summaries(images, choice), *_unread_summaries(index))
        return replace(scan, series=scan.series + further)


def _dicom_choice(
    index: Index, images: Sequence[Member], series_uid: str | None
) -> Choice | None:
    """Choose the DICOM series; `None` where a NIfTI image is all there is to measure."""
    if not index.planes:
        if images and series_uid is None:
            return None
        raise _no_images(index, images)
    try:
        return choose_series(index, series_uid)
    except NoMeasurableSeriesError:
        if images and series_uid is None:
            return None
        raise


def _only(images: Sequence[Member]) -> Member:
    if len(images) > 1:
        msg = (
            f"Expected one NIfTI image, found {len(images)}. Give the CT image itself "
            "instead of its folder."
        )
        raise NoMeasurableSeriesError(msg)
    return images[0]


def _no_images(index: Index, images: Sequence[Member]) -> NoMeasurableSeriesError:
    """Say in one line what there was instead of DICOM."""
    n_rest = len(index.others) - len(images) - index.n_zips
    kinds = (
        (len(images), "NIfTI image(s), which have no series UID"),
        (index.n_zips, "zip file(s): give one of them"),
        (index.n_broken, "broken DICOM file(s)"),
        (n_rest, "file(s) of other kinds"),
    )
    listed = ", ".join(f"{n} {what}" for n, what in kinds if n)
    return NoMeasurableSeriesError(
        f"Expected DICOM or NIfTI images, found {listed or 'only an index of DICOM'}. "
        "Point at the folder of an axial CT series."
    )


def _nifti_summaries(
    images: Sequence[Member], choice: Choice | None
) -> tuple[SeriesSummary, ...]:
    """List the NIfTI images of a source beside its DICOM series."""
    reason = "chosen" if choice is None else "NIfTI; DICOM says how the scan was made"
    return tuple(
        SeriesSummary(
            series_uid="",
            modality="",
            description="NIfTI",
            n_images=1,
            is_chosen=choice is None,
            reason=reason,
        )
        for _ in images
    )


def _unread_summaries(index: Index) -> Iterator[SeriesSummary]:
    """List what was passed over, so that no slice is lost in silence."""
    kinds = (
        (index.n_broken, "DICOM files that cannot be parsed"),
        (index.n_zips, "zip files; give one of them to have it read"),
    )
    for n, reason in kinds:
        if n:
            yield SeriesSummary(
                series_uid="",
                modality="",
                description="",
                n_images=n,
                is_chosen=False,
                reason=reason,
            )
