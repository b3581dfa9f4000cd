"""How commands end: exit codes, one line for an error, no traceback unasked."""

import errno
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from calcitrace.cli.app import run
from calcitrace.cli.options import ExitCode
from calcitrace.errors import InputError


def program_that(act: Callable[[], int]) -> typer.Typer:
    """Return a program of one command that does one thing."""
    program = typer.Typer(pretty_exceptions_enable=False)

    @program.command()
    def command(*, debug: bool = False) -> int:
        del debug
        return act()

    return program


def failing(error: BaseException) -> typer.Typer:
    def act() -> int:
        raise error

    return program_that(act)


def test_a_users_error_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run([], failing(InputError("Expected a scan,\ngot a poem.")))

    said = capsys.readouterr()
    assert code == 2
    assert said.err == "calcitrace: Expected a scan, got a poem.\n"
    assert said.out == ""


def test_a_fault_of_ours_has_its_own_exit_code_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run([], failing(RuntimeError("secret header value")))

    said = capsys.readouterr().err
    assert code == 70
    assert said.count("\n") == 1
    assert "--debug" in said
    assert "secret" not in said


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["--debug"], failing(RuntimeError("secret header value")))

    said = capsys.readouterr().err
    assert code == 70
    assert "Traceback" in said
    assert "secret header value" in said


def test_an_interrupt_is_one_line_and_exit_code_130(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run([], failing(KeyboardInterrupt()))

    assert code == 130
    assert capsys.readouterr().err == "Interrupted. Nothing was written.\n"


def test_too_little_memory_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([], failing(MemoryError())) == 2
    assert "memory" in capsys.readouterr().err


def test_an_unexpected_error_of_the_disk_is_an_internal_error() -> None:
    assert run([], failing(OSError(errno.EIO, "I/O error"))) == 70


@pytest.mark.parametrize("code", [0, 1])
def test_the_exit_code_is_the_commands(code: int) -> None:
    assert run([], program_that(lambda: ExitCode(code))) == code


@pytest.mark.parametrize(
    "args",
    [
        ["measure"],
        ["measure", "scan"],
        ["measure", "scan", "--out", "x", "--speed", "11"],
        ["mesure"],
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(args) == 2

    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "--help" in said


def test_an_unknown_segmenter_is_refused_with_those_that_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")

    assert run(["measure", "scan", "--out", out, "--segmenter", "magic"]) == 2

    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "builtin, totalsegmentator, or a file" in said


def test_warnings_of_libraries_do_not_reach_the_user() -> None:
    def warn() -> int:
        warnings.warn("Doe^Jane is no valid name", stacklevel=1)
        return 0

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert run([], program_that(warn)) == 0

    assert not caught


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["measure", "--help"]) == 0

    said = " ".join(capsys.readouterr().out.split())
    assert "Exit codes" in said
    assert "--protocol" in said


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("calcitrace ")


def test_help_loads_nothing_heavy() -> None:
    """The answer has to come at once: half a second is felt."""
    heavy = ["numpy", "scipy", "pydicom", "highdicom", "matplotlib", "nibabel"]
    text = (
        "import sys; from calcitrace.cli import run; run(['measure', '--help']);"
        f"print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=True
    )

    assert done.stderr.strip() == "[]"


def test_the_module_is_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "calcitrace", "measure"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
