"""Result folders appear whole or not at all, whatever happens to the program."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calcitrace.adapters.result_folder import check_replaceable, replaced_folder
from calcitrace.errors import OutputError

WRITE_FOREVER = """
import sys, time
from pathlib import Path
from calcitrace.adapters.result_folder import replaced_folder
from calcitrace.cli.app import _terminates_cleanly
try:
    with _terminates_cleanly(), replaced_folder(Path(sys.argv[1])) as work:
        (work / "deposits.csv").write_text("half")
        print("ready", flush=True)
        time.sleep(60)
except (KeyboardInterrupt, SystemExit):
    sys.exit(3)
"""


def fill(folder: Path, text: str) -> None:
    for name in ("scan.json", "deposits.csv"):
        (folder / name).write_text(text)


def earlier_result(target: Path) -> Path:
    target.mkdir(parents=True)
    fill(target, "old")
    return target


def content(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text() for p in folder.iterdir()}


def write_while(target: Path, act: Callable[[], None]) -> None:
    """Write a result; `act` happens before it is finished."""
    with replaced_folder(target) as work:
        fill(work, "new")
        act()


def fail_midway(target: Path, error: Exception) -> None:
    def fail() -> None:
        raise error

    write_while(target, fail)


def interrupted(target: Path, how: signal.Signals) -> int:
    """Start a run that never ends, stop it midway, return its exit code."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_FOREVER, str(target)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(how)
        return child.wait(timeout=30)


def test_a_finished_run_leaves_one_folder_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"

    with replaced_folder(target) as work:
        fill(work, "new")
        assert not target.exists()

    assert content(target) == {"scan.json": "new", "deposits.csv": "new"}
    assert list(target.parent.iterdir()) == [target]


def test_a_new_result_replaces_all_of_an_earlier_one(tmp_path: Path) -> None:
    target = earlier_result(tmp_path / "out")
    (target / "report.html").write_text("old")

    with replaced_folder(target) as work:
        fill(work, "new")

    assert content(target) == {"scan.json": "new", "deposits.csv": "new"}
    assert list(tmp_path.iterdir()) == [target]


def test_a_new_folder_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").mkdir()

    with replaced_folder(tmp_path / "out") as work:
        fill(work, "new")

    assert (tmp_path / "out").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_an_error_leaves_the_old_result_whole(tmp_path: Path) -> None:
    target = earlier_result(tmp_path / "out")

    with pytest.raises(ZeroDivisionError):
        fail_midway(target, ZeroDivisionError())

    assert content(target) == {"scan.json": "old", "deposits.csv": "old"}
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_the_old_result_and_nothing_else(
    how: signal.Signals, tmp_path: Path
) -> None:
    target = earlier_result(tmp_path / "out")

    assert interrupted(target, how) == 3

    assert content(target) == {"scan.json": "old", "deposits.csv": "old"}
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_run_left_goes_with_the_next_run(tmp_path: Path) -> None:
    target = earlier_result(tmp_path / "out")
    interrupted(target, signal.SIGKILL)
    assert content(target) == {"scan.json": "old", "deposits.csv": "old"}
    assert len(list(tmp_path.iterdir())) == 2

    with replaced_folder(target) as work:
        fill(work, "new")

    assert content(target) == {"scan.json": "new", "deposits.csv": "new"}
    assert list(tmp_path.iterdir()) == [target]


def test_a_run_that_still_writes_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "out"

    with replaced_folder(target) as slow:
        fill(slow, "slow")
        with replaced_folder(target) as quick:
            fill(quick, "quick")
        assert content(target)["scan.json"] == "quick"

    assert content(target)["scan.json"] == "slow"
    assert list(tmp_path.iterdir()) == [target]


def test_a_run_killed_between_both_renames_brings_the_old_result_back(
    tmp_path: Path,
) -> None:
    target = earlier_result(tmp_path / "out")
    target.rename(tmp_path / ".out.calcitrace-old")

    with pytest.raises(ZeroDivisionError), replaced_folder(target):
        raise ZeroDivisionError

    assert content(target) == {"scan.json": "old", "deposits.csv": "old"}


def test_folders_of_others_beside_the_target_stay(tmp_path: Path) -> None:
    strange = tmp_path / ".out.calcitrace-new-mine"
    strange.mkdir()
    (strange / "thesis.txt").write_text("years of work")

    with replaced_folder(tmp_path / "out") as work:
        fill(work, "new")

    assert (strange / "thesis.txt").exists()


def test_a_folder_with_other_files_is_refused_by_name(tmp_path: Path) -> None:
    target = earlier_result(tmp_path / "out")
    (target / "thesis.txt").write_text("years of work")

    with pytest.raises(OutputError, match=r"thesis\.txt"), replaced_folder(target):
        pytest.fail("it must not be given")

    assert (target / "thesis.txt").exists()


def test_a_table_alone_is_no_earlier_result(tmp_path: Path) -> None:
    (tmp_path / "deposits.csv").write_text("somebody's own")

    with pytest.raises(OutputError, match="earlier result"):
        check_replaceable(tmp_path)


def test_a_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("a file")

    with pytest.raises(OutputError, match="folder"):
        check_replaceable(target)


def test_the_current_folder_is_refused(tmp_path: Path) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        with pytest.raises(OutputError, match="current folder"):
            check_replaceable(tmp_path)
    finally:
        os.chdir(here)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.ENOSPC, "no space"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "not write"),
    ],
)
def test_a_disk_that_refuses_is_told_in_one_line(
    code: int, word: str, tmp_path: Path
) -> None:
    target = earlier_result(tmp_path / "out")

    with pytest.raises(OutputError, match=word) as caught, replaced_folder(target):
        raise OSError(code, os.strerror(code))

    assert "\n" not in str(caught.value)
    assert content(target) == {"scan.json": "old", "deposits.csv": "old"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full (Linux)")
def test_a_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="no space"),
        replaced_folder(tmp_path / "out"),
        Path("/dev/full").open("w", encoding="utf-8") as full,
    ):
        full.write("x" * 100_000)

    assert not list(tmp_path.iterdir())


def test_a_folder_that_came_while_we_worked_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "out"

    def somebody_else_writes() -> None:
        target.mkdir()
        (target / "thesis.txt").write_text("years of work")

    with pytest.raises(OutputError, match="other"):
        write_while(target, somebody_else_writes)

    assert content(target) == {"thesis.txt": "years of work"}
