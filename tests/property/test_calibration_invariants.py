"""What must hold of every calibration, whatever the scan."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calcitrace.analysis.calibration import calibrate_by_rods, calibrate_by_table
from calcitrace.model.rods import Rod

kvps = st.floats(70.0, 150.0)
sizes = st.floats(30.0, 500.0)
backgrounds = st.floats(-150.0, 150.0)
areal_densities = st.floats(0.0, 5000.0)


@given(kvps, sizes, sizes)
def test_a_larger_body_never_raises_the_response(
    kvp: float, first: float, second: float
) -> None:
    calibration, _ = calibrate_by_table(kvp, first)
    small, large = sorted((first, second))

    assert calibration.k_in_tissue(0.0, small) >= calibration.k_in_tissue(
        0.0, large
    ) * (1 - 1e-9)


@given(kvps, kvps, sizes)
def test_a_higher_voltage_never_raises_the_response(
    first: float, second: float, size_mm: float
) -> None:
    low, high = sorted((first, second))
    soft, _ = calibrate_by_table(low, size_mm)
    hard, _ = calibrate_by_table(high, size_mm)

    assert soft.hu_per_mg_cm3 >= hard.hu_per_mg_cm3 * (1 - 1e-9)


@given(kvps, sizes, sizes)
def test_looking_from_another_slice_gives_the_same_table(
    kvp: float, reference: float, there: float
) -> None:
    from_afar = calibrate_by_table(kvp, reference)[0].at_diameter(there)
    at_once, _ = calibrate_by_table(kvp, there)

    # Between the sizes of the table one is interpolated linearly, the other smoothly.
    assert from_afar.hu_per_mg_cm3 == pytest.approx(at_once.hu_per_mg_cm3, rel=0.005)


@given(kvps, sizes, areal_densities, areal_densities)
def test_self_hardening_only_grows_with_what_lies_in_the_way(
    kvp: float, size_mm: float, first: float, second: float
) -> None:
    calibration, _ = calibrate_by_table(kvp, size_mm)
    thin, dense = sorted((first, second))

    assert (
        0
        < calibration.hardening_factor(dense)
        <= calibration.hardening_factor(thin)
        <= 1
    )


@given(kvps, sizes, backgrounds)
def test_denser_tissue_hides_more(kvp: float, size_mm: float, hu: float) -> None:
    calibration, _ = calibrate_by_table(kvp, size_mm)

    assert calibration.k_in_tissue(hu) == pytest.approx(
        calibration.k_in_tissue(0.0) - hu / 3160
    )


@given(st.floats(1.0, 2.5), st.floats(-30.0, 30.0), st.permutations([0, 100, 200, 400]))
def test_the_order_and_the_offset_of_rods_do_not_matter(
    k: float, offset_hu: float, densities: list[int]
) -> None:
    rods = [Rod(f"{d}", d, 1.0, offset_hu + k * d, 1.0) for d in densities]
    calibration, _ = calibrate_by_rods(rods, kvp=None, body_diameter_mm=math.nan)

    assert calibration.hu_per_mg_cm3 == pytest.approx(k, rel=1e-9)
