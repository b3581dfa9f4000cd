"""Write the reference pages that repeat what the code says: flags and settings.

Run ``uv run python scripts/make_reference.py`` after adding a flag or a setting; a test
fails until then.
"""

from dataclasses import fields
from pathlib import Path

from calcitrace.model.flags import FlagKind
from calcitrace.model.protocol import Protocol

DOCS = Path(__file__).parents[1] / "docs"
FLAGS = """# Flags

A flag says what is wrong with a scan or uncertain about a deposit. `scan.json` and
`deposits.csv` hold the code, the report the sentence, in English or French, with numbers
where … stands. A **blocking** flag ends `calcitrace measure` with exit code 1: the result is
written, but must not be used as it is.

| code | severity | sentence |
|---|---|---|
"""
SETTINGS = """# Settings

A protocol file (`--protocol FILE.toml`) changes settings of an analysis. What it leaves out
keeps the default below; a name that is not here is refused. Units are at the end of names.
The hash of all settings is part of each result, so two results with the same hash were made
the same way.

```toml
[detection]
threshold_hu = 130.0
```

| setting | default | group |
|---|---|---|
"""


def flags_page() -> str:
    """One row for each flag, in the order of the code."""
    rows = [
        f"| `{kind.code}` | {kind.severity} | {kind.value.en.replace('{detail}', '…')} |"
        for kind in FlagKind
    ]
    return FLAGS + "\n".join(rows) + "\n"


def settings_page() -> str:
    """One row for each setting, by section."""
    protocol = Protocol()
    rows: list[str] = []
    for section in fields(protocol):
        group = getattr(protocol, section.name)
        says = str(type(group).__doc__).splitlines()[0].rstrip(".")
        rows += [
            f"| `{section.name}.{field.name}` | {getattr(group, field.name)!r} | {says} |"
            for field in fields(group)
        ]
    return SETTINGS + "\n".join(rows) + "\n"


if __name__ == "__main__":
    (DOCS / "flags.md").write_text(flags_page(), encoding="utf-8")
    (DOCS / "settings.md").write_text(settings_page(), encoding="utf-8")
