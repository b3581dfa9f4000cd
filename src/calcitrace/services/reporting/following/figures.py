"""Numbers of a comparison in words."""

import math

from calcitrace.model.change import Call, Interval, Rate, Weighed
from calcitrace.model.comparison import Change
from calcitrace.model.estimate import Z95, Unit
from calcitrace.services.reporting.figures import (
    DASH,
    decimals_of,
    limit_mg,
    with_unit,
)
from calcitrace.services.reporting.following.words import CALL_WORDS, OBSTACLE_WORDS
from calcitrace.services.reporting.language import NO_BREAK, Language

SURE = 0.999


def mass_text(mass: Weighed | None, std_mg: float | None, lang: Language) -> str:
    """Mass with the digits that its error allows; a bound where it is nothing."""
    if mass is None:
        return DASH
    if mass.is_below_limit:
        return f"<{NO_BREAK}{limit_mg(mass.limit_mg, lang)}"
    std = mass.std_noise_mg if std_mg is None else std_mg
    number = (
        lang.number(mass.mass_mg, decimals_of(std))
        if std > 0
        else lang.significant(mass.mass_mg)
    )
    sign = f"≥{NO_BREAK}" if mass.is_lower_bound else ""
    return sign + with_unit(number, Unit.MG, lang)


def change_percent(ratio: float, lang: Language) -> str:
    """A ratio as a change: "+12 %".

    Examples
    --------
    >>> from calcitrace.services.reporting.language import language
    >>> change_percent(0.5, language("en")).replace(NO_BREAK, " ")
    '−50 %'
    """
    sign = "+" if ratio >= 1 else ""
    return f"{sign}{lang.number(100 * (ratio - 1))}{NO_BREAK}%"


def ratio_text(change: Change, lang: Language) -> str:
    """Change of the mass in percent; a dash where there is no ratio."""
    test = change.test
    if test is None or test.ratio is None:
        return DASH
    return change_percent(test.ratio, lang)


def interval_text(interval: Interval | None, lang: Language) -> str:
    """95 % interval of a ratio, as changes."""
    if interval is None:
        return ""
    low = change_percent(interval.low, lang)
    if interval.high is None:
        return lang.gettext("at least {low}").format(low=low)
    return lang.gettext("{low} to {high}").format(
        low=low, high=change_percent(interval.high, lang)
    )


def probability_text(probability: float, lang: Language) -> str:
    """Probability in percent, never said to be certain."""
    if probability > SURE:
        return f">{NO_BREAK}{lang.number(100 * SURE, 1)}{NO_BREAK}%"
    if probability < 1 - SURE:
        return f"<{NO_BREAK}{lang.number(100 * (1 - SURE), 1)}{NO_BREAK}%"
    return f"{lang.number(100 * probability)}{NO_BREAK}%"


def call_text(change: Change, lang: Language) -> str:
    """Call, or why there is none."""
    word = lang.gettext(CALL_WORDS[change.call])
    if change.call is not Call.NOT_COMPARABLE or change.obstacle is None:
        return word
    return f"{word} ({lang.gettext(OBSTACLE_WORDS[change.obstacle])})"


def rate_text(rate: Rate, lang: Language) -> tuple[str, str]:
    """Annual change and its 95 % interval."""
    low, value, high = (
        math.exp(rate.log_per_year + k * Z95 * rate.std) for k in (-1, 0, 1)
    )
    return (
        change_percent(value, lang),
        lang.gettext("{low} to {high}").format(
            low=change_percent(low, lang), high=change_percent(high, lang)
        ),
    )
