"""The report as a file: self-contained, well-formed, the same on every run."""

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from calcitrace.adapters.documents import (
    N_PICTURES_MAX,
    HtmlReport,
    pictured,
    report_html,
)
from calcitrace.adapters.plots import histogram_plot
from calcitrace.model.learned import RULES
from calcitrace.model.result import ScanResult
from calcitrace.services.reporting import report_content
from calcitrace.services.reporting.references import Source
from tests.fakes.limb_picture import many_spots
from tests.fakes.results import PATIENT_NAME, made_up_result
from tests.fakes.scan_result import limb_result, many_deposits


@pytest.fixture(scope="module")
def limb() -> ScanResult:
    return limb_result()


@pytest.fixture(scope="module")
def crowd() -> ScanResult:
    return limb_result(many_deposits(200), spots=many_spots(200))


class Tags(HTMLParser):
    """Collects start tags and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_file_needs_nothing_else(limb: ScanResult, lang: str) -> None:
    html = report_html(limb, lang)

    references = {source.value.url for source in Source}
    for tag, attributes in tags(html):
        assert tag not in {"script", "iframe", "object", "embed", "base", "form"}
        for name in ("src", "href", "xlink:href", "action", "data"):
            target = attributes.get(name)
            if target is None:
                continue
            is_citation = tag == "a" and target in references
            assert is_citation or target.startswith(("#", "data:")), (tag, target)
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in html


def test_links_inside_the_page_lead_somewhere(limb: ScanResult) -> None:
    found = tags(report_html(limb, "en"))

    ids = [a["id"] for _, a in found if "id" in a]
    assert [i for i, n in Counter(ids).items() if n > 1] == []
    targets = {
        str(a["href"])[1:] for _, a in found if str(a.get("href")).startswith("#")
    }
    named = {str(a[n]) for _, a in found for n in ("aria-labelledby",) if n in a}
    assert targets | named <= set(ids)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_is_well_formed(limb: ScanResult, lang: str) -> None:
    html = report_html(limb, lang)

    body = html[html.index("<body>") : html.index("</html>")]
    ET.fromstring(body)  # noqa: S314 -- our own text; every element is closed
    assert f'<html lang="{lang}">' in html


def test_pictures_and_tables_can_be_read_aloud(limb: ScanResult) -> None:
    found = tags(report_html(limb, "en"))

    pictures = [a for tag, a in found if tag == "svg"]
    assert all(a.get("aria-label") or a.get("aria-labelledby") for a in pictures)
    assert all(a.get("role") == "img" for a in pictures)
    assert all(a.get("scope") in {"row", "col"} for tag, a in found if tag == "th")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_nobody_is_named(lang: str) -> None:
    html = report_html(made_up_result(), lang)

    for part in (*PATIENT_NAME.split("^"), "19700101", "P-1"):
        assert not re.search(rf"\b{part}\b", html)


def test_the_same_result_gives_the_same_bytes(limb: ScanResult) -> None:
    assert report_html(limb, "fr") == report_html(limb_result(), "fr")


def test_hostile_text_of_a_header_stays_text(limb: ScanResult) -> None:
    kernel = '<script>alert("x")</script>'
    acquisition = replace(limb.acquisition, kernel=kernel, manufacturer="{{ 7*7 }}")
    hostile = replace(limb, scan=replace(limb.scan, acquisition=acquisition))

    html = report_html(hostile, "en")

    assert kernel not in html
    assert "&lt;script&gt;" in html
    assert "{{ 7*7 }}" in html


def test_of_many_deposits_the_largest_have_pictures_and_all_a_row(
    crowd: ScanResult,
) -> None:
    html = report_html(crowd, "en")

    shown = {d.deposit_id for d in pictured(crowd.deposits)}
    assert len(shown) == N_PICTURES_MAX
    least = min(d.mass.value for d in crowd.deposits if d.deposit_id in shown)
    left_out = [d for d in crowd.deposits if d.deposit_id not in shown]
    assert all(d.mass.value <= least for d in left_out)
    assert all(f'id="d{d.deposit_id}"' in html for d in crowd.deposits)
    assert all((f'id="k{d.deposit_id}"' in html) == (d.deposit_id in shown)
               for d in crowd.deposits)  # fmt: skip
    assert "140 smaller deposits have no picture" in html


def test_the_key_image_states_window_and_slice(limb: ScanResult) -> None:
    html = report_html(limb, "en").replace("\u00a0", " ")

    assert "soft-tissue window (width 400, level 40)" in html
    assert "bone window (width 1500, level 400)" in html
    assert "slice at z = 388.0 mm" in html


def test_a_scan_without_a_body_or_a_deposit_still_gets_its_page() -> None:
    empty = limb_result((), spots=())

    html = report_html(empty, "fr")

    assert "Aucun trouvé" in html
    assert "Images clés" not in html


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_research_use_is_said_on_every_page(limb: ScanResult, lang: str) -> None:
    html = report_html(limb, lang)
    words = {
        "en": "Research use only · not a medical device",
        "fr": "Pour la recherche uniquement · n’est pas un dispositif médical",
    }[lang]

    assert html.count(words) == 2  # in the head, and at the foot of printed pages


def test_the_writer_returns_its_file(limb: ScanResult, tmp_path: Path) -> None:
    files = HtmlReport().write(limb, tmp_path, lang="en")

    assert files == (tmp_path / "report.html",)
    assert files[0].read_text(encoding="utf-8") == report_html(limb, "en")


def test_the_histogram_draws_every_deposit(crowd: ScanResult, limb: ScanResult) -> None:
    few = histogram_plot(report_content(limb, "en").histogram)
    many = histogram_plot(report_content(crowd, "en").histogram)

    assert few is not None
    assert sorted(b.text for b in few.bars) == ["1", "2", "3", "4", "6", "7"]
    assert many is not None
    assert many.y_ticks[0].text == "0"
    assert all(b.y >= 0 and b.y + b.height <= many.axis_y for b in many.bars)


def test_it_says_whether_rules_or_trees_gave_the_probability(
    limb: ScanResult,
) -> None:
    by_rules = replace(limb, provenance=replace(limb.provenance, detector=RULES))
    by_trees = replace(limb, provenance=replace(limb.provenance, detector="trees 1"))

    assert "probability by rules: " in report_html(by_rules, "en")
    assert "probability: " in report_html(by_trees, "en")
    assert "probability by rules: " not in report_html(by_trees, "en")
