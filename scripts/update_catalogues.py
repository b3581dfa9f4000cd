"""Bring the catalogues of report texts up to date and compile them.

Run ``python scripts/update_catalogues.py`` after changing a text: it collects texts from
the code and the templates, updates `src/calcitrace/locale/*/LC_MESSAGES/calcitrace.po`
and writes the `.mo` beside it, which ships with the package. New texts are left empty in
French: translate them in the `.po` and run it again. A test fails until that is done.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1] / "src" / "calcitrace"
LOCALE = PACKAGE / "locale"
LANGUAGES = ("en", "fr")
METHODS = [
    ("services/reporting/**.py", "python"),
    ("templates/**.j2", "jinja2"),
]
OPTIONS = {"templates/**.j2": {"trimmed": "false"}}
# Besides the usual names: `marked` in tables, `t` for a local `gettext`.
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "_": None, "marked": None, "t": None}
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
HEADER = """\
# Texts of reports.
# The Calcitrace contributors, Apache-2.0.
# Kept up to date by scripts/update_catalogues.py."""


def collected() -> Catalog:
    """Return a catalogue of every text in the code and the templates."""
    catalogue = Catalog(
        project="Calcitrace", header_comment=HEADER, charset="utf-8", fuzzy=False
    )
    found = extract_from_dir(PACKAGE, METHODS, OPTIONS, KEYWORDS)
    for _path, _line, message, _comments, context in found:
        catalogue.add(message, context=context)
    return catalogue


def po_path(lang: str) -> Path:
    """Source of a language's catalogue."""
    return LOCALE / lang / "LC_MESSAGES" / "calcitrace.po"


def updated(lang: str, template: Catalog) -> Catalog:
    """Return the catalogue of a language with the texts of the code, no others."""
    path = po_path(lang)
    catalogue = Catalog(
        lang, project="Calcitrace", header_comment=HEADER, charset="utf-8", fuzzy=False
    )
    old = (
        read_po(io.BytesIO(path.read_bytes()), lang)
        if path.is_file()
        else Catalog(lang)
    )
    for message in template:
        if not message.id:
            continue
        known = old.get(message.id)
        text = known.string if known else ("", "") if message.pluralizable else ""
        if lang == "en":
            text = message.id
        catalogue.add(message.id, text)
    return catalogue


def po_bytes(catalogue: Catalog) -> bytes:
    """Text of a `.po` file, the same on every run."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=88, sort_output=True, omit_header=False)
    lines = stream.getvalue().decode().splitlines()
    kept = [x for x in lines if not x.startswith(('"POT-Creation', '"PO-Revision'))]
    return ("\n".join(kept).strip() + "\n").encode()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Content of a `.mo` file, the same on every run."""
    stream = io.BytesIO()
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    write_mo(stream, catalogue)
    return stream.getvalue()


def main() -> None:
    """Update and compile every language."""
    template = collected()
    for lang in LANGUAGES:
        catalogue = updated(lang, template)
        path = po_path(lang)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(po_bytes(catalogue))
        path.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
        missing = [m.id for m in catalogue if m.id and not _is_translated(m.string)]
        print(f"{lang}: {len(catalogue)} texts, {len(missing)} without translation")


def _is_translated(text: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(text) if isinstance(text, tuple | list) else bool(text)


if __name__ == "__main__":
    main()
