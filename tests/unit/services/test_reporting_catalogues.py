"""Every text of the report in every language."""

import gettext
import io
import re
import runpy
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
SCRIPT = SimpleNamespace(**runpy.run_path(str(ROOT / "scripts/update_catalogues.py")))


def catalogue(lang: str) -> Catalog:
    return read_po(io.BytesIO(SCRIPT.po_path(lang).read_bytes()), lang)


def texts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value or "",)


def messages(lang: str) -> list[Message]:
    return [m for m in catalogue(lang) if m.id]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_catalogue_holds_the_texts_of_the_code_and_no_others(lang: str) -> None:
    in_code = {texts(m.id) for m in SCRIPT.collected() if m.id}

    assert {texts(m.id) for m in messages(lang)} == in_code


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_nothing_is_untranslated_or_doubtful(lang: str) -> None:
    bad = [m.id for m in messages(lang) if m.fuzzy or not all(texts(m.string))]

    assert bad == []


def test_what_is_filled_in_is_the_same_in_french() -> None:
    for message in messages("fr"):
        wanted = fields(texts(message.id)[0])
        for text in texts(message.string):
            assert fields(text) == wanted, message.id
            assert text.count("#") == texts(message.id)[0].count("#"), message.id


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_compiled_catalogue_is_that_of_the_source(lang: str) -> None:
    path = SCRIPT.po_path(lang).with_suffix(".mo")
    compiled = gettext.GNUTranslations(io.BytesIO(path.read_bytes()))

    for message in messages(lang):
        ids = texts(message.id)
        if len(ids) == 1:
            assert (compiled.gettext(ids[0]),) == texts(message.string)
        else:
            shown = [compiled.ngettext(ids[0], ids[1], n) for n in (1, 2)]
            assert tuple(shown) == texts(message.string)


def test_no_text_hides_where_it_cannot_be_collected() -> None:
    """Texts inside f-strings are not found by the collector of older Pythons."""
    hidden = re.compile(r"""\{[^{}]*\b(?:gettext|t)\(['"]""")

    for path in (ROOT / "src/calcitrace/services/reporting").glob("*.py"):
        found = [
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if 'f"' in line and hidden.search(line)
        ]
        assert found == [], path.name
