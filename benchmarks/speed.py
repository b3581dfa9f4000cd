"""Seconds and memory of `calcitrace measure`, against merely reading the series.

Run ``uv run python -m benchmarks.speed``. A scan is tiled to 512 x 512 x 400 and x 824
slices as DICOM in a temporary folder: the simulated limb, or a real series given by
``--source FOLDER``. Prints a table; the ratio to reading with SimpleITK in the same run
is what can be compared between machines.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.child import Cost, calcitrace, run
from calcitrace.adapters.dicom_writer import DicomSeries
from calcitrace.adapters.scan_reader import FileScanReader
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume
from calcitrace.simulation.limb import simulate_limb

SIDE = 512
N_SLICES = (400, 824)
AIR_HU, LOWEST_HU, HIGHEST_HU = -1000, -1024, 3071
LIMITS = {400: (15.0, 2048.0), 824: (60.0, 4096.0)}  # seconds and MiB aimed for
READ_ONLY = """
import sys
import SimpleITK as sitk
reader = sitk.ImageSeriesReader()
reader.SetFileNames(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(sys.argv[1]))
print(reader.Execute().GetSize())
"""
LOAD_ONLY = """
import highdicom
import calcitrace.adapters.documents, calcitrace.bootstrap.measuring
"""
HEADING = (
    f"{'slices':>6} {'what':<20} {'s':>7} {'CPU s':>7} {'peak MB':>8} {'x reading':>9}"
)


def tiled(volume: HuVolume, n_slices: int) -> HuVolume:
    """Repeat a scan along the patient, every second time mirrored, so that it fits.

    Slices are brought to 512 x 512 by repeating in the plane, or by cropping.
    """
    hu = np.clip(volume.hu, LOWEST_HU, HIGHEST_HU).astype(np.int16)
    repeats = [-(-SIDE // n) for n in hu.shape[1:]]
    plane = np.tile(hu, (1, *repeats))[:, :SIDE, :SIDE]
    both_ways = np.concatenate([plane, plane[::-1]])
    index = np.arange(n_slices) % len(both_ways)
    old = volume.grid
    grid = Grid((n_slices, SIDE, SIDE), old.spacing_mm, old.origin_mm, old.direction)
    return HuVolume(both_ways[index], grid)


def source_scan(source: Path | None) -> tuple[HuVolume, Acquisition]:
    """Scan to tile: a real one, or the simulated limb."""
    if source is None:
        simulated = simulate_limb(1)
        return simulated.volume, simulated.acquisition
    scan = FileScanReader().read(source)
    return scan.volume, replace(scan.acquisition, acquired=None)


def row(n_slices: int, what: str, cost: Cost, reading: Cost) -> str:
    """One line of the table."""
    ratio = cost.seconds / reading.seconds
    return (
        f"{n_slices:>6} {what:<20} {cost.seconds:>7.1f} {cost.cpu_seconds:>7.1f} "
        f"{cost.peak_mb:>8.0f} {ratio:>9.1f}"
    )


def measured(n_slices: int, volume: HuVolume, acquisition: Acquisition) -> bool:
    """Print the rows of one size; whether it stayed within its limits."""
    with tempfile.TemporaryDirectory() as folder:
        series, out = Path(folder) / "series", Path(folder) / "out"
        series.mkdir()
        DicomSeries().write(
            tiled(volume, n_slices), acquisition, series, name=f"tiled {n_slices}"
        )
        reading = run([sys.executable, "-c", READ_ONLY, str(series)])
        done = run(calcitrace("measure", str(series), "--out", str(out), "--quiet"))
    for cost in (reading, done):
        if cost.exit_code not in {0, 1}:
            sys.exit(cost.stderr)
    print(row(n_slices, "reading (SimpleITK)", reading, reading))
    print(row(n_slices, "calcitrace measure", done, reading), flush=True)
    seconds, peak_mb = LIMITS[n_slices]
    return done.seconds <= seconds and done.peak_mb <= peak_mb


def main() -> int:
    """Print the table; 1 if a limit was passed."""
    parser = argparse.ArgumentParser(description="Seconds and memory of measuring")
    parser.add_argument(
        "--source", type=Path, help="real series, not the simulated limb"
    )
    parser.add_argument("--slices", type=int, nargs="*", default=N_SLICES)
    arguments = parser.parse_args()
    volume, acquisition = source_scan(arguments.source)
    run([sys.executable, "-c", LOAD_ONLY])  # an installed program has been compiled
    print(HEADING)
    within = [measured(n, volume, acquisition) for n in arguments.slices]
    print("Within the limits." if all(within) else "A limit was passed.")
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
