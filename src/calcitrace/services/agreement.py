"""Two readers of the same scans: how well they agree on what counts, and how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calcitrace.analysis.agreement import (
    Number,
    cohen_kappa,
    differences,
    intraclass,
)
from calcitrace.errors import EditsError
from calcitrace.model.edits import Edits, Operation, Point

# Two readers decided on the same deposit if their places are this near.
SAME_PLACE_MM = 1.0
UNIT_MG = "mg"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader made of one scan.

    Attributes
    ----------
    edits
        The reader's operations.
    masses_mg
        Mass of accepted deposits by tracking UID after the corrections; `None` where
        the scan was not measured with them.
    total_mg
        Over accepted deposits; `None` likewise.
    """

    edits: Edits
    masses_mg: Mapping[str, float] | None = None
    total_mg: float | None = None


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One line of the table of agreement."""

    name: str
    number: Number
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The table, and what it rests on.

    Attributes
    ----------
    both, first_only, second_only, neither
        Deposits that both decided on: included by both, by one, by none.
    n_undecided
        Decided by one reader alone; they count for nothing else here.
    """

    rows: tuple[AgreementRow, ...]
    both: int
    first_only: int
    second_only: int
    neither: int
    n_undecided: int
    n_scans: int


def agreement(pairs: Sequence[tuple[Reading, Reading]]) -> Agreement:
    """Compare two readers over scans that both have read.

    Parameters
    ----------
    pairs
        First and second reader of each scan.

    Raises
    ------
    EditsError
        If a pair is of two scans, or there is none.
    """
    if not pairs:
        msg = "Expected scans that both readers have read, got none in common."
        raise EditsError(msg)
    said: list[tuple[bool, bool]] = []
    n_undecided = 0
    for first, second in pairs:
        if first.edits.input_hash != second.edits.input_hash:
            msg = "Expected two readings of one scan, got those of two scans."
            raise EditsError(msg)
        common, alone = matched(decisions(first.edits), decisions(second.edits))
        said += common
        n_undecided += alone
    return Agreement(
        rows=(
            AgreementRow("percent_agreement", _share(said), "%"),
            AgreementRow("kappa_include_exclude", cohen_kappa(said)),
            *_mass_rows(pairs),
        ),
        both=said.count((True, True)),
        first_only=said.count((True, False)),
        second_only=said.count((False, True)),
        neither=said.count((False, False)),
        n_undecided=n_undecided,
        n_scans=len(pairs),
    )


def decisions(edits: Edits) -> list[tuple[Point, bool]]:
    """Places that were included (True) or excluded, the last word on each."""
    last: list[tuple[Point, bool]] = []
    for edit in edits.edits:
        if edit.operation not in {Operation.INCLUDE, Operation.EXCLUDE}:
            continue
        place = edit.points_mm[0]
        last = [(p, said) for p, said in last if not _is_same(p, place)]
        last.append((place, edit.operation is Operation.INCLUDE))
    return last


def _is_same(one: Point, other: Point) -> bool:
    return bool(np.linalg.norm(np.subtract(one, other)) <= SAME_PLACE_MM)


def matched(
    first: Sequence[tuple[Point, bool]], second: Sequence[tuple[Point, bool]]
) -> tuple[list[tuple[bool, bool]], int]:
    """Decisions of both at the same places, and how many only one decided on."""
    left = list(second)
    common: list[tuple[bool, bool]] = []
    for place, said in first:
        near = [other for other in left if _is_same(place, other[0])]
        if near:
            left.remove(near[0])
            common.append((said, near[0][1]))
    return common, len(first) + len(second) - 2 * len(common)


def _share(said: Sequence[tuple[bool, bool]]) -> Number:
    if not said:
        return Number(None, None, None, 0, "nothing was decided by both")
    return Number(100 * sum(a == b for a, b in said) / len(said), None, None, len(said))


def _mass_rows(pairs: Sequence[tuple[Reading, Reading]]) -> tuple[AgreementRow, ...]:
    """Agreement on mass, over those scans that were measured for both readers."""
    totals: list[tuple[float, float]] = []
    masses: list[tuple[float, float]] = []
    for first, second in pairs:
        if first.total_mg is not None and second.total_mg is not None:
            totals.append((first.total_mg, second.total_mg))
        if first.masses_mg is not None and second.masses_mg is not None:
            # Who excluded a deposit gave it no mass.
            masses += [
                (first.masses_mg.get(uid, 0.0), second.masses_mg.get(uid, 0.0))
                for uid in sorted({*first.masses_mg, *second.masses_mg})
            ]
    return (*_rows_of("total_mass", totals), *_rows_of("deposit_mass", masses))


def _rows_of(
    name: str, values: Sequence[tuple[float, float]]
) -> tuple[AgreementRow, ...]:
    table = np.array(values, np.float64).reshape(-1, 2)
    apart = differences(table[:, 0], table[:, 1])
    return (
        AgreementRow(f"icc_2_1_{name}", intraclass(table)),
        AgreementRow(f"bias_{name}", apart.bias, UNIT_MG),
        AgreementRow(f"limit_low_{name}", apart.limit_low, UNIT_MG),
        AgreementRow(f"limit_high_{name}", apart.limit_high, UNIT_MG),
    )
