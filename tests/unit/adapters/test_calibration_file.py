"""`--calibration FILE`: what it may say, and what is refused in one line."""

import hashlib
from pathlib import Path

import pytest

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.errors import CalibrationError
from calcitrace.model.rods import PlacedRod, Rod

GIVEN = """
kvp = 120

[[rods]]
name = "water"
material = "water"
density_mg_cm3 = 0
density_std_mg_cm3 = 0
mean_hu = 1.5
hu_std = 0.8

[[rods]]
name = "HA 200"
density_mg_cm3 = 200.0
density_std_mg_cm3 = 2.0
mean_hu = 281
hu_std = 1.2
diameter_mm = 18
"""
PLACED = """
[[rods]]
name = "HA 100"
density_mg_cm3 = 100
density_std_mg_cm3 = 1
start_mm = [-40.0, 120.5, -310]
end_mm = [-40.0, 120.5, -250]
radius_mm = 9
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "rods.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rods_read_by_the_user(tmp_path: Path) -> None:
    reference = read_calibration(written(tmp_path, GIVEN))

    assert reference.kvp == 120.0
    assert reference.rods == (
        Rod("water", 0.0, 0.0, 1.5, 0.8, material="water"),
        Rod("HA 200", 200.0, 2.0, 281.0, 1.2, diameter_mm=18.0),
    )
    assert reference.hash == hashlib.sha256(GIVEN.encode()).hexdigest()


def test_rods_to_be_read_from_the_scan(tmp_path: Path) -> None:
    reference = read_calibration(written(tmp_path, PLACED))

    assert reference.kvp is None
    assert reference.rods == (
        PlacedRod(
            "HA 100",
            100.0,
            1.0,
            (-40.0, 120.5, -310.0),
            (-40.0, 120.5, -250.0),
            9.0,
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kvp = 120", "kpv = 120", "kpv"),
        ("kvp = 120", 'kvp = "120"', "kvp: expected a number"),
        ("kvp = 120", "kvp = 1200", "from 40 to 200"),
        ("mean_hu = 281", "", r"rods\[2\].*mean_hu"),
        ("mean_hu = 281", "mean_hu = true", r"rods\[2\].mean_hu: expected a number"),
        ("mean_hu = 281", "mean_hu = nan", r"rods\[2\].mean_hu"),
        ("mean_hu = 281", "mean_hu = 281\nradius_mm = 3", r"only the keys"),
        ("density_mg_cm3 = 200.0", "density_mg_cm3 = -1", "from 0 to 3160"),
        ('name = "HA 200"', 'name = "water"', "different name"),
        ('name = "HA 200"', 'name = "K"\nmaterial = "K2HPO4"', "no agreed conversion"),
        ('"water"\ndensity_mg_cm3 = 0', '"water"\ndensity_mg_cm3 = 5', "0 for water"),
    ],
)
def test_a_wrong_key_is_named_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in GIVEN
    with pytest.raises(CalibrationError, match=said) as caught:
        read_calibration(written(tmp_path, GIVEN.replace(old, new)))

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rods = 3",
        "rods = [1, 2]",
        "[rods]\nname = 'x'",
        "[[rods",
        PLACED.replace("120.5, -310", "-310"),
        PLACED.replace("120.5, -310", "'a', -310"),
        PLACED.replace("radius_mm = 9", "radius_mm = 0"),
    ],
)
def test_what_is_no_calibration_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CalibrationError):
        read_calibration(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=r"absent\.toml"):
        read_calibration(tmp_path / "absent.toml")
