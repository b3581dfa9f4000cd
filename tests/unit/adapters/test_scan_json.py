"""The JSON summary of a scan."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from calcitrace.adapters.scan_json import ScanJson, scan_document
from calcitrace.model.flags import Flag, FlagKind
from tests.fakes.results import PATIENT_NAME, made_up_deposit, made_up_result


def document(folder: Path, **changes: object) -> dict[str, dict[str, object]]:
    result = replace(made_up_result(), **changes)  # type: ignore[arg-type]  # values by name
    (path,) = ScanJson().write(result, folder, lang="en")
    said: dict[str, dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return said


def test_it_has_the_parts_that_others_rely_on(tmp_path: Path) -> None:
    said = document(tmp_path)

    assert {
        "total",
        "total_with_review",
        "calibration",
        "acquisition",
        "coverage",
        "flags",
        "provenance",
    } <= said.keys()
    assert {
        "n_deposits",
        "mass_mg",
        "mass_std_mg",
        "mass_ci95_low_mg",
        "mass_ci95_high_mg",
        "volume_mm3",
        "agatston",
    } <= said["total"].keys()
    assert {"grade", "slope_mg_cm3_per_hu", "std"} <= said["calibration"].keys()
    assert {"version", "protocol_hash", "input_hash"} <= said["provenance"].keys()


def test_a_total_with_a_cut_deposit_has_no_upper_bound(tmp_path: Path) -> None:
    total = document(tmp_path)["total"]

    assert total["n_deposits"] == 2
    assert total["mass_mg"] == pytest.approx(150)
    assert total["mass_ci95_high_mg"] is None
    assert total["is_lower_bound"] is True


def test_without_deposits_the_total_is_zero_without_upper_bound() -> None:
    total = scan_document(made_up_result(deposits=()))["total"]

    assert isinstance(total, dict)
    assert (total["n_deposits"], total["mass_mg"]) == (0, 0)
    assert total["mass_std_mg"] is None
    assert total["mass_ci95_high_mg"] is None


def test_without_a_body_there_is_no_total_at_all() -> None:
    nothing = replace(
        made_up_result(deposits=()), flags=(Flag(FlagKind.NO_BODY_FOUND),)
    )

    total = scan_document(nothing)["total"]

    assert isinstance(total, dict)
    assert total["n_deposits"] == 0
    assert total["mass_mg"] is None


def test_not_a_number_becomes_null_and_keys_are_sorted(tmp_path: Path) -> None:
    result = made_up_result()
    psf = replace(result.psf, plane_relative_std=math.nan)

    said = document(tmp_path, psf=psf)

    assert said["image_quality"]["psf_plane_relative_std"] is None
    assert list(said) == sorted(said)


def test_a_rerun_writes_the_same_bytes_and_no_name(tmp_path: Path) -> None:
    document(tmp_path)
    first = (tmp_path / "scan.json").read_bytes()
    document(tmp_path)

    assert (tmp_path / "scan.json").read_bytes() == first
    assert PATIENT_NAME.split("^", maxsplit=1)[0].encode() not in first


def test_numbers_carry_six_digits() -> None:
    deposit = made_up_deposit(3)

    total = scan_document(made_up_result(deposits=(deposit,)))["total"]

    assert isinstance(total, dict)
    assert total["mass_mg"] == 33.3333
