"""`calcitrace calibrate` as a user meets it, and its file in `measure`."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from calcitrace.adapters.dicom_writer import DicomSeries
from calcitrace.cli import run
from calcitrace.model.acquisition import Acquisition
from tests.fakes.limbs import limb_scan
from tests.fakes.rod_phantom import DENSITIES, HEADER, phantom_scan

GIVEN = ",".join(f"{d:g}" for d in DENSITIES)


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantom")
    scan = phantom_scan()
    DicomSeries().write(scan.volume, scan.acquisition, folder, name="phantom")
    return folder


@pytest.fixture(scope="module")
def file(phantom: Path) -> Path:
    out = phantom.parent / "scanner.toml"
    args = ["calibrate", str(phantom), "--densities", GIVEN, "--out", str(out)]
    assert run([*args, "--quiet"]) == 0
    return out


def limb(folder: Path, header: Acquisition) -> Path:
    folder.mkdir()
    DicomSeries().write(limb_scan().volume, header, folder, name=folder.name)
    return folder


def measured(source: Path, file: Path, out: Path) -> dict[str, dict[str, object]]:
    code = run(
        [
            *("measure", str(source), "--out", str(out), "--quiet"),
            *("--calibration", str(file)),
        ]
    )
    assert code == 0
    text = (out / "scan.json").read_text(encoding="utf-8")
    document: dict[str, dict[str, object]] = json.loads(text)
    return document


def test_rods_and_slope_are_said(
    phantom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scanner.toml"
    code = run(["calibrate", str(phantom), "--densities", GIVEN, "--out", str(out)])

    said = capsys.readouterr().out
    assert code == 0
    assert "Maker Model 7, 120 kVp" in said
    assert "r = 0.99" in said
    assert out.is_file()


def test_the_same_as_json(
    phantom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scanner.toml"
    args = ["calibrate", str(phantom), "--densities", GIVEN, "--out", str(out)]
    run([*args, "--diameters-mm", "14", "--json", "--quiet"])

    document = json.loads(capsys.readouterr().out)
    assert document["grade"] == "B"
    assert len(document["rods"]) == len(DENSITIES)


@pytest.mark.parametrize("densities", ["0,a", "0;100", "0,-5", ""])
def test_densities_that_are_no_numbers_are_refused(
    phantom: Path, tmp_path: Path, densities: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "scanner.toml"
    args = ["calibrate", str(phantom), "--densities", densities, "--out", str(out)]

    assert run(args) == 2
    assert "--densities" in capsys.readouterr().err
    assert not out.exists()


def test_a_scan_on_the_same_scanner_is_of_grade_b(file: Path, tmp_path: Path) -> None:
    source = limb(tmp_path / "same", replace(HEADER, slice_thickness_mm=1.0))
    found = measured(source, file, tmp_path / "out")

    assert found["calibration"]["grade"] == "B"
    assert found["calibration"]["slope_mg_cm3_per_hu"] == pytest.approx(
        1 / 1.45, rel=0.08
    )
    assert found["provenance"]["calibration_hash"]


def test_a_scan_on_another_scanner_is_flagged_and_of_grade_d(
    file: Path, tmp_path: Path
) -> None:
    other = replace(HEADER, model_name="Model 8", slice_thickness_mm=1.0)
    found = measured(limb(tmp_path / "other", other), file, tmp_path / "out")

    assert found["calibration"]["grade"] == "D"
    assert found["provenance"]["calibration_hash"] is None
    assert "calibration_file_unused" in json.dumps(found["flags"])


def test_a_scan_at_another_voltage_is_refused(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = limb(tmp_path / "soft", replace(HEADER, kvp=80.0))
    args = ["measure", str(source), "--out", str(tmp_path / "out")]

    assert run([*args, "--calibration", str(file)]) == 2
    assert "got 80 kVp" in capsys.readouterr().err
