"""`calcitrace compare`: deposits followed through visits."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calcitrace.cli.options import (
    EPILOG,
    DebugOption,
    ExitCode,
    JsonOption,
    Lang,
    LangOption,
    OutOption,
    QuietOption,
    SegmenterLabelsOption,
    SegmenterOption,
)
from calcitrace.errors import ComparisonError

if TYPE_CHECKING:
    from calcitrace.model.comparison import Treatment
    from calcitrace.model.following import Node, ReaderLink

_PLACED = re.compile(r"(\d+)=(.+)")
_NODE = re.compile(r"(\d+)@(\d+)")
Texts = list[str] | None

SourcesArgument = Annotated[
    list[Path],
    typer.Argument(help="Scans, or results of `measure`; two or more, in any order."),
]
SeriesOption = Annotated[
    Texts,
    typer.Option(
        metavar="N=UID", help="Series Instance UID of the N-th scan; repeatable."
    ),
]
DateOption = Annotated[
    Texts,
    typer.Option(
        "--date",
        metavar="N=DATE",
        help="When the N-th scan was made, if its header is silent.",
    ),
]
CalibrationOption = Annotated[
    Texts,
    typer.Option(metavar="[N=]FILE", help="Calibration of all scans, or of the N-th."),
]
EditsOption = Annotated[
    Texts,
    typer.Option(
        metavar="N=FILE",
        help="A reader's corrections of the N-th scan; carried to the others.",
    ),
]
TreatmentOption = Annotated[
    Texts,
    typer.Option(metavar="NAME=DATE", help="A treatment and when it began."),
]
RemovedOption = Annotated[
    Texts,
    typer.Option(
        metavar="DEPOSIT@VISIT", help="Removed by surgery after the visit shown."
    ),
]
LinkOption = Annotated[
    Texts,
    typer.Option(metavar="D@V=D@V", help="Two deposits that are the same one."),
]
UnlinkOption = Annotated[
    Texts,
    typer.Option(metavar="D@V=D@V", help="Two deposits that are not the same one."),
]
LinksOption = Annotated[
    Path | None, typer.Option(help="Links of an earlier run to replay (links.json).")
]
ProtocolOption = Annotated[
    Path | None, typer.Option(help="Settings of the analysis (TOML).")
]
RateOption = Annotated[
    float,
    typer.Option(min=0.0001, max=0.5, help="Rate of false calls among deposits."),
]
SameScannerOption = Annotated[
    bool,
    typer.Option(
        "--same-scanner",
        help="Scanner and kVp are the same where the headers do not say.",
    ),
]
SamePatientOption = Annotated[
    bool,
    typer.Option("--same-patient", help="One patient, though the identifiers differ."),
]


def add_commands(app: typer.Typer) -> None:
    """Add the command that compares visits."""
    app.command(epilog=EPILOG)(compare)


def compare(  # noqa: PLR0913 -- one parameter per option
    sources: SourcesArgument,
    out: OutOption,
    *,
    series: SeriesOption = None,
    date_: DateOption = None,
    protocol: ProtocolOption = None,
    calibration: CalibrationOption = None,
    edits: EditsOption = None,
    segmenter: SegmenterOption = "builtin",
    segmenter_labels: SegmenterLabelsOption = None,
    treatment: TreatmentOption = None,
    removed: RemovedOption = None,
    link: LinkOption = None,
    unlink: UnlinkOption = None,
    links: LinksOption = None,
    false_call_rate: RateOption = 0.05,
    same_scanner: SameScannerOption = False,
    same_patient: SamePatientOption = False,
    lang: LangOption = Lang.EN,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> int:
    """Follow deposits through two visits or more, and say what has really changed."""
    del debug  # `run` reads it
    from calcitrace.bootstrap import comparing
    from calcitrace.cli.comparison_summary import (
        comparison_json,
        comparison_lines,
    )
    from calcitrace.cli.progress import shown_progress

    n = len(sources)
    request = comparing.CompareRequest(
        sources=tuple(sources),
        out=out,
        series=_by_place(series, n, "--series"),
        calibrations=_paths(calibration, n, "--calibration"),
        edits=_paths(edits, n, "--edits"),
        dates={k: _moment(v) for k, v in _by_place(date_, n, "--date").items()},
        protocol_file=protocol,
        links_file=links,
        segmenter=segmenter,
        segmenter_labels=segmenter_labels,
        treatments=_treatments(treatment or ()),
        removed=tuple(_node(text) for text in removed or ()),
        links=(*_links(link, is_same=True), *_links(unlink, is_same=False)),
        settings=comparing.settings(false_call_rate, is_same_scanner=same_scanner),
        is_same_patient=same_patient,
        lang=lang.value,
    )
    with shown_progress(is_quiet=quiet) as progress:
        comparison, written = comparing.compare_into(request, progress)
    if as_json:
        typer.echo(comparison_json(comparison, written), nl=False)
    elif not quiet:
        typer.echo("\n".join(comparison_lines(comparison, written)))
    return ExitCode.BLOCKED if comparison.is_blocked else ExitCode.DONE


def _by_place(texts: Sequence[str] | None, n: int, option: str) -> dict[int, str]:
    """Values by place of the scan; without a place, under 0 where that means all."""
    found: dict[int, str] = {}
    for text in texts or ():
        match = _PLACED.fullmatch(text)
        if match is None and option == "--calibration":
            found[0] = text
        elif match is None or not 1 <= int(match[1]) <= n:
            msg = (
                f"Expected {option} N=VALUE with N from 1 to {n}, got {text!r}. N is "
                "the place of the scan on the command line."
            )
            raise ComparisonError(msg)
        else:
            found[int(match[1])] = match[2]
    return found


def _moment(text: str) -> datetime:
    """Date, or date and time, without a time zone, as headers have them."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"Expected a date as 2024-03-01 or 2024-03-01T10:30, got {text!r}."
        raise ComparisonError(msg) from error
    return moment.replace(tzinfo=None)


def _treatments(texts: Sequence[str]) -> "tuple[Treatment, ...]":
    from calcitrace.model.comparison import Treatment

    found: list[Treatment] = []
    for text in texts:
        name, _, day = text.rpartition("=")
        try:
            found.append(Treatment(name.strip(), date.fromisoformat(day)))
        except ValueError as error:
            msg = f"Expected --treatment NAME=YYYY-MM-DD, got {text!r}."
            raise ComparisonError(msg) from error
        if not name.strip():
            msg = f"Expected a name in --treatment NAME=DATE, got {text!r}."
            raise ComparisonError(msg)
    return tuple(sorted(found, key=lambda t: (t.began, t.name)))


def _node(text: str) -> "Node":
    from calcitrace.model.following import Node

    match = _NODE.fullmatch(text)
    if match is None:
        msg = f"Expected DEPOSIT@VISIT, as 3@1 for deposit 3 of visit 1, got {text!r}."
        raise ComparisonError(msg)
    return Node(visit=int(match[2]), deposit_id=int(match[1]))


def _links(texts: Sequence[str] | None, *, is_same: bool) -> "tuple[ReaderLink, ...]":
    from calcitrace.model.following import ReaderLink

    halves = [text.partition("=") for text in texts or ()]
    return tuple(
        ReaderLink(_node(before), _node(after), is_same) for before, _, after in halves
    )


def _paths(texts: Sequence[str] | None, n: int, option: str) -> dict[int, Path]:
    return {k: Path(v) for k, v in _by_place(texts, n, option).items()}
