"""`calcitrace compare` and its Python twin: read, measure, align, follow, write."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from calcitrace.adapters.comparison_report import ComparisonReport
from calcitrace.adapters.comparison_tables import ComparisonTables
from calcitrace.adapters.edits_json import FILE_NAME as EDITS_NAME
from calcitrace.adapters.edits_json import read_edits
from calcitrace.adapters.links_json import (
    FILE_NAME,
    PlacedLink,
    links_at,
    links_text,
    placed_links,
    read_links,
)
from calcitrace.adapters.patient_match import patients_differ
from calcitrace.adapters.response_json import ResponseJson
from calcitrace.adapters.result_folder import (
    COMPARISON,
    check_replaceable,
    replaced_folder,
)
from calcitrace.bootstrap.compare_request import (
    CompareRequest,
    measurer_of,
    settings,
    visit_at,
)
from calcitrace.bootstrap.measuring import write_result
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.errors import OutputError
from calcitrace.model.comparison import Comparison
from calcitrace.model.edits import Edits
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.result import ScanResult
from calcitrace.model.visit import Visit
from calcitrace.services.comparing import (
    Aligner,
    ComparisonRequest,
    compare_visits,
    ordered_visits,
    remembered,
    with_carried_edits,
)
from calcitrace.services.ports import (
    ComparisonWriter,
    Progress,
    no_progress,
)

__all__ = ["CompareRequest", "compare_into", "settings", "write_comparison"]


def compare_into(
    request: CompareRequest,
    progress: Progress = no_progress,
    align: Aligner | None = None,
) -> tuple[Comparison, WrittenResult]:
    """Measure, follow and write, as `calcitrace compare` does.

    Parameters
    ----------
    request
        What to compare.
    progress
        Hears "read", "anatomy", "detect", "measure", "align", "follow" and "write".
    align
        Lays a visit on the first one; without one, by bones and soft tissue.

    Raises
    ------
    CalcitraceError
        If anything that was given cannot be used; nothing is written then.
    """
    check_replaceable(request.out, COMPARISON)
    kept = () if request.links_file is None else read_links(request.links_file)
    tools = measurer_of(request)
    given = [
        visit_at(tools, place, _part(progress, place, len(request.sources)))
        for place in range(1, len(request.sources) + 1)
    ]
    visits = ordered_visits(given, request.dates)
    places = _places(given, visits)
    aligner = remembered(align or _aligner())
    visits = with_carried_edits(
        visits,
        _edits(request, visits, places),
        aligner,
        lambda visit, edits: tools.measured_again(visit, places[visit.number], edits),
    )
    links = (*kept, *placed_links(request.links, visits))
    asked = ComparisonRequest(
        treatments=request.treatments,
        removed=request.removed,
        links=links_at(links, visits),
        settings=request.settings,
        flags=() if request.is_same_patient else _patient_flags(visits),
    )
    comparison = compare_visits(visits, aligner, asked, progress)
    written = write_comparison(
        comparison, request.out, links=links, lang=request.lang, progress=progress
    )
    return comparison, written


def write_comparison(
    comparison: Comparison,
    folder: Path | str,
    *,
    links: tuple[PlacedLink, ...] = (),
    lang: str = "en",
    progress: Progress = no_progress,
) -> WrittenResult:
    """Write every output of a comparison into a folder, whole or not at all.

    Every visit that was measured now has its own result in `visit-1` and so on, with
    the tracking UIDs of the tracks in tables and SEG.

    Raises
    ------
    OutputError
        If the folder holds other files, or links other than those in use.
    """
    target = Path(folder).absolute()
    _check_links_kept(target, links)
    writers: Sequence[ComparisonWriter] = (
        ComparisonTables(),
        ResponseJson(),
        ComparisonReport(),
    )
    names: list[str] = []
    uids = {
        (at.visit, number): uid
        for track in comparison.tracks
        for at in track.at
        for number, uid in zip(at.deposit_ids, at.tracking_uids, strict=True)
    }
    with replaced_folder(target, COMPARISON) as work:
        progress("write", 0.0)
        for writer in writers:
            names += [p.name for p in writer.write(comparison, work, lang=lang)]
        if links:
            (work / FILE_NAME).write_text(links_text(links), encoding="utf-8")
            names.append(FILE_NAME)
        for done, visit in enumerate(comparison.visits, start=1):
            if visit.result is not None:
                name = f"visit-{visit.number}"
                write_result(_named(visit, visit.result, uids), work / name, lang=lang)
                names.append(name)
            progress("write", done / len(comparison.visits))
    return WrittenResult(target, tuple(target / name for name in names), ())


def _named(
    visit: Visit, result: ScanResult, uids: Mapping[tuple[int, int], str]
) -> ScanResult:
    """Result whose deposits have the tracking UIDs of their tracks."""
    deposits = tuple(
        replace(
            d,
            tracking_uid=uids.get((visit.number, d.deposit_id), d.tracking_uid),
        )
        for d in result.deposits
    )
    return replace(result, deposits=deposits)


def _part(progress: Progress, place: int, n: int) -> Progress:
    """Progress of one scan out of several."""
    return lambda stage, done: progress(stage, (place - 1 + done) / n)


def _places(given: Sequence[Visit], visits: Sequence[Visit]) -> dict[int, int]:
    """Place among the sources of each visit."""
    places = {v.provenance.input_hash: n for n, v in enumerate(given, start=1)}
    return {v.number: places[v.provenance.input_hash] for v in visits}


def _edits(
    request: CompareRequest, visits: Sequence[Visit], places: Mapping[int, int]
) -> dict[int, Edits]:
    """Corrections of each visit: as given, or as they lie in a stored result."""
    found: dict[int, Edits] = {}
    for visit in visits:
        place = places[visit.number]
        file = request.edits.get(place)
        kept = request.sources[place - 1] / EDITS_NAME
        if file is not None:
            found[visit.number] = read_edits(file)
        elif visit.result is None and kept.is_file():
            found[visit.number] = read_edits(kept)
    return found


def _check_links_kept(out: Path, links: tuple[PlacedLink, ...]) -> None:
    """Refuse to replace a folder that holds links which are not in use."""
    kept = out / FILE_NAME
    if kept.is_file() and not set(read_links(kept)) <= set(links):
        msg = (
            f"Expected a folder without other links, but {kept} holds a reader's work. "
            f"Give --links {kept} to use it, or another --out."
        )
        raise OutputError(msg)


def _patient_flags(visits: Sequence[Visit]) -> tuple[Flag, ...]:
    scans = [v.result.scan for v in visits if v.result is not None]
    numbers = [v.number for v in visits if v.result is not None]
    differing = [str(numbers[place - 1]) for place in patients_differ(scans)]
    if not differing:
        return ()
    return (Flag(FlagKind.DIFFERENT_PATIENT_IDS, ", ".join(differing)),)


def _aligner() -> Aligner:
    """Alignment by bones and soft tissue; loaded on use."""
    from calcitrace.services.comparing.aligning import align_visits  # noqa: PLC0415 -- loaded on use

    return align_visits
