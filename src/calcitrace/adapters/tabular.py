"""Tables for machines: `deposits.csv` and `candidates.csv`.

The columns are a contract with readers outside the project: new ones are appended,
none is renamed or moved. A cell without a value is empty, never 0.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from calcitrace.adapters.numbers import bool_text, number_text, position_text
from calcitrace.model.deposit import Candidate, Deposit, Status
from calcitrace.model.estimate import Estimate
from calcitrace.model.flags import Flag
from calcitrace.model.result import ScanResult

DEPOSIT_COLUMNS = (
    "deposit_id",
    "tracking_uid",
    "status",
    "probability",
    "region",
    "laterality",
    "centroid_x_mm",
    "centroid_y_mm",
    "centroid_z_mm",
    "mass_mg",
    "mass_std_mg",
    "mass_ci95_low_mg",
    "mass_ci95_high_mg",
    "volume_mm3",
    "volume_std_mm3",
    "density_mean_mg_cm3",
    "hu_max",
    "diameter_max_mm",
    "agatston",
    "depth_mm",
    "bone_distance_mm",
    "shape_class",
    "is_lower_bound",
    "is_quantifiable",
    "flags",
    # Beyond the contract.
    "reason",
    "detection_limit_mg",
    "mass_std_random_mg",
    "mass_std_systematic_mg",
    "density_std_mg_cm3",
    "seed_x_mm",
    "seed_y_mm",
    "seed_z_mm",
    "edits",
    "region_source",
    "laterality_source",
    "mass_std_noise_mg",
)

CANDIDATE_COLUMNS = (
    "candidate_id",
    "kept",
    "reason",
    "centroid_x_mm",
    "centroid_y_mm",
    "centroid_z_mm",
    "volume_mm3",
    "hu_max",
    # Beyond the contract.
    "status",
    "probability",
    "deposit_id",
    "touches_bone",
    "is_cut",
    "flags",
    "edits",
)


class CsvTables:
    """Writes both tables of a result."""

    def write(self, result: ScanResult, folder: Path, *, lang: str) -> tuple[Path, ...]:
        """Write `deposits.csv` and `candidates.csv`; the language changes nothing."""
        del lang
        deposits, candidates = folder / "deposits.csv", folder / "candidates.csv"
        write_table(
            deposits, DEPOSIT_COLUMNS, (deposit_row(d) for d in result.deposits)
        )
        ids = {d.label: d.deposit_id for d in result.deposits}
        write_table(
            candidates,
            CANDIDATE_COLUMNS,
            (candidate_row(c, ids.get(c.label)) for c in result.candidates),
        )
        return deposits, candidates


def deposit_row(deposit: Deposit) -> dict[str, str]:
    """Cells of one deposit by column name.

    A deposit that is not quantifiable has no mass, no volume and no density in the
    table: only the upper bound of its mass.
    """
    x_mm, y_mm, z_mm = deposit.centroid_mm
    return {
        "deposit_id": str(deposit.deposit_id),
        "tracking_uid": deposit.tracking_uid,
        "status": deposit.status.value,
        "probability": number_text(deposit.probability),
        "region": deposit.region,
        "laterality": deposit.laterality,
        "centroid_x_mm": position_text(x_mm),
        "centroid_y_mm": position_text(y_mm),
        "centroid_z_mm": position_text(z_mm),
        **_mass_cells(deposit),
        **_estimate_cells(deposit.volume, "volume_mm3", "volume_std_mm3"),
        **_estimate_cells(
            deposit.density_mean, "density_mean_mg_cm3", "density_std_mg_cm3"
        ),
        "hu_max": number_text(deposit.hu_max),
        "diameter_max_mm": number_text(deposit.diameter_max_mm),
        "agatston": number_text(deposit.agatston),
        "depth_mm": number_text(deposit.depth_mm),
        "bone_distance_mm": number_text(deposit.bone_distance_mm),
        "shape_class": deposit.shape_class.value,
        "is_lower_bound": bool_text(deposit.is_lower_bound),
        "is_quantifiable": bool_text(deposit.is_quantifiable),
        "flags": _flag_codes(deposit.flags),
        "reason": deposit.reason.value,
        "detection_limit_mg": number_text(deposit.detection_limit_mg),
        **{
            f"seed_{axis}_mm": position_text(value)
            for axis, value in zip("xyz", deposit.seed_mm, strict=True)
        },
        "edits": ";".join(deposit.edits),
        "region_source": deposit.region_source.value,
        "laterality_source": deposit.laterality_source.value,
        "mass_std_noise_mg": number_text(
            deposit.mass_std_noise_mg if deposit.is_quantifiable else None
        ),
    }


def candidate_row(candidate: Candidate, deposit_id: int | None) -> dict[str, str]:
    """Cells of one candidate by column name; a dropped one has no deposit number."""
    x_mm, y_mm, z_mm = candidate.centroid_mm
    return {
        "candidate_id": str(candidate.label),
        "kept": bool_text(candidate.status is not Status.DROPPED),
        "reason": candidate.reason.value,
        "centroid_x_mm": position_text(x_mm),
        "centroid_y_mm": position_text(y_mm),
        "centroid_z_mm": position_text(z_mm),
        "volume_mm3": number_text(candidate.volume_mm3),
        "hu_max": number_text(candidate.hu_max),
        "status": candidate.status.value,
        "probability": number_text(candidate.probability),
        "deposit_id": "" if deposit_id is None else str(deposit_id),
        "touches_bone": bool_text(candidate.touches_bone),
        "is_cut": bool_text(candidate.is_cut),
        "flags": _flag_codes(candidate.flags),
        "edits": ";".join(candidate.edits),
    }


def _mass_cells(deposit: Deposit) -> dict[str, str]:
    low_mg, high_mg = deposit.mass_ci95_mg
    cells = {
        "mass_ci95_low_mg": number_text(low_mg),
        "mass_ci95_high_mg": number_text(high_mg),
    }
    mass = deposit.mass
    measured = {
        "mass_mg": mass.value,
        "mass_std_mg": mass.std,
        "mass_std_random_mg": mass.std_random,
        "mass_std_systematic_mg": mass.std_systematic,
    }
    for name, value in measured.items():
        cells[name] = number_text(value if deposit.is_quantifiable else None)
    return cells


def _estimate_cells(
    estimate: Estimate | None, value_name: str, std_name: str
) -> dict[str, str]:
    if estimate is None:
        return {value_name: "", std_name: ""}
    return {
        value_name: number_text(estimate.value),
        std_name: number_text(estimate.std),
    }


def _flag_codes(flags: Iterable[Flag]) -> str:
    return ";".join(sorted({flag.kind.code for flag in flags}))


def write_table(
    path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]
) -> None:
    """Write rows under a header, the same bytes on every system."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
