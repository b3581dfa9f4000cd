"""Tables of a comparison: `tracks.csv` and `changes.csv`.

The columns are a contract with readers outside the project: new ones are appended,
none is renamed or moved. A cell without a value is empty, never 0: also the mass of what
is below its detection limit, which has an upper bound in a column of its own.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from calcitrace.adapters.numbers import bool_text, number_text, position_text
from calcitrace.adapters.tabular import write_table
from calcitrace.model.change import Interval, Weighed
from calcitrace.model.comparison import (
    Change,
    Comparison,
    Followed,
    SumChange,
    TrackAt,
    TrackChange,
)
from calcitrace.model.estimate import Z95

TRACK_COLUMNS = (
    "track_id",
    "visit",
    "deposit_ids",
    "mass_mg",
    "mass_std_mg",
    "state",
    # Beyond the contract.
    "acquired",
    "tracking_uid",
    "tracking_uids",
    "group_id",
    "status",
    "region",
    "laterality",
    "presence",
    "is_identity_uncertain",
    "link_probability",
    "mass_std_noise_mg",
    "mass_upper_bound_mg",
    "detection_limit_mg",
    "covered_fraction",
    "probability",
    "centroid_x_mm",
    "centroid_y_mm",
    "centroid_z_mm",
    "notes",
)
CHANGE_COLUMNS = (
    "track_id",
    "visit_from",
    "visit_to",
    "mass_from_mg",
    "mass_to_mg",
    "ratio",
    "ratio_ci95_low",
    "ratio_ci95_high",
    "p_growth",
    "p_shrinkage",
    "smallest_detectable_change_mg",
    "call",
    # Beyond the contract.
    "tracking_uid",
    "difference_mg",
    "difference_std_mg",
    "smallest_detectable_change_alone_mg",
    "p_adjusted",
    "fixed_25_percent_call",
    "obstacle",
    "is_identity_uncertain",
    "density_ratio",
    "density_ratio_ci95_low",
    "density_ratio_ci95_high",
    "density_call",
)
SUM_COLUMNS = (
    "sum",
    "name",
    *CHANGE_COLUMNS[1:12],
    "difference_mg",
    "difference_std_mg",
    "smallest_detectable_change_alone_mg",
    "p_adjusted",
    "fixed_25_percent_call",
    "obstacle",
    "track_ids",
)


class ComparisonTables:
    """Writes the tables of a comparison."""

    def write(
        self, comparison: Comparison, folder: Path, *, lang: str
    ) -> tuple[Path, ...]:
        """Write `tracks.csv`, `changes.csv` and `sums.csv`, the same in any language."""
        del lang
        paths = tuple(folder / f"{name}.csv" for name in ("tracks", "changes", "sums"))
        tracks = {t.track.track_id: t for t in comparison.tracks}
        days = {v.number: v.acquired.isoformat() for v in comparison.visits}
        write_table(
            paths[0],
            TRACK_COLUMNS,
            (
                track_row(t, at) | {"acquired": days[at.visit]}
                for t in comparison.tracks
                for at in t.at
            ),
        )
        write_table(
            paths[1],
            CHANGE_COLUMNS,
            (change_row(tracks[c.track_id], c) for c in _by_track(comparison)),
        )
        write_table(paths[2], SUM_COLUMNS, _sum_rows(comparison))
        return paths


def track_row(followed: Followed, at: TrackAt) -> dict[str, str]:
    """Cells of one track at one visit by column name, its date left out."""
    track, mass = followed.track, at.weighed
    x_mm, y_mm, z_mm = followed.centroid_mm
    arriving = [k.probability for k in track.links if k.after.visit == at.visit]
    return {
        "track_id": str(track.track_id),
        "visit": str(at.visit),
        "deposit_ids": ";".join(map(str, at.deposit_ids)),
        "mass_mg": number_text(_shown(mass)),
        "mass_std_mg": number_text(None if _shown(mass) is None else at.std_mg),
        "state": at.state.value,
        "tracking_uid": track.tracking_uid,
        "tracking_uids": ";".join(at.tracking_uids),
        "group_id": str(track.group_id),
        "status": followed.status.value,
        "region": followed.region,
        "laterality": followed.laterality,
        "presence": at.presence.value,
        "is_identity_uncertain": bool_text(track.is_identity_uncertain),
        "link_probability": number_text(min(arriving)) if arriving else "",
        "mass_std_noise_mg": number_text(
            None if mass is None or _shown(mass) is None else mass.std_noise_mg
        ),
        "mass_upper_bound_mg": number_text(_upper_bound(mass, at.std_mg)),
        "detection_limit_mg": number_text(None if mass is None else mass.limit_mg),
        "covered_fraction": number_text(at.covered),
        "probability": number_text(followed.probability),
        "centroid_x_mm": position_text(x_mm),
        "centroid_y_mm": position_text(y_mm),
        "centroid_z_mm": position_text(z_mm),
        "notes": ";".join(at.notes),
    }


def change_row(followed: Followed, row: TrackChange) -> dict[str, str]:
    """Cells of one track between two visits by column name."""
    density = row.density
    cells = _change_cells(row.change)
    return {
        "track_id": str(row.track_id),
        **cells,
        "tracking_uid": followed.track.tracking_uid,
        "is_identity_uncertain": bool_text(followed.track.is_identity_uncertain),
        "density_ratio": number_text(density.ratio if density else None),
        **_interval_cells("density_ratio", density.ratio_ci95 if density else None),
        "density_call": row.density_call.value,
    }


def _by_track(comparison: Comparison) -> list[TrackChange]:
    return sorted(
        comparison.changes,
        key=lambda c: (c.track_id, c.change.visit_to, c.change.visit_from),
    )


def _sum_rows(comparison: Comparison) -> Iterator[Mapping[str, str]]:
    for kind, sums in (
        ("total", comparison.totals),
        ("region", comparison.regions),
        ("group", comparison.groups),
    ):
        for one in sums:
            yield _sum_row(kind, one)


def _sum_row(kind: str, one: SumChange) -> dict[str, str]:
    return {
        "sum": kind,
        "name": one.name,
        **_change_cells(one.change),
        "track_ids": ";".join(map(str, one.track_ids)),
    }


def _change_cells(change: Change) -> dict[str, str]:
    test = change.test
    return {
        "visit_from": str(change.visit_from),
        "visit_to": str(change.visit_to),
        "mass_from_mg": number_text(_shown(change.before)),
        "mass_to_mg": number_text(_shown(change.after)),
        "ratio": number_text(test.ratio if test else None),
        **_interval_cells("ratio", test.ratio_ci95 if test else None),
        "p_growth": number_text(test.p_growth if test else None),
        "p_shrinkage": number_text(test.p_shrinkage if test else None),
        "smallest_detectable_change_mg": number_text(change.detectable_mg),
        "call": change.call.value,
        "difference_mg": number_text(test.difference_mg if test else None),
        "difference_std_mg": number_text(test.difference_std_mg if test else None),
        "smallest_detectable_change_alone_mg": number_text(change.detectable_alone_mg),
        "p_adjusted": number_text(change.p_adjusted),
        "fixed_25_percent_call": change.fixed.value,
        "obstacle": change.obstacle.value if change.obstacle else "",
    }


def _interval_cells(name: str, interval: Interval | None) -> dict[str, str]:
    return {
        f"{name}_ci95_low": number_text(interval.low if interval else None),
        f"{name}_ci95_high": number_text(interval.high if interval else None),
    }


def _shown(mass: Weighed | None) -> float | None:
    """Mass, unless it cannot be told from nothing."""
    return None if mass is None or mass.is_below_limit else mass.mass_mg


def _upper_bound(mass: Weighed | None, std_mg: float | None) -> float | None:
    """Upper 95 % bound; none where part of it was not seen."""
    if mass is None or std_mg is None or mass.is_lower_bound:
        return None
    bound = mass.mass_mg + Z95 * std_mg
    return max(bound, mass.limit_mg) if mass.is_below_limit else bound
