"""What gecatsim is told, and what the page says of the two simulators."""

import re
from pathlib import Path

import numpy as np
import pytest
from scripts.compare_gecatsim import (
    DENSITIES_MG_CM3,
    Case,
    cases,
    mineral_mm,
    mixture,
    slope,
    table_row,
)
from scripts.gecatsim_beam import (
    ALUMINIUM_MM,
    few_energies_excess,
    our_spectrum,
)

TABLE = Path(__file__).parents[3] / "docs" / "gecatsim-table.md"
WITHIN = 0.02  # the agreement aimed at


def test_a_rod_of_pure_mineral_is_hydroxyapatite() -> None:
    rod = mixture("water", 3160.0)

    assert rod.density_g_cm3 == pytest.approx(3.16)
    assert rod.parts["Ca"] / sum(rod.parts.values()) == pytest.approx(0.3989)
    assert rod.parts["Ca"] / rod.parts["P"] == pytest.approx(
        5 * 40.078 / 3 / 30.974, 3e-3
    )


def test_mineral_displaces_its_own_volume() -> None:
    rod = mixture("water", 316.0)

    assert rod.density_g_cm3 == pytest.approx(0.9 + 0.316)
    assert rod.parts["Ca"] == pytest.approx(0.316 * 0.3989, 1e-3)


def test_the_spectrum_ends_at_the_tube_voltage() -> None:
    energies, photons = our_spectrum(80.0, ALUMINIUM_MM)

    assert np.ptp(np.diff(energies)) == pytest.approx(0.0, abs=1e-9)
    assert 79.0 <= energies[photons > 0].max() <= 80.0


def test_a_row_tells_the_slopes_apart_from_the_level_of_the_body() -> None:
    densities = np.array(DENSITIES_MG_CM3)
    ours, theirs = 1.53 * densities, 12.0 + 1.50 * densities

    row = table_row(Case("same", 120.0, 300.0, tissue="muscle"), ours, theirs)

    assert slope(theirs) == pytest.approx(1.50)
    assert row == (
        "| same | 300 mm muscle, centre | 120 | 1.5300 | 1.5000 "
        "| +2.00% | +2.00% | – | +2.00% | – | 0.0 | 12.0 |"
    )


def test_few_energies_are_near_the_whole_spectrum() -> None:
    limb, trunk = (
        few_energies_excess(120.0, diameter, mineral_mm(100.0))
        for diameter in (100.0, 300.0)
    )

    assert 0.0 < limb < 0.01
    assert abs(trunk) < 0.001


def test_the_page_has_every_case_within_the_aim_where_the_beam_is_shared() -> None:
    rows = [
        line for line in TABLE.read_text(encoding="utf-8").splitlines() if "%" in line
    ]
    rows = [row for row in rows if row.startswith("| ")]
    shared = [row for row in rows if "of gecatsim" not in row]

    assert len(rows) == len(cases())
    for row in shared:
        slopes = [float(n) for n in re.findall(r"\d\.\d{4}", row)]
        assert slopes[0] / slopes[1] == pytest.approx(1.0, abs=WITHIN)
