"""`calcitrace compare`, from DICOM files to a folder of results."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from calcitrace.adapters.result_folder import COMPARISON
from calcitrace.bootstrap.comparing import CompareRequest, compare_into
from calcitrace.bootstrap.measuring import MeasureRequest, measure_into
from calcitrace.cli import run
from calcitrace.cli.comparison_summary import comparison_json, comparison_lines
from calcitrace.errors import CalcitraceError
from calcitrace.model.comparison import Comparison
from calcitrace.model.flags import FlagKind
from calcitrace.model.following import Node, Presence, ReaderLink, State
from tests.fakes.dicom_series import CtSeries, write_series
from tests.fakes.limbs import BALLS, BALLS_MM, GRID, Ball, limb_scan
from tests.fakes.visits import unmoved

GROWN: tuple[Ball, ...] = ((BALLS_MM[0], 3.6), ((2.0, -20.0, 20.0), 3.0))


def written(
    folder: Path,
    day: str,
    *,
    balls: tuple[Ball, ...] = BALLS,
    seed: int = 3,
    patient: str = "P-1",
) -> Path:
    scan = limb_scan(balls=balls, seed=seed)
    series = CtSeries(
        hu=scan.volume.hu,
        spacing_mm=GRID.spacing_mm,
        origin_mm=GRID.origin_mm,
        uid=f"1.2.826.0.1.{seed}",
        tags={
            "AcquisitionDate": day,
            "AcquisitionTime": "120000",
            "PatientID": patient,
            "Manufacturer": "Maker",
            "ManufacturerModelName": "One",
        },
    )
    return write_series(folder, series)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """A visit, the same again, and one with growth, a new and a resolved deposit."""
    root = tmp_path_factory.mktemp("visits")
    return (
        written(root / "one", "20210304"),
        written(root / "two", "20210604", seed=4),
        written(root / "three", "20211204", seed=5, balls=GROWN),
    )


def request(sources: tuple[Path, ...], out: Path, **asked: object) -> CompareRequest:
    return replace(CompareRequest(sources, out), **asked)  # type: ignore[arg-type]  # values by name


@pytest.fixture(scope="module")
def compared(
    sources: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Comparison, Path]:
    out = tmp_path_factory.mktemp("out") / "result"
    comparison, _ = compare_into(request(sources[::-1], out), align=unmoved)
    return comparison, out


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_files_of_the_contract_are_there(
    compared: tuple[Comparison, Path],
) -> None:
    names = {path.name for path in compared[1].iterdir()}

    assert {"tracks.csv", "changes.csv", "response.json", "report.html"} <= names
    assert names <= COMPARISON.names
    assert {"visit-1", "visit-2", "visit-3"} <= names


def test_a_rescan_is_called_unchanged_and_true_changes_are_called(
    compared: tuple[Comparison, Path],
) -> None:
    rows = table(compared[1] / "changes.csv")
    calls = {
        pair: sorted(
            r["call"] for r in rows if (r["visit_from"], r["visit_to"]) == pair
        )
        for pair in (("1", "2"), ("1", "3"), ("2", "3"))
    }

    assert calls["1", "2"] == ["no_detectable_change"] * 3
    assert calls["1", "3"] == calls["2", "3"] == ["growth", "new", "resolved"]


def test_columns_of_the_contract_come_first(compared: tuple[Comparison, Path]) -> None:
    tracks = (compared[1] / "tracks.csv").read_text().splitlines()[0]
    changes = (compared[1] / "changes.csv").read_text().splitlines()[0]

    assert tracks.startswith("track_id,visit,deposit_ids,mass_mg,mass_std_mg,state,")
    assert changes.startswith(
        "track_id,visit_from,visit_to,mass_from_mg,mass_to_mg,ratio,ratio_ci95_low,"
        "ratio_ci95_high,p_growth,p_shrinkage,smallest_detectable_change_mg,call,"
    )


def test_places_are_measured_before_anything_is_new_or_resolved(
    compared: tuple[Comparison, Path],
) -> None:
    comparison, out = compared
    gone = next(t.at[2] for t in comparison.tracks if t.at[2].state is State.RESOLVED)
    before = comparison.tracks[2].at[0]

    assert gone.presence is before.presence is Presence.LOOKED_AT
    assert gone.weighed is not None
    assert gone.weighed.is_below_limit
    assert abs(gone.weighed.mass_mg) < 4 * gone.weighed.std_noise_mg
    rows = table(out / "tracks.csv")
    row = next(r for r in rows if r["state"] == "resolved")
    assert (row["deposit_ids"], row["mass_mg"]) == ("", "")
    assert float(row["mass_upper_bound_mg"]) > 0


def test_the_results_of_all_visits_carry_the_uids_of_the_tracks(
    compared: tuple[Comparison, Path],
) -> None:
    first, second = (
        {r["deposit_id"]: r for r in table(compared[1] / f"visit-{n}" / "deposits.csv")}
        for n in (1, 2)
    )
    rows = [r for r in table(compared[1] / "tracks.csv") if r["track_id"] == "1"]

    ours = {rows[0]["tracking_uid"]}
    assert first[rows[0]["deposit_ids"]]["tracking_uid"] in ours
    assert second[rows[1]["deposit_ids"]]["tracking_uid"] in ours


def test_a_rerun_is_the_same_to_the_byte(
    compared: tuple[Comparison, Path], sources: tuple[Path, ...], tmp_path: Path
) -> None:
    compare_into(request(sources, tmp_path / "again"), align=unmoved)

    again, before = contents(tmp_path / "again"), contents(compared[1])
    assert set(again) == set(before)
    text = [name for name in before if not name.endswith((".dcm", ".html"))]
    assert [name for name in text if again[name] != before[name]] == []


def test_the_answer_is_told(compared: tuple[Comparison, Path]) -> None:
    comparison, out = compared
    document = json.loads((out / "response.json").read_text())
    from calcitrace.bootstrap.written import WrittenResult  # noqa: PLC0415 -- loaded on use

    written_ = WrittenResult(out, (out / "tracks.csv",), ())
    lines = "\n".join(comparison_lines(comparison, written_))

    assert "Total, visit 1 to 2: no detectable change" in lines
    assert document["call"] in lines.replace(" ", "_")
    assert (document["visit_from"], document["visit_to"]) == (1, 3)
    assert json.loads(comparison_json(comparison, written_))["folder"] == str(out)


def test_stored_results_are_used_as_they_are(
    sources: tuple[Path, ...], compared: tuple[Comparison, Path], tmp_path: Path
) -> None:
    for number, source in enumerate(sources, start=1):
        measure_into(MeasureRequest(source=source, out=tmp_path / str(number)))
    stored = tuple(tmp_path / str(number) for number in (1, 2, 3))

    found, _ = compare_into(request(stored, tmp_path / "out"), align=unmoved)

    assert all(v.result is None for v in found.visits)
    assert [c.change.call for c in found.changes] == [
        c.change.call for c in compared[0].changes
    ]
    assert not (tmp_path / "out" / "visit-1").exists()


def test_results_of_different_protocols_are_refused(
    sources: tuple[Path, ...], tmp_path: Path
) -> None:
    protocol = tmp_path / "protocol.toml"
    protocol.write_text("[detection]\nthreshold_hu = 140.0\n")
    measure_into(MeasureRequest(sources[0], tmp_path / "one", protocol_file=protocol))
    measure_into(MeasureRequest(sources[1], tmp_path / "two"))

    with pytest.raises(CalcitraceError, match=r"has protocol .* Give the original"):
        compare_into(
            request((tmp_path / "one", tmp_path / "two"), tmp_path / "out"),
            align=unmoved,
        )
    assert not (tmp_path / "out").exists()


def test_identifiers_of_two_patients_block_unless_the_user_knows(
    sources: tuple[Path, ...], tmp_path: Path
) -> None:
    other = written(tmp_path / "other", "20220304", seed=7, patient="P-2")
    asked = request((sources[0], other), tmp_path / "out")

    found, _ = compare_into(asked, align=unmoved)
    known, _ = compare_into(replace(asked, is_same_patient=True), align=unmoved)

    assert [f.kind for f in found.flags] == [FlagKind.DIFFERENT_PATIENT_IDS]
    assert found.is_blocked
    assert known.flags == ()
    assert "P-2" not in (tmp_path / "out" / "response.json").read_text()


def test_links_of_a_reader_are_kept_and_replayed(
    sources: tuple[Path, ...], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    unlink = ReaderLink(Node(1, 1), Node(2, 1), is_same=False)

    first, _ = compare_into(request(sources[:2], out, links=(unlink,)), align=unmoved)
    with pytest.raises(CalcitraceError, match="a reader's work"):
        compare_into(request(sources[:2], out), align=unmoved)
    again, _ = compare_into(
        request(sources[:2], out, links_file=out / "links.json"), align=unmoved
    )

    assert len(first.tracks) == len(again.tracks) == 3
    assert [t.track.nodes for t in first.tracks] == [
        t.track.nodes for t in again.tracks
    ]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--date", "3=2021-01-01"], "N from 1 to 2"),
        (["--date", "1=yesterday"], "Expected a date"),
        (["--treatment", "x"], "NAME=YYYY-MM-DD"),
        (["--removed", "3"], "DEPOSIT@VISIT"),
        (["--link", "1@1=2"], "DEPOSIT@VISIT"),
        (["--links", "none.json"], "links.json"),
    ],
)
def test_wrong_options_end_with_one_line(
    args: list[str],
    words: str,
    sources: tuple[Path, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [str(s) for s in sources[:2]]

    code = run(["compare", *given, "--out", str(tmp_path / "out"), "--quiet", *args])

    assert code == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert words in said[0]


def test_two_scans_of_one_moment_are_refused(
    sources: tuple[Path, ...], tmp_path: Path
) -> None:
    other = written(tmp_path / "other", "20210304", seed=8)

    with pytest.raises(CalcitraceError, match="--date 2="):
        compare_into(request((sources[0], other), tmp_path / "out"), align=unmoved)


def test_visits_that_cannot_be_laid_on_each_other_block_and_change_nothing(
    sources: tuple[Path, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The limb has no bone that an alignment could go by."""
    out = tmp_path / "out"

    code = run(["compare", *map(str, sources[:2]), "--out", str(out), "--lang", "fr"])

    assert code == 1
    document = json.loads((out / "response.json").read_text())
    assert document["call"] == "not_comparable"
    assert [f["code"] for f in document["flags"]] == ["alignment_failed"]
    assert table(out / "changes.csv") == table(out / "tracks.csv") == []
    assert "BLOCKING" in capsys.readouterr().out
    assert 'lang="fr"' in (out / "report.html").read_text(encoding="utf-8")
