"""TotalSegmentator: offline, silent, told from the outside, refused where missing."""

import json
import os
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from calcitrace.adapters.segmenters.totalsegmentator import (
    WEIGHTS,
    WEIGHTS_FAST,
    TotalSegmentator,
)
from calcitrace.errors import SegmentationError
from calcitrace.model.grid import Grid
from calcitrace.model.volume import HuVolume

GRID = Grid((4, 6, 8), (2.0, 1.5, 1.0), (-10.0, 20.0, 300.0))
# Stands in for the program: labels what is above 200 HU as a femur, and notes how it
# was called.
PROGRAM = """#!{python}
import json, os, sys
from pathlib import Path
import nibabel, numpy
args = sys.argv[1:]
ct = nibabel.load(args[args.index("-i") + 1])
labels = numpy.where(numpy.asarray(ct.dataobj) > 200, 75, 0).astype("uint8")
home = Path(os.environ["TOTALSEG_HOME_DIR"])
noted = {{"args": args, "env": dict(os.environ), "cwd": os.getcwd(),
         "config": json.loads((home / "config.json").read_text())}}
Path("{note}").write_text(json.dumps(noted))
if {code}:
    print("secret path", file=sys.stderr)
    sys.exit({code})
nibabel.save(nibabel.Nifti1Image(labels, ct.affine), args[args.index("-o") + 1])
"""


def environ(
    folder: Path, *, code: int = 0, weights: tuple[str, ...] = ()
) -> dict[str, str]:
    """Surroundings with the stand-in on the path and weights in their place."""
    programs, results = folder / "bin", folder / "weights"
    programs.mkdir()
    program = programs / "TotalSegmentator"
    text = PROGRAM.format(python=sys.executable, note=folder / "note", code=code)
    program.write_text(text, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    for start in weights:
        (results / f"{start}made_up").mkdir(parents=True)
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "TOTALSEG_WEIGHTS_PATH": str(results),
        "SECRET_TOKEN": "x",
    }


def volume() -> HuVolume:
    hu = np.full(GRID.shape, 40, np.int16)
    hu[1, 2, 3:6] = 900
    return HuVolume(hu, GRID)


def test_its_labels_come_back_on_the_grid_of_the_scan(tmp_path: Path) -> None:
    segmenter = TotalSegmentator("", environ(tmp_path, weights=WEIGHTS))

    found = segmenter.segment(volume())

    np.testing.assert_array_equal(found.labels.labels, (volume().hu > 200) * 75)
    np.testing.assert_allclose(found.labels.grid.affine, GRID.affine, atol=1e-4)
    assert len(found.structures) == 117
    assert not found.has_whole_skeleton


@pytest.mark.parametrize(
    ("options", "weights"), [("", WEIGHTS), ("fast", WEIGHTS_FAST)]
)
def test_it_runs_offline_with_its_statistics_switched_off(
    tmp_path: Path, options: str, weights: tuple[str, ...]
) -> None:
    TotalSegmentator(options, environ(tmp_path, weights=weights)).segment(volume())

    noted = json.loads((tmp_path / "note").read_text(encoding="utf-8"))
    assert noted["config"]["send_usage_stats"] is False
    for name in ("http_proxy", "https_proxy"):
        assert noted["env"][name] == "http://127.0.0.1:9"
    assert noted["env"]["TOTALSEG_WEIGHTS_PATH"] == str(tmp_path / "weights")
    assert "SECRET_TOKEN" not in noted["env"]
    assert ("--fast" in noted["args"]) == (options == "fast")
    assert "--ml" in noted["args"]
    assert not Path(noted["cwd"]).exists()  # the copy of the voxels is gone


def test_without_the_program_it_is_refused(tmp_path: Path) -> None:
    empty = {"PATH": str(tmp_path), "HOME": str(tmp_path)}

    with pytest.raises(SegmentationError, match="Expected the program") as caught:
        TotalSegmentator("", empty)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("options", "said"), [("", "4 of 5"), ("fast", "0 of 1")])
def test_without_its_weights_it_is_refused(
    tmp_path: Path, options: str, said: str
) -> None:
    with pytest.raises(SegmentationError, match=said):
        TotalSegmentator(options, environ(tmp_path, weights=WEIGHTS[:4]))


def test_weights_are_looked_for_where_the_program_keeps_them(tmp_path: Path) -> None:
    around = environ(tmp_path)
    del around["TOTALSEG_WEIGHTS_PATH"]
    home = tmp_path / ".totalsegmentator" / "nnunet" / "results"
    (home / f"{WEIGHTS_FAST[0]}made_up").mkdir(parents=True)

    assert TotalSegmentator("fast", around).name == "TotalSegmentator (3 mm)"


def test_an_unknown_option_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SegmentationError, match="totalsegmentator:fast"):
        TotalSegmentator("faster", environ(tmp_path, weights=WEIGHTS))


def test_its_failure_ends_in_one_line_without_what_it_printed(tmp_path: Path) -> None:
    segmenter = TotalSegmentator("", environ(tmp_path, code=3, weights=WEIGHTS))

    with pytest.raises(SegmentationError, match="exit code 3") as caught:
        segmenter.segment(volume())

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
