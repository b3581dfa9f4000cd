"""The languages of reports: words from the catalogues, numbers and dates as written."""

import gettext
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from calcitrace.errors import InputError

LANGUAGES = ("en", "fr")
DOMAIN = "calcitrace"
LOCALE = Path(__file__).parents[2] / "locale"

NO_BREAK = "\u00a0"
THIN = "\u202f"  # narrow, and does not break either
NO_NUMBER = "–"
MINUS = "\u2212"
GROUPED_FROM = 10_000  # four digits are read without a gap
# A number that stands alone: not the digits of a kernel's name or of a UID.
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_BEFORE_MARK = re.compile(r" (?=[:;?!%»])|(?<=«) ")


def marked(text: str) -> str:
    """Mark a text for the catalogues where it stands in a table.

    Examples
    --------
    >>> marked("Slices")
    'Slices'
    """
    return text


MONTHS = (
    marked("January"),
    marked("February"),
    marked("March"),
    marked("April"),
    marked("May"),
    marked("June"),
    marked("July"),
    marked("August"),
    marked("September"),
    marked("October"),
    marked("November"),
    marked("December"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language: its words, and how it writes numbers.

    Attributes
    ----------
    code
        "en" or "fr".
    """

    code: str
    translate: Callable[[str], str]
    translate_counted: Callable[[str, str, int], str]

    def gettext(self, text: str) -> str:
        """Return a text of the catalogue, typeset."""
        return self.typeset(self.translate(text))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the singular or plural of a text for a count, typeset."""
        return self.typeset(self.translate_counted(singular, plural, n))

    def typeset(self, text: str) -> str:
        """Put in apostrophes, and spaces that must not break a line."""
        held = text.replace(" %", f"{NO_BREAK}%").replace("< ", f"<{NO_BREAK}")
        text = _APOSTROPHE.sub("’", held)
        return _BEFORE_MARK.sub(NO_BREAK, text) if self.code == "fr" else text

    def phrase(self, text: str) -> str:
        """Translate a phrase that holds numbers, as flags and reasons do.

        The catalogue has the phrase with `#` in the place of every number. Of a phrase
        that is not in it, what stands in brackets at its end is left as it is; if that
        does not help, only its numbers change.
        """
        numbers = _NUMBER.findall(text)
        plain = _NUMBER.sub("#", text)
        pattern = self.gettext(plain) if text else ""
        head, bracket, tail = text.partition(" (")
        if bracket and self.translate(plain) == plain:
            return self.typeset(f"{self.phrase(head)} ({tail}")
        if pattern.count("#") != len(numbers):
            return self.typeset(text)
        words = iter(number.replace(".", self.decimal_mark) for number in numbers)
        filled = re.sub("#", lambda _: next(words), pattern)
        return self.typeset(re.sub(r" ?%", f"{NO_BREAK}%", filled))

    @property
    def decimal_mark(self) -> str:
        """Point or comma."""
        return "," if self.code == "fr" else "."

    def number(self, value: float, decimals: int = 0) -> str:
        """Write a number; negative decimals round to tens, hundreds.

        Examples
        --------
        >>> language("fr").number(1234.5, 1), language("en").number(-0.04, 1)
        ('1234,5', '0.0')
        """
        if not math.isfinite(value):
            return NO_NUMBER
        rounded = round(value, decimals) + 0.0
        digits = f"{abs(rounded):.{max(decimals, 0)}f}"
        whole, point, fraction = digits.partition(".")
        if abs(rounded) >= GROUPED_FROM:
            whole = f"{int(whole):,}".replace(",", THIN)
        sign = MINUS if rounded < 0 else ""
        return sign + whole + (self.decimal_mark + fraction if point else "")

    def significant(self, value: float, digits: int = 3) -> str:
        """Write a number with so many significant digits.

        Examples
        --------
        >>> language("en").significant(0.06543, 2), language("en").significant(1234.5)
        ('0.065', '1230')
        """
        if value == 0 or not math.isfinite(value):
            return self.number(value)
        rounded = float(f"{value:.{digits - 1}e}")
        return self.number(rounded, digits - 1 - math.floor(math.log10(abs(rounded))))

    def plain(self, value: float) -> str:
        """Write a setting as it was given: up to six digits, no zeros at the end.

        Examples
        --------
        >>> language("fr").plain(2.50)
        '2,5'
        """
        digits = f"{value:.6f}".rstrip("0").partition(".")[2]
        return self.number(value, len(digits))

    def percent(self, fraction: float) -> str:
        """Write a share in percent, two digits below 10 %."""
        decimals = 0 if abs(fraction) >= 0.0995 else 1  # noqa: PLR2004 -- rounds to 10 %
        return f"{self.number(100 * fraction, decimals)}{NO_BREAK}%"

    def date(self, when: datetime) -> str:
        """Write a date, with its time where one was recorded.

        Examples
        --------
        >>> language("en").date(datetime(2024, 3, 4)).split()
        ['4', 'March', '2024']
        """
        month = self.gettext(MONTHS[when.month - 1])
        day = "1er" if self.code == "fr" and when.day == 1 else str(when.day)
        text = f"{day}{NO_BREAK}{month}{NO_BREAK}{when.year}"
        if (when.hour, when.minute, when.second) == (0, 0, 0):
            return text
        return f"{text}, {when.hour:02d}:{when.minute:02d}"

    def listed(self, parts: list[str]) -> str:
        """Join words: "a, b and c".

        Examples
        --------
        >>> language("fr").listed(["a", "b", "c"])
        'a, b et c'
        """
        if len(parts) <= 1:
            return "".join(parts)
        joint = self.gettext("and")
        return f"{', '.join(parts[:-1])} {joint} {parts[-1]}"


@cache
def language(code: str) -> Language:
    """Language by its code.

    Raises
    ------
    InputError
        If there is no catalogue for it.
    """
    if code not in LANGUAGES:
        msg = f"Expected a language among {', '.join(LANGUAGES)}, got {code!r}."
        raise InputError(msg)
    catalogue = gettext.translation(DOMAIN, LOCALE, [code])
    return Language(code, catalogue.gettext, catalogue.ngettext)
