"""`calcitrace insert`: a series that says what it is, and can be measured."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]  # no stubs

from calcitrace.adapters.detection_limit_table import BIN_COLUMNS, TRIAL_COLUMNS
from calcitrace.adapters.insertion_truth import INSERTION_COLUMNS
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.cli import run
from tests.fakes.dicom_series import PATIENT, CtSeries, write_series
from tests.fakes.insertion import thigh_scan
from tests.fakes.mass_image import read_mass

ASKED = ["--count", "4", "--mass", "20", "200", "--gap", "5", "--kind", "nodule"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    volume = thigh_scan().volume
    series = CtSeries(
        # Air around, as every scan has it.
        hu=np.pad(
            np.maximum(volume.hu, -1024),
            ((0, 0), (12, 12), (12, 12)),
            constant_values=-1000,
        ),
        spacing_mm=volume.grid.spacing_mm,
        origin_mm=volume.grid.origin_mm,
        tags={"PatientAge": "077Y", "AcquisitionDate": "20190203", "KVP": "120"},
    )
    return write_series(tmp_path_factory.mktemp("thigh") / "scan", series)


@pytest.fixture(scope="module")
def out(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inserted") / "out"
    assert run(["insert", str(source), "--out", str(folder), *ASKED, "--quiet"]) == 0
    return folder


def headers(folder: Path) -> list[Any]:
    return [dcmread(path) for path in sorted(folder.iterdir())]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_truth_is_told_in_a_table_and_in_images(out: Path) -> None:
    rows = table(out / "truth.csv")
    mg, _ = read_mass(out / "truth_mass_mg.nii.gz")
    labels, _ = read_mass(out / "truth_labels.nii.gz")

    assert tuple(rows[0]) == INSERTION_COLUMNS
    assert [row["deposit_id"] for row in rows] == ["1", "2", "3", "4"]
    for row in rows:
        inside = labels == int(row["deposit_id"])
        assert mg[inside].sum() == pytest.approx(float(row["mass_mg"]), rel=1e-3)


def test_headers_say_what_it_is_and_nothing_of_the_patient(
    source: Path, out: Path
) -> None:
    old, new = headers(source), headers(out / "scan")

    assert len(new) == len(old)
    for header in new:
        assert header.SyntheticData == "YES"
        assert list(header.ImageType) == ["DERIVED", "SECONDARY", "AXIAL"]
        assert "synthetic deposits" in header.DerivationDescription
        said = str(header)
        assert not any(w in said for w in (PATIENT, "077Y", "20190203"))
    uids = {"StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"}
    for name in uids:
        assert getattr(new[0], name) != getattr(old[0], name)
    assert {h.SOPInstanceUID for h in new}.isdisjoint(h.SOPInstanceUID for h in old)


def test_voxels_differ_from_the_source_where_deposits_are_alone(
    source: Path, out: Path
) -> None:
    before, after = (FileScanReader().read(p) for p in (source, out / "scan"))
    mg, to_lps = read_mass(out / "truth_mass_mg.nii.gz")

    changed = after.volume.hu != before.volume.hu
    assert np.allclose(after.volume.grid.affine, before.volume.grid.affine, atol=1e-4)
    assert np.allclose(to_lps, after.volume.grid.affine, atol=1e-3)
    assert changed[mg > 1.0].all()
    assert changed.mean() < 0.2
    assert after.acquisition.kvp == 120.0


def test_it_can_be_measured(out: Path, tmp_path: Path) -> None:
    assert (
        run(["measure", str(out / "scan"), "--out", str(tmp_path / "r"), "--quiet"])
        == 0
    )

    found = table(tmp_path / "r" / "deposits.csv")
    for row in table(out / "truth.csv"):
        at = np.array([float(row[f"centroid_{c}_mm"]) for c in "xyz"])
        near = [
            float(d["mass_mg"])
            for d in found
            if np.linalg.norm([float(d[f"centroid_{c}_mm"]) for c in "xyz"] - at) < 2
        ]
        assert len(near) == 1
        # Calibration by size and path is not that of the insertion.
        assert near[0] == pytest.approx(float(row["mass_mg"]), rel=0.25)


def test_it_says_what_it_did(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["insert", str(source), "--out", str(tmp_path / "out"), *ASKED]

    assert run([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert run(asked) == 0
    said = capsys.readouterr().out

    assert told["n_deposits"] == len(told["deposits"]) == 4
    assert told["files"][0] == "scan"
    assert "4 deposits, " in said
    assert "not a medical device" in said


def test_the_detection_limit_is_told_by_mass(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["insert", str(source), "--out", str(tmp_path / "out"), *ASKED]
    limit = ["--detection-limit", "--repeats", "1"]

    assert run([*asked, *limit, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert run([*asked, *limit]) == 0
    said = capsys.readouterr().out

    trials = table(tmp_path / "out" / "trials.csv")
    assert tuple(trials[0]) == TRIAL_COLUMNS
    bins = table(tmp_path / "out" / "detection-limit.csv")
    assert tuple(bins[0]) == BIN_COLUMNS
    assert sum(int(row["n"]) for row in bins) == len(trials) == told["n_deposits"] == 4
    assert [limit["share"] for limit in told["limits"]] == [0.5, 0.95]
    assert "50 % are found from" in said


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (["--mass", "9", "3"], "lower end first"),
        (["--count", "0"], "1 to 500 deposits"),
        (["--kind", "round"], "round"),
        (["--gap", "3"], "'3'"),
    ],
)
def test_wrong_wishes_are_refused_in_one_line(
    source: Path,
    tmp_path: Path,
    option: list[str],
    says: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["insert", str(source), "--out", str(tmp_path / "out"), *option]) == 2

    lines = capsys.readouterr().err.strip().splitlines()
    assert says in lines[-1]
    assert not (tmp_path / "out").exists()
