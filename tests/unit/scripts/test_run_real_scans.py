import json
import resource
import sys
from pathlib import Path

from benchmarks.child import PEAK_PER_MIB, Cost, run
from scripts.run_real_scans import Row, page, sources


def cost(exit_code: int, stdout: str = "", stderr: str = "") -> Cost:
    return Cost(exit_code, stdout, stderr, seconds=1.25, cpu_seconds=2.0, peak_mb=99.6)


def total(n: int, mass_mg: float, *, is_lower_bound: bool) -> dict[str, object]:
    return {"n_deposits": n, "mass_mg": mass_mg, "is_lower_bound": is_lower_bound}


MEASURED = {
    "coverage": {"spacing_mm": [3.27, 0.98, 0.98], "n_slices_measured": 59},
    "acquisition": {"kvp": 140.0, "kernel": "SOFT", "body_part": None},
    "candidates": {"accepted": 2, "review": 3, "dropped": 4},
    "total": total(2, 12.345, is_lower_bound=False),
    "total_with_review": total(5, 67.89, is_lower_bound=True),
}


def test_the_table_tells_measured_and_refused_apart() -> None:
    rows = [
        Row("a/one.zip", cost(0, stdout=json.dumps(MEASURED))),
        Row("b/two", cost(2, stderr="calcitrace: Expected CT, found MR | PT.\n")),
    ]

    text = page(rows)

    assert (
        "| a/one.zip | no body part, 0.98 x 3.27 mm, 140 kVp, SOFT | 59 | 1.2 | 100 "
        "| 9 | 2 | 3 | 12.3 | ≥ 67.9 |"
    ) in text
    assert "| b/two | Expected CT, found MR / PT. |" in text


def test_more_than_one_line_is_no_refusal() -> None:
    assert not Row("c", cost(2, stderr="Traceback\nValueError")).is_refused
    assert not Row("c", cost(70, stderr="calcitrace: Internal error.")).is_refused


def test_sources_are_named_without_the_uid_of_their_transfer_syntax(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "cornerstone" / "testImages"
    folder.mkdir(parents=True)
    (folder / "CTImage.dcm_RLELossless_1.2.840.10008.1.2.5.dcm").touch()
    (folder / "make.sh").touch()

    assert [name for name, _ in sources(tmp_path)] == [
        "cornerstone/CTImage.dcm_RLELossless"
    ]


def test_a_child_tells_what_it_said_and_cost() -> None:
    done = run(["sh", "-c", "echo out; echo err >&2; exit 3"])

    assert (done.exit_code, done.stdout, done.stderr) == (3, "out\n", "err\n")
    assert done.seconds > 0


def test_memory_of_a_child_is_in_mib() -> None:
    done = run([sys.executable, "-c", "bytearray(300 << 20)"])

    # On Linux a child starts from the peak of the process that starts it.
    own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_PER_MIB
    assert 300 <= done.peak_mb <= max(own_mb, 500) + 1
