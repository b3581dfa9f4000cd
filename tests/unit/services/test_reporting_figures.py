"""Numbers in words."""

from datetime import datetime

import pytest

from calcitrace.model.estimate import Estimate, Unit
from calcitrace.services.reporting.figures import (
    decimals_of,
    interval_text,
    limit_mg,
    measured,
)
from calcitrace.services.reporting.language import language


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "std", "shown"),
    [
        (12.3456, 1.07, "12.3 ± 1.1 mg"),
        (12.3456, 0.36, "12.3 ± 0.4 mg"),
        (12.3456, 0.0967, "12.35 ± 0.10 mg"),
        (0.123456, 0.0356, "0.12 ± 0.04 mg"),
        (0.123456, 0.0352, "0.123 ± 0.035 mg"),
        (123456.0, 4200.0, "123 000 ± 4000 mg"),
        (1234.0, 420.0, "1200 ± 400 mg"),
        (-0.0004, 0.0501, "0.00 ± 0.05 mg"),
        (12.3456, 0.0, "12.3 mg"),
    ],
)
def test_digits_follow_the_error(value: float, std: float, shown: str) -> None:
    estimate = Estimate(value, std, 0.0, Unit.MG)

    assert spaced(measured(estimate, language("en"))) == shown


@pytest.mark.parametrize("std", [0.00095, 0.0955, 0.354, 0.3555, 9.49, 9.6, 951.0])
def test_an_error_never_shows_as_zero(std: float) -> None:
    text = language("en").number(std, decimals_of(std))

    assert float(spaced(text).replace(" ", "")) > 0


@pytest.mark.parametrize(
    ("limit", "shown"),
    [(0.11, "0.11 mg"), (0.1101, "0.12 mg"), (1.0, "1.0 mg"), (9.99, "10 mg")],
)
def test_a_limit_is_never_rounded_down(limit: float, shown: str) -> None:
    assert spaced(limit_mg(limit, language("en"))) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (10.0, 14.0, "10.0 à 14.0 mg"),
        (-1.0, 14.0, "jusqu’à 14.0 mg"),
        (None, 14.0, "jusqu’à 14.0 mg"),
        (10.0, None, "au moins 10.0 mg"),
        (-1.0, None, "aucune borne"),
        (None, None, "aucune borne"),
    ],
)
def test_a_missing_bound_is_said(
    low: float | None, high: float | None, shown: str
) -> None:
    text = interval_text(low, high, 1.0, language("fr"))

    assert spaced(text) == shown.replace(".", ",")


@pytest.mark.parametrize(
    ("when", "lang", "shown"),
    [
        (datetime(2024, 3, 4, 5, 6, 7), "en", "4 March 2024, 05:06"),  # noqa: DTZ001 -- naive, as in DICOM
        (datetime(2024, 8, 1), "fr", "1er août 2024"),  # noqa: DTZ001 -- naive, as in DICOM
    ],
)
def test_dates_are_written_out(when: datetime, lang: str, shown: str) -> None:
    assert spaced(language(lang).date(when)) == shown


@pytest.mark.parametrize(
    ("phrase", "shown"),
    [
        ("", ""),
        ("B30f", "B30f"),
        ("Br64d 2.5", "Br64d 2,5"),
        ("virtual monoenergetic, 70 keV", "monoénergétique virtuelle, 70 keV"),
        (
            "not CT images (modality SR, 1.2.3)",
            "pas des images de scanner (modality SR, 1.2.3)",
        ),
        ("3 / 70", "3 / 70"),
        ("7%", "7 %"),
    ],
)
def test_phrases_of_flags_are_translated_around_their_numbers(
    phrase: str, shown: str
) -> None:
    assert spaced(language("fr").phrase(phrase)) == shown
