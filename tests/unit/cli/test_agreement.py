"""`calcitrace agreement` on two readings of one simulated limb."""

import csv
import json
from pathlib import Path

import pytest

from calcitrace.adapters.edits_json import read_edits, write_edits
from calcitrace.cli import run
from calcitrace.model.edits import Edits, Operation
from tests.fakes.dicom_series import CtSeries, write_series
from tests.fakes.edits import edit
from tests.fakes.limbs import BALLS_MM, GRID, limb_scan


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Both confirm the first deposit; only the first confirms the second one."""
    root = tmp_path_factory.mktemp("readers")
    series = CtSeries(
        hu=limb_scan().volume.hu, spacing_mm=GRID.spacing_mm, origin_mm=GRID.origin_mm
    )
    source = write_series(root / "scan", series)
    assert run(["measure", str(source), "--out", str(root / "out"), "--quiet"]) == 0
    for name, decided in (("A", ["--include", "2"]), ("B", ["--exclude", "2"])):
        file = root / name / "edits.json"
        args = ["review", str(root / "out"), "--reader", name, "--edits", str(file)]
        args += ["--blinded", "--include", "1", *decided, "--source", str(source)]
        assert run([*args, "--quiet"]) == 0
    return root / "A", root / "B"


def table(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {row["measure"]: row for row in csv.DictReader(file)}


def test_the_table_compares_decisions_and_masses(
    readers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (str(folder / "edits.json") for folder in readers)
    out = tmp_path / "agreement.csv"

    assert run(["agreement", first, second, "--out", str(out)]) == 0

    rows, said = table(out), capsys.readouterr().out
    assert rows["n_included_by_both"]["value"] == "1"
    assert rows["n_included_by_first_only"]["value"] == "1"
    assert rows["percent_agreement"]["value"] == "50"
    assert rows["icc_2_1_deposit_mass"]["n"] == "2"
    assert rows["icc_2_1_total_mass"]["why_not"]
    assert "kappa_include_exclude" in said
    assert "not a medical device" in said


def test_folders_are_matched_by_scan(
    readers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "agreement.csv"
    for name, folder in zip("AB", readers, strict=True):
        for scan in ("1", "2"):
            edits = read_edits(folder / "edits.json")
            moved = Edits(edits.edits, scan * 64, edits.order_seed)
            write_edits(moved, tmp_path / name / scan / "edits.json")
    args = ["agreement", str(tmp_path / "A"), str(tmp_path / "B"), "--out", str(out)]

    assert run([*args, "--json"]) == 0

    assert table(out)["n_scans"]["value"] == "2"
    assert json.loads(capsys.readouterr().out)["rows"]


def test_what_cannot_be_compared_ends_with_one_line(
    readers: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "thesis.csv"
    own.write_text("years of work\n")
    lone = tmp_path / "edits.json"
    here = edit(Operation.INCLUDE, BALLS_MM[0])
    write_edits(Edits((here,), "00" * 32), lone)
    first = str(readers[0])

    for args in (
        [first, str(lone)],
        [first, str(tmp_path / "none")],
        [first, first, "--out", str(own)],
    ):
        assert run(["agreement", "--out", str(tmp_path / "t.csv"), *args]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert own.read_text() == "years of work\n"
