"""Tables for machines."""

import csv
from pathlib import Path

from calcitrace.adapters.tabular import CANDIDATE_COLUMNS, DEPOSIT_COLUMNS, CsvTables
from tests.fakes.results import PATIENT_NAME, made_up_result

CONTRACT_DEPOSITS = (
    "deposit_id,tracking_uid,status,probability,region,laterality,centroid_x_mm,"
    "centroid_y_mm,centroid_z_mm,mass_mg,mass_std_mg,mass_ci95_low_mg,"
    "mass_ci95_high_mg,volume_mm3,volume_std_mm3,density_mean_mg_cm3,hu_max,"
    "diameter_max_mm,agatston,depth_mm,bone_distance_mm,shape_class,is_lower_bound,"
    "is_quantifiable,flags"
)
CONTRACT_CANDIDATES = "candidate_id,kept,reason,centroid_x_mm,centroid_y_mm,centroid_z_mm,volume_mm3,hu_max"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written(folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    deposits, candidates = CsvTables().write(made_up_result(), folder, lang="en")
    return rows(deposits), rows(candidates)


def test_columns_begin_with_those_that_others_rely_on() -> None:
    assert ",".join(DEPOSIT_COLUMNS).startswith(CONTRACT_DEPOSITS + ",")
    assert ",".join(CANDIDATE_COLUMNS).startswith(CONTRACT_CANDIDATES + ",")


def test_a_measured_deposit_has_mass_error_and_interval(tmp_path: Path) -> None:
    first = written(tmp_path)[0][0]

    assert first["mass_mg"] == "100"
    assert first["mass_std_mg"] == "11.1803"
    low, high = float(first["mass_ci95_low_mg"]), float(first["mass_ci95_high_mg"])
    assert low < 100 < high
    assert (first["is_lower_bound"], first["is_quantifiable"]) == ("false", "true")
    assert first["centroid_x_mm"] == "1.25"


def test_a_cut_deposit_has_no_upper_bound(tmp_path: Path) -> None:
    cut = written(tmp_path)[0][1]

    assert cut["is_lower_bound"] == "true"
    assert cut["mass_mg"] == "50"
    assert cut["mass_ci95_low_mg"] != ""
    assert cut["mass_ci95_high_mg"] == ""
    assert cut["flags"] == "cut_by_scan_end"


def test_below_the_detection_limit_only_an_upper_bound_is_told(tmp_path: Path) -> None:
    faint = written(tmp_path)[0][2]

    assert faint["is_quantifiable"] == "false"
    assert faint["mass_ci95_high_mg"] == "0.1"
    empty = ("mass_mg", "mass_std_mg", "mass_ci95_low_mg", "volume_mm3", "agatston")
    assert {faint[name] for name in empty} == {""}
    assert faint["flags"] == "below_detection_limit;faint"


def test_what_the_scan_cannot_tell_is_an_empty_cell(tmp_path: Path) -> None:
    faint = written(tmp_path)[0][2]

    assert faint["depth_mm"] == ""
    assert faint["bone_distance_mm"] == ""
    assert faint["density_mean_mg_cm3"] == ""


def test_dropped_candidates_are_listed_with_their_reason(tmp_path: Path) -> None:
    candidates = written(tmp_path)[1]

    assert [c["kept"] for c in candidates] == ["true", "true", "true", "false"]
    assert candidates[-1]["reason"] == "skeleton"
    assert candidates[-1]["deposit_id"] == ""
    assert candidates[0]["deposit_id"] == "1"


def test_a_rerun_writes_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()

    one = CsvTables().write(made_up_result(), first, lang="en")
    two = CsvTables().write(made_up_result(), second, lang="fr")

    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_tables_do_not_name_the_patient(tmp_path: Path) -> None:
    for path in CsvTables().write(made_up_result(), tmp_path, lang="en"):
        assert PATIENT_NAME.split("^", maxsplit=1)[0] not in path.read_text()
