"""What users can name is explained: functions, commands, settings, flags."""

import ast
import string
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
import typer.main

import calcitrace
from calcitrace.cli import app
from calcitrace.model.flags import FlagKind
from calcitrace.model.protocol import Protocol

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "calcitrace"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
}
TEXT = "\n".join(PAGES.values())
COMMANDS = typer.main.get_command(app)


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_every_public_name_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)
    assert [name for name, node in public(tree) if not ast.get_docstring(node)] == []


def test_the_python_interface_is_explained() -> None:
    functions = [n for n in calcitrace.__all__ if callable(getattr(calcitrace, n))]

    assert [name for name in functions if not getattr(calcitrace, name).__doc__] == []
    for name in ("read_scan", "measure", "write_result"):
        assert f"calcitrace.{name}" in TEXT


def test_every_command_and_option_is_in_the_documentation() -> None:
    commands = getattr(COMMANDS, "commands", {"": COMMANDS})
    options = {
        option
        for command in commands.values()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--")
    }

    assert [name for name in commands if f"calcitrace {name}".strip() not in TEXT] == []
    assert [option for option in sorted(options) if f"`{option}" not in TEXT] == []


@pytest.mark.parametrize("kind", FlagKind, ids=lambda kind: kind.code)
def test_every_flag_speaks_both_languages_and_is_listed(kind: FlagKind) -> None:
    english, french = placeholders(kind.value.en), placeholders(kind.value.fr)

    assert english == french
    assert english <= {"detail"}
    assert kind.value.en != kind.value.fr
    assert f"| `{kind.code}` | {kind.severity} | {shown(kind.value.en)} |" in TEXT


def test_every_setting_is_listed_with_its_default() -> None:
    missing = [
        row
        for section in fields(Protocol)
        for row in setting_rows(section.name, getattr(Protocol(), section.name))
        if row not in TEXT
    ]

    assert missing == []


def shown(sentence: str) -> str:
    """A flag's sentence with an ellipsis where its numbers go."""
    return sentence.replace("{detail}", "…")


def setting_rows(section: str, settings: object) -> list[str]:
    """First cells of each setting's row in the table of settings."""
    assert is_dataclass(settings)
    return [
        f"| `{section}.{field.name}` | {getattr(settings, field.name)!r} |"
        for field in fields(settings)
    ]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def public(
    tree: ast.Module | ast.ClassDef, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    """Public functions, classes and methods of a module."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from public(node, f"{node.name}.")


def test_the_readme_has_both_set_up_commands_to_copy() -> None:
    lines = PAGES["README.md"].splitlines()

    assert "pip install uv && uv run calcitrace demo" in lines
    assert "uv run pytest" in lines


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [name.removeprefix("docs/") for name in PAGES if name.startswith("docs/")]

    assert [page for page in pages if page not in navigation] == []
