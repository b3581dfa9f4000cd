"""Tables of known inserts: read as written, or refused in one line."""

from pathlib import Path

import pytest

from calcitrace.adapters.insert_table import read_inserts
from calcitrace.errors import InputError
from calcitrace.model.reading import KnownInsert

HEAD = "name,mass_mg,centroid_x_mm,centroid_y_mm,centroid_z_mm"


def table(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


def test_rows_become_inserts_in_their_order(tmp_path: Path) -> None:
    path = table(tmp_path, "rod A,12.5,1,-2,3.5", '"rod, B",40,0,0,-10')

    assert read_inserts(path) == (
        KnownInsert("rod A", 12.5, (1.0, -2.0, 3.5)),
        KnownInsert("rod, B", 40.0, (0.0, 0.0, -10.0)),
    )


def test_volume_is_read_where_it_is_said(tmp_path: Path) -> None:
    path = table(tmp_path, "a,1,0,0,0,25", "b,1,9,0,0,", head=f"{HEAD},volume_mm3")

    assert [i.volume_mm3 for i in read_inserts(path)] == [25.0, None]


def test_other_columns_and_a_mark_of_the_byte_order_do_not_matter(
    tmp_path: Path,
) -> None:
    path = table(tmp_path, "x,a,1,0,0,0", head=f"\ufeffscanner,{HEAD}")

    assert read_inserts(path)[0].name == "a"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",1,0,0,0", "Expected a name in line 3"),
        ("b,,0,0,0", "Expected a number for mass_mg in line 3 of truth.csv, got ''"),
        ("b,0,0,0,0", "Expected mass_mg above 0 in line 3"),
        ("b,-1,0,0,0", "got -1"),
        ("b,nan,0,0,0", "Expected a number for mass_mg"),
        ("b,1,left,0,0", "centroid_x_mm in line 3 of truth.csv, got 'left'"),
        ("b,1,0,0", "centroid_z_mm in line 3 of truth.csv, got ''"),
        ("b,1,5,0,0,0", "as many cells as columns in line 3"),
        ("a,1,0,0,0", "'a' more than once"),
    ],
)
def test_a_bad_row_is_refused_in_one_line(
    tmp_path: Path, row: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_inserts(table(tmp_path, "a,1,0,0,0", row))

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_of_another_kind_is_refused(tmp_path: Path) -> None:
    semicolons = table(tmp_path, "a;1;0;0;0", head=HEAD.replace(",", ";"))
    with pytest.raises(InputError, match="separate by commas"):
        read_inserts(semicolons)
    with pytest.raises(InputError, match="no row below the header"):
        read_inserts(table(tmp_path))
    with pytest.raises(InputError, match="could not read"):
        read_inserts(tmp_path / "absent.csv")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_inserts(binary)
