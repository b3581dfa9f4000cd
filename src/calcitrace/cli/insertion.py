"""What `calcitrace insert` says: what was inserted, and where it is."""

from typing import TYPE_CHECKING

from calcitrace.bootstrap.written import json_text

if TYPE_CHECKING:
    from calcitrace.bootstrap.written import WrittenResult
    from calcitrace.model.insertion import InsertedDeposit, Insertion

HEADING = (
    f"{'#':>3} {'kind':<16} {'tissue':<6} {'true mg':>9} {'mg/cm3':>7} "
    f"{'gap mm':>7} {'depth mm':>8}"
)


def insertion_lines(insertion: "Insertion", written: "WrittenResult") -> list[str]:
    """Table of deposits, and where the files are."""
    deposits, n_asked = insertion.deposits, insertion.settings.n_deposits
    total = sum(d.mass_in_scan_mg for d in deposits)
    few = f" of {n_asked} (no room for more)" if len(deposits) < n_asked else ""
    return [
        f"{len(deposits)} deposits{few}, {total:.4g} mg in the scan",
        HEADING,
        *(_line(d) for d in deposits),
        "",
        f"Written to {written.folder}:",
        *(f"  {path.name}" for path in written.files),
        "Partly synthetic images, research use only: not a medical device.",
    ]


def insertion_json(insertion: "Insertion", written: "WrittenResult") -> str:
    """The truth, and where the files are."""
    return json_text(
        {
            "folder": str(written.folder),
            "files": [path.name for path in written.files],
            "n_asked": insertion.settings.n_deposits,
            "n_deposits": len(insertion.deposits),
            "mass_mg": sum(d.mass_mg for d in insertion.deposits),
            "mass_in_scan_mg": sum(d.mass_in_scan_mg for d in insertion.deposits),
            "deposits": [_deposit(d) for d in insertion.deposits],
        }
    )


def _deposit(deposit: "InsertedDeposit") -> dict[str, object]:
    return {
        "deposit_id": deposit.deposit_id,
        "kind": deposit.kind.value,
        "along": deposit.along,
        "tissue": deposit.tissue,
        "mass_mg": deposit.mass_mg,
        "mass_in_scan_mg": deposit.mass_in_scan_mg,
        "volume_mm3": deposit.volume_mm3,
        "density_mean_mg_cm3": deposit.density_mean_mg_cm3,
        "centroid_mm": list(deposit.centroid_mm),
        "gap_to_bone_mm": deposit.gap_to_bone_mm,
        "depth_mm": deposit.depth_mm,
        "is_cut": deposit.is_cut,
    }


def _line(deposit: "InsertedDeposit") -> str:
    kind = f"{deposit.kind.value} {deposit.along}".strip()
    gap, depth = deposit.gap_to_bone_mm, deposit.depth_mm
    cut = "  cut by the scan's end" if deposit.is_cut else ""
    return (
        f"{deposit.deposit_id:>3} {kind:<16} {deposit.tissue:<6} "
        f"{deposit.mass_mg:>9.4g} {deposit.density_mean_mg_cm3:>7.0f} "
        f"{'' if gap is None else f'{gap:.1f}':>7} "
        f"{'' if depth is None else f'{depth:.1f}':>8}{cut}"
    )
