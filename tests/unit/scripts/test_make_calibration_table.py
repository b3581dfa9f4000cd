"""Physics behind the calibration table: attenuation, and a reconstructed insert."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_calibration_table.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_calibration_table", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


table = load()


# NIST X-Ray Mass Attenuation Coefficients (Hubbell and Seltzer), with coherent scatter.
@pytest.mark.parametrize(
    ("formula", "energy_kev", "cm2_g"),
    [
        ("H2O", 40.0, 0.2683),
        ("H2O", 60.0, 0.2059),
        ("H2O", 100.0, 0.1707),
        ("Ca", 40.0, 1.830),
        ("Ca", 60.0, 0.6578),
        ("Ca", 100.0, 0.2571),
        # Ca, P, O, H by mass: 0.3989, 0.1850, 0.4141, 0.0020.
        ("Ca10P6O26H2", 60.0, 0.4067),
    ],
)
def test_attenuation_is_that_of_nist(
    formula: str, energy_kev: float, cm2_g: float
) -> None:
    found = table.mass_attenuation_cm2_g(formula, np.array([energy_kev]))

    assert found[0] == pytest.approx(cm2_g, rel=0.01)


def test_the_beams_are_as_hard_as_those_of_clinical_scanners() -> None:
    layers = [table.half_value_layer_mm_al(120.0, tube) for tube in table.TUBES]

    assert min(layers) > 6.0
    assert max(layers) < 9.5


def test_the_water_correction_makes_water_flat() -> None:
    scanner = table.Scanner(120.0, table.TUBES[0], table.DETECTORS[1])

    for length in (1.0, 10.0, 35.0):
        read = scanner.reading(length)
        assert scanner.water_equivalent_cm(read, 5.0) == pytest.approx(length, abs=1e-9)


def test_a_single_energy_needs_no_spectrum() -> None:
    scanner = table.Scanner(120.0, table.TUBES[0], table.DETECTORS[0])
    scanner.weight = np.where(np.arange(len(scanner.weight)) == 60, 1.0, 0.0)
    water, mineral = scanner.water[60], scanner.hydroxyapatite[60]

    for length in (3.0, 30.0):
        assert scanner.k(length) == pytest.approx(mineral / water - 1 / 3.16, rel=1e-6)
        assert scanner.hardening_cm2_per_mg(length) == pytest.approx(0.0, abs=1e-9)


def added_water_cm(scanner: Any, water_cm: float, areal_g_cm2: float) -> float:  # noqa: ANN401 -- gecatsim has no types
    reading = scanner.reading(water_cm, areal_g_cm2)
    return float(scanner.water_equivalent_cm(reading, water_cm) - water_cm)


def reconstructed_insert_hu(
    scanner: Any,  # noqa: ANN401 -- gecatsim has no types
    body_cm: float,
    insert_cm: float,
    density_g_cm3: float,
) -> float:
    """Mean CT number over an insert in the middle of water, by inverse Abel transform.

    Returns the mean weighted by area, over the whole insert. Rings of constant value are
    peeled off from outside, so no filter or pixel enters.
    """
    n = 60
    edges = np.linspace(0.0, insert_cm / 2, n + 1)
    lines = (edges[:-1] + edges[1:]) / 2
    chords = 2 * np.sqrt(np.maximum((insert_cm / 2) ** 2 - lines**2, 0.0))
    water = 2 * np.sqrt((body_cm / 2) ** 2 - lines**2)
    added = np.array(
        [
            added_water_cm(scanner, float(w), density_g_cm3 * float(c))
            for w, c in zip(water, chords, strict=True)
        ]
    )
    reach = np.sqrt(np.maximum(edges[None, :] ** 2 - lines[:, None] ** 2, 0.0))
    path = 2 * np.diff(reach, axis=1)  # of every line through every ring
    value = np.linalg.solve(path, added)
    area = np.diff(edges**2)
    return float(1000 * np.average(value, weights=area))


@pytest.mark.parametrize(
    ("kvp", "body_cm"), [(80.0, 10.0), (120.0, 10.0), (120.0, 30.0)]
)
def test_a_reconstructed_insert_reads_what_the_table_predicts(
    kvp: float, body_cm: float
) -> None:
    scanner = table.Scanner(kvp, table.TUBES[1], table.DETECTORS[1])
    insert_cm, density = 1.6, 0.4
    hu = reconstructed_insert_hu(scanner, body_cm, insert_cm, density)
    areal_mg_cm2 = 1000 * density * 8 / (3 * np.pi) * insert_cm
    hardening = 1 + scanner.hardening_cm2_per_mg(body_cm) * areal_mg_cm2

    assert hu / (1000 * density) == pytest.approx(
        scanner.k(body_cm) / hardening, rel=0.006
    )


def test_the_committed_table_is_what_the_script_computes() -> None:
    from calcitrace.analysis.calibration.response_table import RESPONSE  # noqa: PLC0415 -- loaded on use

    by_key = {(row.kvp, row.body_diameter_mm): row for row in RESPONSE}
    for kvp, size in ((80.0, 50.0), (120.0, 250.0)):
        computed, written = table.row(kvp, size), by_key[kvp, size]
        assert written.k == pytest.approx(computed.k, rel=1e-3)
        assert written.hardening_cm2_per_mg == pytest.approx(
            computed.hardening_cm2_per_mg, rel=1e-2
        )
        assert written.relative_std == pytest.approx(computed.relative_std, rel=1e-2)
