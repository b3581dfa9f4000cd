"""Blur to expect of a reconstruction kernel, from its name.

Vendors publish few modulation transfer functions, so names are sorted into five
families, each with a typical 50 % frequency of its modulation transfer function and a
wide error. A Gaussian of that 50 % frequency f has sigma = sqrt(ln 2 / 2) / (pi f).
The frequencies are a judgement (soft about 3, standard about 4, detail about 5, bone
about 7, ultra-sharp about 10 line pairs per cm), not a vendor's statement: the blur
measured in the image goes first, the table replaces or checks it.
"""

import math
import re
from dataclasses import dataclass

MM_PER_CM = 10.0


@dataclass(frozen=True, slots=True)
class Family:
    """Kernels of about the same sharpness.

    Attributes
    ----------
    mtf50_per_cm
        Frequency at which the modulation transfer function falls to one half.
    relative_std
        One sigma of the blur within the family.
    is_sharp
        Edges overshoot and noise is high.
    """

    name: str
    mtf50_per_cm: float
    relative_std: float
    is_sharp: bool

    @property
    def sigma_mm(self) -> float:
        """Gaussian of the same 50 % frequency."""
        return math.sqrt(math.log(2) / 2) / math.pi / self.mtf50_per_cm * MM_PER_CM


SOFT = Family("soft", 3.1, 0.15, is_sharp=False)
STANDARD = Family("standard", 3.9, 0.15, is_sharp=False)
DETAIL = Family("detail", 5.0, 0.18, is_sharp=False)
BONE = Family("bone", 7.0, 0.22, is_sharp=True)
ULTRA_SHARP = Family("ultra-sharp", 9.5, 0.25, is_sharp=True)
UNKNOWN = Family("unknown", 4.2, 0.35, is_sharp=False)

# General Electric, Hitachi and others that name kernels by words.
_WORDS = {
    "SOFT": SOFT,
    "SMOOTH": SOFT,
    "STANDARD": STANDARD,
    "STND": STANDARD,
    "STD": STANDARD,
    "CHST": STANDARD,
    "CHEST": STANDARD,
    "DETAIL": DETAIL,
    "LUNG": BONE,
    "BONE": BONE,
    "BONEPLUS": ULTRA_SHARP,
    "HDBONE": ULTRA_SHARP,
    "EDGE": ULTRA_SHARP,
    "ULTRA": ULTRA_SHARP,
}
# Philips: letters, with a prefix for head or brain kernels (U) and for iDose (I).
_LETTERS = {
    "A": SOFT,
    "UA": SOFT,
    "SA": SOFT,
    "B": STANDARD,
    "UB": STANDARD,
    "SB": STANDARD,
    "XCA": STANDARD,
    "XCB": STANDARD,
    "CB": STANDARD,
    "CA": STANDARD,
    "C": DETAIL,
    "UC": DETAIL,
    "XCC": DETAIL,
    "L": BONE,
    "YA": BONE,
    "YB": BONE,
    "YC": BONE,
    "YD": ULTRA_SHARP,
    "D": BONE,
    "YE": ULTRA_SHARP,
    "E": ULTRA_SHARP,
}
# Siemens: a letter or two for the organ, two digits that rise with sharpness.
_SIEMENS = re.compile(r"(?:[BHUSTCIDJQ]|[BHQSTU][RVFPLSUC])(\d{2})[A-Z]?")
_SIEMENS_STEPS = (
    (30, SOFT),
    (45, STANDARD),
    (50, DETAIL),
    (66, BONE),
    (100, ULTRA_SHARP),
)
# Canon and Toshiba: FC and two digits; the tens tell the purpose.
_CANON = re.compile(r"FC(\d{2})")
_CANON_RANGES = (
    (range(1, 3), SOFT),
    (range(3, 6), STANDARD),
    (range(6, 10), STANDARD),
    (range(10, 13), SOFT),
    (range(13, 20), STANDARD),
    (range(20, 30), STANDARD),
    (range(30, 40), BONE),
    (range(40, 50), STANDARD),
    (range(50, 60), BONE),
    (range(60, 80), STANDARD),
    (range(80, 87), ULTRA_SHARP),
)


def kernel_family(kernel: str | None) -> Family:
    """Family of a kernel by its name in the header; UNKNOWN where none fits.

    Parameters
    ----------
    kernel
        DICOM Convolution Kernel (0018,1210); several values come joined, the first
        word that is a kernel counts.

    Examples
    --------
    >>> kernel_family("B30f").name, kernel_family("Br64d").name
    ('standard', 'bone')
    >>> kernel_family("BONE").is_sharp
    True
    >>> kernel_family(None).name
    'unknown'
    """
    for word in re.split(r"[^A-Z0-9]+", (kernel or "").upper()):
        family = _family_of_word(word)
        if family is not None:
            return family
    return UNKNOWN


def _family_of_word(word: str) -> Family | None:
    named = _WORDS.get(word) or _LETTERS.get(word)
    if named is not None:
        return named
    if match := _CANON.fullmatch(word):
        number = int(match[1])
        return next((f for numbers, f in _CANON_RANGES if number in numbers), None)
    if match := _SIEMENS.fullmatch(word):
        number = int(match[1])
        return next(family for end, family in _SIEMENS_STEPS if number < end)
    return None
