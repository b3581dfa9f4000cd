"""What a run says at its end."""

import json
from dataclasses import replace
from pathlib import Path

from calcitrace.bootstrap.written import WrittenResult
from calcitrace.cli.summary import json_summary, summary_lines
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.model.result import ScanResult
from tests.fakes.results import (
    PATIENT_NAME,
    made_up_deposit,
    made_up_result,
    unquantifiable,
)

WRITTEN = WrittenResult(
    Path("/out"), (Path("/out/scan.json"), Path("/out/report.html")), ("No DICOM SEG.",)
)


def text(result: ScanResult) -> str:
    return "\n".join(summary_lines(result, WRITTEN))


def test_totals_have_their_interval() -> None:
    said = text(made_up_result((made_up_deposit(1),)))

    assert "1 deposits accepted, 0 in review, 1 candidates dropped." in said
    assert "100 mg (95 % CI 78.09 to 121.9)" in said
    assert "calibration grade D" in said


def test_what_is_cut_is_a_lower_bound_and_what_is_faint_has_no_number() -> None:
    said = text(made_up_result())

    assert "lower bound" in said
    assert ">= 50 +- 5.6 mg" in said
    assert "< 0.1 mg" in said


def test_long_lists_are_cut_and_say_so() -> None:
    said = text(made_up_result(tuple(made_up_deposit(n) for n in range(1, 9))))

    assert "and 3 more in deposits.csv" in said


def test_flags_other_series_and_missing_files_are_told() -> None:
    said = text(made_up_result())

    assert "warning: Slices are thick (2 mm)." in said
    assert "not measured: series 1.2.4 (SR, 1 images): no image" in said
    assert "note: No DICOM SEG." in said
    assert "Research use only" in said


def test_nothing_measured_is_said_as_such() -> None:
    nothing = replace(made_up_result(()), flags=(Flag(FlagKind.NO_BODY_FOUND),))

    said = text(nothing)

    assert "Nothing was measured." in said
    assert "BLOCKING: No body was found" in said
    assert "0 mg" not in said


def test_without_deposits_there_is_no_number() -> None:
    assert " mg" not in text(made_up_result(()))
    assert " none" in text(made_up_result((unquantifiable(1),)))


def test_nobody_is_named() -> None:
    name = PATIENT_NAME.split("^", maxsplit=1)[0]

    assert name not in text(made_up_result())
    assert name not in json_summary(made_up_result(), WRITTEN)


def test_json_is_the_document_and_where_the_files_lie() -> None:
    said = json.loads(json_summary(made_up_result(), WRITTEN))

    assert said["files"] == ["scan.json", "report.html"]
    assert said["folder"] == "/out"
    assert said["total"]["n_deposits"] == 2
