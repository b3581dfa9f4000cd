"""`calcitrace measure --edits` as a user meets it."""

import csv
import json
from pathlib import Path

import pytest

from calcitrace.adapters.edits_json import edits_text, write_edits
from calcitrace.cli import run
from calcitrace.model.edits import Edits, Operation
from tests.fakes.dicom_series import CtSeries, write_series
from tests.fakes.edits import edit
from tests.fakes.limbs import BALLS_MM, GRID, limb_scan

FIRST, SECOND = BALLS_MM


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    series = CtSeries(
        hu=limb_scan().volume.hu, spacing_mm=GRID.spacing_mm, origin_mm=GRID.origin_mm
    )
    return write_series(tmp_path_factory.mktemp("limb") / "scan", series)


@pytest.fixture(scope="module")
def edits_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("edits") / "mine.json"
    write_edits(Edits((edit(Operation.EXCLUDE, FIRST),)), path)
    return path


@pytest.fixture(scope="module")
def corrected(
    source: Path, edits_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("corrected") / "out"
    assert measure(source, folder, "--edits", str(edits_file)) == 0
    return folder


def measure(source: Path, folder: Path, *options: str) -> int:
    return run(["measure", str(source), "--out", str(folder), "--quiet", *options])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_both_totals_and_every_operation_are_in_scan_json(corrected: Path) -> None:
    said = json.loads((corrected / "scan.json").read_text(encoding="utf-8"))

    assert said["total_automatic"]["n_deposits"] == 2
    assert said["total"]["n_deposits"] == 1
    assert said["total"]["mass_mg"] < said["total_automatic"]["mass_mg"]
    (operation,) = said["corrections"]["operations"]
    assert operation["operation"] == "exclude"
    assert operation["points_mm"] == [list(FIRST)]
    assert (operation["author"], operation["is_applied"]) == ("R1", True)
    assert operation["deposit_id"] is None
    assert len(said["provenance"]["edits_hash"]) == 64
    assert "corrected_by_reader" in {flag["code"] for flag in said["flags"]}


def test_the_tables_say_what_a_reader_did(corrected: Path) -> None:
    dropped = [r for r in rows(corrected / "candidates.csv") if r["reason"] == "reader"]

    assert [row["edits"] for row in dropped] == ["exclude"]
    assert [row["edits"] for row in rows(corrected / "deposits.csv")] == [""]


def test_the_operations_are_kept_beside_the_result(corrected: Path) -> None:
    kept = (corrected / "edits.json").read_text(encoding="utf-8")

    assert kept == edits_text(Edits((edit(Operation.EXCLUDE, FIRST),)))


def test_the_seed_of_a_deposit_names_it(
    source: Path, corrected: Path, tmp_path: Path
) -> None:
    (row,) = rows(corrected / "deposits.csv")
    x, y, z = (float(row[f"seed_{axis}_mm"]) for axis in "xyz")
    write_edits(Edits((edit(Operation.EXCLUDE, (x, y, z)),)), tmp_path / "edits.json")

    measure(source, tmp_path / "out", "--edits", str(tmp_path / "edits.json"))

    (left,) = rows(tmp_path / "out" / "deposits.csv")
    assert left["tracking_uid"] != row["tracking_uid"]


def test_a_readers_work_is_not_replaced_by_a_run_without_it(
    source: Path, edits_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    assert measure(source, folder, "--edits", str(edits_file)) == 0

    assert measure(source, folder) == 2
    said = capsys.readouterr().err
    assert "--edits" in said
    assert said.count("\n") == 1
    assert measure(source, folder, "--edits", str(folder / "edits.json")) == 0


def test_a_folder_with_nothing_but_operations_takes_the_result(
    source: Path, tmp_path: Path
) -> None:
    file = tmp_path / "reader" / "edits.json"
    write_edits(Edits((edit(Operation.EXCLUDE, SECOND),)), file)

    assert measure(source, file.parent, "--edits", str(file)) == 0
    assert (file.parent / "scan.json").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "format"),
        (
            edits_text(Edits((edit(Operation.INCLUDE, (900.0, 0.0, 0.0)),))),
            "inside of the scan",
        ),
    ],
)
def test_what_cannot_be_used_ends_with_one_line_and_no_folder(
    content: str,
    words: str,
    source: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "edits.json").write_text(content, encoding="utf-8")

    code = measure(source, tmp_path / "out", "--edits", str(tmp_path / "edits.json"))

    said = capsys.readouterr().err
    assert code == 2
    assert words in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()
