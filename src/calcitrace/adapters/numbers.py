"""Numbers as text: enough digits, never more, the same on every run."""

import math

# Six digits are far below every uncertainty here, and enough to add up a column.
SIGNIFICANT_DIGITS = 6
POSITION_DECIMALS = 3  # micrometres


def rounded(value: float | None, digits: int = SIGNIFICANT_DIGITS) -> float | None:
    """Round to significant digits; `None` stays, not-a-number becomes `None`.

    Examples
    --------
    >>> rounded(1234.56789)
    1234.57
    >>> rounded(float("nan")) is None
    True
    """
    if value is None or not math.isfinite(value):
        return None
    # "+ 0.0" turns a negative zero into zero.
    return float(f"{value:.{digits}g}") + 0.0


def number_text(value: float | None) -> str:
    """Cell of a table: plain decimal text, empty where there is no number.

    Examples
    --------
    >>> number_text(0.000012345678), number_text(None), number_text(250.0)
    ('0.0000123457', '', '250')
    """
    number = rounded(value)
    if number is None:
        return ""
    return _trimmed(f"{number:.{_decimals(number)}f}")


def position_text(value_mm: float) -> str:
    """Cell of a table for a coordinate in mm, to the micrometre.

    Examples
    --------
    >>> position_text(-0.0001), position_text(12.34567)
    ('0', '12.346')
    """
    return _trimmed(f"{round(value_mm, POSITION_DECIMALS) + 0.0:.{POSITION_DECIMALS}f}")


def bool_text(value: bool) -> str:  # noqa: FBT001 -- it is the value to be written
    """Cell of a table: "true" or "false"."""
    return "true" if value else "false"


def _decimals(number: float) -> int:
    """Decimals that show all significant digits."""
    if number == 0:
        return 0
    return max(0, SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(number))))


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
