"""`calcitrace demo`: what was found beside what is true."""

import csv
import json
from pathlib import Path

import pytest

from calcitrace.adapters.truth_table import write_truth
from calcitrace.bootstrap.demonstrating import Demo
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.cli import run
from calcitrace.cli.demonstration import demo_json, demo_lines
from calcitrace.services.demo import Comparison, DemoComparison
from calcitrace.simulation.limb import TrueDeposit
from tests.fakes.results import made_up_deposit, made_up_result


def true_deposit(name: str, mass_mg: float, in_scan_mg: float) -> TrueDeposit:
    return TrueDeposit(name, mass_mg, in_scan_mg, 20.0, 300.0, (1.0, 2.0, 3.0), 4.0)


@pytest.fixture
def shown() -> Demo:
    """One found well, one found badly, one missed, one false."""
    well, badly, false = (made_up_deposit(n) for n in (1, 2, 3))
    comparison = DemoComparison(
        rows=(
            Comparison(true_deposit("in fat", 105.0, 105.0), (well,)),
            Comparison(true_deposit("cut", 60.0, 20.0), (badly,)),
            Comparison(true_deposit("in bone", 9.0, 9.0), ()),
        ),
        false_deposits=(false,),
    )
    written = WrittenResult(
        Path("/demo/result"), (Path("/demo/result/report.html"),), ()
    )
    return Demo(comparison, made_up_result((well, badly, false)), written)


def test_every_true_deposit_has_its_line(shown: Demo) -> None:
    said = "\n".join(demo_lines(shown))

    assert "in fat" in said
    assert "-5%" in said
    assert "+150%  outside  cut by the scan's end" in said
    assert "missed" in said
    assert "2 of 3 found, 1 false." in said


def test_the_path_of_the_report_is_told(shown: Demo) -> None:
    assert f"Report: {Path('/demo/result/report.html')}" in demo_lines(shown)


def test_json_has_the_comparison_and_no_number_for_what_was_missed(
    shown: Demo,
) -> None:
    said = json.loads(demo_json(shown))

    assert [row["found_mass_mg"] for row in said["truth"]] == [100.0, 50.0, None]
    assert said["n_false_deposits"] == 1


def test_the_truth_is_a_table_that_names_what_was_found(
    shown: Demo, tmp_path: Path
) -> None:
    path = write_truth(shown.comparison, tmp_path)

    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["deposit_ids"] for row in rows] == ["1", "2", ""]
    assert [row["is_cut"] for row in rows] == ["false", "true", "false"]
    assert rows[1]["mass_in_scan_mg"] == "20"


@pytest.mark.slow
def test_the_demo_leaves_scan_truth_and_result_and_can_be_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    for _ in range(2):
        assert run(["demo", "--out", str(folder), "--quiet"]) == 0
        assert capsys.readouterr() == ("", "")

    assert {p.name for p in folder.iterdir()} == {"scan", "result", "truth.csv"}
    assert (folder / "result" / "report.html").exists()
    assert (folder / "result" / "deposits.seg.dcm").exists()


def test_somebodys_own_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scan").mkdir()

    assert run(["demo", "--out", str(tmp_path), "--quiet"]) == 2
    assert "earlier result" in capsys.readouterr().err
