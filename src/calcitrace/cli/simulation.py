"""What `calcitrace simulate` says: what was simulated, and where it is."""

from typing import TYPE_CHECKING

from calcitrace.bootstrap.written import json_text

if TYPE_CHECKING:
    from calcitrace.bootstrap.simulating import Simulation
    from calcitrace.services.simulating import SimulatedVisit, TruthRow

HEADING = (
    f"{'deposit':<28} {'kind':<10} {'tissue':<8} {'true mg':>9} {'gap mm':>7} "
    f"{'depth mm':>8}"
)


def simulation_lines(simulation: "Simulation") -> list[str]:
    """Table of deposits for each visit, and where the files are."""
    lines: list[str] = []
    for visit in simulation.visits:
        lines += ["", *_visit_lines(visit)]
    lines += ["", f"Simulated in {simulation.written.folder}:"]
    lines += [
        f"  {path.relative_to(simulation.written.folder)}"
        for path in simulation.written.files
    ]
    lines.append("Simulated data, research use only: not a medical device.")
    return lines


def simulation_json(simulation: "Simulation") -> str:
    """Truth of all visits, and where the files are."""
    folder = simulation.written.folder
    return json_text(
        {
            "folder": str(folder),
            "files": [
                path.relative_to(folder).as_posix() for path in simulation.written.files
            ],
            "visits": [
                {
                    "visit": visit.number,
                    "days": visit.days,
                    "scan": (visit.folder / "scan").as_posix(),
                    "n_deposits": len(visit.truth),
                    "mass_mg": sum(row.mass_mg for row in visit.truth),
                    "mass_in_scan_mg": sum(row.mass_in_scan_mg for row in visit.truth),
                    "deposits": [_deposit(row) for row in visit.truth],
                }
                for visit in simulation.visits
            ],
        }
    )


def _deposit(row: "TruthRow") -> dict[str, object]:
    return {
        "name": row.name,
        "parent": row.parent,
        "mass_mg": row.mass_mg,
        "mass_in_scan_mg": row.mass_in_scan_mg,
        "gap_to_bone_mm": row.gap_to_bone_mm,
        "depth_mm": row.depth_mm,
        "is_cut": row.is_cut,
    }


def _visit_lines(visit: "SimulatedVisit") -> list[str]:
    total = sum(row.mass_in_scan_mg for row in visit.truth)
    when = f"Visit {visit.number}, day {visit.days}"
    return [
        f"{when}: {len(visit.truth)} deposits, {total:.4g} mg in the scan",
        *([HEADING] if visit.truth else []),
        *(_row_line(row) for row in visit.truth),
    ]


def _row_line(row: "TruthRow") -> str:
    gap = "" if row.gap_to_bone_mm is None else f"{row.gap_to_bone_mm:.2f}"
    depth = "" if row.depth_mm is None else f"{row.depth_mm:.1f}"
    origin = f"  from {row.parent}" if row.parent else ""
    cut = "  cut by the scan's end" if row.is_cut else ""
    return (
        f"{row.name:<28} {row.kind:<10} {row.tissue:<8} {row.mass_mg:>9.4g} "
        f"{gap:>7} {depth:>8}{origin}{cut}"
    )
