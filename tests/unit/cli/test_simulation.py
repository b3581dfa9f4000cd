"""`calcitrace simulate`: files, what is said, what is refused."""

import csv
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]  # no stubs

from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.bootstrap.simulating import Simulation, simulate_into
from calcitrace.cli import run
from calcitrace.cli.simulation import simulation_json, simulation_lines
from tests.fakes.mass_image import read_mass
from tests.fakes.scenes import painted_hu

# Debian's validator is older than Synthetic Data (0008,001C).
TOO_NEW = "(0x0008,0x001c)"
ONE = """
name = "calf"
date = 2021-05-10
[body]
side = "R"
[machine]
pixel_mm = 2.0
slice_thickness_mm = 3.0
tilt_deg = 5.0
dose_mas = 80.5
[scan]
z_mm = [-15, 15]
field_of_view_mm = 140
[[deposit]]
name = "a"
shape = "sphere"
density_mg_cm3 = 400
mass_mg = 40
tissue = "muscle"
gap_to_bone_mm = 1.0
[[deposit]]
name = "cut"
shape = "sphere"
density_mg_cm3 = 400
mass_mg = 100
tissue = "muscle"
z_mm = 15.0
"""
TWO = (
    ONE
    + """
[[visit]]
[[visit]]
days = 30
[[visit.change]]
name = "a"
action = "split"
"""
)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "scene.toml"
    path.write_text(ONE, encoding="utf-8")
    return path


@pytest.fixture
def two(tmp_path: Path) -> Simulation:
    path = tmp_path / "two.toml"
    path.write_text(TWO, encoding="utf-8")
    return simulate_into(path, tmp_path / "out", scan=painted_hu)


def test_one_visit_leaves_scan_truth_and_mass_image(
    scene: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for _ in range(2):  # an earlier simulation is replaced
        simulate_into(scene, out, scan=painted_hu)

    assert {p.name for p in out.iterdir()} == {
        "scan",
        "truth.csv",
        "truth_mass_mg.nii.gz",
    }
    scan = FileScanReader().read(out / "scan")
    mg, affine = read_mass(out / "truth_mass_mg.nii.gz")
    assert mg.shape == scan.volume.grid.shape
    assert np.allclose(affine, scan.volume.grid.affine, atol=1e-3)
    with (out / "truth.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["is_cut"] for row in rows] == ["false", "true"]
    total = sum(float(row["mass_in_scan_mg"]) for row in rows)
    assert mg.sum() == pytest.approx(total, rel=1e-5)


def test_headers_are_honest(scene: Path, tmp_path: Path) -> None:
    simulate_into(scene, tmp_path / "out", scan=painted_hu)

    header = dcmread(min((tmp_path / "out" / "scan").iterdir()))

    assert header.SyntheticData == "YES"
    assert header.PatientName == "Simulated^calf"
    assert header.Manufacturer == "Calcitrace simulation"
    assert header.ConvolutionKernel == "SIM-STANDARD"
    assert (header.KVP, header.SliceThickness) == (120, 3)
    assert (header.Exposure, header.ExposureInuAs) == (80, 80500)
    assert header.FilterType == "BOWTIE"
    assert header.FilterMaterial == "ALUMINUM"
    assert header.GantryDetectorTilt == 5
    assert header.ReconstructionDiameter == 140
    assert (header.BodyPartExamined, header.Laterality) == ("LEG", "R")
    assert header.AcquisitionDate == "20210510"


def test_files_pass_the_validator(scene: Path, tmp_path: Path, dciodvfy: Path) -> None:
    simulate_into(scene, tmp_path / "out", scan=painted_hu)
    file = min((tmp_path / "out" / "scan").iterdir())

    done = subprocess.run([dciodvfy, file], capture_output=True, text=True, check=False)

    said = (done.stdout + done.stderr).splitlines()
    assert [s for s in said if s.startswith("Error") and TOO_NEW not in s] == []


def test_several_visits_have_a_folder_each_and_one_table(two: Simulation) -> None:
    out = two.written.folder

    assert {p.name for p in out.iterdir()} == {"visit-1", "visit-2", "truth.csv"}
    for visit in ("visit-1", "visit-2"):
        names = {p.name for p in (out / visit).iterdir()}
        assert names == {"scan", "truth_mass_mg.nii.gz"}
    assert all(path.exists() for path in two.written.files)
    headers = [
        dcmread(min((out / v / "scan").iterdir())) for v in ("visit-1", "visit-2")
    ]
    assert headers[0].PatientID == headers[1].PatientID
    assert headers[0].StudyInstanceUID != headers[1].StudyInstanceUID
    assert [h.StudyDate for h in headers] == ["20210510", "20210609"]


def test_every_deposit_has_its_line(two: Simulation) -> None:
    said = "\n".join(simulation_lines(two))

    assert "Visit 1, day 0: 2 deposits" in said
    assert "Visit 2, day 30: 3 deposits" in said
    assert "cut by the scan's end" in said
    assert "from a" in said
    assert str(Path("visit-2") / "scan") in said
    assert "not a medical device" in said


def test_json_has_the_truth_and_the_files(two: Simulation) -> None:
    said = json.loads(simulation_json(two))

    assert said["files"][0] == "truth.csv"
    assert [v["n_deposits"] for v in said["visits"]] == [2, 3]
    assert said["visits"][1]["scan"] == "visit-2/scan"
    pieces = [d for d in said["visits"][1]["deposits"] if d["parent"] == "a"]
    assert sum(p["mass_mg"] for p in pieces) == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[machine]\nkvp = 10", "from 70 to 140"),
        (ONE.replace('tissue = "muscle"\ngap', 'tissue = "fat"\ngap'), "found none"),
    ],
)
def test_what_cannot_be_simulated_is_one_line_and_leaves_nothing(
    content: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scene.toml"
    path.write_text(content, encoding="utf-8")

    assert run(["simulate", str(path), "--out", str(tmp_path / "out"), "--quiet"]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert words in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["scene.toml"]


def test_somebodys_own_folder_is_refused_at_once(
    scene: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", str(scene), "--out", str(scene.parent)]) == 2
    assert "Name a new folder with --out" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_scans_with_rays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "scene.toml"
    path.write_text(
        '[body]\nkind = "child_limb"\nhas_table = false\n'
        "[machine]\npixel_mm = 1.0\nslice_thickness_mm = 2.0\n"
        "[scan]\nz_mm = [-4, 4]\nfield_of_view_mm = 80\n"
        '[[deposit]]\nname = "a"\nshape = "sphere"\ndensity_mg_cm3 = 500\n'
        'mass_mg = 60\ntissue = "muscle"\nz_mm = 0.0\n',
        encoding="utf-8",
    )
    out = tmp_path / "out"

    assert run(["simulate", str(path), "--out", str(out), "--json", "--quiet"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["visits"][0]["mass_mg"] == pytest.approx(60.0)
    scan = FileScanReader().read(out / "scan")
    mass, _ = read_mass(out / "truth_mass_mg.nii.gz")
    assert scan.volume.hu.shape == mass.shape == (4, 80, 80)
    full = mass > 0.8 * mass.max()
    assert scan.volume.hu[full].mean() > 400  # hydroxyapatite shines where it is
    assert np.median(scan.volume.hu[0, :5, :5]) < -950
