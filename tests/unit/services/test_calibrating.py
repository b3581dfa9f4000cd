"""A phantom scan becomes the calibration of a scanner, or is refused in one line."""

from dataclasses import replace
from datetime import date

import pytest

from calcitrace.errors import CalibrationError
from calcitrace.model.acquisition import Acquisition
from calcitrace.model.flags import Flag, FlagKind
from calcitrace.services.calibrating import PhantomMeasurement, measure_phantom
from tests.fakes.rod_phantom import (
    DENSITIES,
    HEADER,
    RODS,
    K,
    phantom_scan,
)


@pytest.fixture(scope="module")
def measured() -> PhantomMeasurement:
    return measure_phantom(phantom_scan(), DENSITIES)


def test_the_slope_is_that_of_the_rods(measured: PhantomMeasurement) -> None:
    # Rods were drawn without self-hardening: taking it out adds up to 3 %, and bends.
    assert 1 / measured.reference.slope_mg_cm3_per_hu == pytest.approx(K, rel=0.035)
    assert measured.fit.correlation > 0.9995
    assert max(map(abs, measured.fit.residuals_hu)) < 16.0


def test_the_scanner_is_named_as_in_the_header(measured: PhantomMeasurement) -> None:
    reference = measured.reference

    assert (reference.manufacturer, reference.model_name) == ("Maker", "Model 7")
    assert (reference.kvp, reference.kernel) == (120.0, "B30f")
    assert reference.measured == date(2024, 3, 4)
    assert [rod.density_mg_cm3 for rod in reference.rods] == sorted(DENSITIES)


def test_errors_are_those_of_reading_and_of_a_percent_of_density(
    measured: PhantomMeasurement,
) -> None:
    reference = measured.reference

    assert 0 < reference.std_random / reference.slope_mg_cm3_per_hu < 0.03
    assert 0 < reference.std_systematic / reference.slope_mg_cm3_per_hu < 0.011


@pytest.mark.parametrize(
    ("densities", "diameters", "said"),
    [
        (
            (0, 100, 200),
            (),
            r"Expected 3 rods.*found 5: \d HU, 1\d\.\d mm wide at \(-17",
        ),
        (DENSITIES, (14.0, 14.0), "one diameter, or one for each of 5"),
        (DENSITIES, (25.0,), "rod of 25 mm, found"),
        ((0, 100, 100, 200, 800), (), "contradicts|on a line"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(
    densities: tuple[float, ...], diameters: tuple[float, ...], said: str
) -> None:
    with pytest.raises(CalibrationError, match=said) as caught:
        measure_phantom(phantom_scan(), densities, diameters)

    assert "\n" not in str(caught.value)


def test_given_diameters_are_used(measured: PhantomMeasurement) -> None:
    given = measure_phantom(phantom_scan(), DENSITIES, (14.0,))

    assert {rod.diameter_mm for rod in given.reference.rods} == {14.0}
    assert given.reference.slope_mg_cm3_per_hu == pytest.approx(
        measured.reference.slope_mg_cm3_per_hu, rel=0.005
    )


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (replace(HEADER, kvp=None), "kVp"),
        (replace(HEADER, manufacturer=None, model_name=""), "manufacturer, model name"),
    ],
)
def test_a_header_that_names_no_scanner_is_refused(
    header: Acquisition, said: str
) -> None:
    with pytest.raises(CalibrationError, match=said):
        measure_phantom(phantom_scan(RODS, header), DENSITIES)


def test_monoenergetic_images_are_refused() -> None:
    scan = phantom_scan()
    scan = replace(scan, flags=(Flag(FlagKind.VIRTUAL_MONOENERGETIC, "70 keV"),))

    with pytest.raises(CalibrationError, match="plain series"):
        measure_phantom(scan, DENSITIES)
