"""The report in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from calcitrace.adapters.documents import report_html
from tests.fakes.limb_picture import SPOTS, many_spots
from tests.fakes.scan_result import (
    limb_deposits,
    limb_result,
    many_deposits,
)

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(chromium), args=list(ARGUMENTS)
        )
        yield running
        running.close()


@pytest.fixture(scope="module", params=["en", "fr", "crowd", "none"])
def report(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    kind: str = request.param
    crowd = many_deposits(200), many_spots(200)
    plain = limb_deposits(), SPOTS
    deposits, spots = {"crowd": crowd, "none": ((), ())}.get(kind, plain)
    path = tmp_path_factory.mktemp(kind) / "report.html"
    html = report_html(
        limb_result(deposits, spots=spots), "fr" if kind == "fr" else "en"
    )
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def test_opens_without_errors_and_asks_for_nothing(page: Page, report: Path) -> None:
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))

    page.goto(report.as_uri())

    assert complaints == []
    assert [u for u in requests if not u.startswith(("file:", "data:"))] == []
    assert sum(u.startswith("file:") for u in requests) == 1


@pytest.mark.parametrize("width", [320, 375, 800, 1280])
def test_never_scrolls_sideways(page: Page, report: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(report.as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_scale_bars_are_true_on_the_screen(page: Page, report: Path) -> None:
    page.goto(report.as_uri())
    bars: list[list[float]] = page.evaluate(
        """() => [...document.querySelectorAll("svg.picture")].map(svg => {
            const bar = svg.querySelector(".scale-bar");
            const picture = svg.querySelector("image").getBoundingClientRect();
            return [bar.getBBox().width * picture.width / svg.viewBox.baseVal.width,
                    +bar.dataset.mm, picture.width, picture.height,
                    +svg.dataset.sideMm];
        })"""
    )

    for bar_px, bar_mm, width_px, height_px, side_mm in bars:
        assert width_px == pytest.approx(height_px, abs=0.5)
        assert bar_px / bar_mm == pytest.approx(width_px / side_mm, rel=0.01)


def test_text_stands_out_enough(page: Page, report: Path) -> None:
    """WCAG 2.2 success criterion 1.4.3: contrast of at least 4.5 to 1 on white."""
    page.goto(report.as_uri())
    colours: list[str] = page.evaluate(
        """() => [...new Set([...document.querySelectorAll("body *:not(svg, svg *)")]
            .filter(e => e.textContent.trim()).map(e => getComputedStyle(e).color))]"""
    )

    assert colours
    for colour in colours:
        channels = [int(c) / 255 for c in re.findall(r"\d+", colour)[:3]]
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in channels
        ]
        r, g, b = linear
        luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b
        assert 1.05 / (luminance + 0.05) >= 4.5, colour


def test_prints_on_a4_without_cutting_pictures(page: Page, report: Path) -> None:
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1000})  # A4 less its margins

    assert page.evaluate("document.documentElement.scrollWidth") <= 695
    rules: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("figure, tr")]
            .map(e => getComputedStyle(e).breakInside)"""
    )
    assert set(rules) <= {"avoid"}
    heads: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("thead")]
            .map(e => getComputedStyle(e).display)"""
    )
    assert set(heads) <= {"table-header-group"}
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
