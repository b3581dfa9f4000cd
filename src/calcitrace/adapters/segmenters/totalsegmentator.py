"""TotalSegmentator, if it is installed: run by its own command line.

Nothing of it is imported. It runs offline on weights that are there already, with its
usage statistics switched off: its settings come from a folder that is made for the run,
and no connection leaves the machine. Program and weights of the task "total" are
Apache-2.0; its tasks with other licences are not run.
"""

import importlib.metadata
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from calcitrace.adapters.archive import FileMember
from calcitrace.adapters.nifti import read_label_nifti, write_hu_nifti
from calcitrace.adapters.segmenters.label_table import label_table
from calcitrace.errors import CalcitraceError, SegmentationError
from calcitrace.model.structures import LabelMap
from calcitrace.model.volume import HuVolume

PROGRAM = "TotalSegmentator"
OPTIONS = frozenset({"", "fast"})
# Starts of the names of folders with weights, as its documentation lists them.
WEIGHTS = tuple(f"Dataset{n}_" for n in (291, 292, 293, 294, 295))
WEIGHTS_FAST = ("Dataset297_",)
# Nothing listens there: whatever would go out fails at once.
NO_PROXY_PORT = "http://127.0.0.1:9"
PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
# What the run needs of the surroundings; keys and tokens of the user stay out.
PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT",
    "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS",
)  # fmt: skip


class TotalSegmentator:
    """Task "total" of TotalSegmentator, at 1.5 mm or, with "fast", at 3 mm."""

    def __init__(self, options: str, environ: Mapping[str, str]) -> None:
        """Refuse at once what cannot run.

        Parameters
        ----------
        options
            "" or "fast".
        environ
            PATH, HOME, and where the weights lie: TOTALSEG_WEIGHTS_PATH or
            TOTALSEG_HOME_DIR, as the program itself reads them.

        Raises
        ------
        SegmentationError
            If the program or its weights are missing, or an option is not known.
        """
        if options not in OPTIONS:
            msg = (
                f"Expected totalsegmentator or totalsegmentator:fast, got ':{options}'."
            )
            raise SegmentationError(msg)
        self._is_fast = options == "fast"
        self._environ = environ
        program = shutil.which(PROGRAM, path=environ.get("PATH", ""))
        if program is None:
            msg = (
                f"Expected the program {PROGRAM}, found none. Install it with "
                "pip install 'calcitrace[totalsegmentator]'."
            )
            raise SegmentationError(msg)
        self._program = program
        self._weights = _weights_folder(environ)
        _check_weights(self._weights, is_fast=self._is_fast)

    @property
    def name(self) -> str:
        """Name of the program and the resolution it works at."""
        return f"{PROGRAM} (3 mm)" if self._is_fast else PROGRAM

    @property
    def version(self) -> str:
        """Of the installed program."""
        try:
            return importlib.metadata.version(PROGRAM)
        except importlib.metadata.PackageNotFoundError:
            return "of unknown version"

    @property
    def licence(self) -> str:
        """Of program and weights."""
        return "Apache-2.0"

    def segment(self, volume: HuVolume) -> LabelMap:
        """Run the program on a copy of the voxels; names and dates stay behind."""
        with tempfile.TemporaryDirectory(prefix="calcitrace-") as folder:
            work = Path(folder)
            write_hu_nifti(volume, work / "ct.nii.gz")
            out = work / "labels.nii.gz"
            command = [self._program, "-i", str(work / "ct.nii.gz"), "-o", str(out)]
            command += ["--ml", "--quiet", "--nr_thr_saving", "1"]
            command += ["--fast"] if self._is_fast else []
            done = subprocess.run(  # noqa: S603 -- a list, no shell
                command,
                env=self._surroundings(work),
                cwd=work,
                check=False,
                stdin=subprocess.DEVNULL,
                capture_output=True,
            )
            if done.returncode != 0 or not out.is_file():
                raise _failure(done.returncode)
            try:
                labels = read_label_nifti(FileMember(out, out.stat().st_size))
            except CalcitraceError as error:
                raise _failure(0) from error
        return LabelMap(labels, label_table("totalsegmentator").structures)

    def _surroundings(self, work: Path) -> dict[str, str]:
        """Variables of the run: statistics off, no way out, weights as they are."""
        home = work / "settings"
        home.mkdir()
        settings = {
            "totalseg_id": "calcitrace",
            "send_usage_stats": False,
            "prediction_counter": 0,
            "statistics_disclaimer_shown": True,
        }
        (home / "config.json").write_text(json.dumps(settings), encoding="utf-8")
        return {
            **{k: v for k in PASSED_ON if (v := self._environ.get(k)) is not None},
            **dict.fromkeys(PROXIES, NO_PROXY_PORT),
            "TOTALSEG_HOME_DIR": str(home),
            "TOTALSEG_WEIGHTS_PATH": str(self._weights),
        }


def _weights_folder(environ: Mapping[str, str]) -> Path:
    """Where the program would look for its weights."""
    named = environ.get("TOTALSEG_WEIGHTS_PATH")
    if named:
        return Path(named)
    home = environ.get("TOTALSEG_HOME_DIR")
    base = Path(home) if home else Path(environ.get("HOME", "")) / ".totalsegmentator"
    return base / "nnunet" / "results"


def _check_weights(folder: Path, *, is_fast: bool) -> None:
    wanted = WEIGHTS_FAST if is_fast else WEIGHTS
    missing = [start for start in wanted if not any(folder.glob(f"{start}*"))]
    if missing:
        task = "total_fast" if is_fast else "total"
        msg = (
            f"Expected the weights of {PROGRAM} on this machine, found "
            f"{len(wanted) - len(missing)} of {len(wanted)}. Fetch them with "
            f"totalseg_download_weights -t {task}; nothing is downloaded here."
        )
        raise SegmentationError(msg)


def _failure(code: int) -> SegmentationError:
    """One line; what the program printed may quote paths, so it is left out."""
    got = f"exit code {code}" if code else "no label map"
    return SegmentationError(
        f"Expected a label map of {PROGRAM}, got {got}. Run it on its own to see why, "
        "or give its label map as a file."
    )
