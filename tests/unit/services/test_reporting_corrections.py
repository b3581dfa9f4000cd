"""What a report says of a reader's corrections."""

from dataclasses import replace

import pytest

from calcitrace.adapters.documents import report_html
from calcitrace.model.deposit import Status
from calcitrace.model.edits import Edit, EditOutcome, Edits, Operation, Remark
from calcitrace.model.result import Correction, ScanResult
from calcitrace.services.reporting import report_content
from calcitrace.services.reporting.corrections import OPERATION_WORDS, REMARK_WORDS
from tests.fakes.edits import TIME, edit
from tests.fakes.scan_result import burden_of, limb_deposits, limb_result

HERE, THERE = (12.34, -5.0, 300.0), (1.0, 2.0, 3.0)
OUTCOMES = (
    EditOutcome(
        Edit(Operation.INCLUDE, (HERE,), "R7", TIME, "sure <b>of</b> it"), label=2
    ),
    EditOutcome(
        edit(Operation.MERGE, HERE, THERE), label=None, remark=Remark.NOTHING_THERE
    ),
)


@pytest.fixture(scope="module")
def result() -> ScanResult:
    deposits = limb_deposits()
    automatic = [d for d in deposits[1:] if d.status is Status.ACCEPTED]
    correction = Correction(
        edits=Edits(tuple(o.edit for o in OUTCOMES)),
        outcomes=OUTCOMES,
        total=burden_of(automatic),
        total_with_review=burden_of(deposits),
    )
    return replace(limb_result(), correction=correction)


def test_without_a_reader_there_is_no_section() -> None:
    assert report_content(limb_result(), "en").corrections is None
    assert 'id="corrections"' not in report_html(limb_result(), "en")


def test_both_totals_stand_side_by_side(result: ScanResult) -> None:
    said = report_content(result, "en").corrections

    assert said is not None
    automatic, corrected, *_ = (fact.value for fact in said.totals)
    assert automatic != corrected
    assert "(4 deposits)" in automatic
    assert "(5 deposits)" in corrected
    sentences = report_content(result, "en").headline.sentences
    assert [s for s in sentences if automatic in s]


def test_each_operation_has_its_reader_time_place_comment_and_outcome(
    result: ScanResult,
) -> None:
    said = report_content(result, "en").corrections

    assert said is not None
    done, missed = said.rows
    assert (done.author, done.deposit, done.outcome) == ("R7", "2", "applied")
    assert "14:05" in done.time
    assert done.places == ("12.3 / −5.0 / 300.0",)
    assert done.comment == "sure <b>of</b> it"
    assert (missed.is_applied, missed.deposit, len(missed.places)) == (False, "", 2)
    assert missed.outcome.startswith("not applied")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_shows_them_and_no_markup_of_a_comment(
    result: ScanResult, lang: str
) -> None:
    page = report_html(result, lang)

    assert 'id="corrections"' in page
    assert "sure &lt;b&gt;of&lt;/b&gt; it" in page
    assert "R7" in page


def test_a_blinded_reading_is_said_to_be(result: ScanResult) -> None:
    assert result.correction is not None
    edits = replace(result.correction.edits, order_seed=5)
    blinded = replace(result, correction=replace(result.correction, edits=edits))

    said = report_content(blinded, "en").corrections

    assert said is not None
    assert "blinded" in said.note


def test_every_operation_and_remark_has_words() -> None:
    assert set(OPERATION_WORDS) == set(Operation)
    assert set(REMARK_WORDS) == set(Remark)
