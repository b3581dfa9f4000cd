"""`calcitrace measure` as a user meets it, from DICOM files to a folder of results."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calcitrace.adapters.result_folder import RESULT
from calcitrace.cli import run
from tests.fakes.dicom_series import PATIENT, CtSeries, write_series
from tests.fakes.limbs import BALLS_MM, GRID, limb_scan

# What only a reader's corrections bring is not there without them.
FILES = RESULT.names - {"measurements.sr.dcm", "edits.json", "blinded"}


def written(folder: Path, *, has_limb: bool = True) -> Path:
    """Write the limb as a DICOM series."""
    scan = limb_scan(has_limb=has_limb)
    series = CtSeries(
        hu=scan.volume.hu, spacing_mm=GRID.spacing_mm, origin_mm=GRID.origin_mm
    )
    return write_series(folder, series)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("limb") / "scan")


@pytest.fixture(scope="module")
def out(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("result") / "out"
    assert run(["measure", str(source), "--out", str(folder), "--quiet"]) == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Bytes of every file at any depth, by its path within the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def program(*args: str | Path, **environment: str) -> list[str]:
    """Run the program in a process of its own and return what it said on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "calcitrace", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return [str(done.returncode), *done.stderr.splitlines()]


def test_all_files_of_the_contract_are_there(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == FILES


def test_the_table_has_both_deposits_where_they_are(out: Path) -> None:
    with (out / "deposits.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == len(BALLS_MM)
    for ball in BALLS_MM:
        apart_mm = [
            sum(
                (float(row[f"centroid_{axis}_mm"]) - at) ** 2
                for axis, at in zip("xyz", ball, strict=True)
            )
            ** 0.5
            for row in rows
        ]
        assert min(apart_mm) < 0.5


def test_a_rerun_on_another_number_of_threads_writes_the_same_bytes(
    source: Path, out: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"

    said = program(
        "measure", source, "--out", again, "--quiet", OMP_NUM_THREADS="1",
        OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1",
    )  # fmt: skip

    assert said == ["0"]
    assert contents(again) == contents(out)


def test_nobody_is_named_but_in_the_dicom_object(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = PATIENT.split("^", maxsplit=1)[0]
    folder = tmp_path / "out"

    run(["measure", str(source), "--out", str(folder)])

    said = capsys.readouterr()
    assert name not in said.out + said.err
    named = {p for p, content in contents(folder).items() if name.encode() in content}
    assert named <= {"deposits.seg.dcm"}


def test_json_is_the_only_thing_on_standard_output(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"

    run(["measure", str(source), "--out", str(folder), "--json"])

    said = capsys.readouterr()
    assert json.loads(said.out)["total_with_review"]["n_deposits"] == len(BALLS_MM)
    assert "Reading images" in said.err


def test_quiet_says_nothing(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["measure", str(source), "--out", str(tmp_path / "out"), "--quiet"])

    assert capsys.readouterr() == ("", "")


def test_without_a_body_the_result_is_written_and_the_exit_code_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    air = written(tmp_path / "air", has_limb=False)

    code = run(["measure", str(air), "--out", str(tmp_path / "out")])

    assert code == 1
    assert "No body was found" in capsys.readouterr().out
    assert (tmp_path / "out" / "report.html").exists()


def test_settings_come_from_the_protocol_file(source: Path, tmp_path: Path) -> None:
    file = tmp_path / "protocol.toml"
    file.write_text("[detection]\nthreshold_hu = 250\n")

    run(
        [
            "measure",
            str(source),
            "--out",
            str(tmp_path / "out"),
            "--protocol",
            str(file),
        ]
    )

    said = json.loads((tmp_path / "out" / "scan.json").read_text(encoding="utf-8"))
    assert said["protocol"]["detection"]["threshold_hu"] == 250


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--protocol", "none.toml"], "protocol"),
        (["--calibration", "none.toml"], "calibration"),
        (["--series", "1.2.3"], "1.2.3"),
    ],
)
def test_options_that_cannot_be_used_end_with_one_line_and_no_folder(
    options: list[str],
    words: str,
    source: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "out"

    code = run(["measure", str(source), "--out", str(folder), "--quiet", *options])

    said = capsys.readouterr().err
    assert code == 2
    assert words in said
    assert said.count("\n") == 1
    assert not folder.exists()


def test_a_source_that_does_not_exist_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["measure", str(tmp_path / "none"), "--out", str(tmp_path / "out")]

    assert run([*args, "--quiet"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_somebodys_own_folder_is_refused_before_anything_is_read(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    code = run(["measure", str(source), "--out", str(tmp_path)])

    said = capsys.readouterr().err
    assert code == 2
    assert "thesis.txt" in said
    assert "Reading" not in said


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_ends_with_one_line_and_leaves_nothing(
    how: signal.Signals, code: int, source: Path, tmp_path: Path
) -> None:
    args = ["measure", str(source), "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        [sys.executable, "-m", "calcitrace", *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        assert child.stderr.readline() == "Reading images ...\n"
        child.send_signal(how)
        said = child.stderr.read().splitlines()
        assert child.wait(timeout=60) == code

    assert said[-1] == "Interrupted. Nothing was written."
    assert not [line for line in said if "Traceback" in line]
    assert not list(tmp_path.iterdir())
