import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread  # pyright: ignore[reportUnknownVariableType]  # no stubs

from calcitrace.adapters.dicom_writer import DicomSeries
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.errors import InputError
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from calcitrace.simulation.limb import SimulatedScan, simulate_limb

GRID = Grid((12, 64, 64), (1.25, 2.5, 2.5), (-170.0, -79.5, -851.3))
# Debian's validator is older than Synthetic Data (0008,001C).
TOO_NEW = "(0x0008,0x001c)"


@pytest.fixture(scope="module")
def simulated() -> SimulatedScan:
    return simulate_limb(3, grid=GRID)


@pytest.fixture(scope="module")
def files(
    simulated: SimulatedScan, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ...]:
    folder = tmp_path_factory.mktemp("series")
    return DicomSeries().write(
        simulated.volume, simulated.acquisition, folder, name="test"
    )


def test_reading_gives_back_what_was_written(
    simulated: SimulatedScan, files: tuple[Path, ...]
) -> None:
    scan = FileScanReader().read(files[0].parent)

    assert np.array_equal(scan.volume.hu, simulated.volume.hu)
    assert scan.volume.grid.shape == GRID.shape
    assert scan.volume.grid.spacing_mm == pytest.approx(GRID.spacing_mm)
    assert scan.volume.grid.origin_mm == pytest.approx(GRID.origin_mm)
    said, read = simulated.acquisition, scan.acquisition
    for name in ("kvp", "kernel", "slice_thickness_mm", "manufacturer", "model_name",
                 "acquired", "field_of_view_mm", "is_contrast_enhanced", "body_part",
                 "laterality", "patient_position"):  # fmt: skip
        assert getattr(read, name) == getattr(said, name)


def test_nobody_can_take_the_files_for_a_patient(files: tuple[Path, ...]) -> None:
    header = dcmread(files[0])

    assert header.SyntheticData == "YES"
    assert header.PatientName == "Simulated^Limb"
    assert header.Manufacturer == "Calcitrace simulation"


def test_the_same_name_gives_the_same_bytes(
    simulated: SimulatedScan, files: tuple[Path, ...], tmp_path: Path
) -> None:
    again = DicomSeries().write(
        simulated.volume, simulated.acquisition, tmp_path, name="test"
    )

    assert [p.read_bytes() for p in again] == [p.read_bytes() for p in files]
    assert dcmread(files[0]).SOPInstanceUID != dcmread(files[1]).SOPInstanceUID


def test_files_pass_the_validator(files: tuple[Path, ...], dciodvfy: Path) -> None:
    done = subprocess.run(
        [dciodvfy, files[0]], capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr).splitlines()

    assert [s for s in said if s.startswith("Error") and TOO_NEW not in s] == []


def test_values_that_would_be_altered_are_refused(
    simulated: SimulatedScan, tmp_path: Path
) -> None:
    smooth = HuVolume(simulated.volume.hu.astype(np.float32), GRID)

    with pytest.raises(InputError, match="Expected whole HU"):
        DicomSeries().write(smooth, simulated.acquisition, tmp_path, name="test")
