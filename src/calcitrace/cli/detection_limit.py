"""What `calcitrace insert --detection-limit` says."""

from typing import TYPE_CHECKING

from calcitrace.bootstrap.written import json_text

if TYPE_CHECKING:
    from calcitrace.bootstrap.written import WrittenResult
    from calcitrace.services.detection_limit import DetectionLimit, LimitMass, MassBin

HEADING = (
    f"{'true mg':>13} {'found':>8} {'95 % CI':>12} {'accepted':>9} {'measured':>9} "
    f"{'error':>7} {'in interval':>12}"
)


def limit_lines(limit: "DetectionLimit", written: "WrittenResult") -> list[str]:
    """Table by mass, the limits, and where the files are."""
    return [
        f"{len(limit.trials)} deposits inserted; found: accepted or in review",
        HEADING,
        *(_line(part) for part in limit.bins),
        "",
        *(_limit_line(mass) for mass in limit.limits),
        "",
        f"Written to {written.folder}:",
        *(f"  {path.name}" for path in written.files),
        "Of this scan and these forms, for research: not a medical device.",
    ]


def limit_json(limit: "DetectionLimit", written: "WrittenResult") -> str:
    """The same for machines."""
    return json_text(
        {
            "folder": str(written.folder),
            "files": [path.name for path in written.files],
            "n_deposits": len(limit.trials),
            "bins": [
                {
                    "mass_low_mg": part.low_mg,
                    "mass_high_mg": part.high_mg,
                    "n": part.n,
                    "n_found": part.n_found,
                    "n_accepted": part.n_accepted,
                    "found_ci95": [part.found_low, part.found_high],
                    "n_measured": part.n_measured,
                    "error_median": part.error_median,
                    "n_covered": part.n_covered,
                }
                for part in limit.bins
            ],
            "limits": [
                {
                    "share": mass.share,
                    "mass_mg": mass.mass_mg,
                    "ci95_low_mg": mass.low_mg,
                    "ci95_high_mg": mass.high_mg,
                }
                for mass in limit.limits
            ],
        }
    )


def _line(part: "MassBin") -> str:
    span = f"{part.low_mg:g}-{part.high_mg:g}"
    interval = f"{100 * part.found_low:.0f}-{100 * part.found_high:.0f} %"
    error = "" if part.error_median is None else f"{100 * part.error_median:.0f} %"
    return (
        f"{span:>13} {f'{part.n_found}/{part.n}':>8} {interval:>12} "
        f"{part.n_accepted:>9} {part.n_measured:>9} {error:>7} {part.n_covered:>12}"
    )


def _limit_line(limit: "LimitMass") -> str:
    share = f"{100 * limit.share:.0f} % are found from"
    if limit.mass_mg is None:
        return f"{share}: not within the inserted masses"
    low = "below" if limit.low_mg is None else f"{limit.low_mg:.2g}"
    high = "beyond" if limit.high_mg is None else f"{limit.high_mg:.2g}"
    return f"{share} {limit.mass_mg:.2g} mg (95 % CI {low} to {high})"
