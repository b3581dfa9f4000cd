"""Files of a validation: self-contained, the same on every run, nothing hidden."""

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from calcitrace.adapters.cloud_plots import cloud_plot
from calcitrace.adapters.validation_plots import (
    LABEL_STEP,
    coverage_plot,
    error_plot,
)
from calcitrace.adapters.validation_report import validation_html, write_validation
from calcitrace.adapters.validation_tables import READING_COLUMNS, accuracy_columns
from calcitrace.analysis.accuracy import summarise
from calcitrace.model.accuracy import ValidationResult
from calcitrace.model.reading import Reading
from calcitrace.services.validation import validation_content
from calcitrace.services.validation.content import Cloud, CoverageBar, LimitStep
from tests.fakes.readings import LIMB_SCAN, reading, site, suite_readings

GOLDEN = Path(__file__).parents[2] / "golden" / "validation_summary.md"
Written = tuple[ValidationResult, tuple[Reading, ...], Path]


def result_of(readings: tuple[Reading, ...]) -> ValidationResult:
    return summarise(readings, np.random.default_rng(1), n_bootstrap=100)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    readings = suite_readings(n_scenes=5)
    result = result_of(readings)
    folder = tmp_path_factory.mktemp("validation")
    write_validation(result, readings, folder)
    return result, readings, folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.found


def html_of(written: Written) -> str:
    return (written[2] / "validation.html").read_text(encoding="utf-8")


def test_four_files_are_written(written: Written) -> None:
    names = {path.name for path in written[2].iterdir()}

    assert names == {"validation.html", "accuracy.csv", "readings.csv", "summary.md"}


def test_the_order_of_readings_changes_no_byte(
    written: Written, tmp_path: Path
) -> None:
    shuffled = tuple(reversed(written[1]))

    files = write_validation(result_of(shuffled), shuffled, tmp_path)

    for path in files:
        assert path.read_bytes() == (written[2] / path.name).read_bytes()


def test_the_summary_is_the_one_that_was_read(written: Written) -> None:
    """A changed figure is a changed file: copy it over after reading the difference."""
    assert (written[2] / "summary.md").read_text(encoding="utf-8") == GOLDEN.read_text(
        encoding="utf-8"
    )


def test_the_page_needs_nothing_else(written: Written) -> None:
    html = html_of(written)

    for tag, attributes in tags(html):
        assert tag not in {"script", "iframe", "object", "embed", "base", "form", "img"}
        target = attributes.get("href") or ""
        is_citation = tag == "a" and target.startswith("https://doi.org/")
        assert is_citation or target.startswith(("#", "data:")) or not target
    assert "default-src 'none'" in html


def test_the_page_is_well_formed_and_its_links_lead_somewhere(written: Written) -> None:
    html = html_of(written)

    ET.fromstring(html[html.index("<body>") : html.index("</html>")])  # noqa: S314 -- our own page
    found = tags(html)
    ids = [a["id"] for _, a in found if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {
        str(a["href"])[1:] for _, a in found if str(a.get("href")).startswith("#")
    }
    named = {str(a["aria-labelledby"]) for _, a in found if "aria-labelledby" in a}
    assert targets | named <= set(ids)


def test_pictures_and_tables_can_be_read_aloud(written: Written) -> None:
    found = tags(html_of(written))

    pictures = [a for tag, a in found if tag == "svg"]
    assert len(pictures) == 3 + 8 + 1  # errors, two clouds; eight estimators; coverage
    assert all(a.get("aria-label") and a.get("role") == "img" for a in pictures)
    heads = [a.get("scope") for tag, a in found if tag == "th"]
    assert set(heads) <= {"row", "col", "rowgroup"}


def test_the_page_says_what_the_data_are_and_are_not_for(written: Written) -> None:
    words = "Simulated data, research use only: not a medical device"

    assert html_of(written).count(words) == 3  # head, foot of printed pages, end
    assert words in (written[2] / "summary.md").read_text(encoding="utf-8")


def test_every_reading_is_in_the_table(written: Written) -> None:
    table = rows(written[2] / "readings.csv")

    assert len(table) == len(written[1])
    assert tuple(table[0]) == READING_COLUMNS
    missed = [row for row in table if row["is_found"] == "false"]
    assert missed
    assert {row["mass_mg"] for row in missed} == {""}


def test_every_cell_of_every_estimator_is_in_the_table(written: Written) -> None:
    table = rows(written[2] / "accuracy.csv")

    assert len(table) == len(written[0].cells)
    assert tuple(table[0]) == accuracy_columns()
    first = table[0]
    assert (first["estimator"], first["cell"]) == ("calcitrace", "all")
    low, value, high = (
        float(first[f"rms_error_pct{end}"]) for end in ("_ci95_low", "", "_ci95_high")
    )
    assert low <= value <= high
    assert first["rms_error_pct_n_deposits"] == first["n_deposits"]
    assert first["sensitivity_pct"] == ""  # the position was given


def test_hostile_names_stay_text() -> None:
    name = '<script>alert("x")</script>'
    odd = replace(LIMB_SCAN, name=name, kernel="{{ 7*7 }}")
    read = tuple(reading(site(f"d{i}"), 2.1, condition=odd) for i in range(3))

    result = result_of(read)
    html = validation_html(validation_content(result, read), result)

    assert name not in html
    assert "{{ 7*7 }}" in html


def test_a_single_reading_still_gets_its_page(tmp_path: Path) -> None:
    read = (reading(site(), None),)

    files = write_validation(result_of(read), read, tmp_path, is_simulated=False)

    html = files[0].read_text(encoding="utf-8")
    assert "Known inserts, research use only: not a medical device" in html
    assert "<svg" not in html


def test_names_of_lines_do_not_cover_each_other(written: Written) -> None:
    content = validation_content(written[0], written[1])

    plot = error_plot(content.plots.errors)

    assert plot is not None
    places = sorted(line.label_y for line in plot.lines)
    assert all(np.diff(places) >= LABEL_STEP - 0.2)
    for line in plot.lines:
        for dot in line.dots:
            assert plot.frame.top <= dot.y <= plot.frame.bottom


def test_points_past_the_axis_are_drawn_at_its_end_and_counted() -> None:
    steps = (LimitStep(1.0, 5.0, 0.0, -20.0, 20.0),)
    cloud = Cloud("x", ((2.0, 10.0), (3.0, 400.0), (4.0, -300.0)), steps, 3)

    plot = cloud_plot(cloud, width=300.0, height=200.0, reach=100.0)

    assert plot is not None
    assert (plot.n_beyond, plot.n_shown) == (2, 3)
    assert plot.dots.count("M") == 1
    assert len(re.findall("Z", plot.beyond)) == 2


def test_low_coverage_stands_out_and_levels_stand_under_their_axis() -> None:
    bars = (
        CoverageBar("", "all readings", 95.0, 93.0, 97.0, "9 deposits", False),
        CoverageBar("mass", "1–5 mg", 80.0, None, None, "1 deposit", True),
    )

    plot = coverage_plot(bars, band=(93.0, 97.0), least=90.0)

    assert plot is not None
    assert [(b.text, b.tone) for b in plot.bars] == [
        ("all readings", "fine"), ("Mass", "heading"), ("1–5 mg", "low")
    ]  # fmt: skip
    assert plot.bars[-1].dot is not None
    assert plot.bars[-1].dot.whisker == ""
    assert plot.frame.left <= plot.bars[-1].dot.x < plot.least < plot.band[0]
