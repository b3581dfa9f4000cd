"""What is seen of a run while it goes on."""

import pytest

from calcitrace.cli.progress import shown_progress


def go(*, is_quiet: bool = False, is_terminal: bool = False) -> None:
    with shown_progress(is_quiet=is_quiet, is_terminal=is_terminal) as progress:
        for stage in ("read", "anatomy"):
            for fraction in (0.0, 0.5, 1.0):
                progress(stage, fraction)


def test_away_from_a_terminal_each_stage_is_one_plain_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    go()

    said = capsys.readouterr()
    assert said.err == "Reading images ...\nFinding body and bones ...\n"
    assert said.out == ""


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    go(is_quiet=True)

    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_each_stage_has_a_bar(
    capsys: pytest.CaptureFixture[str],
) -> None:
    go(is_terminal=True)

    said = capsys.readouterr()
    assert "Reading images" in said.err
    assert "100 %" in said.err
    assert said.out == ""
