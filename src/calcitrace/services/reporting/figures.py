"""Measured values in words: as many digits as their error allows, never a false zero."""

import math

from calcitrace.model.deposit import Deposit
from calcitrace.model.estimate import Estimate, Unit
from calcitrace.services.reporting.language import NO_BREAK, Language

UNIT_SIGNS: dict[Unit, str] = {
    Unit.MG: "mg",
    Unit.MM3: "mm³",
    Unit.MM: "mm",
    Unit.MG_PER_CM3: "mg/cm³",
    Unit.HU: "HU",
    Unit.ONE: "",
}
# Rounding of the Particle Data Group: the first three digits of the error decide whether
# it keeps one digit or two (Review of Particle Physics, introduction, section 5.3).
TWO_DIGITS_UP_TO = 354
DASH = "–"


def decimals_of(std: float) -> int:
    """Decimals that an error allows; negative for tens, hundreds.

    Examples
    --------
    >>> decimals_of(1.07), decimals_of(0.52), decimals_of(0.0967), decimals_of(420.0)
    (1, 1, 2, -2)
    """
    exponent = math.floor(math.log10(std))
    first = round(std / 10.0 ** (exponent - 2))
    if first <= TWO_DIGITS_UP_TO:
        return 1 - exponent
    # An error of 0.0967 becomes 0.10: two digits again, one place further left.
    return -exponent


def unit_sign(unit: Unit, lang: Language) -> str:
    """Unit as printed; French writes UH for Hounsfield units."""
    if unit is Unit.HU and lang.code == "fr":
        return "UH"
    return UNIT_SIGNS[unit]


def with_unit(number: str, unit: Unit, lang: Language) -> str:
    """Join number and unit so that no line breaks between them."""
    return f"{number}{NO_BREAK}{unit_sign(unit, lang)}".rstrip(NO_BREAK)


def measured(estimate: Estimate, lang: Language, *, has_unit: bool = True) -> str:
    """Value and one standard uncertainty: "12.3 ± 1.1 mg"."""
    if estimate.std == 0:
        text = lang.significant(estimate.value)
    else:
        decimals = decimals_of(estimate.std)
        text = (
            f"{lang.number(estimate.value, decimals)}{NO_BREAK}±{NO_BREAK}"
            f"{lang.number(estimate.std, decimals)}"
        )
    return with_unit(text, estimate.unit, lang) if has_unit else text


def value_alone(estimate: Estimate, lang: Language) -> str:
    """Value without its error, with the digits that the error allows, and its unit."""
    if estimate.std == 0:
        text = lang.significant(estimate.value)
    else:
        text = lang.number(estimate.value, decimals_of(estimate.std))
    return with_unit(text, estimate.unit, lang)


def limit_mg(limit: float, lang: Language) -> str:
    """Upper limit with unit, rounded up so that what is said of it stays true.

    Examples
    --------
    >>> from calcitrace.services.reporting.language import language
    >>> limit_mg(0.1101, language("en")).replace(NO_BREAK, " ")
    '0.12 mg'
    """
    step = 10.0 ** (math.floor(math.log10(limit)) - 1) if limit > 0 else 1.0
    rounded = math.ceil(round(limit / step, 6)) * step
    return with_unit(lang.significant(rounded, 2), Unit.MG, lang)


def not_quantifiable(limit: float, lang: Language) -> str:
    """What is said in the place of a mass below its detection limit."""
    return lang.gettext("not quantifiable (< {limit})").format(
        limit=limit_mg(limit, lang)
    )


def mass_text(deposit: Deposit, lang: Language) -> str:
    """Mass of a deposit, with its error; bounds are said to be bounds."""
    if not deposit.is_quantifiable:
        _, high_mg = deposit.mass_ci95_mg
        if high_mg is None:
            return lang.gettext("not quantifiable (part of it was not seen)")
        return not_quantifiable(high_mg, lang)
    text = measured(deposit.mass, lang)
    return f"≥{NO_BREAK}{text}" if deposit.is_lower_bound else text


def interval_text(
    low: float | None, high: float | None, std: float, lang: Language
) -> str:
    """Interval of a mass in mg: "10.1 to 14.5 mg", with the digits of its error.

    Parameters
    ----------
    low, high
        Bounds; None is "no such bound". A lower bound at or below 0 says nothing.
    std
        Standard uncertainty that sets the digits; 0 gives three digits.
    """

    def number(value: float) -> str:
        return (
            lang.significant(value)
            if std == 0
            else lang.number(value, decimals_of(std))
        )

    is_low_said = low is not None and low > 0
    if high is None:
        if low is None or not is_low_said:
            return lang.gettext("no bound")
        text = lang.gettext("at least {low}").format(low=number(low))
    elif low is None or not is_low_said:
        text = lang.gettext("up to {high}").format(high=number(high))
    else:
        text = lang.gettext("{low} to {high}").format(
            low=number(low), high=number(high)
        )
    return with_unit(text, Unit.MG, lang)


def length_mm(value: float | None, lang: Language) -> str:
    """Length in mm to a tenth, without unit; a dash where there is none."""
    return DASH if value is None else lang.number(value, 1)


def position(point_mm: tuple[float, float, float], lang: Language) -> str:
    """Patient coordinates x, y, z (DICOM LPS) in whole mm."""
    return " / ".join(lang.number(v).replace(" ", NO_BREAK) for v in point_mm)
