"""Attenuation against published tables."""

import numpy as np
import pytest

from calcitrace.simulation.materials import MATERIALS

# cm2/g with coherent scatter at 40, 60, 80, 100 and 150 keV: Hubbell and Seltzer, NISTIR
# 5632 (1995), tables 3 and 4, https://doi.org/10.18434/T4D01F
NIST_KEV = np.array([40.0, 60.0, 80.0, 100.0, 150.0])
NIST_CM2_G = {
    "water": (0.2683, 0.2059, 0.1837, 0.1707, 0.1505),
    "fat": (0.2396, 0.1974, 0.1800, 0.1688, 0.1500),
    "cortical_bone": (0.6655, 0.3148, 0.2229, 0.1855, 0.1480),
    "pmma": (0.2350, 0.1924, 0.1751, 0.1641, 0.1456),
    "aluminium": (0.5685, 0.2778, 0.2018, 0.1704, 0.1378),
}


@pytest.mark.parametrize("name", NIST_CM2_G)
def test_attenuation_is_that_of_published_tables(name: str) -> None:
    material = MATERIALS[name]

    cm2_g = 10 * material.attenuation_per_mm(NIST_KEV) / material.density_g_cm3

    assert cm2_g == pytest.approx(np.array(NIST_CM2_G[name]), rel=0.015)


@pytest.mark.parametrize("name", MATERIALS)
def test_composition_is_whole(name: str) -> None:
    assert sum(MATERIALS[name].percent.values()) == pytest.approx(100.0, abs=0.7)
