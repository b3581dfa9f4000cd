"""The report on accuracy in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from calcitrace.adapters.validation_report import write_validation
from calcitrace.analysis.accuracy import summarise
from tests.fakes.readings import suite_readings

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


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    readings = suite_readings(n_scenes=2)
    result = summarise(readings, np.random.default_rng(1), n_bootstrap=50)
    return write_validation(result, readings, tmp_path_factory.mktemp("report"))[0]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def test_opens_without_errors_and_asks_for_nothing(page: Page, report: Path) -> None:
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: requests.append(request.url))

    page.goto(report.as_uri())

    assert complaints == []
    assert [u for u in requests if not u.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("width", [320, 800, 1280])
def test_never_scrolls_sideways(page: Page, report: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(report.as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_text_of_a_plot_leaves_it(page: Page, report: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto(report.as_uri())

    outside: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("svg text")].filter(t => {
            const box = t.getBoundingClientRect();
            const plot = t.closest("svg").getBoundingClientRect();
            return box.left < plot.left - 1 || box.right > plot.right + 1
                || box.top < plot.top - 1 || box.bottom > plot.bottom + 1;
        }).map(t => t.textContent)"""
    )

    assert outside == []


def test_prints_on_a4(page: Page, report: Path) -> None:
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1000})  # A4 less its margins

    assert page.evaluate("document.documentElement.scrollWidth") <= 695
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
