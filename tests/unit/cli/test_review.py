"""`calcitrace review` as a user meets it, on a limb whose deposits wait for a reader."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from calcitrace.adapters.edits_json import read_edits
from calcitrace.cli import run
from calcitrace.model.edits import Operation
from tests.fakes.dicom_series import PATIENT, CtSeries, write_series
from tests.fakes.limbs import GRID, limb_scan

INCLUDE, EXCLUDE = Operation.INCLUDE, Operation.EXCLUDE


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    series = CtSeries(
        hu=limb_scan().volume.hu, spacing_mm=GRID.spacing_mm, origin_mm=GRID.origin_mm
    )
    return write_series(tmp_path_factory.mktemp("limb") / "scan", series)


@pytest.fixture(scope="module")
def waiting(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Result in which nothing is accepted without a reader."""
    folder = tmp_path_factory.mktemp("waiting")
    strict = folder / "strict.toml"
    strict.write_text("[detection]\naccept_probability = 1.0\n")
    args = ["measure", str(source), "--out", str(folder / "out")]
    assert run([*args, "--protocol", str(strict), "--quiet"]) == 0
    return folder / "out"


@pytest.fixture
def result(waiting: Path, tmp_path: Path) -> Path:
    shutil.copytree(waiting, tmp_path / "result")
    return tmp_path / "result"


def review(
    result: Path, lines: str, monkeypatch: pytest.MonkeyPatch, *options: str
) -> int:
    """Run a review with lines piped to it."""
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    return run(["review", str(result), "--reader", "R1", *options])


def decisions(path: Path) -> list[Operation]:
    return [edit.operation for edit in read_edits(path).edits]


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "deposits.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_deposit_is_shown_with_what_a_reader_needs(
    result: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    assert review(result, "s\nq\n", monkeypatch) == 0

    said = capsys.readouterr()
    mass = f"{float(rows(result)[0]['mass_mg']):.3g} +- "
    for words in ("Deposit 1 (1 of 2)", "Deposit 2 (2 of 2)", mass, "depth", "region"):
        assert words in said.err
    assert str(result / "key_images" / "1.png") in said.err
    assert (result / "key_images" / "1.png").is_file()
    assert "0 of 2 deposits decided" in said.out
    assert PATIENT.split("^", maxsplit=1)[0] not in said.out + said.err
    assert not (result / "edits.json").exists()


def test_decisions_are_kept_with_author_time_comment_and_place(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert review(result, "i\nc a vein\ne\n", monkeypatch, "--quiet") == 0

    edits = read_edits(result / "edits.json")
    first, second = edits.edits
    row = rows(result)[0]
    assert (first.operation, second.operation) == (INCLUDE, EXCLUDE)
    assert first.points_mm == (tuple(float(row[f"seed_{axis}_mm"]) for axis in "xyz"),)
    assert (first.author, first.comment, second.comment) == ("R1", "", "a vein")
    assert first.time.tzinfo is not None
    said = json.loads((result / "scan.json").read_text(encoding="utf-8"))
    assert edits.input_hash == said["provenance"]["input_hash"]


def test_every_decision_is_saved_before_the_next_is_asked_for(
    result: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(result, "i\nnonsense\n", monkeypatch, "--quiet") == 2

    said = capsys.readouterr().err
    assert "nonsense" in said
    assert said.count("\n") == 1
    assert decisions(result / "edits.json") == [INCLUDE]


def test_undo_takes_back_and_asks_again(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(result, "i\nu\ne\nq\n", monkeypatch, "--quiet")

    assert decisions(result / "edits.json") == [EXCLUDE]


def test_after_the_last_deposit_there_is_still_undo_and_adding(
    result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y, z = (float(rows(result)[0][f"seed_{axis}_mm"]) for axis in "xyz")

    code = review(result, f"i\ni\nu\ne\na {x} {y} {z}\n", monkeypatch, "--quiet")

    assert code == 0
    assert decisions(result / "edits.json") == [INCLUDE, EXCLUDE, Operation.ADD_SEED]


def test_a_reading_goes_on_where_it_was_left(
    result: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    review(result, "i\nq\n", monkeypatch, "--quiet")
    review(result, "e\n", monkeypatch)

    assert "Deposit 1 (" not in capsys.readouterr().err
    assert decisions(result / "edits.json") == [INCLUDE, EXCLUDE]


def test_options_decide_without_asking(
    result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["review", str(result), "--reader", "R1", "--include", "2", "--json"]

    assert run([*args, "--exclude", "1", "--comment", "seen twice"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert (said["n_decided"], said["n_operations"]) == (2, 2)
    edits = read_edits(result / "edits.json").edits
    assert {edit.comment for edit in edits} == {"seen twice"}


def test_with_the_scan_the_result_is_measured_again(
    source: Path, result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = json.loads((result / "scan.json").read_text(encoding="utf-8"))
    code = review(result, "i\ne\n", monkeypatch, "--source", str(source), "--quiet")

    after = json.loads((result / "scan.json").read_text(encoding="utf-8"))
    assert code == 0
    assert before["total"]["n_deposits"] == after["total_automatic"]["n_deposits"] == 0
    assert after["total"]["n_deposits"] == 1
    assert after["protocol"] == before["protocol"]
    assert [row["edits"] for row in rows(result)] == ["include"]
    assert "What a reader changed" in (result / "report.html").read_text("utf-8")


def test_another_scan_is_refused(
    result: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    hu = limb_scan(seed=4).volume.hu
    series = CtSeries(hu=hu, spacing_mm=GRID.spacing_mm, origin_mm=GRID.origin_mm)
    other = write_series(tmp_path / "other", series)

    code = review(result, "i\nq\n", monkeypatch, "--source", str(other), "--quiet")

    assert code == 2
    assert "earlier result" in capsys.readouterr().err
    assert decisions(result / "edits.json") == [INCLUDE]  # nothing is lost


def test_a_result_of_another_segmenter_is_not_measured_again_without_it(
    source: Path,
    result: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = result / "scan.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    document["provenance"]["segmenter"] = "some network 2"
    file.write_text(json.dumps(document), encoding="utf-8")

    code = review(result, "i\nq\n", monkeypatch, "--source", str(source), "--quiet")

    assert code == 2
    assert "--segmenter" in capsys.readouterr().err
    assert decisions(result / "edits.json") == [INCLUDE]


def test_a_blinded_reader_sees_neither_status_nor_probability_nor_number(
    result: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "second" / "edits.json"
    options = ("--blinded", "--order-seed", "3", "--edits", str(file))

    assert review(result, "i\ne\n", monkeypatch, *options) == 0

    said = capsys.readouterr().err
    for word in ("probability", "status", "why", "key_images"):
        assert word not in said
    assert {p.name for p in (file.parent / "blinded").iterdir()} == {"1.png", "2.png"}
    edits = read_edits(file)
    assert edits.order_seed == 3
    assert {edit.operation for edit in edits.edits} == {INCLUDE, EXCLUDE}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--blinded",), "--edits"),
        (("--include", "9"), "number of a deposit"),
        (("--include", "1", "--exclude", "1"), "twice"),
        (("--calibration", "none.toml", "--include", "1", "--source", "x"), "calibr"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    options: tuple[str, ...],
    words: str,
    result: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert review(result, "q\n", monkeypatch, "--quiet", *options) == 2

    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_folder_without_a_result_and_a_name_for_a_code_are_refused(
    result: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", str(tmp_path), "--reader", "R1"]) == 2
    assert "calcitrace measure" in capsys.readouterr().err
    assert run(["review", str(result), "--reader", "Jane Doe"]) == 2
    assert "code" in capsys.readouterr().err
