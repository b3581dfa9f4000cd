"""A table of known inserts: `name,mass_mg,centroid_x_mm,centroid_y_mm,centroid_z_mm`.

Further columns are allowed; of those only `volume_mm3` is read. The `truth.csv` of a
simulated scan is such a table.
"""

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

from calcitrace.errors import InputError
from calcitrace.model.reading import KnownInsert

CENTROID = ("centroid_x_mm", "centroid_y_mm", "centroid_z_mm")
COLUMNS = ("name", "mass_mg", *CENTROID)
VOLUME = "volume_mm3"


def read_inserts(path: Path) -> tuple[KnownInsert, ...]:
    """Read a table of inserts.

    Parameters
    ----------
    path
        CSV file in UTF-8 with a header, comma-separated, decimal points; masses in mg of
        hydroxyapatite, positions in patient space (DICOM LPS, mm).

    Returns
    -------
    tuple of KnownInsert
        In the order of the rows.

    Raises
    ------
    InputError
        With one line that names the row and what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        msg = (
            f"Expected a table of inserts as CSV in UTF-8, could not read {path}. "
            "Check the name and the format."
        )
        raise InputError(msg) from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    found = rows.fieldnames or ()
    missing = [column for column in COLUMNS if column not in found]
    if missing:
        msg = (
            f"Expected the columns {', '.join(COLUMNS)} in {path.name}, got "
            f"{', '.join(found) or 'none'}. Add {', '.join(missing)}; separate by commas."
        )
        raise InputError(msg)
    inserts = [_insert(dict(row), rows.line_num, path.name) for row in rows]
    if not inserts:
        msg = (
            f"Expected at least one insert in {path.name}, got no row below the header."
        )
        raise InputError(msg)
    _check_names(inserts, path.name)
    return tuple(inserts)


def _insert(row: Mapping[str | None, str | None], line: int, file: str) -> KnownInsert:
    where = f"in line {line} of {file}"
    if None in row:
        msg = (
            f"Expected as many cells as columns {where}, got more. Write numbers with a "
            "decimal point and put names with commas in quotes."
        )
        raise InputError(msg)
    name = (row["name"] or "").strip()
    if not name:
        msg = f"Expected a name {where}, got none. Name every insert."
        raise InputError(msg)
    x, y, z = (_number(row, column, where) for column in CENTROID)
    return KnownInsert(
        name=name,
        mass_mg=_positive(row, "mass_mg", where),
        centroid_mm=(x, y, z),
        volume_mm3=(
            _positive(row, VOLUME, where) if (row.get(VOLUME) or "").strip() else None
        ),
    )


def _positive(row: Mapping[str | None, str | None], column: str, where: str) -> float:
    value = _number(row, column, where)
    if value <= 0:
        msg = f"Expected {column} above 0 {where}, got {value:g}. Leave out such rows."
        raise InputError(msg)
    return value


def _number(row: Mapping[str | None, str | None], column: str, where: str) -> float:
    text = (row[column] or "").strip()
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        msg = (
            f"Expected a number for {column} {where}, got {text!r}. Write it with a "
            "decimal point."
        )
        raise InputError(msg)
    return value


def _check_names(inserts: list[KnownInsert], file: str) -> None:
    names = [insert.name for insert in inserts]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = (
            f"Expected a name of its own for every insert in {file}, got "
            f"{', '.join(map(repr, twice))} more than once. Number them."
        )
        raise InputError(msg)
