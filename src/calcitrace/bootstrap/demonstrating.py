"""`calcitrace demo`: a simulated limb, measured and set beside its truth."""

from dataclasses import dataclass
from pathlib import Path

from calcitrace.adapters.dicom_writer import DicomSeries
from calcitrace.adapters.result_folder import DEMO, replaced_folder
from calcitrace.adapters.truth_table import write_truth
from calcitrace.bootstrap.measuring import measure, read_scan, write_result
from calcitrace.bootstrap.written import WrittenResult
from calcitrace.model.result import ScanResult
from calcitrace.services.demo import (
    DemoComparison,
    compare_with_truth,
    simulate_series,
)
from calcitrace.services.ports import Progress, no_progress


@dataclass(frozen=True, slots=True, eq=False)
class Demo:
    """A simulated scan, measured."""

    comparison: DemoComparison
    result: ScanResult
    written: WrittenResult


def demo_into(out: Path, *, lang: str = "en", progress: Progress = no_progress) -> Demo:
    """Simulate a limb, measure it from its DICOM files, and compare with the truth.

    Parameters
    ----------
    out
        Folder to be created, with `scan` (DICOM), `result` and `truth.csv`; an earlier
        demo in it is replaced.
    lang
        Language of the report, "en" or "fr".
    progress
        Hears "simulate", then what `measure` reports.

    Raises
    ------
    OutputError
        If the folder holds other files or cannot be written.
    """
    target = out.absolute()
    with replaced_folder(target, DEMO) as work:
        (work / "scan").mkdir()
        simulated = simulate_series(work / "scan", DicomSeries(), progress=progress)
        scan = read_scan(work / "scan", progress=progress)
        result = measure(scan, progress=progress)
        comparison = compare_with_truth(result.deposits, simulated.truth)
        write_truth(comparison, work)
        written = write_result(result, work / "result", lang=lang, progress=progress)
    folder = target / "result"  # the work folder has taken this name
    files = tuple(folder / path.name for path in written.files)
    return Demo(comparison, result, WrittenResult(folder, files, written.notes))
