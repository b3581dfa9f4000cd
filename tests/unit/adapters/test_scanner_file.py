"""Calibration files of grade B: what is written is read again, strictly."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from calcitrace.adapters.calibration_file import read_calibration
from calcitrace.adapters.scanner_file import scanner_text, write_scanner
from calcitrace.errors import CalibrationError, OutputError
from calcitrace.model.rods import Rod, ScannerReference

REFERENCE = ScannerReference(
    manufacturer='Ma"ker é',
    model_name="Model 7",
    kvp=120.0,
    kernel="B30f",
    measured=date(2024, 3, 4),
    body_diameter_mm=101.2,
    slope_mg_cm3_per_hu=0.65117,
    std_random=0.00975,
    std_systematic=0.00583,
    hardening_cm2_per_mg=5.899e-05,
    rods=(
        Rod("1 at 0 mg/cm3", 0.0, 0.0, -1.25, 0.11, 15.5),
        Rod("2 at 200 mg/cm3", 200.0, 2.0, 295.5, 0.2, 15.5),
    ),
)


@pytest.mark.parametrize(
    "reference", [REFERENCE, replace(REFERENCE, kernel=None, measured=None)]
)
def test_what_is_written_is_read_again(
    tmp_path: Path, reference: ScannerReference
) -> None:
    path = tmp_path / "scanner.toml"
    write_scanner(reference, path)
    found = read_calibration(path)

    assert isinstance(found, ScannerReference)
    assert len(found.hash) == 64
    assert replace(found, hash="") == reference


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('grade = "B"', 'grade = "E"', "A .rods in the scan. or B"),
        ("kvp = 120", "", "kvp too"),
        ("kvp = 120", "kpv = 120", "kpv"),
        ('model = "Model 7"', 'model = " "', "scanner.model: expected a text"),
        ("date = 2024-03-04", 'date = "spring"', "scanner.date: expected a day"),
        ("[phantom]", "[body]", "body"),
        ("slope_mg_cm3_per_hu = 0.65117", "slope_mg_cm3_per_hu = 65", "0.1 to 10"),
        ("std_random = 0.00975", "std_random = -1", "response.std_random"),
        ("mean_hu = 295.50", "mean_hu = nan", r"rods\[2\].mean_hu"),
    ],
)
def test_a_wrong_key_is_named_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    written = scanner_text(REFERENCE)
    assert old in written
    path = tmp_path / "scanner.toml"
    path.write_text(written.replace(old, new), encoding="utf-8")

    with pytest.raises(CalibrationError, match=said) as caught:
        read_calibration(path)

    assert "\n" not in str(caught.value)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="--out"):
        write_scanner(REFERENCE, tmp_path / "absent" / "scanner.toml")
