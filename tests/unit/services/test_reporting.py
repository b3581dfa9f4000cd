"""What a report says of a measured scan."""

import math
import re
from dataclasses import fields, is_dataclass, replace
from typing import cast

import pytest

from calcitrace.errors import InputError
from calcitrace.model.calibration import Grade
from calcitrace.model.deposit import Reason, ShapeClass, Status
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.model.flags import Flag, FlagKind, Severity
from calcitrace.model.result import ScanResult
from calcitrace.model.structures import Laterality, Region
from calcitrace.services.reporting import report_content
from calcitrace.services.reporting.references import Source
from calcitrace.services.reporting.words import (
    GRADE_WORDS,
    REASON_WORDS,
    REGION_WORDS,
    SEVERITY_WORDS,
    SHAPE_WORDS,
    SHORT_FLAGS,
    SIDE_WORDS,
    STATUS_WORDS,
)
from tests.fakes.limb_picture import many_spots
from tests.fakes.scan_result import (
    burden_of,
    limb_deposits,
    limb_result,
    many_deposits,
)

# The flags of deposits stand after those of scans.
DEPOSIT_FLAGS = list(FlagKind)[list(FlagKind).index(FlagKind.TOUCHES_BONE) :]


@pytest.fixture(scope="module")
def limb() -> ScanResult:
    return limb_result()


@pytest.fixture(scope="module")
def clean() -> ScanResult:
    return limb_result((), spots=())


