"""Modules and functions stay small enough to be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for folder in ("src", "tests", "scripts", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)
LINES_OF_A_MODULE = 300
LINES_OF_A_FUNCTION = 60
FORBIDDEN = {"utils", "helpers", "common", "misc", "core"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_short_and_so_are_its_functions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= LINES_OF_A_MODULE
    assert {name: n for name, n in lengths(text) if n > LINES_OF_A_FUNCTION} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        p for p in MODULES if FORBIDDEN & {p.stem, *p.relative_to(ROOT).parts}
    ] == []


def lengths(text: str) -> Iterator[tuple[str, int]]:
    """Lines of each function, its docstring left out: explaining is never too long."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n_lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                n_lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            yield node.name, n_lines