def texts(value: object) -> list[str]:
    """Every text in a tree of frozen values."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        return [text for part in parts for text in texts(part)]
    if is_dataclass(value):
        return [t for f in fields(value) for t in texts(getattr(value, f.name))]
    return []


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def with_deposits(result: ScanResult, *numbers: int) -> ScanResult:
    deposits = tuple(d for d in limb_deposits() if d.deposit_id in numbers)
    return replace(
        result,
        deposits=deposits,
        total=burden_of([d for d in deposits if d.status is Status.ACCEPTED]),
        total_with_review=burden_of(deposits),
    )


def test_says_total_error_interval_and_range_with_review(limb: ScanResult) -> None:
    headline = report_content(with_deposits(limb, 1, 2, 6), "en").headline

    assert spaced(headline.mass) == "350 mg"
    assert spaced(headline.uncertainty) == "± 25 mg"
    assert spaced(headline.sentences[0]).endswith("301 to 400 mg.")
    assert "from 350 mg to 406 ± 29 mg" in spaced(headline.sentences[1])


def test_a_cut_deposit_makes_the_total_a_lower_bound(limb: ScanResult) -> None:
    content = report_content(limb, "en")

    assert content.headline.mass.startswith("≥")
    assert content.headline.gauge is not None
    assert content.headline.gauge.high is None
    row = next(r for r in content.accepted if r.number == 4)
    assert row.mass.startswith("≥")
    assert row.interval.startswith("at least")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_no_deposit_is_not_a_mass_of_zero(clean: ScanResult, lang: str) -> None:
    content = report_content(clean, lang)

    assert content.headline.mass in {"None found", "Aucun trouvé"}
    assert content.headline.uncertainty == ""
    assert content.headline.gauge is None
    assert "0 mg" not in spaced(" ".join(texts(content.headline)))
    assert content.histogram.bins == ()


def test_without_a_body_nothing_is_said_to_be_measured(clean: ScanResult) -> None:
    blocked = replace(clean, flags=(*clean.flags, Flag(FlagKind.NO_BODY_FOUND)))

    content = report_content(blocked, "en")

    assert content.headline.mass == "Not measured"
    assert content.attention[0].severity is Severity.BLOCKING


def test_below_the_detection_limit_no_number_is_given(limb: ScanResult) -> None:
    row = next(r for r in report_content(limb, "en").accepted if r.number == 5)

    assert spaced(row.mass) == "not quantifiable (< 0.16 mg)"
    assert "0.06" not in " ".join(texts(replace(row, sort_mass="")))


def test_a_total_of_unquantifiable_deposits_is_only_bounded(limb: ScanResult) -> None:
    headline = report_content(with_deposits(limb, 5), "en").headline

    assert spaced(headline.mass) == "Not quantifiable (< 0.16 mg)"
    assert headline.gauge is None


def test_a_negative_sum_is_only_bounded(limb: ScanResult) -> None:
    below = replace(limb_deposits()[4], mass=Estimate(-0.4, 0.1, 0.0, Unit.MG))
    result = replace(
        with_deposits(limb, 5), deposits=(below,), total=burden_of([below])
    )

    assert spaced(report_content(result, "en").headline.mass).startswith(
        "Not quantifiable (< 0.11 mg"
    )


def test_review_alone_is_counted_from_nothing(limb: ScanResult) -> None:
    headline = report_content(with_deposits(limb, 6, 7), "en").headline

    assert headline.mass == "None accepted"
    assert "goes from nothing to 69 ± 5 mg" in spaced(headline.sentences[1])


def test_review_stands_apart_with_its_reason(limb: ScanResult) -> None:
    content = report_content(limb, "en")

    assert [r.number for r in content.accepted] == [1, 2, 3, 4, 5]
    assert [(r.number, r.reason) for r in content.review] == [
        (6, "touches bone"),
        (7, "vessel wall"),
    ]


def test_a_row_in_review_says_its_reason_once(limb: ScanResult) -> None:
    rows = report_content(limb, "en").review

    assert [r.remarks_short for r in rows] == ["", ""]
    assert all(r.remarks for r in rows)


def test_what_the_scan_cannot_tell_is_a_dash(limb: ScanResult) -> None:
    content = report_content(limb, "en")

    sheet = next(r for r in content.accepted if r.number == 3)
    vessel = next(r for r in content.review if r.number == 7)
    assert (sheet.volume, sheet.density) == ("–", "–")
    assert (vessel.depth, vessel.bone_distance) == ("–", "–")


def test_exclusions_are_grouped_by_reason_with_their_largest(limb: ScanResult) -> None:
    groups = {g.reason: g for g in report_content(limb, "en").excluded}

    assert set(groups) == {"skeleton", "phlebolith", "noise", "outside the body"}
    assert groups["noise"].count == "12"
    assert len(groups["noise"].examples) == 3
    assert "13 mm³, 161 HU" in spaced(groups["noise"].examples[0])


def test_attention_begins_with_what_is_most_serious(limb: ScanResult) -> None:
    blocked = replace(limb, flags=(*limb.flags, Flag(FlagKind.UNKNOWN_KVP, "40%")))

    severities = [n.severity for n in report_content(blocked, "en").attention]

    order = [Severity.BLOCKING, Severity.WARNING, Severity.NOTE]
    assert severities == sorted(severities, key=order.index)
    assert severities[0] is Severity.BLOCKING


def test_every_citation_has_its_reference(limb: ScanResult) -> None:
    content = report_content(limb, "en")

    marks = re.findall(r"\[([\d, ]+)\]", " ".join(p.value for p in content.methods))
    cited = {int(n) for mark in marks for n in mark.split(",")}
    assert cited == set(range(1, len(content.references) + 1))


def test_every_work_is_cited_by_some_report(limb: ScanResult) -> None:
    by_rods = replace(limb, calibration=replace(limb.calibration, grade=Grade.A))
    by_bone = replace(limb, psf=replace(limb.psf, plane_source="bone edge"))
    cited = {
        reference
        for result in (limb, by_rods, by_bone)
        for reference in report_content(result, "en").references
    }

    assert cited == {source.value for source in Source}


def test_methods_follow_the_protocol_used(limb: ScanResult) -> None:
    wide = replace(limb.protocol.quantification, shell_outer_mm=8.25)
    result = replace(limb, protocol=replace(limb.protocol, quantification=wide))

    text = spaced(" ".join(p.value for p in report_content(result, "fr").methods))

    assert "de 2,2 mm à 8,25 mm" in text


def test_free_text_of_the_header_is_not_repeated(limb: ScanResult) -> None:
    said = " ".join(texts(report_content(limb, "en")))

    assert any("Doe" in s.description for s in limb.scan.series)
    assert "Doe" not in said


def test_french_numbers_have_commas_and_spaces_that_hold(limb: ScanResult) -> None:
    content = report_content(limb, "fr")

    row = next(r for r in content.review if r.number == 7)
    assert row.mass == "12,8\u00a0±\u00a01,0\u00a0mg"
    skeleton = next(g for g in content.excluded if g.reason == "squelette")
    assert "63\u202f000\u00a0mm³" in skeleton.examples[0]
    sentences = [t for t in texts(content) if " " in t]
    assert not [t for t in sentences if re.search(r" [:;?!%»]|\w'\w", t)]
    # A point between digits is left in names, UIDs and references only.
    numbers = texts((content.headline, content.accepted, content.review))
    marked = [t for t in numbers if re.search(r"\d\.\d", t)]
    assert set(marked) <= {r.sort_mass for r in (*content.accepted, *content.review)}


def test_flags_speak_french_with_their_numbers(limb: ScanResult) -> None:
    said = [spaced(n.text) for n in report_content(limb, "fr").flags]

    assert any("(sigma 0,62 mm, 0,50 mm attendu)" in text for text in said)
    assert any("est de 7 %" in text for text in said)
    assert any("Br64d" in text for text in said)


def test_an_unknown_language_is_refused(limb: ScanResult) -> None:
    with pytest.raises(InputError, match="en, fr"):
        report_content(limb, "de")


def test_histogram_counts_every_quantifiable_deposit_once() -> None:
    result = limb_result(many_deposits(200), spots=many_spots(200))

    bins = report_content(result, "en").histogram.bins

    shown = sorted(n for b in bins for n in (*b.accepted, *b.review))
    assert shown == list(range(1, 201))


def test_regions_sum_up_to_the_total(limb: ScanResult) -> None:
    (row,) = report_content(limb, "en").regions

    assert (row.name, row.n_accepted, row.n_review) == ("thigh, left side", "5", "2")


def test_a_scan_without_noise_or_blur_is_still_described(clean: ScanResult) -> None:
    empty = replace(
        clean,
        noise=replace(clean.noise, sigma_median_hu=math.nan, is_measured=False),
    )

    content = report_content(empty, "en")

    assert "nan" not in " ".join(texts(content)).lower().split()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (STATUS_WORDS, set(Status)),
        (REASON_WORDS, set(Reason)),
        (SHAPE_WORDS, set(ShapeClass)),
        (SEVERITY_WORDS, set(Severity)),
        (GRADE_WORDS, set(Grade)),
        (SHORT_FLAGS, set(DEPOSIT_FLAGS)),
        (REGION_WORDS, set(Region)),
        (SIDE_WORDS, {*Laterality, "both", "midline"}),
    ],
)
def test_every_name_of_the_model_has_words(
    words: dict[object, str], names: set[object]
) -> None:
    assert set(words) == names
